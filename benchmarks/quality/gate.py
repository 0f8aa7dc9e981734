"""The gate: floors pinned in `benchmarks/floors.json` together with what they were measured on.

Every measure is "more is better". A measure below its floor fails. So does a change of the golden
cases, or of the folder of saved pages, that the floors were not pinned for: a floor says nothing of
other pages. Re-pinning raises floors freely and refuses to lower one, unless told to allow it; then the
CHANGELOG must name that floor under `[Unreleased]`, with the reason beside it.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.quality.cells import Cell, Tally
from fixtures.golden import cases

FLOORS: Final = Path(__file__).parents[1] / "floors.json"
CHANGELOG: Final = Path(__file__).resolve().parents[2] / "CHANGELOG.md"
_PLACES: Final = 10_000
_NAMES: Final = ("build.json", "meta.json", "facts.json", "expected.json")


class PinnedCell(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One cell as last pinned: pages and exact ones, saved by others (`saved`) and ours (`golden`)."""

    site: str
    what: str
    era: str
    golden: tuple[int, int]
    saved: tuple[int, int]


class Pins(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`floors.json`: floors by name, the digests they belong to, and the table of coverage."""

    fixtures_sha256: str = ""
    corpus_sha256: str = ""
    floors: dict[str, float] = {}
    cells: tuple[PinnedCell, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One run: measures by name, digests, cells. Without saved pages the `saved` half is None."""

    golden: Mapping[str, float]
    golden_cells: Mapping[Cell, Tally]
    fixtures_sha256: str
    saved: Mapping[str, float] | None = None
    saved_cells: Mapping[Cell, Tally] | None = None
    corpus_sha256: str | None = None

    @property
    def measures(self) -> dict[str, float]:
        """Every measure of the run."""
        return {**self.golden, **(self.saved or {})}


def load() -> Pins:
    """Return what is pinned; nothing where there is no file yet."""
    return msgspec.json.decode(FLOORS.read_bytes(), type=Pins) if FLOORS.is_file() else Pins()


def text_of(pins: Pins) -> str:
    """Return the form in which pins are written."""
    return json.dumps(msgspec.to_builtins(pins), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def faults(measured: Measured, pins: Pins) -> list[str]:
    """Return what keeps a run from passing, in words; empty for a run that passes."""
    out = [
        f"{name} is {measured.measures[name]:.4f}, its floor is {floor:.4f}"
        for name, floor in pins.floors.items()
        if name in measured.measures and measured.measures[name] < floor
    ]
    out += [f"{name} is no longer measured" for name in _missing(measured, pins)]
    out += [f"{name} has no floor yet: pin it" for name in measured.measures if name not in pins.floors]
    if measured.fixtures_sha256 != pins.fixtures_sha256:
        out.append("the golden cases are not those that the floors were pinned for")
    if measured.corpus_sha256 not in {None, pins.corpus_sha256}:
        out.append("the saved pages are not those that the floors were pinned for")
    if not out and cells_of(measured, pins) != pins.cells:
        out.append("the pages fall into other cells than those pinned")
    return out


def lowered(measured: Measured, pins: Pins) -> list[str]:
    """Return the names of floors that a re-pinning would lower or drop."""
    now = measured.measures
    lower = [name for name, floor in pins.floors.items() if name in now and _rounded(now[name]) < floor]
    return [*lower, *_missing(measured, pins)]


def changelog() -> str:
    """Return the project's CHANGELOG."""
    return CHANGELOG.read_text("utf-8")


def unexplained(names: Iterable[str], changelog: str) -> list[str]:
    """Return the floors that the CHANGELOG's `[Unreleased]` section does not name."""
    section = changelog.partition("## [Unreleased]")[2].partition("\n## [")[0]
    return [name for name in names if f"`{name}`" not in section]


def repinned(measured: Measured, pins: Pins) -> Pins:
    """Return new pins. Without saved pages, what was pinned on them stays."""
    kept = {} if measured.saved is not None else _on_saved(pins)
    return Pins(
        fixtures_sha256=measured.fixtures_sha256,
        corpus_sha256=measured.corpus_sha256 or pins.corpus_sha256,
        floors=kept | {name: _rounded(value) for name, value in measured.measures.items()},
        cells=cells_of(measured, pins),
    )


def cells_of(measured: Measured, pins: Pins) -> tuple[PinnedCell, ...]:
    """Return the table of coverage; without saved pages, with the pinned numbers of those."""
    if measured.saved_cells is None:
        saved = {Cell(one.site, one.what, one.era): one.saved for one in pins.cells}
    else:
        saved = {cell: (one.pages, one.exact) for cell, one in measured.saved_cells.items()}
    golden = {cell: (one.pages, one.exact) for cell, one in measured.golden_cells.items()}
    nothing = (0, 0)
    every = sorted(
        cell for cell in {*golden, *saved} if (golden.get(cell), saved.get(cell)) != (None, nothing)
    )
    return tuple(
        PinnedCell(
            site=cell.site,
            what=cell.what,
            era=cell.era,
            golden=golden.get(cell, nothing),
            saved=saved.get(cell, nothing),
        )
        for cell in every
    )


def fixtures_sha256() -> str:
    """Return the digest of every golden case's files (pages stand in it by their own digests)."""
    digest = hashlib.sha256()
    for case in cases():
        for path in (case.folder / name for name in _NAMES):
            data = path.read_bytes() if path.is_file() else b""
            digest.update(f"{case.slug}/{path.name} {len(data)}\n".encode() + data)
    return digest.hexdigest()


def corpus_sha256(folder: Path) -> str:
    """Return the digest of the saved pages' manifest, which holds the digest of every page."""
    return hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()


def _missing(measured: Measured, pins: Pins) -> list[str]:
    beyond = _on_saved(pins) if measured.saved is None else {}
    return [name for name in pins.floors if name not in measured.measures and name not in beyond]


def _on_saved(pins: Pins) -> dict[str, float]:
    return {name: floor for name, floor in pins.floors.items() if not name.startswith("golden.")}


def _rounded(value: float) -> float:
    return math.floor(value * _PLACES) / _PLACES

"""One run of every measurement, as values: nothing is printed or written here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.quality import facts, gate, golden, peers, saved
from benchmarks.quality.cells import Cell, cell_of, tally
from benchmarks.quality.gate import Measured
from benchmarks.quality.peers import Sanity, Score
from benchmarks.quality.saved import Row
from fixtures.golden import cases


@dataclass(frozen=True, slots=True)
class GoldenRow:
    """One golden case: the facts it does not bear out, and the fields that are not as expected."""

    slug: str
    cell: Cell
    false_facts: tuple[str, ...]
    changed: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """Facts and expected document both hold."""
        return not self.false_facts and not self.changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Everything that was seen; `rows`, `scores` and `sanities` are None without saved pages."""

    golden: tuple[GoldenRow, ...]
    rows: tuple[Row, ...] | None = None
    scores: tuple[Score, ...] | None = None
    sanities: tuple[Sanity, ...] | None = None
    folder: Path | None = None


def run(folder: Path | None) -> Run:
    """Measure the golden cases, and the saved pages where there are any."""
    ours = tuple(golden_rows())
    if folder is None:
        return Run(golden=ours)
    return Run(
        golden=ours,
        rows=tuple(saved.rows(folder)),
        scores=tuple(peers.scores(folder)),
        sanities=tuple(peers.sanities(folder)),
        folder=folder,
    )


def golden_rows() -> Iterable[GoldenRow]:
    """Read every golden case."""
    for case in cases():
        value = golden.read(case)
        plain = golden.plain(value)
        false = facts.disagreements(case.facts, plain)
        changed = golden.differences(case.expected or {}, plain)
        yield GoldenRow(case.slug, cell_of(value, case.body), tuple(false), tuple(changed))


def measured(seen: Run) -> Measured:
    """Return a run's measures by name; all of them grow with quality."""
    ours = {
        "golden.cases": float(len(seen.golden)),
        "golden.facts": _share(not row.false_facts for row in seen.golden),
        "golden.expected": _share(not row.changed for row in seen.golden),
    }
    golden_cells = tally((row.cell, row.exact) for row in seen.golden)
    digest = gate.fixtures_sha256()
    if seen.folder is None or seen.rows is None or seen.scores is None or seen.sanities is None:
        return Measured(golden=ours, golden_cells=golden_cells, fixtures_sha256=digest)
    generic = [
        (Cell(one.site, "page", "fragment" if one.fragment else ""), one.sane) for one in seen.sanities
    ]
    generic += [(Cell(one.site, "page"), one.ours > 0) for one in seen.scores if one.site == "generic"]
    return Measured(
        golden=ours,
        golden_cells=golden_cells,
        fixtures_sha256=digest,
        saved={**_publishers(seen.rows), **_generic(seen.scores, seen.sanities)},
        saved_cells=tally([*((row.cell, row.exact) for row in seen.rows), *generic]),
        corpus_sha256=gate.corpus_sha256(seen.folder),
    )


def _publishers(rows: Sequence[Row]) -> dict[str, float]:
    out: dict[str, float] = {}
    for site in saved.PUBLISHERS:
        mine = [row for row in rows if row.cell.site == site]
        articles = [row for row in mine if row.wanted == "ok"]
        out |= {
            f"{site}.pages": float(len(mine)),
            f"{site}.states": _share(row.wanted == row.found for row in mine),
            f"{site}.recall": min((row.recall for row in articles), default=0.0),
            f"{site}.precision": min((row.precision for row in articles), default=0.0),
            f"{site}.fields": _share(not row.wrong for row in mine),
        }
    return out


def _generic(scores: Sequence[Score], sanities: Sequence[Sanity]) -> dict[str, float]:
    """Mean F1, how far it lies above trafilatura's on the same pages, and the sane share of the rest."""
    mine = [one for one in scores if one.site == "generic"]
    ours = sum(one.ours for one in mine) / max(1, len(mine))
    theirs = sum(one.trafilatura for one in mine) / max(1, len(mine))
    return {
        "generic.pages": float(len(mine) + len(sanities)),
        "generic.f1": ours,
        "generic.f1-lead": ours - theirs,
        "generic.sane": _share(one.sane for one in sanities if not one.fragment),
        "generic.fragments": _share(one.sane for one in sanities if one.fragment),
    }


def _share(flags: Iterable[bool]) -> float:
    counted = list(flags)
    return sum(counted) / len(counted) if counted else 0.0

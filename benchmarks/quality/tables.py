"""What `make quality` prints."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from benchmarks.quality.cells import tally
from benchmarks.quality.gate import Measured, Pins
from benchmarks.quality.run import Run
from benchmarks.quality.saved import excuses

_WIDE: Final = frozenset("WF")


def lines(seen: Run, measured: Measured, pins: Pins) -> Iterator[str]:
    """Yield every table of a run, line by line."""
    yield from _golden(seen)
    if seen.rows is None:
        yield ""
        yield "NO SAVED PAGES (HARVESTER_CORPUS or ../shared/corpus): nothing was checked against real pages"
    else:
        yield from _saved(seen)
        yield from _excuses()
        yield from _generic(seen)
    yield from _floors(measured, pins)


def _golden(seen: Run) -> Iterator[str]:
    yield "GOLDEN CASES: pages of our own; facts, and the whole expected document"
    found = tally((row.cell, row.exact) for row in seen.golden)
    yield from _table(
        ("cell", "cases", "exact", ""),
        [
            (cell.name, str(one.pages), str(one.exact), "" if one.pages == one.exact else "FAILS")
            for cell, one in found.items()
        ],
    )
    for row in seen.golden:
        if not row.exact:
            yield f"  {row.slug}: facts {list(row.false_facts)}, changed {list(row.changed)}"


def _saved(seen: Run) -> Iterator[str]:
    yield ""
    yield "SAVED PAGES against what a browser and a JavaScript engine saw"
    yield from _table(
        ("page", "is", "recall", "prec.", "fields"),
        [
            (
                row.slug[:58],
                row.cell.what if row.wanted == row.found else f"{row.found}, NOT {row.wanted}",
                f"{row.recall:.4f}",
                f"{row.precision:.4f}",
                "; ".join((*row.wrong, *(f"{name}: excused" for name in row.excused))) or "equal",
            )
            for row in seen.rows or ()
        ],
    )


def _excuses() -> Iterator[str]:
    for one in excuses():
        yield f"  excused: {one.slug}, {one.field} ({one.shown})"
        yield f"    {one.reason}"


def _generic(seen: Run) -> Iterator[str]:
    yield ""
    yield "OTHER PROJECTS' EXPECTED TEXTS: F1 of ours and of plain trafilatura.extract in this run"
    yield from _table(
        ("page", "read by", "ours", "trafilatura"),
        [
            (one.slug[-58:], one.site, f"{one.ours:.4f}", f"{one.trafilatura:.4f}")
            for one in seen.scores or ()
        ],
    )
    yield ""
    yield "OTHER PUBLISHERS, AND FRAGMENTS CUT OUT BY OTHER TOOLS: is the document sane?"
    yield "(nobody has an expected text for these; F1 is between ours and trafilatura's)"
    yield from _table(
        ("page", "state", "sane", "chars", "F1", "title"),
        [
            (
                one.slug[-48:],
                one.state,
                "yes" if one.sane else "NO",
                str(one.characters),
                f"{one.agreement:.3f}" if one.characters else "–",
                (one.title or "(the page has none)")[:30],
            )
            for one in seen.sanities or ()
        ],
    )


def _floors(measured: Measured, pins: Pins) -> Iterator[str]:
    yield ""
    yield "FLOORS"
    rows = []
    for name, value in sorted(measured.measures.items()):
        floor = pins.floors.get(name)
        verdict = "no floor" if floor is None else ("" if value >= floor else "BELOW")
        rows.append((name, f"{value:.4f}", "" if floor is None else f"{floor:.4f}", verdict))
    yield from _table(("measure", "now", "floor", ""), rows)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    every = [head, *rows]
    widths = [max(_width(row[column]) for row in every) for column in range(len(head))]
    for row in every:
        cells = (text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True))
        yield "  " + "  ".join(cells).rstrip()


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two (Unicode, East Asian Width)."""
    return sum(2 if unicodedata.east_asian_width(char) in _WIDE else 1 for char in text)

"""The table of faults: every row in the size of the suite, or in full."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from benchmarks.faults import lost, mounts, operations, processes, swaps
from benchmarks.faults.row import Row

Make = Callable[[Path], Row]


def rows(*, large: bool, sparse: bool = False) -> Mapping[str, Make]:
    """Return what makes each row, in a folder of its own; `sparse`: a part of the points, for the suite."""
    step, often, cuts = (1, 1, 1) if large else (15, 4, 3) if sparse else (5, 1, 1)
    made: dict[str, Make] = {
        "EIO once": lambda at: operations.errors_at_every_change(at, "EIO once", step=often)
    }
    for number, mode in enumerate(operations.MODES):
        if mode not in made:
            made[mode] = lambda at, mode=mode, start=number % step + 1: operations.errors_at_every_change(
                at, mode, step=step, start=start
            )
    limits = range(1_000, 200_000, 1_500 if large else 20_000)
    sizes = (24, 420, 4) if large else (24, 420, 24)
    made["recovery"] = operations.errors_in_recovery
    made["power cut"] = lambda at: operations.lost_writes(at, variants=12 if large else 2, step=cuts)
    made["kill"] = lambda at: processes.kills(at, rounds=1000 if large else 6 if sparse else 15)
    made["size limit"] = lambda at: processes.file_size_limits(at, limits=limits)
    made["full"] = lambda at: mounts.in_namespace("full", at, *sizes)
    made["read-only"] = lambda at: mounts.in_namespace("read_only", at)
    made["together"] = lambda at: processes.together(at, lines=1000 if large else 40)
    made["lost"] = lost.lost_files
    made["swapped"] = lambda at: swaps.swapped_bytes(at, most=None if large else 5 if sparse else 12)
    return made


def measured(*, large: bool) -> Iterator[Row]:
    """Make the rows, one after the other, where writing is quick (durability is not timed here)."""
    quick = Path("/dev/shm")
    for make in rows(large=large).values():
        with tempfile.TemporaryDirectory(dir=quick if quick.is_dir() else None) as folder:
            yield make(Path(folder))


_HEAD = (
    "| fault | points | acknowledged | lost | falsely whole | unclear errors | next run fails | tried |\n"
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n"
)


def markdown(found: list[Row]) -> str:
    """Return the table."""
    lines = []
    for row in found:
        if row.skipped:
            lines.append(f"| {row.kind} | – | – | – | – | – | – | not tried: {row.skipped} |\n")
            continue
        numbers = (row.points, row.promised, row.lost, row.false_whole, row.unclear, row.stuck)
        cells = " | ".join(f"{number:,}".replace(",", " ") for number in numbers)
        lines.append(f"| {row.kind} | {cells} | {row.note} |\n")
    return _HEAD + "".join(lines)

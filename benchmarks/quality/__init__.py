"""The quality gate, `make quality`: golden cases, saved pages, other publishers, against pinned floors.

    python -m benchmarks.quality                             print the tables; exit 1 below a floor
    python -m benchmarks.quality --update                    pin what was measured, write docs/coverage.md
    python -m benchmarks.quality --update --allow-regression even where a floor goes down
    python -m benchmarks.quality.golden                      rewrite the expected documents, print the diff

The model is trafilatura's evaluation gate: floors in a file, together with the digest of what they were
measured on.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.quality.gate import Measured, Pins

__all__ = ["main"]

_ADVICE = "Look at what changed; if it is right: make golden, then make quality ARGS=--update"


def main(arguments: Sequence[str] = ()) -> int:
    """Run the gate and print it; return the exit code (0 passed, 1 failed, 2 wrong usage)."""
    parser = argparse.ArgumentParser(prog="make quality", description="The quality gate.")
    parser.add_argument("--update", action="store_true", help="pin what is measured now")
    parser.add_argument(
        "--allow-regression", action="store_true", help="let --update lower a floor; the CHANGELOG names it"
    )
    chosen = parser.parse_args(list(arguments))
    if chosen.allow_regression and not chosen.update:
        parser.error("--allow-regression means nothing without --update")
    return _gate(update=chosen.update, allow_regression=chosen.allow_regression)


def _gate(*, update: bool, allow_regression: bool) -> int:
    from benchmarks.quality import gate, saved, tables
    from benchmarks.quality.run import measured, run

    seen = run(saved.corpus())
    now, pins = measured(seen), gate.load()
    print("\n".join(tables.lines(seen, now, pins)))
    if update:
        return _update(now, pins, allow_regression=allow_regression)
    found = gate.faults(now, pins)
    if seen.rows is not None:
        found += [f"an excuse that excuses nothing: {name}" for name in saved.unneeded(list(seen.rows))]
    for line in found:
        print(f"FAILED: {line}", file=sys.stderr)
    if found:
        print(_ADVICE, file=sys.stderr)
    return 1 if found else 0


def _update(now: Measured, pins: Pins, *, allow_regression: bool) -> int:
    from benchmarks.quality import coverage, gate

    lower = gate.lowered(now, pins)
    if lower and not allow_regression:
        print(f"REFUSED: this would lower {', '.join(lower)} (--allow-regression allows it)", file=sys.stderr)
        return 1
    if missing := gate.unexplained(lower, gate.changelog()):
        names = ", ".join(f"`{name}`" for name in missing)
        print(f"REFUSED: give the reason in CHANGELOG.md under [Unreleased], naming {names}", file=sys.stderr)
        return 1
    new = gate.repinned(now, pins)
    gate.FLOORS.write_text(gate.text_of(new), "utf-8")
    coverage.PATH.write_text(coverage.page(new), "utf-8")
    print(f"pinned {len(new.floors)} floors in {gate.FLOORS.name}, wrote docs/{coverage.PATH.name}")
    return 0

"""`python -m benchmarks.scale`: measure, compute, check; `make scale` does all."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import msgspec

from benchmarks.scale import tables
from benchmarks.scale.costs import Figures, cost


def main(arguments: list[str] | None = None) -> int:
    """Do what was asked for; without an argument measure and print. Return 1 where a check fails."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep the measured figures (docs/scale.md)")
    parser.add_argument(
        "--kept", action="store_true", help="measure nothing: print the tables of the kept figures"
    )
    parser.add_argument(
        "--check", type=int, metavar="N", help="rebuild N captures, held against the prediction"
    )
    parser.add_argument("--engines", action="store_true", help="the local engine and Ray, 1 to 4 workers")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=60, help="of --engines: length of the job on one core")
    parser.add_argument("--core-hour", type=float, help="your price of a core-hour")
    parser.add_argument("--thousand-requests", type=float, default=0.0, help="your price of 1000 requests")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        if asked.engines:
            from benchmarks.scale.engines import compare

            return compare(Path(name), asked.rounds, asked.seconds)
        if asked.check:
            from benchmarks.scale.check import check

            return check(Path(name), asked.check, tables.kept())
        if asked.kept or asked.core_hour is not None:
            figures = tables.kept()
        else:
            from benchmarks.scale.measure import measured

            figures = measured(Path(name), asked.rounds)
    if asked.write:
        tables.KEPT.write_bytes(msgspec.json.format(msgspec.json.encode(figures)) + b"\n")
    print(tables.tables(figures))
    if asked.core_hour is not None:
        _price(figures, asked.core_hour, asked.thousand_requests)
    return 0


def _price(figures: Figures, core_hour: float, thousand_requests: float) -> None:
    print("\nat your prices, cores that are busy all the time and requests alone:")
    for name, job in tables.JOBS.items():
        price = cost(job, figures).price(core_hour=core_hour, thousand_requests=thousand_requests)
        print(f"  {name}: {price:,.2f}")


if __name__ == "__main__":
    raise SystemExit(main())

"""Times several ways of doing one thing in turn, so that a drifting machine drifts for all of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping


def medians(ways: Mapping[str, Callable[[], object]], rounds: int = 7) -> dict[str, float]:
    """Return the median seconds of each way, run in turn after one warm-up."""
    for way in ways.values():
        way()
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def table(title: str, measured: Mapping[str, float], base: str) -> None:
    """Print each way's median and its ratio to `base`."""
    print(f"\n{title}")
    for name, seconds in measured.items():
        print(f"  {name:<34} {seconds * 1000:>10.2f} ms   {seconds / measured[base]:>7.2f} x")

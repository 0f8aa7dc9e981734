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


def interleaved(
    ways: Mapping[str, Callable[[], object]], rounds: int = 7
) -> dict[str, list[tuple[float, float]]]:
    """Return each way's seconds of processor and of clock, round by round, run in turn after a warm-up."""
    for way in ways.values():
        way()
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            cpu, clock = time.process_time(), time.perf_counter()
            way()
            times[name].append((time.process_time() - cpu, time.perf_counter() - clock))
    return times


def ratio(times: list[tuple[float, float]], base: list[tuple[float, float]], which: int = 0) -> float:
    """Return the median of the rounds' own ratios: 0 of processor time, 1 of the clock."""
    return statistics.median(mine[which] / theirs[which] for mine, theirs in zip(times, base, strict=True))

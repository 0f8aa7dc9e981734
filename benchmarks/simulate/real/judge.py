"""What real runners did, held against what was staged, and against the manners that are promised."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.simulate.real import staging
from benchmarks.simulate.world import Asked

PACE_S = 5.0
CONNECTING_S = 0.5
"""The origin sees a request when it is connected; runners count from before. So much is allowed for that: for
the distance from a request that was killed (any other's counts from its end), and for intervals.
"""
_ABOUT_S = 0.25
"""So long after a kill a request that was on its way may still reach the origin; no new runner is so fast."""
_EXACT_S = 0.01  # two clocks


@dataclass(frozen=True, slots=True)
class Manners:
    """What the origin's log of requests says of the runners; `wrong` as sentences."""

    wrong: list[str]
    closest_s: float
    repeated: int
    while_open: int


def manners(log: Sequence[Asked], kills: Sequence[float]) -> Manners:
    """Judge pace, breakers, and that nothing is asked twice within its interval but what a kill cut off."""
    cut = _cut_off(log, kills)
    wrong: list[str] = []
    closest, repeated, while_open = float("inf"), 0, 0
    interval_s = staging.STEP_S - CONNECTING_S
    by_host, by_target = _grouped(log)
    for host, asked in by_host.items():
        if host in staging.PACED:
            for first, second in pairwise(asked):
                distance = log[second].at_s - log[first].at_s
                closest = min(closest, distance)
                if distance < PACE_S - (CONNECTING_S if first in cut else _EXACT_S):
                    wrong.append(f"{host}: two requests within {distance:.2f} s")
        opened = next((at for at in asked if log[at].answer == "storm" and at not in cut), None)
        after = [at for at in asked if opened is not None and at > opened]
        while_open += len(after)
        wrong += [f"{host}: asked though its breaker was open" for _ in after]
    for (host, target), asked in by_target.items():
        for first, second in pairwise(asked):
            if log[first].answer != "ok" or log[second].at_s - log[first].at_s >= interval_s:
                continue
            repeated += 1
            if first not in cut:
                wrong.append(f"https://{host}{target}: asked twice within its interval")
    return Manners(wrong, closest, repeated, while_open)


def _cut_off(log: Sequence[Asked], kills: Sequence[float]) -> set[int]:
    """Return the places in the log of the requests that a kill may have cut off: the last before each."""
    return {
        max(number for number, one in enumerate(log) if one.at_s <= at_s + _ABOUT_S)
        for at_s in kills
        if log and log[0].at_s <= at_s + _ABOUT_S
    }


def _grouped(log: Sequence[Asked]) -> tuple[dict[str, list[int]], dict[tuple[str, str], list[int]]]:
    by_host: defaultdict[str, list[int]] = defaultdict(list)
    by_target: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for number, one in enumerate(log):
        by_host[one.host].append(number)
        by_target[one.host, one.target].append(number)
    return by_host, by_target

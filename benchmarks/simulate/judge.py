"""What was staged against what is told, and the manners of the watching."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archive import Archive
from benchmarks.simulate import plan
from benchmarks.simulate.plan import Staged
from benchmarks.simulate.world import Asked
from harvester.library import Library
from harvester.watch.timeline import Stories, Story

_QUIET = frozenset({"unchanged", "failed", "blocked", "verified"})
_STORY = {
    None: ("captured",),
    "edited": ("captured", "edited"),
    "deleted": ("captured", "reported-gone", "gone"),
    "violation": ("captured", "reported-gone", "gone"),
}
_REPOST = ("differs",)
_EDITED_ORIGINAL = ("original-edited",)
PACE_S = 5.0
COOL_DOWN_S = 2 * 3600.0 - 0.001  # the clock is a float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Events staged and told, by kind; what is wrong, as sentences; the manners."""

    staged: dict[str, int]
    told: dict[str, int]
    wrong: list[str]
    requests: int
    closest_s: float
    while_open: int
    quiet: dict[str, int]


@dataclass(frozen=True, slots=True)
class Told:
    """Events staged and told, by kind; those that no origin stages; what is wrong, as sentences."""

    staged: dict[str, int]
    told: dict[str, int]
    quiet: dict[str, int]
    wrong: list[str]


def judge(folder: Path, articles: Sequence[Staged], log: Sequence[Asked]) -> Verdict:
    """Read the timelines and the origin's log."""
    found = told_of(folder, articles, _story_of)
    wrong = list(found.wrong)
    closest, open_ = _manners(log)
    if closest < PACE_S:
        wrong.append(f"two pages of a host within {closest:.2f} s")
    if open_:
        wrong.append(f"{open_} requests to a host with an open breaker")
    return Verdict(found.staged, found.told, wrong, len(log), closest, open_, found.quiet)


def _story_of(one: Staged) -> tuple[str, ...]:
    """Return the events that are staged of an article, in order of time."""
    if one.original is None:
        return _STORY[one.fate]
    return (*_STORY[one.fate], *_REPOST, *(_EDITED_ORIGINAL if one.original.fate == "edited" else ()))


def told_of(folder: Path, articles: Sequence[Staged], story_of: Callable[[Staged], tuple[str, ...]]) -> Told:
    """Hold the timelines against the events that `story_of` says are to be told of each article."""
    wrong: list[str] = []
    staged: Counter[str] = Counter()
    told: Counter[str] = Counter()
    quiet: Counter[str] = Counter()
    with Archive.open(folder / "archive") as archive, Library(archive) as library:
        stories = Stories(archive, library)
        for one in articles:
            expected = story_of(one)
            staged.update(expected)
            story = stories.of_url(one.url)
            events = story.events if story else ()
            kinds = tuple(event.kind for event in events if event.kind not in _QUIET)
            told.update(kinds)
            quiet.update(event.kind for event in events if event.kind in _QUIET)
            wrong += _wrong(one, expected, kinds, story)
    return Told(dict(staged), dict(told), dict(quiet), wrong)


def _wrong(one: Staged, expected: tuple[str, ...], kinds: tuple[str, ...], story: Story | None) -> list[str]:
    if kinds != expected:
        return [f"{one.url}: staged {expected}, told {kinds}"]
    found = []
    for event in story.events if story else ():
        if event.kind in {"edited", "gone"} and one.when is not None and not _within(event.between, one.when):
            found.append(f"{one.url}: {event.kind} at {one.when}, told between {event.between}")
        if event.kind == "captured" and event.at < one.appears:
            found.append(f"{one.url}: captured before it appeared")
    return found


def _within(between: tuple[datetime, datetime] | None, when: datetime) -> bool:
    return between is not None and between[0] <= when <= between[1]


def _manners(log: Sequence[Asked]) -> tuple[float, int]:
    """Return the shortest time between two requests of a host, and how many came at an open breaker."""
    last: dict[str, float] = {}
    opened: dict[str, float] = {}
    closest, while_open = float("inf"), 0
    for one in log:
        if one.host in last:
            closest = min(closest, one.at_s - last[one.host])
        last[one.host] = one.at_s
        if one.host in opened and one.at_s < opened[one.host] + COOL_DOWN_S:
            while_open += 1
        if one.answer == "storm":
            opened[one.host] = one.at_s
    return closest, while_open


def crashes_of(count: int) -> list[tuple[float, str]]:
    """Return when and how the process dies: before a request, with an answer in hand, after a capture."""
    start = plan.START.timestamp()
    return [(start + day * 86_400, how) for day, how in ((4.5, "before"), (9.7, "after"), (15.2, "between"))][
        :count
    ]

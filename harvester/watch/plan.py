"""When an article is looked at again: often while it is young, then rarely, sooner where something is amiss.

Pure: a history and the present in, a moment out.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from harvester.watch.schedule import Schedule

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
STEPS: Final = (HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY)
THEN: Final = Schedule(every=30 * DAY)
CONFIRM: Final = 6 * HOUR
"""How far apart two sights of a notice must be to say that an article is gone."""
_RETRY_FIRST: Final = timedelta(minutes=15)
_RETRY_CAP: Final = DAY
_MAX_DOUBLINGS: Final = 16


class Plan(msgspec.Struct, frozen=True):
    """Moments after the first visit (`steps`, ascending), after them by the schedule `then` (None: never).

    `until` ends it, so long after the first visit. Raises `ValueError` for steps that do not ascend.
    """

    steps: tuple[timedelta, ...] = STEPS
    then: Schedule | None = THEN
    until: timedelta | None = None

    def __post_init__(self) -> None:
        pairs = zip((timedelta(0), *self.steps), self.steps, strict=False)
        if any(later <= earlier for earlier, later in pairs):
            raise ValueError("the steps of a revisit plan must grow, such as 1h, 6h, 1d")


class History(msgspec.Struct, frozen=True):
    """What is known of one article's visits: first and last visit that brought an answer (UTC), the kind of
    its last event, how many attempts have failed since, and when the last attempt of any kind was made.
    """

    first: datetime | None = None
    last: datetime | None = None
    kind: str | None = None
    failures: int = 0
    attempted: datetime | None = None


def next_due(plan: Plan, history: History, now: datetime) -> datetime | None:
    """Return when an article is due (perhaps in the past: overdue), None for never again.

    One that was never seen is due now. Visits that were missed are not made up for: the next one stands for
    them. After a failure it is tried again sooner; a notice is looked at again when it can be confirmed.
    """
    if history.failures and history.attempted is not None:
        doublings = min(history.failures - 1, _MAX_DOUBLINGS)
        return min(history.attempted, now) + min(_RETRY_FIRST * (1 << doublings), _RETRY_CAP)
    if history.kind == "reported-gone" and history.last is not None:
        return min(history.last, now) + CONFIRM
    return _planned(plan, history, now)


def _planned(plan: Plan, history: History, now: datetime) -> datetime | None:
    if history.first is None or history.last is None:
        return now
    last = min(history.last, now)
    first = min(history.first, last)
    due = next((first + step for step in plan.steps if first + step > last), None)
    if due is None and plan.then is not None:
        due = plan.then.next_after(last, now)
    if due is None or (plan.until is not None and due > first + plan.until):
        return None
    return due

"""When an article is looked at again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from harvester.watch.plan import CONFIRM, DAY, HOUR, History, Plan, next_due
from harvester.watch.schedule import Schedule

FIRST = datetime(2026, 5, 8, 6, tzinfo=UTC)
PLAN = Plan()


def due_after(last: timedelta, plan: Plan = PLAN, **more: object) -> timedelta | None:
    """Return when it is due, as time since the first visit."""
    history = History(first=FIRST, last=FIRST + last, kind="unchanged", **more)  # type: ignore[arg-type]
    found = next_due(plan, history, FIRST + last)
    return found - FIRST if found else None


def test_the_default_plan() -> None:
    """An hour, six, a day, seven, thirty after the first visit, then every thirty days."""
    visits, last = [], timedelta(0)
    for _ in range(7):
        found = due_after(last)
        assert found
        last = found
        visits.append(found)
    assert visits == [HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY, 60 * DAY, 90 * DAY]


def test_what_was_never_seen_is_due_now() -> None:
    """No history, no waiting."""
    assert next_due(PLAN, History(), FIRST) == FIRST


def test_missed_visits_are_not_made_up_for() -> None:
    """One visit late stands for all before it: the next is the first step after it."""
    assert due_after(3 * DAY) == 7 * DAY
    assert due_after(8 * HOUR) == DAY


def test_failures_are_tried_again_with_growing_waits() -> None:
    """15 minutes, doubling, a day at most; also when nothing was ever captured."""
    waits = [due_after(DAY, failures=number, attempted=FIRST + 2 * DAY) for number in (1, 2, 3, 20)]
    assert [wait - DAY for wait in waits if wait] == [
        timedelta(minutes=15),
        timedelta(minutes=30),
        timedelta(minutes=60),
        DAY,
    ]
    never = History(failures=1, attempted=FIRST)
    assert next_due(PLAN, never, FIRST) == FIRST + timedelta(minutes=15)


def test_a_notice_is_confirmed_soon() -> None:
    """After the first sight of a notice the next visit comes when a second one proves it, not in a month."""
    history = History(first=FIRST, last=FIRST + 40 * DAY, kind="reported-gone")
    assert next_due(PLAN, history, FIRST + 40 * DAY) == FIRST + 40 * DAY + CONFIRM


def test_a_plan_ends() -> None:
    """`until` ends the visits; a plan without `then` ends with its steps; an interval alone goes on."""
    assert due_after(30 * DAY, Plan(until=50 * DAY)) is None
    assert due_after(30 * DAY, Plan(then=None)) is None
    assert due_after(50 * DAY, Plan(steps=(), then=Schedule(every=DAY))) == 51 * DAY


def test_a_visit_in_the_future_counts_as_now() -> None:
    """A clock put back by a year does not stop the visits for a year."""
    history = History(first=FIRST, last=FIRST + 365 * DAY, kind="unchanged")
    found = next_due(PLAN, history, FIRST + DAY)
    assert found
    assert found <= FIRST + 7 * DAY


@pytest.mark.parametrize("steps", [(HOUR, HOUR), (DAY, HOUR), (timedelta(0),)])
def test_steps_must_grow(steps: tuple[timedelta, ...]) -> None:
    """A plan that goes back in time is refused."""
    with pytest.raises(ValueError, match="grow"):
        Plan(steps=steps)

"""What docs/scale.md computes of pace and plan is what the planner does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.reach import a_day, at_pace, new_a_day, visits
from harvester.capture import CaptureOptions
from harvester.watch.plan import History, Plan, next_due

START = datetime(2026, 1, 1, tzinfo=UTC)


def walked(plan: Plan, age: timedelta) -> int:
    """Count the visits of an article whose every visit is on time and finds it unchanged."""
    count, now = 0, START
    while now <= START + age:
        count += 1
        due = next_due(plan, History(first=START, last=now, kind="unchanged", attempted=now), now)
        if due is None:
            break
        now = due
    return count


@pytest.mark.parametrize("plan", [Plan(), Plan(then=None), Plan(until=timedelta(days=100))])
def test_visits_are_those_that_the_planner_makes(plan: Plan) -> None:
    """The count of visits at an age is the planner's, walked visit by visit."""
    for days in (0, 1, 6, 8, 30, 59, 61, 365, 3650):
        age = timedelta(days=days, minutes=1)
        assert int(visits(plan, age)) == walked(plan, age), days


def test_a_day_is_bounded_by_pace_and_by_the_cap() -> None:
    """The smaller of the two counts; articles of all ages share it."""
    options = CaptureOptions(daily_pages=100_000)
    assert a_day(options) == at_pace(options) == 13_824
    assert a_day(CaptureOptions(daily_pages=50)) == 50
    assert new_a_day(CaptureOptions(daily_pages=60), Plan(then=None), timedelta(days=40)) == 10

"""Schedules: intervals, cron expressions in a time zone, and what clocks do to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.watch.schedule import Schedule, interval, zone


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NOW = at("2026-05-08T06:00:00")


def test_what_was_never_done_is_due() -> None:
    """Without a last time, it is due now, by interval and by expression."""
    assert Schedule(every=timedelta(hours=1)).next_after(None, NOW) == NOW
    assert Schedule(cron="0 8 * * *").next_after(None, NOW) == NOW


def test_an_interval_counts_from_the_last_time() -> None:
    """What was missed is made up for once: the answer may be in the past, and is one moment."""
    every = Schedule(every=timedelta(hours=6))
    assert every.next_after(NOW - timedelta(hours=5), NOW) == NOW + timedelta(hours=1)
    assert every.next_after(NOW - timedelta(days=9), NOW) == NOW - timedelta(days=9) + timedelta(hours=6)


def test_a_last_time_in_the_future_counts_as_now() -> None:
    """A clock that was wrong and is put right does not stop a watch for as long as it was wrong."""
    wrong = NOW + timedelta(days=400)
    assert Schedule(every=timedelta(hours=6)).next_after(wrong, NOW) == NOW + timedelta(hours=6)
    assert Schedule(cron="0 8 * * *").next_after(wrong, NOW) == at("2026-05-08T08:00:00")


def test_an_expression_is_of_its_zone() -> None:
    """08:30 on weekdays in Shanghai is 00:30 UTC, the weekend left out."""
    weekdays = Schedule(cron="30 8 * * 1-5", tz="Asia/Shanghai")
    assert weekdays.next_after(at("2026-05-08T00:30:00"), NOW) == at("2026-05-11T00:30:00")


def test_a_time_in_the_skipped_hour_runs_right_after_it() -> None:
    """Berlin, 29 March 2026: 02:30 does not exist; the job runs at 03:00 summer time, and once."""
    daily = Schedule(cron="30 2 * * *", tz="Europe/Berlin")
    first = daily.next_after(at("2026-03-28T02:00:00"), at("2026-03-30T00:00:00"))
    assert first == at("2026-03-29T01:00:00")
    assert daily.next_after(first, at("2026-03-30T12:00:00")) == at("2026-03-30T00:30:00")


@pytest.mark.parametrize("last", ["2026-10-25T00:30:00", "2026-10-25T01:10:00", "2026-10-25T01:40:00"])
def test_a_time_in_the_repeated_hour_runs_once(last: str) -> None:
    """Berlin, 25 October 2026: 02:30 comes twice; after the first the next is tomorrow's."""
    daily = Schedule(cron="30 2 * * *", tz="Europe/Berlin")
    assert daily.next_after(at("2026-10-25T00:10:00"), NOW + timedelta(days=365)) == at("2026-10-25T00:30:00")
    assert daily.next_after(at(last), NOW + timedelta(days=365)) == at("2026-10-26T01:30:00")


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001 - made aware below
    st.sampled_from(["30 2 * * *", "*/20 * * * *", "0 */6 * * *", "5 1 1 * *", "0 3 * * 0"]),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "UTC"]),
)
def test_the_next_time_is_always_later(last: datetime, cron: str, tz: str) -> None:
    """Whatever the zone's clock does: the answer lies after the last time, and not further than a month."""
    then = last.replace(tzinfo=UTC)
    found = Schedule(cron=cron, tz=tz).next_after(then, then + timedelta(days=1))
    assert then < found <= then + timedelta(days=32)


@pytest.mark.parametrize(
    ("cron", "tz"),
    [
        ("* * *", "UTC"),
        ("61 * * * *", "UTC"),
        ("0 0 30 2 *", "UTC"),
        ("0 0 0 * * *", "UTC"),
        ("@daily", "UTC"),
        ("0 8 * * *", "Mars/Base"),
        ("0 8 * * *", ""),
    ],
)
def test_what_is_no_schedule_is_told_when_it_is_made(cron: str, tz: str) -> None:
    """A wrong expression or zone raises at once, not at the time when it would be due."""
    with pytest.raises(ValueError, match="is not a"):
        Schedule(cron=cron, tz=tz)


def test_either_an_interval_or_an_expression() -> None:
    """Both, or neither, is no schedule."""
    with pytest.raises(ValueError, match="either"):
        Schedule()
    with pytest.raises(ValueError, match="either"):
        Schedule(every=timedelta(hours=1), cron="* * * * *")
    with pytest.raises(ValueError, match="zone"):
        zone("Asia")
    with pytest.raises(ValueError, match="interval"):
        interval("soon")

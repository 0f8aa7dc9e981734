"""When something is due again: an interval, or a cron expression in a time zone. Pure.

Cron expressions are read by cronsim, which treats the change of clocks as Debian's cron does: a job at a
fixed time that falls into the skipped hour runs right after it, one in the repeated hour runs once.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

_INTERVAL: Final = re.compile(r"([0-9]{1,6})\s*(s|m|h|d|w)")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_MAX_TRIES: Final = 5


def interval(text: str) -> timedelta:
    """Return the length of `90s`, `30m`, `6h`, `1d`, `2w`. Raises `ValueError`."""
    match = _INTERVAL.fullmatch(text.strip())
    if match is None or int(match[1]) == 0:
        raise ValueError(f"{text!r} is not an interval: write a number and s, m, h, d or w, such as 6h or 1d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def zone(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name. Raises `ValueError`."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # the latter: a folder of the zones' own directory
        raise ValueError(
            f"{name!r} is not a time zone: write a name such as Asia/Shanghai or Europe/Berlin"
        ) from error


class Schedule(msgspec.Struct, frozen=True, dict=True):
    """Every so often (`every`), or at the times of a cron expression (`cron`) by the clocks of `tz`.

    Raises `ValueError` for what is neither.
    """

    every: timedelta | None = None
    cron: str | None = None
    tz: str = "UTC"

    def __post_init__(self) -> None:
        if (self.every is None) == (self.cron is None):
            raise ValueError("give either an interval or a cron expression")
        if self.every is not None and self.every <= timedelta(0):
            raise ValueError("an interval must be longer than nothing")
        zone(self.tz)
        if self.cron is not None:
            self._check(self.cron)

    def _check(self, expression: str) -> None:
        from cronsim import CronSim, CronSimError  # noqa: PLC0415 - only where an expression is used

        if len(expression.split()) != 5:  # noqa: PLR2004 - the five fields of crontab(5)
            raise ValueError(f"{expression!r} is not a cron expression: five fields, such as 30 8 * * 1-5")
        try:
            next(CronSim(expression, datetime(2026, 1, 1, tzinfo=UTC)))
        except (CronSimError, StopIteration) as error:
            why = str(error) or "there is no such day"
            raise ValueError(f"{expression!r} is not a cron expression: {why}") from error

    @cached_property
    def _zone(self) -> ZoneInfo:
        return zone(self.tz)

    def next_after(self, last: datetime | None, now: datetime) -> datetime:
        """Return when it is due (aware, UTC), given when it was last done; now, if it never was.

        What was missed meanwhile (machine asleep, no runner) is made up for once, not many times. A `last` in
        the future, by a clock that has since been put right, counts as now.
        """
        if last is None:
            return now
        last = min(last, now)
        return last + self.every if self.every is not None else self._next_time(last)

    def _next_time(self, last: datetime) -> datetime:
        from cronsim import CronSim  # noqa: PLC0415

        times = CronSim(self.cron or "", last.astimezone(self._zone))
        for _ in range(_MAX_TRIES):
            # Seen from inside a repeated hour, the first answers may lie in its first run, in the past.
            found = next(times).astimezone(UTC)
            if found > last:
                return found
        return last + timedelta(hours=1)

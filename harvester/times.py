"""Times as text: RFC 3339, and the two zones that matter here."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from zoneinfo import ZoneInfo

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
"""The wall time of both publishers; without daylight saving since 1991."""
_STAMP_LENGTHS: Final = (4, 6, 8, 10, 12, 14)


def utc_text(when: datetime) -> str:
    """Return `2026-05-08T06:04:05.123456Z`; the fraction is left out where it is zero."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def for_people(when: str | datetime, *, seconds: bool = False) -> str:
    """Return a moment (RFC 3339, if it is text) as people read it: `2026-05-08 06:04 UTC`.

    Programs are given `utc_text`, whole. Text that is no moment is returned as it is.
    """
    try:
        moment = datetime.fromisoformat(when) if isinstance(when, str) else when
    except ValueError:
        return str(when)
    return f"{moment.astimezone(UTC):{'%Y-%m-%d %H:%M:%S' if seconds else '%Y-%m-%d %H:%M'}} UTC"


def local_text(when: datetime, precision: str | None) -> str:
    """Return a publication time in Shanghai's wall time, no more precise than the page is.

    `second` gives `2026-05-08T14:04:05+08:00`, `minute` ends after the minutes, `day` is the date.
    """
    local = when.astimezone(SHANGHAI)
    if precision == "day":
        return local.date().isoformat()
    if precision == "minute":
        return local.isoformat(timespec="minutes")
    return local.isoformat(timespec="seconds")


def http_date_text(value: str | None) -> str | None:
    """Return an HTTP `Date` as RFC 3339, or None where it is absent or not a date."""
    if not value:
        return None
    try:
        when = parsedate_to_datetime(value)
        return utc_text(when if when.tzinfo else when.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        # OverflowError: the last day of year 9999 in a western zone has no time in UTC.
        return None


def moment_of(stamp: str) -> datetime | None:
    """Read `YYYYMMDDhhmmss`, in UTC, or its beginning from the year on; None for anything else."""
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) in _STAMP_LENGTHS):
        return None
    try:
        return datetime.strptime(stamp + "00000101000000"[len(stamp) :], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None

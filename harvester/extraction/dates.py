"""Dates and times as pages write them, in Chinese and English forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final

from harvester.times import SHANGHAI

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"),
            ("february", "feb"),
            ("march", "mar"),
            ("april", "apr"),
            ("may", "may"),
            ("june", "jun"),
            ("july", "jul"),
            ("august", "aug"),
            ("september", "sept", "sep"),
            ("october", "oct"),
            ("november", "nov"),
            ("december", "dec"),
        ),
        1,
    )
    for name in names
}
_MONTH: Final = "|".join(sorted(_MONTHS, key=len, reverse=True))
_TIME: Final = (
    r"(?:(?:[ \tT\u00a0\u3000]|日){0,4}(?P<hour>\d{1,2})[:：时](?P<minute>\d{2})"
    r"(?:[:：分](?P<second>\d{2}))?(?:\.\d{1,9})?(?:\s{0,2}(?P<half>[ap])\.?m\b\.?)?"
    r"\s{0,2}(?P<zone>Z|[+-]\d{2}:?\d{2})?)?"
)
_FORMS: Final = tuple(
    re.compile(date + _TIME, re.IGNORECASE)
    for date in (
        r"(?<!\d)(?P<year>\d{4})\s{0,2}[-/.年]\s{0,2}(?P<month>\d{1,2})\s{0,2}[-/.月]\s{0,2}(?P<day>\d{1,2})(?!\d)日?",
        rf"\b(?P<name>{_MONTH})\.?\s{{0,2}}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s{{0,2}},?\s{{0,2}}(?P<year>\d{{4}})(?!\d)",
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s{{1,2}}(?P<name>{_MONTH})\.?,?\s{{1,2}}(?P<year>\d{{4}})(?!\d)",
        r"(?<!\d)(?P<year>(?:19|20)\d{2})(?P<month>[01]\d)(?P<day>[0-3]\d)(?!\d)",
    )
)
_MAX_CHARS: Final = 2000
_NOON: Final = 12
_YEARS: Final = range(1949, 2101)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as precise as it was written: `precision` is `second`, `minute` or `day`.

    `when` is aware; a time without a zone is Shanghai's, and a day begins there at midnight.
    """

    when: datetime
    precision: str

    @property
    def day(self) -> str:
        """The date in Shanghai, `YYYY-MM-DD`."""
        return self.when.astimezone(SHANGHAI).date().isoformat()

    @property
    def text(self) -> str:
        """The time in Shanghai, as precise as it is."""
        local = self.when.astimezone(SHANGHAI)
        if self.precision == "day":
            return local.date().isoformat()
        return local.isoformat(timespec=f"{self.precision}s")


def find_moment(text: str | None, *, last: bool = False) -> Moment | None:
    """Return the first (or last) date in a text, with the time of day where it follows; None if none.

    Midnight exactly is read as a date without a time: systems that store dates print them so.
    """
    moments: list[tuple[int, Moment]] = []
    for form in _FORMS:
        for match in form.finditer((text or "")[:_MAX_CHARS]):
            moment = _moment(match)
            if moment is not None:
                moments.append((match.start(), moment))
        if moments and not last:
            break
    if not moments:
        return None
    moments.sort(key=lambda item: item[0])
    return moments[-1 if last else 0][1]


def _moment(match: re.Match[str]) -> Moment | None:
    parts = match.groupdict()
    name = parts.get("name")
    month = _MONTHS[name.lower()] if name else int(parts["month"])
    year = int(parts["year"])
    hour, minute, second = (int(parts[key] or 0) for key in ("hour", "minute", "second"))
    if parts["half"] and hour <= _NOON:
        hour = hour % _NOON + (_NOON if parts["half"] in "pP" else 0)
    if year not in _YEARS:
        return None
    try:
        when = datetime(year, month, int(parts["day"]), hour, minute, second, tzinfo=_zone(parts["zone"]))
    except ValueError:
        return None
    if not hour and not minute and not second:
        return Moment(when, "day")
    return Moment(when, "minute" if parts["second"] is None else "second")


def _zone(text: str | None) -> tzinfo:
    if text is None:
        return SHANGHAI
    if text in {"Z", "z"}:
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))

"""When a file says that its page was fetched. Claims are kept as they are; no zone is invented."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from harvester.times import utc_text

_MAX_CHARS: Final = 80
_SINGLEFILE_FORM: Final = "%b %d %Y %H:%M:%S GMT%z"  # JavaScript's Date.prototype.toString, its weekday cut


def claimed_time(text: str | None) -> tuple[str | None, str | None]:
    """Return an ISO 8601 time as RFC 3339 in UTC, and a warning or None.

    A time without a zone, or a bare date, is kept as it is: where the tool's clock stood is not known.
    What is no time gives None and a warning.
    """
    if not text or not text.strip():
        return None, None
    text = text.strip()
    try:
        when = datetime.fromisoformat(text[:_MAX_CHARS])
    except ValueError:
        return None, f"the file's time of capture cannot be read: {text[:_MAX_CHARS]!r}"
    if when.tzinfo is None:
        kept = text if "T" in text or len(text) <= len("2026-05-08") else when.isoformat()
        return kept, "the file's time of capture names no time zone; it is given as the file has it"
    return utc_text(when), None


def script_time(text: str) -> str | None:
    """Return what `Date.toString()` of JavaScript prints (`Fri May 08 2026 14:04:05 GMT+0800 (…)`) in UTC."""
    words = text.split()[1:6]
    try:
        return utc_text(datetime.strptime(" ".join(words), _SINGLEFILE_FORM))  # noqa: DTZ007 - %z is in the form
    except ValueError:
        return None

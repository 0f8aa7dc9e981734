"""What is worth another attempt, and how long the server asks us to wait (RFC 9110 §10.2.3). Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from harvester.capture.exchange import Exchange, FailedAttempt
from harvester.capture.options import CaptureOptions

_PASSING_FAULTS: Final = frozenset({408, 425, 500, 502, 503, 504})
_SECONDS: Final = re.compile(r"[0-9]{1,9}")


def retry_after_s(exchange: Exchange, now: datetime) -> float | None:
    """Return the seconds a `Retry-After` asks for, not below 0; None if it is absent or unreadable."""
    return seconds_asked(exchange.head.get("Retry-After") if exchange.head else None, now)


def seconds_asked(value: str | None, now: datetime) -> float | None:
    """Return the seconds that a `Retry-After` header's value means, as `retry_after_s` does."""
    if value is None:
        return None
    if _SECONDS.fullmatch(value):
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - now).total_seconds())


def worth_retrying(result: Exchange | FailedAttempt, options: CaptureOptions, now: datetime) -> bool:
    """Tell whether the same request may do better soon.

    A failed attempt says so itself. An answer is asked for again when the connection broke in its
    middle, or on a passing server fault, unless `Retry-After` is longer than we wait. A 429 never is:
    it opens the host's breaker, for as long as it asks at least.
    """
    if isinstance(result, FailedAttempt):
        return result.retryable
    asked_s = retry_after_s(result, now)
    if asked_s is not None and asked_s > options.retry_after_cap_s:
        return False
    return result.end == "disconnect" or result.status in _PASSING_FAULTS

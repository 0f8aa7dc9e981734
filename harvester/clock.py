"""The clock as a seam: code that needs the time is handed one of these, tests hand it a fake."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time in UTC, monotonic seconds, and waiting."""

    def now(self) -> datetime:
        """Return the present, aware, in UTC."""
        ...

    def monotonic_s(self) -> float:
        """Return seconds from an arbitrary start that never runs backwards."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

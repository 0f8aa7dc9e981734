"""A clock that is set by waiting, shared by processes: eight bytes in a file."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path


class SharedClock:
    """Seconds since 1970 in a mapped file. `on_sleep` is told before each wait where it will end."""

    def __init__(self, path: Path, *, start: datetime | None = None) -> None:
        if start is not None:
            path.write_bytes(struct.pack("<d", start.timestamp()))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 8)
        self.on_sleep: Callable[[float], float] = lambda seconds: seconds

    @property
    def seconds(self) -> float:
        return float(struct.unpack("<d", self._map[:8])[0])

    def now(self) -> datetime:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic_s(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.advance(self.on_sleep(seconds))

    def advance(self, seconds: float) -> None:
        self._map[:8] = struct.pack("<d", self.seconds + max(0.0, seconds))

"""A runner's sign of life in the state directory, and what it says: is a watch at work, and getting on?"""

from __future__ import annotations

import contextlib
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from archive.disk import SYSTEM_DISK, Disk, write_file
from harvester.clock import Clock
from harvester.shards import Shard
from harvester.times import for_people, utc_text
from harvester.watch.queue import queue_path

EVERY_S: Final = 30.0
"""Between two signs, at least."""
SILENCE: Final = timedelta(minutes=10)
"""Without a sign for so long a runner counts as stuck: no request and no wait between signs lasts as long."""


class Beat(msgspec.Struct, frozen=True, kw_only=True):
    """One sign. `at` is RFC 3339, UTC; `fault` why it cannot go on, None while it can.

    `elsewhere` counts the URLs of the watch list that are other shards'.
    """

    at: str
    pid: int
    forever: bool
    shard: str | None = None
    elsewhere: int = 0
    fault: str | None = None


def beat_path(state: Path, archive: Path) -> Path:
    """Return where the sign of an archive's runner lies in the state directory."""
    return queue_path(state, archive).with_suffix(".beat")


def turn_path(state: Path, archive: Path) -> Path:
    """Return the file that an archive's runner holds locked while it is at work."""
    return queue_path(state, archive).with_suffix(".run")


class Heart:
    """Writes the signs of one runner: losable, so that none which cannot be written stops the work."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        forever: bool,
        shard: Shard | None = None,
        disk: Disk = SYSTEM_DISK,
    ) -> None:
        self.elsewhere = 0
        self._path = path
        self._clock = clock
        self._forever = forever
        self._shard = str(shard) if shard else None
        self._disk = disk
        self._last_s: float | None = None

    def beat(self) -> None:
        """Give a sign, if none was given just now."""
        if self._last_s is None or self._clock.monotonic_s() - self._last_s >= EVERY_S:
            self.say()

    def say(self, fault: str | None = None) -> None:
        """Give a sign at once; with `fault`, that the work cannot go on, and why."""
        self._last_s = self._clock.monotonic_s()
        sign = Beat(
            at=utc_text(self._clock.now()),
            pid=os.getpid(),
            forever=self._forever,
            shard=self._shard,
            elsewhere=self.elsewhere,
            fault=fault,
        )
        with contextlib.suppress(OSError):
            write_file(self._disk, self._path, msgspec.json.encode(sign))


def last_beat(state: Path, archive: Path) -> Beat | None:
    """Return the last sign of an archive's runner, None if there is none that can be read."""
    try:
        return msgspec.json.decode(beat_path(state, archive).read_bytes(), type=Beat)
    except (OSError, msgspec.DecodeError):
        return None


class Health(NamedTuple):
    """Whether a runner is alive and getting on, and that in words."""

    good: bool
    words: str


def health_of(beat: Beat | None, *, alive: bool, now: datetime) -> Health:
    """Judge a runner by its last sign, and by whether a process holds its lock (`alive`). Pure."""
    if beat is None:
        return Health(alive, "a runner is starting" if alive else "no runner was ever at work here")
    last = for_people(beat.at, seconds=True)
    what = "`harvester run --forever`" if beat.forever else "`harvester run`"
    if not alive:
        return Health(False, f"no runner is at work; the last sign of {what} was at {last}")
    if beat.fault is not None:
        return Health(False, f"{what} waits since {last}: {beat.fault}")
    silent = now - datetime.fromisoformat(beat.at)
    if silent > SILENCE:
        minutes = silent.total_seconds() / 60
        return Health(False, f"{what} (process {beat.pid}) gives no sign since {last}: {minutes:.0f} min")
    return Health(True, f"{what} is at work (process {beat.pid}); last sign at {last}")

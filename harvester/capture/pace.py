"""How often a host is asked, and when it is left alone: kept per user and machine, across processes.

A request reserves the next free moment of its host in one transaction and then waits for it, so that
any number of processes keep the same distance. The breaker opens on the first verification or
rate-limit answer; each further trip doubles the cool-down. Times are wall-clock seconds (UTC epoch),
each row with the moment it was written: if the clock has run backwards since, what was left to wait
then is waited from now, never longer.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal, NamedTuple

from harvester.capture.names import MAPPED
from harvester.capture.options import CaptureOptions
from harvester.capture.state import State
from harvester.clock import Clock
from harvester.errors import BlockedError

Role = Literal["page", "asset"]

_LEVEL_MEMORY_S: Final = 24 * 3600.0
"""A breaker that has been closed for so long starts again at its first cool-down."""
DAILY_CAP: Final = "daily_cap"
"""The reason of a host that had its pages of the day."""
_MAX_DOUBLINGS: Final = 32
_MAX_WAIT_S: Final = 3600.0
"""No stored moment is honoured beyond this: it would come from a clock that was wrong."""


class _BreakerRow(NamedTuple):
    level: int
    opened_s: float
    until_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class OpenBreaker:
    """A host that is left alone until `until_s` (UTC epoch seconds), and why (a page state)."""

    reason: str
    until_s: float


class Standing(NamedTuple):
    """How a host stands: in how many seconds its pace allows a page, and until when (UTC epoch seconds) it is
    left alone (an open breaker, the cap of the day), None if it is not.
    """

    due_in_s: float = 0.0
    alone_until_s: float | None = None


class Pace:
    """Pace and breaker over one state directory (None: in memory, for this process only).

    `key` names a host; a mapped host has a key of its own, so that a rehearsal never slows or blocks the
    real host. `jitter` returns a number in [0, 1). Methods raise `LockedError` if another process holds
    the state too long.
    """

    def __init__(
        self,
        directory: Path | None,
        clock: Clock,
        options: CaptureOptions,
        *,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._state = State(directory, clock)
        self._clock = clock
        self._options = options
        self._jitter = jitter

    @property
    def warnings(self) -> tuple[str, ...]:
        """What went wrong with the state file, as sentences."""
        return self._state.warnings

    def wait(self, key: str, role: Role, *, no_floor: bool = False) -> float:
        """Reserve the next moment for a request and sleep until it; return the seconds waited."""
        if no_floor:
            return 0.0
        now = self._now()
        slot = self._state.run(lambda connection: self._reserve(connection, key, role, now))
        if slot > now:
            self._clock.sleep(slot - now)
        return slot - now

    def due_in_s(self, key: str, role: Role) -> float:
        """Return the seconds until a request may start, reserving nothing."""
        now = self._now()
        page, every = self._state.run(lambda connection: self._next_moments(connection, key, now))
        return max(0.0, every - now, page - now if role == "page" else 0.0)

    def standings(self, keys: Sequence[str]) -> list[Standing]:
        """Return how hosts stand, all in one transaction: choosing among many asks for all of them."""
        now = self._now()
        return self._state.run(lambda connection: self._standings(connection, keys, now))

    def _standings(self, connection: sqlite3.Connection, keys: Sequence[str], now: float) -> list[Standing]:
        paced = {
            row[0]: _moments(row[1:], now)
            for row in connection.execute("SELECT host, page_next_s, any_next_s, written_s FROM pace")
        }
        tripped = {host for (host,) in connection.execute("SELECT host FROM breaker")}
        query = "SELECT host FROM daily WHERE day = ? AND pages >= ?"
        full = {host for (host,) in connection.execute(query, (self._day(), self._options.daily_pages))}
        found = []
        for key in keys:
            row = self._breaker_row(connection, key, now) if key in tripped else None
            alone = row.until_s if row and row.until_s > now else None
            if alone is None and key in full:
                alone = self.tomorrow_s()
            page, every = paced.get(key, (now, now))
            found.append(Standing(max(0.0, page - now, every - now), alone))
        return found

    def done(self, key: str, role: Role, *, no_floor: bool = False) -> None:
        """Note that a request has ended: the next one keeps its distance from the end, too."""
        if not no_floor:
            now = self._now()
            self._state.run(lambda connection: self._keep_distance(connection, key, role, now, from_s=now))

    def breaker(self, key: str) -> OpenBreaker | None:
        """Return the open breaker of a host, None if it is closed."""
        now = self._now()
        row = self._state.run(lambda connection: self._breaker_row(connection, key, now))
        return OpenBreaker(row.reason, row.until_s) if row and row.until_s > now else None

    def trip(self, key: str, reason: str, *, at_least_s: float = 0.0) -> OpenBreaker:
        """Open the breaker of a host; if it is open already, only the later end counts."""
        now = self._now()
        until_s = self._state.run(
            lambda connection: self._open_breaker(connection, key, reason, at_least_s, now)
        )
        return OpenBreaker(reason, until_s)

    def breakers(self) -> dict[str, OpenBreaker]:
        """Return all open breakers by host."""
        now = self._now()
        return self._state.run(lambda connection: self._breakers(connection, now))

    def _breakers(self, connection: sqlite3.Connection, now: float) -> dict[str, OpenBreaker]:
        hosts = connection.execute("SELECT host FROM breaker").fetchall()
        rows = ((host, self._breaker_row(connection, host, now)) for (host,) in hosts)
        return {host: OpenBreaker(row.reason, row.until_s) for host, row in rows if row and row.until_s > now}

    def close_breaker(self, host: str) -> int:
        """Close the breaker of a host, that of its rehearsals too, by the operator's word; return how many.

        How often it was open is remembered: the next trip's cool-down doubles as if time had closed it.
        """
        now = self._now()
        mapped = f"{host}{MAPPED}"
        statement = (
            "UPDATE breaker SET until_s = ? WHERE until_s > ? AND (host = ? OR substr(host, 1, ?) = ?)"
        )
        values = (now, now, host, len(mapped), mapped)
        return self._state.run(lambda connection: connection.execute(statement, values).rowcount)

    def pages_today(self, key: str) -> int:
        """Return how many pages a host was asked for on this day (UTC), by all processes."""
        return self._state.run(lambda connection: self._pages_today(connection, key))

    def _pages_today(self, connection: sqlite3.Connection, key: str) -> int:
        query = "SELECT pages FROM daily WHERE host = ? AND day = ?"
        found = connection.execute(query, (key, self._day())).fetchone()
        return int(found[0]) if found else 0

    def left_alone(self, key: str) -> OpenBreaker | None:
        """Return why a host is not to be asked for pages: its breaker, or `DAILY_CAP`; None if it may be."""
        now = self._now()
        return self._state.run(lambda connection: self._alone(connection, key, now))

    def _alone(self, connection: sqlite3.Connection, key: str, now: float) -> OpenBreaker | None:
        row = self._breaker_row(connection, key, now)
        if row and row.until_s > now:
            return OpenBreaker(row.reason, row.until_s)
        full = self._pages_today(connection, key) >= self._options.daily_pages
        return OpenBreaker(DAILY_CAP, self.tomorrow_s()) if full else None

    def tomorrow_s(self) -> float:
        """Return when the next day (UTC) begins."""
        day = self._clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        return (day + timedelta(days=1)).timestamp()

    def _count_page(self, connection: sqlite3.Connection, key: str) -> None:
        connection.execute(
            "INSERT INTO daily VALUES (?, ?, 1) ON CONFLICT (host) DO UPDATE SET "
            "pages = CASE WHEN day = excluded.day THEN pages + 1 ELSE 1 END, day = excluded.day",
            (key, self._day()),
        )

    def _day(self) -> str:
        return self._clock.now().strftime("%Y-%m-%d")

    def close(self) -> None:
        """Close the state file."""
        self._state.close()

    def _reserve(self, connection: sqlite3.Connection, key: str, role: Role, now: float) -> float:
        page, every = self._next_moments(connection, key, now)
        slot = max(now, every, page if role == "page" else 0.0)
        self._keep_distance(connection, key, role, now, from_s=slot)
        if role == "page":
            self._count_page(connection, key)
        return slot

    def _next_moments(self, connection: sqlite3.Connection, key: str, now: float) -> tuple[float, float]:
        """Return when the next page and the next request of any kind may start."""
        row = connection.execute(
            "SELECT page_next_s, any_next_s, written_s FROM pace WHERE host = ?", (key,)
        ).fetchone()
        return (0.0, 0.0) if row is None else _moments(row, now)

    def _keep_distance(
        self, connection: sqlite3.Connection, key: str, role: Role, now: float, *, from_s: float
    ) -> None:
        page, every = self._next_moments(connection, key, now)
        stretch = 1 + self._options.jitter_fraction * self._jitter()
        if role == "page":
            page = max(page, from_s + self._options.page_interval_s * stretch)
        every = max(every, from_s + self._options.asset_interval_s * stretch)
        connection.execute("INSERT OR REPLACE INTO pace VALUES (?, ?, ?, ?)", (key, page, every, now))

    def _breaker_row(self, connection: sqlite3.Connection, key: str, now: float) -> _BreakerRow | None:
        found = connection.execute(
            "SELECT level, opened_s, until_s, reason FROM breaker WHERE host = ?", (key,)
        ).fetchone()
        if found is None:
            return None
        row = _BreakerRow(*found)
        if now < row.opened_s:
            left = min(row.until_s - row.opened_s, self._options.cool_down_cap_s)
            row = row._replace(opened_s=now, until_s=now + left)
            self._write_breaker(connection, key, row)
        return row

    def _open_breaker(
        self, connection: sqlite3.Connection, key: str, reason: str, at_least_s: float, now: float
    ) -> float:
        row = self._breaker_row(connection, key, now)
        if row is None or now - row.until_s >= _LEVEL_MEMORY_S:
            row = _BreakerRow(0, now, 0.0, reason)
        cap = self._options.cool_down_cap_s
        until = row.until_s
        if until <= now:
            row = row._replace(level=row.level + 1, opened_s=now)
            until = now + min(self._options.cool_down_s * 2 ** min(row.level - 1, _MAX_DOUBLINGS), cap)
        until = max(until, now + min(at_least_s, cap))
        self._write_breaker(connection, key, row._replace(until_s=until, reason=reason))
        return until

    def _write_breaker(self, connection: sqlite3.Connection, key: str, row: _BreakerRow) -> None:
        connection.execute("INSERT OR REPLACE INTO breaker VALUES (?, ?, ?, ?, ?)", (key, *row))

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _moments(row: tuple[float, float, float], now: float) -> tuple[float, float]:
    """Return a row's next moments, those of a clock that has run backwards since put right."""
    back = min(0.0, now - row[2])
    return min(row[0] + back, now + _MAX_WAIT_S), min(row[1] + back, now + _MAX_WAIT_S)


def blocked_error(host: str, breaker: OpenBreaker) -> BlockedError:
    """Return the error that tells a person which host is left alone, why and until when."""
    when = datetime.fromtimestamp(breaker.until_s, UTC).strftime("%Y-%m-%d %H:%M UTC")
    why = {
        "verification": "demanded verification",
        "rate_limited": "asked for fewer requests",
    }.get(breaker.reason, f"answered with {breaker.reason}")
    return BlockedError(f"{host} {why}; it is left alone until {when}", host=host, until=breaker.until_s)

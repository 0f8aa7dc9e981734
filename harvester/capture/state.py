"""The small SQLite file in the state directory that paces and breakers of all processes share.

Operational only: losing it means starting afresh. A damaged or foreign file is set aside under a name
of its own; where the directory cannot be written, the state lives in memory for this process. Both are
said in `warnings`.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from harvester.clock import Clock
from harvester.errors import LockedError

FILE_NAME: Final = "pace.sqlite3"
_VERSION: Final = 2
_OLDER: Final = frozenset({0, 1})
"""Forms that are made into this one by adding tables; 0 is a new file."""
_BUSY_TIMEOUT_S: Final = 30.0
_SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS pace (host TEXT PRIMARY KEY, page_next_s REAL NOT NULL,
       any_next_s REAL NOT NULL, written_s REAL NOT NULL) STRICT""",
    """CREATE TABLE IF NOT EXISTS breaker (host TEXT PRIMARY KEY, level INTEGER NOT NULL,
       opened_s REAL NOT NULL, until_s REAL NOT NULL, reason TEXT NOT NULL) STRICT""",
    """CREATE TABLE IF NOT EXISTS daily (host TEXT PRIMARY KEY, day TEXT NOT NULL, pages INTEGER NOT NULL)
       STRICT""",
    f"PRAGMA user_version = {_VERSION}",
)
T = TypeVar("T")
_log = logging.getLogger(__name__)


class State:
    """Transactions on the shared file; one instance a process, safe for threads."""

    def __init__(
        self, directory: Path | None, clock: Clock, *, busy_timeout_s: float = _BUSY_TIMEOUT_S
    ) -> None:
        self.warnings: tuple[str, ...] = ()
        self._path = directory / FILE_NAME if directory else None
        self._clock = clock
        self._busy_timeout_s = busy_timeout_s
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work` in one transaction that holds the write lock, and return what it returns.

        Damage found on the way costs the stored state, never the call: `work` is then done again on a
        fresh file, or in memory. Raises `LockedError` if another process holds the lock too long.
        """
        with self._lock:
            for mend in (self._start_afresh, self._fall_back):
                try:
                    return self._attempt(work)
                except (sqlite3.DatabaseError, OSError) as error:
                    if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
                        raise LockedError(
                            f"{self._path} is held by another process; try again later"
                        ) from error
                    mend(error)
            return self._attempt(work)

    def close(self) -> None:
        """Close the file; the next `run` opens it again."""
        with self._lock:
            self._drop_connection()

    def _attempt(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._connection = self._connection or self._connect()
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = work(connection)
            connection.commit()
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                connection.rollback()
            raise
        return result

    def _start_afresh(self, error: Exception) -> None:
        """After a first fault: set a damaged file aside; anything else may pass with a new connection."""
        self._drop_connection()
        damaged = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
        if damaged and self._path is not None:
            try:
                self._set_aside(self._path, error)
            except OSError as second:
                self._fall_back(second)

    def _fall_back(self, error: Exception) -> None:
        """After a second fault: keep the state in memory from now on."""
        self._drop_connection()
        self._warn(f"the pace cannot be kept in {self._path}: {error}; other runs will not know of this one")
        self._path = None

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _set_aside(self, path: Path, error: Exception) -> None:
        stamp = self._clock.now().strftime("%Y%m%dT%H%M%S%f")
        aside = path.with_name(f"{path.name}.damaged-{stamp}")
        path.replace(aside)
        self._warn(
            f"the pace file was damaged ({error}); it is set aside as {aside.name}, and pacing starts afresh"
        )

    def _connect(self) -> sqlite3.Connection:
        if self._path is None:
            return _prepared(sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False))
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return _prepared(
            sqlite3.connect(self._path, self._busy_timeout_s, isolation_level=None, check_same_thread=False)
        )

    def _warn(self, message: str) -> None:
        _log.warning("%s", message)
        self.warnings += (message,)


def _prepared(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Make the tables where there are none. Raises `sqlite3.DatabaseError` for a file of another form."""
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version in _OLDER:
            for statement in _SCHEMA:
                connection.execute(statement)
    except BaseException:
        connection.close()
        raise
    if version not in {*_OLDER, _VERSION}:
        connection.close()
        raise sqlite3.DatabaseError(f"its form is {version}, not {_VERSION}")
    return connection

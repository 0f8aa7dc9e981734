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
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from harvester.clock import Clock
from harvester.errors import LockedError

FILE_NAME: Final = "pace.sqlite3"
_VERSION: Final = 1
_BUSY_TIMEOUT_S: Final = 30.0
_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS pace (host TEXT PRIMARY KEY, page_next_s REAL NOT NULL,"
    " any_next_s REAL NOT NULL, written_s REAL NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS breaker (host TEXT PRIMARY KEY, level INTEGER NOT NULL,"
    " opened_s REAL NOT NULL, until_s REAL NOT NULL, reason TEXT NOT NULL) STRICT",
    f"PRAGMA user_version = {_VERSION}",
)
_log = logging.getLogger(__name__)


class State:
    """Transactions on the shared file; one instance a process, safe for threads."""

    def __init__(self, directory: Path | None, clock: Clock) -> None:
        self.warnings: tuple[str, ...] = ()
        self._path = directory / FILE_NAME if directory else None
        self._clock = clock
        self._lock = threading.Lock()
        self._connection = self._open()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that holds the write lock; commit at the end, roll back on an error.

        Raises `LockedError` if another process holds the lock too long.
        """
        with self._lock:
            connection = self._begin()
            try:
                yield connection
                self._commit(connection)
            finally:
                if connection.in_transaction:
                    connection.rollback()

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _begin(self) -> sqlite3.Connection:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            # Damage may lie past the header: look at every row now, while nothing is decided yet.
            self._connection.execute("SELECT count(*), max(written_s) FROM pace").fetchone()
            self._connection.execute("SELECT count(*), max(until_s) FROM breaker").fetchone()
        except sqlite3.DatabaseError as error:
            self._recover(error)
            self._connection.execute("BEGIN IMMEDIATE")
        return self._connection

    def _commit(self, connection: sqlite3.Connection) -> None:
        try:
            connection.commit()
        except sqlite3.OperationalError as error:
            # The wait that was computed still holds for this process; only others do not learn of it.
            self._warn(f"the pace could not be saved: {error}")

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except (sqlite3.DatabaseError, OSError) as error:
            self._connection = sqlite3.connect(":memory:")
            self._recover(error)
            return self._connection

    def _recover(self, error: Exception) -> None:
        """Go on with a fresh file, or in memory. Raises `LockedError` if the file is only busy."""
        self._connection.close()
        if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
            self._connection = self._connect_memory()
            raise LockedError(f"{self._path} is held by another process; try again later") from error
        try:
            if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
                self._set_aside(error)
            self._connection = self._connect()
        except (sqlite3.DatabaseError, OSError) as second:
            self._warn(
                f"the pace cannot be kept in {self._path}: {second}; other runs will not know of this one"
            )
            self._connection = self._connect_memory()

    def _set_aside(self, error: Exception) -> None:
        if self._path is None or not self._path.exists():
            return
        stamp = self._clock.now().strftime("%Y%m%dT%H%M%S%f")
        aside = self._path.with_name(f"{FILE_NAME}.damaged-{stamp}")
        self._path.replace(aside)
        self._warn(
            f"the pace file was damaged ({error}); it is set aside as {aside.name}, and pacing starts afresh"
        )

    def _connect(self) -> sqlite3.Connection:
        if self._path is None:
            return self._connect_memory()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return _prepared(
            sqlite3.connect(self._path, _BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        )

    def _connect_memory(self) -> sqlite3.Connection:
        return _prepared(sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False))

    def _warn(self, message: str) -> None:
        _log.warning("%s", message)
        if message not in self.warnings:
            self.warnings += (message,)


def _prepared(connection: sqlite3.Connection) -> sqlite3.Connection:
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in {0, _VERSION}:
            raise sqlite3.DatabaseError(f"its form is {version}, not {_VERSION}")
        if version == 0:
            for statement in _SCHEMA:
                connection.execute(statement)
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection

"""The working index of records: SQLite, derived whole from the WARC files, never the only place of anything.

File names are stored in their closed form, so rows stay right when `.open` goes. Every change is one
transaction, durable on return (`synchronous=FULL`). No `sqlite3` exception leaves this module.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from archive.errors import StorageError
from archive.fields import format_date
from archive.index_form import (
    APPLICATION_ID,
    COLUMNS,
    CURE,
    SCHEMA,
    SCHEMA_VERSION,
    RebuildableIndexError,
    check_form,
    checked,
    connect,
    entry_from,
    row_of,
    sqlite_errors,
)
from archive.record import IndexEntry
from archive.surt import surt

_PAGE_ROWS = 500
FileRows = tuple[str, Iterable[IndexEntry], int]
_ORDER = "ORDER BY date, file, offset"
_INSERT = f"INSERT OR REPLACE INTO records ({COLUMNS}) VALUES (?{', ?' * COLUMNS.count(',')})"  # noqa: S608  # our own names


class RecordIndex:
    """The index of one archive. Several processes may hold it; each change waits for its turn."""

    def __init__(self, path: Path, connection: sqlite3.Connection, *, writable: bool) -> None:
        self.path = path
        self._connection = connection
        self._writable = writable
        self._inode = _inode(path)
        self._lock = threading.RLock()  # one connection, perhaps several threads

    @classmethod
    def create(cls, path: Path) -> RecordIndex:
        """Make an empty index where no file is. Raises StorageError."""
        return cls._open_writable(path, fresh=True)

    @classmethod
    def open(cls, path: Path, *, writable: bool) -> RecordIndex:
        """Open an existing index. Raises StorageError if it is missing, damaged or of another form."""
        if not path.is_file():
            raise RebuildableIndexError(f"the index {path} is missing; {CURE}")
        return cls._open_writable(path, fresh=False) if writable else cls._open_readable(path)

    @classmethod
    def _open_writable(cls, path: Path, *, fresh: bool) -> RecordIndex:
        with sqlite_errors(path):
            connection = connect(path, "rwc" if fresh else "rw")
            try:
                if fresh:
                    connection.execute("PRAGMA journal_mode = WAL")
                    connection.executescript(
                        f"BEGIN; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; "
                        f"PRAGMA application_id = {APPLICATION_ID}; COMMIT;"
                    )
                connection.execute("PRAGMA synchronous = FULL")
                check_form(connection, path)
            except BaseException:
                connection.close()
                raise
        return cls(path, connection, writable=True)

    @classmethod
    def _open_readable(cls, path: Path) -> RecordIndex:
        """Open for reading, also where nothing may be written: a WAL database without its log is whole."""
        log = path.with_name(path.name + "-wal")
        with sqlite_errors(path):
            try:
                connection = checked(path, "ro")
            except sqlite3.OperationalError:
                if log.exists() and log.stat().st_size:
                    raise
                connection = checked(path, "ro&immutable=1")
        return cls(path, connection, writable=False)

    def close(self) -> None:
        """Close the connection; the last one to close folds the log into the file."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()

    def add(self, entries: Sequence[IndexEntry]) -> None:
        """Add rows in one durable transaction; a row of the same file and offset is replaced."""
        with self._lock, sqlite_errors(self.path):
            self._check_in_place()
            with self._transaction():
                self._insert(entries)
                self._connection.executemany(
                    "INSERT INTO files VALUES (?, ?) "
                    "ON CONFLICT (name) DO UPDATE SET bytes = max(bytes, excluded.bytes)",
                    [(at.file, at.offset + at.length) for at in (entry.location for entry in entries)],
                )

    def replace_file(self, file: str, entries: Iterable[IndexEntry], size: int | None = None) -> int:
        """Make the rows of one WARC file exactly these; return their number.

        `size` is the file's size in bytes, so that a later look finds it indexed whole.
        """
        with self._lock, sqlite_errors(self.path):
            self._check_in_place()
            with self._transaction():
                self._forget(file)
                count = self._insert(entries)
                if size is not None:
                    self._connection.execute("INSERT OR REPLACE INTO files VALUES (?, ?)", (file, size))
        return count

    def replace_all(self, files: Iterable[FileRows], gone: Sequence[str] | None = None) -> int:
        """Hold exactly these files' rows, or these instead of those of `gone`; return their number."""
        count = 0
        with self._lock, sqlite_errors(self.path):
            self._check_in_place()
            with self._transaction():
                if gone is None:
                    self._make_tables_anew()
                for name in gone or ():
                    self._forget(name)
                    self._connection.execute("DELETE FROM files WHERE name = ?", (name,))
                for name, entries, size in files:
                    count += self._insert(entries)
                    self._connection.execute("INSERT OR REPLACE INTO files VALUES (?, ?)", (name, size))
        return count

    def _make_tables_anew(self) -> None:
        """Drop all rows, and tables that damage or an unfinished version left in another form."""
        for table in ("records", "links", "files"):
            self._connection.execute(f"DROP TABLE IF EXISTS {table}")
        for statement in SCHEMA.split(";"):
            self._connection.execute(statement)

    def forget(self, file: str, offset: int = 0) -> None:
        """Forget the rows of one WARC file from an offset on."""
        with self._lock, sqlite_errors(self.path), self._transaction():
            self._forget(file, offset)

    def sizes(self) -> dict[str, int]:
        """Return, by file name, how many bytes of each WARC file are indexed."""
        with self._lock, sqlite_errors(self.path):
            return dict(self._connection.execute("SELECT name, bytes FROM files"))

    def get(self, record_id: str) -> IndexEntry | None:
        """Return the entry of a record id (the earliest, should a foreign file repeat it), or None."""
        return next(iter(self._select("WHERE record_id = ?", (record_id,), f"{_ORDER} LIMIT 1")), None)

    def find(self, target_uri: str, record_type: str | None) -> list[IndexEntry]:
        """Return the entries of a target URI by time."""
        kind = () if record_type is None else (record_type,)
        return self._select("WHERE target_uri = ?" + " AND type = ?" * len(kind), (target_uri, *kind), _ORDER)

    def last(self, target_uri: str, types: Sequence[str]) -> IndexEntry | None:
        """Return the newest entry of a target URI that is of one of these record types; one seek. Or None."""
        where = f"WHERE target_uri = ? AND type IN ({', '.join('?' * len(types))})"
        newest = "ORDER BY date DESC, file DESC, offset DESC LIMIT 1"
        return next(iter(self._select(where, (target_uri, *types), newest)), None)

    def closest(self, target_uri: str, moment: datetime) -> IndexEntry | None:
        """Return the capture of a URL (by its SURT key) that is nearest to a time; None if there is none.

        One seek to each side of the time. Of two as near, the earlier.
        """
        key, at = surt(target_uri), format_date(moment)
        where = "WHERE surt = ? AND date {} ?"
        before = self._select(where.format("<="), (key, at), "ORDER BY date DESC, file, offset LIMIT 1")
        after = self._select(where.format(">"), (key, at), f"{_ORDER} LIMIT 1")
        return min([*before, *after], key=lambda entry: abs(entry.date - moment), default=None)

    def with_payload(self, digest: str, limit: int) -> list[IndexEntry]:
        """Return the first entries, by time, that hold a payload of this very label (so no revisits)."""
        where = "WHERE payload_digest = ? AND type <> 'revisit'"
        return self._select(where, (digest,), f"{_ORDER} LIMIT {int(limit)}")

    def of_file(self, file: str) -> Iterator[IndexEntry]:
        """Yield the entries of one WARC file in the order of their places."""
        last = -1
        while page := self._select(
            "WHERE file = ? AND offset > ?", (file, last), f"ORDER BY offset LIMIT {_PAGE_ROWS}"
        ):
            yield from page
            last = page[-1].location.offset

    def concurrent_with(self, record_id: str) -> list[IndexEntry]:
        """Return the entries of records that name this one in WARC-Concurrent-To, by time."""
        where = "JOIN links USING (file, offset) WHERE links.target = ?"
        return self._select(where, (record_id,), _ORDER)

    def entries(self, record_type: str | None) -> Iterator[IndexEntry]:
        """Yield all entries by time, in pages, so that no lock is held between them."""
        last: tuple[str, str, int] = ("", "", -1)
        while True:
            where, values = "WHERE (date, file, offset) > (?, ?, ?)", last
            if record_type is None:
                page = self._select(where, values, f"{_ORDER} LIMIT {_PAGE_ROWS}")
            else:
                page = self._select(
                    f"{where} AND type = ?", (*values, record_type), f"{_ORDER} LIMIT {_PAGE_ROWS}"
                )
            yield from page
            if len(page) < _PAGE_ROWS:
                return
            tail = page[-1]
            last = (format_date(tail.date), tail.location.file, tail.location.offset)

    def _select(self, where: str, values: tuple[object, ...], rest: str) -> list[IndexEntry]:
        with self._lock, sqlite_errors(self.path):
            self._check_in_place()
            query = f"SELECT {COLUMNS} FROM records {where} {rest}"  # noqa: S608  # no outside text in it
            return [entry_from(row) for row in self._connection.execute(query, values)]

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise

    def _forget(self, file: str, offset: int = 0) -> None:
        place = (file, offset)
        self._connection.execute("DELETE FROM records WHERE file = ? AND offset >= ?", place)
        self._connection.execute("DELETE FROM links WHERE file = ? AND offset >= ?", place)
        self._connection.execute("UPDATE files SET bytes = min(bytes, ?) WHERE name = ?", (offset, file))
        self._connection.execute("DELETE FROM files WHERE name = ? AND bytes = 0", (file,))

    def _insert(self, entries: Iterable[IndexEntry]) -> int:
        count = 0
        for entry in entries:
            place = (entry.location.file, entry.location.offset)
            self._connection.execute(
                _INSERT,
                row_of(entry),
            )
            self._connection.executemany(
                "INSERT OR REPLACE INTO links VALUES (?, ?, ?)",
                [(*place, target) for target in entry.concurrent_to],
            )
            count += 1
        return count

    def _check_in_place(self) -> None:
        """Refuse to go on with an index whose file was removed or replaced under us."""
        if self._writable and _inode(self.path) != self._inode:
            raise StorageError(f"the index {self.path} was removed or replaced while in use; {CURE}")


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino

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
from typing import Any

from archive.digests import http_head, is_http
from archive.disk import explain
from archive.errors import LockedError, StorageError
from archive.fields import Fields, bare_uri, format_date, parse_date
from archive.record import Block, IndexEntry, Location

SCHEMA_VERSION = 1
APPLICATION_ID = 0x48525649  # "HRVI"
BUSY_TIMEOUT_S = 30.0
_PAGE_ROWS = 500
FileRows = tuple[str, Iterable[IndexEntry], int]

SCHEMA = """
CREATE TABLE files (name TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE records (
    file TEXT NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL,
    record_id TEXT NOT NULL, type TEXT NOT NULL, date TEXT NOT NULL, target_uri TEXT,
    content_type TEXT, status INTEGER, mime TEXT, block_digest TEXT, payload_digest TEXT,
    truncated TEXT, refers_to TEXT, concurrent_to TEXT NOT NULL,
    PRIMARY KEY (file, offset)
);
CREATE INDEX records_by_id ON records (record_id);
CREATE INDEX records_by_uri ON records (target_uri, date);
CREATE INDEX records_by_date ON records (date, file, offset);
CREATE INDEX records_by_type ON records (type, date, file, offset);
CREATE INDEX records_by_payload ON records (payload_digest) WHERE payload_digest IS NOT NULL;
CREATE TABLE links (
    file TEXT NOT NULL, offset INTEGER NOT NULL, target TEXT NOT NULL,
    PRIMARY KEY (target, file, offset)
) WITHOUT ROWID;
CREATE INDEX links_by_file ON links (file, offset);
"""
_COLUMNS = (
    "file, offset, length, record_id, type, date, target_uri, content_type, status, mime, "
    "block_digest, payload_digest, truncated, refers_to, concurrent_to"
)
_ORDER = "ORDER BY date, file, offset"
_PASSING = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_NOMEM")
_CURE = "run `harvester reindex`; the evidence itself is not in the index"


class RebuildableIndexError(StorageError):
    """The index is missing, damaged or of another form; the WARC files have all that was in it."""


def entry_of(fields: Fields, block: Block, location: Location) -> IndexEntry:
    """Return what the index keeps of a record, from the fields and block that are in the file."""

    def first(name: str) -> str | None:
        return next((value for key, value in fields if key.lower() == name), None)

    record_type = first("warc-type") or ""
    content_type = first("content-type")
    status, mime = None, _media_type(content_type)
    if record_type in {"response", "revisit"} and is_http(content_type, "response"):
        head = http_head(block)
        status = None if head is None else head.status
        mime = None if head is None else _media_type(head.get("Content-Type"))
    uri = first("warc-target-uri")
    return IndexEntry(
        record_id=first("warc-record-id") or "",
        type=record_type,
        date=parse_date(first("warc-date") or ""),
        target_uri=None if uri is None else bare_uri(uri),
        location=location,
        content_type=content_type,
        status=status,
        mime=mime,
        block_digest=first("warc-block-digest"),
        payload_digest=first("warc-payload-digest"),
        truncated=first("warc-truncated"),
        refers_to=first("warc-refers-to"),
        concurrent_to=tuple(value for key, value in fields if key.lower() == "warc-concurrent-to"),
    )


def _media_type(value: str | None) -> str | None:
    media = (value or "").partition(";")[0].strip().lower()
    return media or None


@contextlib.contextmanager
def _sqlite_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, ValueError, TypeError, AttributeError) as error:  # others: damaged values
        raise _as_storage_error(error, path) from error
    except OSError as error:
        raise StorageError(f"the index {path} cannot be used: {explain(error)}") from error


def _as_storage_error(error: Exception, path: Path) -> StorageError:
    name = getattr(error, "sqlite_errorname", None) or ""
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return LockedError(f"the index {path} is in use by another process; try again when it is done")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or not name.startswith(_PASSING):
        return RebuildableIndexError(f"the index {path} is damaged ({error}); {_CURE}")
    words = {
        "SQLITE_FULL": "the disk is full; make room and try again",
        "SQLITE_READONLY": "it is read-only; mend the permissions or choose another place",
        "SQLITE_CANTOPEN": "it cannot be opened; mend the permissions or " + _CURE,
        "SQLITE_IOERR": "the disk reported an input/output error; make room and check the disk",
    }
    for prefix, text in words.items():
        if name.startswith(prefix):
            return StorageError(f"the index {path} cannot be used: {text}")
    return StorageError(f"the index {path} cannot be used ({error}); {_CURE}")


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
            raise RebuildableIndexError(f"the index {path} is missing; {_CURE}")
        return cls._open_writable(path, fresh=False) if writable else cls._open_readable(path)

    @classmethod
    def _open_writable(cls, path: Path, *, fresh: bool) -> RecordIndex:
        with _sqlite_errors(path):
            connection = _connect(path, "rwc" if fresh else "rw")
            try:
                if fresh:
                    connection.execute("PRAGMA journal_mode = WAL")
                    connection.executescript(
                        f"BEGIN; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; "
                        f"PRAGMA application_id = {APPLICATION_ID}; COMMIT;"
                    )
                connection.execute("PRAGMA synchronous = FULL")
                _check_form(connection, path)
            except BaseException:
                connection.close()
                raise
        return cls(path, connection, writable=True)

    @classmethod
    def _open_readable(cls, path: Path) -> RecordIndex:
        """Open for reading, also where nothing may be written: a WAL database without its log is whole."""
        log = path.with_name(path.name + "-wal")
        with _sqlite_errors(path):
            try:
                connection = _checked(path, "ro")
            except sqlite3.OperationalError:
                if log.exists() and log.stat().st_size:
                    raise
                connection = _checked(path, "ro&immutable=1")
        return cls(path, connection, writable=False)

    def close(self) -> None:
        """Close the connection; the last one to close folds the log into the file."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()

    def add(self, entries: Sequence[IndexEntry]) -> None:
        """Add rows in one durable transaction; a row of the same file and offset is replaced."""
        with self._lock, _sqlite_errors(self.path):
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
        with self._lock, _sqlite_errors(self.path):
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
        with self._lock, _sqlite_errors(self.path):
            self._check_in_place()
            with self._transaction():
                for table in ("records", "links", "files") if gone is None else ():
                    self._connection.execute(f"DELETE FROM {table}")  # noqa: S608  # our own names
                for name in gone or ():
                    self._forget(name)
                    self._connection.execute("DELETE FROM files WHERE name = ?", (name,))
                for name, entries, size in files:
                    count += self._insert(entries)
                    self._connection.execute("INSERT OR REPLACE INTO files VALUES (?, ?)", (name, size))
        return count

    def forget(self, file: str, offset: int = 0) -> None:
        """Forget the rows of one WARC file from an offset on."""
        with self._lock, _sqlite_errors(self.path), self._transaction():
            self._forget(file, offset)

    def sizes(self) -> dict[str, int]:
        """Return, by file name, how many bytes of each WARC file are indexed."""
        with self._lock, _sqlite_errors(self.path):
            return dict(self._connection.execute("SELECT name, bytes FROM files"))

    def get(self, record_id: str) -> IndexEntry | None:
        """Return the entry of a record id (the earliest, should a foreign file repeat it), or None."""
        return next(iter(self._select("WHERE record_id = ?", (record_id,), f"{_ORDER} LIMIT 1")), None)

    def find(self, target_uri: str, record_type: str | None) -> list[IndexEntry]:
        """Return the entries of a target URI by time."""
        kind = () if record_type is None else (record_type,)
        return self._select("WHERE target_uri = ?" + " AND type = ?" * len(kind), (target_uri, *kind), _ORDER)

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
        with self._lock, _sqlite_errors(self.path):
            self._check_in_place()
            query = f"SELECT {_COLUMNS} FROM records {where} {rest}"  # noqa: S608  # no outside text in it
            return [_entry(row) for row in self._connection.execute(query, values)]

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
            marks = ", ".join("?" * 15)
            self._connection.execute(
                f"INSERT OR REPLACE INTO records ({_COLUMNS}) VALUES ({marks})",  # noqa: S608  # our own names
                _row(entry),
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
            raise StorageError(f"the index {self.path} was removed or replaced while in use; {_CURE}")


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    # The archive serialises its own threads; between processes SQLite waits.
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
    )


def _checked(path: Path, mode: str) -> sqlite3.Connection:
    connection = _connect(path, mode)
    try:
        _check_form(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_form(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    connection.execute("SELECT count(*) FROM files").fetchone()
    if (version, owner) != (SCHEMA_VERSION, APPLICATION_ID):
        raise RebuildableIndexError(f"the index {path} is of another version; {_CURE}")


def _row(entry: IndexEntry) -> tuple[object, ...]:
    place = entry.location
    return (
        place.file,
        place.offset,
        place.length,
        entry.record_id,
        entry.type,
        format_date(entry.date),
        entry.target_uri,
        entry.content_type,
        entry.status,
        entry.mime,
        entry.block_digest,
        entry.payload_digest,
        entry.truncated,
        entry.refers_to,
        "\n".join(entry.concurrent_to),
    )


def _entry(row: tuple[Any, ...]) -> IndexEntry:
    return IndexEntry(
        record_id=row[3],
        type=row[4],
        date=datetime.fromisoformat(row[5]),
        target_uri=row[6],
        location=Location(row[0], row[1], row[2]),
        content_type=row[7],
        status=row[8],
        mime=row[9],
        block_digest=row[10],
        payload_digest=row[11],
        truncated=row[12],
        refers_to=row[13],
        concurrent_to=tuple(row[14].split("\n")) if row[14] else (),
    )

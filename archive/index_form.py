"""The working index's form: its tables, its version, how it is opened, and what its errors mean.

No `sqlite3` exception leaves `sqlite_errors`.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from archive.disk import explain
from archive.errors import LockedError, StorageError
from archive.fields import format_date
from archive.record import IndexEntry, Location

SCHEMA_VERSION = 2
APPLICATION_ID = 0x48525649  # "HRVI"
BUSY_TIMEOUT_S = 30.0
SCHEMA = """
CREATE TABLE files (name TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE records (
    file TEXT NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL,
    record_id TEXT NOT NULL, type TEXT NOT NULL, date TEXT NOT NULL, target_uri TEXT,
    content_type TEXT, status INTEGER, mime TEXT, block_digest TEXT, payload_digest TEXT,
    truncated TEXT, refers_to TEXT, concurrent_to TEXT NOT NULL,
    cdx_mime TEXT, surt TEXT,
    PRIMARY KEY (file, offset)
);
CREATE INDEX records_by_id ON records (record_id);
CREATE INDEX records_by_uri ON records (target_uri, date);
CREATE INDEX records_by_date ON records (date, file, offset);
CREATE INDEX records_by_type ON records (type, date, file, offset);
CREATE INDEX records_by_payload ON records (payload_digest) WHERE payload_digest IS NOT NULL;
CREATE INDEX records_by_surt ON records (surt, date) WHERE surt IS NOT NULL;
CREATE TABLE links (
    file TEXT NOT NULL, offset INTEGER NOT NULL, target TEXT NOT NULL,
    PRIMARY KEY (target, file, offset)
) WITHOUT ROWID;
CREATE INDEX links_by_file ON links (file, offset);
"""
COLUMNS = (
    "file, offset, length, record_id, type, date, target_uri, content_type, status, mime, "
    "block_digest, payload_digest, truncated, refers_to, concurrent_to, cdx_mime, surt"
)
_PASSING = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_NOMEM")
CURE = "run `harvester reindex`; the evidence itself is not in the index"


class RebuildableIndexError(StorageError):
    """The index is missing, damaged or of another form; the WARC files have all that was in it."""


@contextlib.contextmanager
def sqlite_errors(path: Path) -> Iterator[None]:
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
        return RebuildableIndexError(f"the index {path} is damaged ({error}); {CURE}")
    words = {
        "SQLITE_FULL": "the disk is full; make room and try again",
        "SQLITE_READONLY": "it is read-only; mend the permissions or choose another place",
        "SQLITE_CANTOPEN": "it cannot be opened; mend the permissions or " + CURE,
        "SQLITE_IOERR": "the disk reported an input/output error; make room and check the disk",
    }
    for prefix, text in words.items():
        if name.startswith(prefix):
            return StorageError(f"the index {path} cannot be used: {text}")
    return StorageError(f"the index {path} cannot be used ({error}); {CURE}")


def connect(path: Path, mode: str) -> sqlite3.Connection:
    # The archive serialises its own threads; between processes SQLite waits.
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
    )


def checked(path: Path, mode: str) -> sqlite3.Connection:
    connection = connect(path, mode)
    try:
        check_form(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def check_form(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    connection.execute("SELECT count(*) FROM files").fetchone()
    if (version, owner) != (SCHEMA_VERSION, APPLICATION_ID):
        raise RebuildableIndexError(f"the index {path} is of another version; {CURE}")


def row_of(entry: IndexEntry) -> tuple[object, ...]:
    """Return a row's values, as `COLUMNS`."""
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
        entry.cdx_mime,
        entry.surt,
    )


def entry_from(row: tuple[Any, ...]) -> IndexEntry:
    """Return the entry that a row of `COLUMNS` holds."""
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
        cdx_mime=row[15],
        surt=row[16],
    )

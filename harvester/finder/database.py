"""The finder's file in an archive: its form, how it is opened, and what is done where it cannot be.

All of it is made from the library's documents. It is dropped and made again where it is damaged or of
another form; where nothing can be written it is kept in memory for the while.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from harvester.errors import StorageError
from harvester.finder import postings
from harvester.likeness import GUARANTEE, SHINGLE, folding_version

FILE: Final = "library/finder.sqlite"
TITLE_SHINGLE: Final = 4
TITLE_GUARANTEE: Final = 8
_LAYOUT: Final = 1
_SCHEMA: Final = (
    postings.TABLE
    + """
create table if not exists form (name text primary key) strict;
create table if not exists docs (
  number integer primary key, id text not null, text integer not null, title integer, day integer,
  carrier integer not null
) strict;
create index if not exists docs_by_title on docs (title) where title is not null;
create index if not exists docs_by_carrier on docs (carrier) where carrier <> number;
"""
)
_DROP: Final = "drop table if exists buckets; drop table if exists docs; drop table if exists form;"
_PAGE_BYTES: Final = 4096


def form() -> str:
    """Return the name of the form: tables, folding and lengths of shingles."""
    return f"{_LAYOUT}:{folding_version()}:{SHINGLE}:{GUARANTEE}:{TITLE_SHINGLE}:{TITLE_GUARANTEE}"


@contextlib.contextmanager
def worded(path: Path) -> Iterator[None]:
    """Give a database fault in words, with the cure."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise StorageError(
                f"the finder's index {path} is being written by another command; try again when it is done"
            ) from error
        raise StorageError(
            f"the finder's index {path} cannot be used: {error}; see that the disk has room, or run "
            "`harvester reindex`: it is made again from the documents"
        ) from error
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # the latter: SQLite quotes a damaged schema
        raise StorageError(
            f"the finder's index {path} is damaged ({error}); run `harvester reindex`: it is made again "
            "from the documents"
        ) from error


def opened(path: Path) -> sqlite3.Connection:
    """Open the finder's database for writing, new where there is none, one of another form or a damaged one.

    Where the place cannot be written, a copy in memory. Raises `StorageError` while it is locked for long.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _on_disk(path)
    except OSError:
        return _in_memory(path)
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            with worded(path):
                raise
        return _in_memory(path)
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        remove(path)
        with worded(path):
            return _on_disk(path)


def remove(path: Path) -> None:
    """Remove the file and its log; what is absent is passed over."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _on_disk(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rwc", uri=True, timeout=30, isolation_level=None
    )
    try:
        _prepare(database)
    except BaseException:
        database.close()
        raise
    return database


def _in_memory(path: Path) -> sqlite3.Connection:
    memory = sqlite3.connect(":memory:", isolation_level=None)
    with contextlib.suppress(sqlite3.Error, UnicodeDecodeError):
        there = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        with contextlib.closing(there):
            there.backup(memory)
    try:
        _prepare(memory)
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        memory.close()
        memory = sqlite3.connect(":memory:", isolation_level=None)
        _prepare(memory)
    return memory


def _prepare(database: sqlite3.Connection) -> None:
    database.execute(f"pragma page_size={_PAGE_BYTES}")
    database.execute("pragma journal_mode=wal")
    database.execute("pragma synchronous=normal")  # all of it can be made again
    database.execute("pragma secure_delete=fast")
    if not _is_ours(database):
        _lay_out(database)


def _lay_out(database: sqlite3.Connection) -> None:
    # One transaction, asked again inside: another process may be doing the same.
    database.execute("begin immediate")
    try:
        if not _is_ours(database):
            for statement in (_DROP + _SCHEMA).split(";"):
                database.execute(statement)
            database.execute("insert into form values (?)", [form()])
    except BaseException:
        database.execute("rollback")
        raise
    database.execute("commit")


def _is_ours(database: sqlite3.Connection) -> bool:
    (tables,) = database.execute("select count(*) from sqlite_schema where name = 'form'").fetchone()
    return bool(tables) and database.execute("select name from form").fetchall() == [(form(),)]

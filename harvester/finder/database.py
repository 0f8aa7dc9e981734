"""The finder's file in an archive: its form, how it is opened, and what is done where it cannot be.

All of it is made from the library's documents. It is dropped and made again where it is damaged or of
another form; where nothing can be written it is kept in memory for the while.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Final

from harvester.finder import postings
from harvester.likeness import GUARANTEE, SHINGLE, folding_version
from harvester.sqlite import DamageError, Words, connect, remove, transaction, worded

FILE: Final = "library/finder.sqlite"
TAKERS_FILE: Final = "library/takers.sqlite"
"""The same of articles that may be taken from an original (harvester.finder.takers)."""
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
_CURE: Final = "run `harvester reindex`: it is made again from the documents"
WORDS: Final = Words("the finder's index", damaged=_CURE, unusable=f"see that the disk has room, or {_CURE}")


def form() -> str:
    """Return the name of the form: tables, folding and lengths of shingles."""
    return f"{_LAYOUT}:{folding_version()}:{SHINGLE}:{GUARANTEE}:{TITLE_SHINGLE}:{TITLE_GUARANTEE}"


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
            with worded(path, WORDS):
                raise
        return _in_memory(path)
    except DamageError:
        remove(path)
        with worded(path, WORDS):
            return _on_disk(path)


def _on_disk(path: Path) -> sqlite3.Connection:
    database = connect(path)
    try:
        _prepare(database)
    except BaseException:
        database.close()
        raise
    return database


def _in_memory(path: Path) -> sqlite3.Connection:
    memory = sqlite3.connect(":memory:", isolation_level=None)
    with (
        contextlib.suppress(sqlite3.Error, UnicodeDecodeError),
        contextlib.closing(connect(path, "ro&immutable=1")) as there,
    ):
        there.backup(memory)
    try:
        _prepare(memory)
    except DamageError:
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
    with transaction(database):
        if not _is_ours(database):
            for statement in (_DROP + _SCHEMA).split(";"):
                database.execute(statement)
            database.execute("insert into form values (?)", [form()])


def _is_ours(database: sqlite3.Connection) -> bool:
    (tables,) = database.execute("select count(*) from sqlite_schema where name = 'form'").fetchone()
    return bool(tables) and database.execute("select name from form").fetchall() == [(form(),)]

"""Our SQLite files: how one is opened, changed in one step, and what its errors mean, with the cure."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final, Self

from harvester.errors import LockedError, StorageError

BUSY_S: Final = 30.0
"""How long a command waits for another that is writing."""
_SUFFIXES: Final = ("", "-wal", "-shm")
DamageError = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What a damaged file raises; the latter because SQLite quotes its schema."""


@dataclass(frozen=True, slots=True)
class Words:
    """How a file is spoken of: `name` (with its article), and what to do where it is damaged or unusable."""

    name: str
    damaged: str
    unusable: str = "see that the disk has room and is writable"


@contextlib.contextmanager
def worded(path: Path, words: Words) -> Iterator[None]:
    """Give a database fault in words, with the cure. Raises `LockedError`, `StorageError`."""
    try:
        yield
    except DamageError as error:
        raise explained(path, words, error) from error


def explained(path: Path, words: Words, error: Exception) -> StorageError:
    """Return the error that tells a person what a database fault means."""
    passing = isinstance(error, sqlite3.OperationalError) and "no such" not in str(error)
    if passing and "locked" in str(error):
        return LockedError(f"{words.name} {path} is held by another command; try again when it is done")
    if passing:
        return StorageError(f"{words.name} {path} cannot be used: {error}; {words.unusable}")
    return StorageError(f"{words.name} {path} is damaged ({error}); {words.damaged}")


def connect(path: Path, mode: str = "rwc") -> sqlite3.Connection:
    """Open a file: `ro`, `rw`, `rwc` (made where it is missing); transactions are begun by hand."""
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_S, isolation_level=None)


@contextlib.contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Make all that is written inside one step, or nothing."""
    database.execute("begin immediate")
    try:
        yield
    except BaseException:
        database.execute("rollback")
        raise
    database.execute("commit")


def put_row(database: sqlite3.Connection, table: str, values: Mapping[str, Any]) -> None:
    """Insert or replace one row, its values by column; `table` and the columns' names are ours."""
    database.execute(_put(table, values), values)


def put_rows(database: sqlite3.Connection, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert or replace rows, all of the same columns; as `put_row`."""
    them = iter(rows)
    first = next(them, None)
    if first is not None:
        database.executemany(_put(table, first), chain([first], them))


def _put(table: str, values: Mapping[str, Any]) -> str:
    marks = ", ".join(f":{name}" for name in values)
    return f"insert or replace into {table} ({', '.join(values)}) values ({marks})"  # noqa: S608 - ours


def remove(path: Path) -> None:
    """Remove a file and its log; what is absent is passed over."""
    for suffix in _SUFFIXES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def set_aside(path: Path) -> None:
    """Rename a damaged file and its log to `NAME.damaged…`, over an older one; pass over what is absent."""
    for suffix in _SUFFIXES:
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).replace(path.with_name(f"{path.name}.damaged{suffix}"))


class LosableFile:
    """A file of what may be lost, opened: a crash leaves it whole, a power failure as it was a while before.

    A damaged file, or one of another form, is set aside and begun afresh, which `began_afresh` tells. With
    `or_memory` it is kept in memory for the while where it cannot be written. What is called raises as
    `worded`.
    """

    def __init__(
        self, path: Path, words: Words, schema: str, version: int, *, or_memory: bool = False
    ) -> None:
        self.path = path
        self.began_afresh = False
        self._words = words
        try:
            with worded(path, words):
                self._db = self._opened(schema, version)
        except LockedError:
            raise
        except StorageError:
            if not or_memory:
                raise
            self._db = _of_form(None, schema, version)

    def _opened(self, schema: str, version: int) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return _of_form(self.path, schema, version)
        except sqlite3.OperationalError:
            raise
        except OSError as error:
            raise StorageError(f"cannot make {self.path.parent}: {error.strerror}") from error
        except DamageError:
            set_aside(self.path)
            self.began_afresh = True
            return _of_form(self.path, schema, version)

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Make all that is written inside one step, or nothing."""
        with worded(self.path, self._words), transaction(self._db):
            yield

    def _run(self, statement: str, values: Any = ()) -> list[sqlite3.Row]:
        with worded(self.path, self._words):
            return self._db.execute(statement, values).fetchall()


def _of_form(path: Path | None, schema: str, version: int) -> sqlite3.Connection:
    """Open a file of this form, new where there is none; None: in memory."""
    connection = connect(path) if path else sqlite3.connect(":memory:", isolation_level=None)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("pragma journal_mode=wal")
        connection.execute("pragma synchronous=normal")
        (form,) = connection.execute("pragma user_version").fetchone()
        if form == 0:
            connection.executescript(f"begin; {schema} pragma user_version={version}; commit;")
        elif form != version:
            raise sqlite3.DatabaseError(f"its form is {form}")  # noqa: TRY301 - as damage is
    except BaseException:
        connection.close()
        raise
    return connection

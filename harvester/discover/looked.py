"""Which captures were looked at for leads, so that none is parsed twice: operational and losable."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path
from typing import Final, Self

from harvester.errors import StorageError
from harvester.library import PageRow
from harvester.sqlite import DamageError, Words, connect, explained, set_aside, worded
from harvester.watch.queue import queue_path

_WORDS: Final = Words("the list of what was looked at", damaged="it may be deleted: articles are read again")


class Looked:
    """The marks of one archive, in the state directory. Raises `StorageError`, `LockedError`."""

    def __init__(self, state: Path, archive: Path) -> None:
        self._path = queue_path(state, archive).with_suffix(".looked")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._db = self._opened()
        except OSError as error:
            raise StorageError(f"cannot make {self._path.parent}: {error.strerror}") from error
        except sqlite3.OperationalError as error:
            raise explained(self._path, _WORDS, error) from error
        except DamageError:
            set_aside(self._path)
            self._db = self._opened()

    def _opened(self) -> sqlite3.Connection:
        database = connect(self._path)
        try:
            database.execute("pragma journal_mode=wal")
            database.execute("pragma synchronous=normal")  # losable: whole after a crash is enough
            database.execute("create table if not exists looked (mark blob primary key) without rowid")
        except BaseException:
            database.close()
            raise
        return database

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def has(self, row: PageRow, rules: str) -> bool:
        """Tell whether an equal capture of the same article was looked at by these rules."""
        with worded(self._path, _WORDS):
            query = "select 1 from looked where mark = ?"
            return self._db.execute(query, [_mark(row, rules)]).fetchone() is not None

    def add(self, row: PageRow, rules: str) -> None:
        """Mark a capture as looked at."""
        with worded(self._path, _WORDS):
            self._db.execute("insert or ignore into looked values (?)", [_mark(row, rules)])


def _mark(row: PageRow, rules: str) -> bytes:
    """Name what was looked at: an article with an equal core, in one month.

    Links and albums are no part of the core, so an article that stays the same is looked at again each month.
    """
    parts = (row.identity_key or row.id, row.core or row.text_sha256 or "", row.fetch_date[:7], rules)
    return hashlib.sha256("|".join(parts).encode()).digest()[:16]

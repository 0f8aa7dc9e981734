"""Which captures were looked at for leads, so that none is parsed twice: operational and losable."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path
from typing import Self

from harvester.errors import StorageError
from harvester.library import PageRow
from harvester.watch.queue import queue_path


class Looked:
    """The marks of one archive, in the state directory. Raises `StorageError`."""

    def __init__(self, state: Path, archive: Path) -> None:
        self._path = queue_path(state, archive).with_suffix(".looked")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._db = self._opened()
        except (sqlite3.Error, OSError) as error:
            raise self._worded(error) from error

    def _opened(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        try:
            db.execute("create table if not exists looked (mark blob primary key) without rowid")
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:  # damaged: to look again does no harm
            db.close()
            self._path.unlink(missing_ok=True)
            return self._opened()
        return db

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def has(self, row: PageRow, rules: str) -> bool:
        """Tell whether an equal capture of the same article was looked at by these rules."""
        try:
            found = self._db.execute("select 1 from looked where mark = ?", [_mark(row, rules)]).fetchone()
        except sqlite3.Error as error:
            raise self._worded(error) from error
        return found is not None

    def add(self, row: PageRow, rules: str) -> None:
        """Mark a capture as looked at."""
        try:
            self._db.execute("insert or ignore into looked values (?)", [_mark(row, rules)])
        except sqlite3.Error as error:
            raise self._worded(error) from error

    def _worded(self, error: Exception) -> StorageError:
        return StorageError(
            f"{self._path} cannot be used: {error}; see that the disk has room; it may be deleted"
        )


def _mark(row: PageRow, rules: str) -> bytes:
    """Name what was looked at: an article with an equal core, in one month.

    Links and albums are no part of the core, so an article that stays the same is looked at again each month.
    """
    parts = (row.identity_key or row.id, row.core or row.text_sha256 or "", row.fetch_date[:7], rules)
    return hashlib.sha256("|".join(parts).encode()).digest()[:16]

"""Which captures were looked at, for leads or to be verified, so that none is twice: operational, losable."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from harvester.library import PageRow
from harvester.sqlite import LosableFile, Words
from harvester.watch.queue import queue_path

_WORDS: Final = Words("the list of what was looked at", damaged="it may be deleted: articles are read again")
_VERSION: Final = 1
_SCHEMA: Final = "create table looked (mark blob primary key) without rowid, strict;"


class Looked(LosableFile):
    """The marks of one archive, in the state directory. Raises `StorageError`, `LockedError`."""

    def __init__(self, state: Path, archive: Path) -> None:
        super().__init__(queue_path(state, archive).with_suffix(".looked"), _WORDS, _SCHEMA, _VERSION)

    def has(self, row: PageRow, rules: str, *, monthly: bool = True) -> bool:
        """Tell whether an equal capture of the same article was looked at by these rules (that month)."""
        return bool(self._run("select 1 from looked where mark = ?", [_mark(row, rules, monthly=monthly)]))

    def add(self, row: PageRow, rules: str, *, monthly: bool = True) -> None:
        """Mark a capture as looked at."""
        self._run("insert or ignore into looked values (?)", [_mark(row, rules, monthly=monthly)])


def _mark(row: PageRow, rules: str, *, monthly: bool) -> bytes:
    """Name what was looked at: an article with an equal core, in one month if `monthly`.

    Links and albums are no part of the core, so an article that stays the same is looked at again each month.
    """
    parts = (
        row.identity_key or row.id,
        row.core or row.text_sha256 or "",
        row.fetch_date[:7] if monthly else "",
        rules,
    )
    return hashlib.sha256("|".join(parts).encode()).digest()[:16]

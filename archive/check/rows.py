"""What an archive's index says of one WARC file against the file: its rows, and the CDXJ that they give."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from archive.check.findings import Tell
from archive.check.scan import Scanned
from archive.disk import explain
from archive.entries import entry_of
from archive.errors import StorageError, WarcError
from archive.index import RecordIndex
from archive.listings import differs, listing
from archive.reader import read_at
from archive.record import Block, IndexEntry

CODES: Final = frozenset({"E063", "E064", "E065", "E067"})
"""What only a comparison with the index tells."""


class Rows:
    """The rows of a file's records, met one by one in the order of the file.

    `failure` is why the index could not be read on; nothing is compared from then on.
    """

    def __init__(self, rows: Iterator[IndexEntry], tell: Tell) -> None:
        self.failure: StorageError | None = None
        self.differed = False
        self._rows = rows
        self._tell = tell
        self._next: IndexEntry | None = None
        self._advance()

    def _advance(self) -> None:
        try:
            self._next = next(self._rows, None)
        except StorageError as error:
            self.failure, self._next = error, None

    def meet(self, record: Scanned) -> None:
        """Compare a record with its row; rows before it stand for nothing."""
        at = record.location.offset
        while self._next is not None and self._next.location.offset < at:
            self._stray(self._next)
        if self._next is None or self._next.location.offset != at:
            if record.whole and self.failure is None:
                self.differed = True
                self._tell("E064", "no row", offset=at, record_id=record.record_id)
            return
        row = self._next
        self._advance()
        if record.whole and row != entry_of(record.fields, Block.of(record.head), record.location):
            self.differed = True
            self._tell("E065", "the row differs", offset=at, record_id=record.record_id)

    def finish(self) -> None:
        """Tell the rows that are left."""
        while self._next is not None:
            self._stray(self._next)

    def _stray(self, row: IndexEntry) -> None:
        self.differed = True
        self._tell(
            "E063", "the index expects a record here", offset=row.location.offset, record_id=row.record_id
        )
        self._advance()


def check_listing(listed: Path, index: RecordIndex, path: Path, name: str, tell: Tell) -> None:
    """Compare a file's CDXJ, where there is one, with what rows that are right give."""
    if not listed.exists():
        return
    try:
        with listing(index, name, partial(read_at, path)) as lines:
            if differs(listed, lines):
                tell("E067", "made anew, it is another")
    except OSError as error:
        tell("E099", explain(error))
    except (StorageError, WarcError):
        return  # told of the file or the index itself

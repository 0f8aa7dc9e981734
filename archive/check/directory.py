"""An archive directory for checking: sidecars, what a crash left, and the index against the WARC files.

Nothing is changed. A file that another process is writing is left alone, and so is what its writer has
not yet closed.
"""

from __future__ import annotations

import fcntl
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from archive.check.database import database_fault
from archive.check.files import FileCheck
from archive.check.findings import Report, Tell
from archive.check.scan import Scanned
from archive.disk import TEMPORARY_PREFIX, explain
from archive.entries import entry_of
from archive.errors import StorageError, WarcError
from archive.index import RecordIndex
from archive.index_form import SCHEMA
from archive.journal import journal_path, read_journal
from archive.layout import OPEN_SUFFIX, SIDECAR_SUFFIX, TORN_SUFFIX, Layout, check_marker
from archive.listings import differs, listing
from archive.reader import read_at
from archive.record import Block, IndexEntry
from archive.storage.places import is_remote, sha256_of
from archive.words import counted

if TYPE_CHECKING:
    from archive.storage.places import Place

_SIDECAR = re.compile(rb"([0-9a-f]{64})  ([^\r\n/]{1,255})\n")
_MAX_SIDECAR_BYTES: Final = 1024


def check_sidecar(path: Place, tell: Tell, *, required: bool) -> None:
    """Compare a file with the digest beside it; with `required`, tell that there is none."""
    sidecar = path.parent / (path.name + SIDECAR_SUFFIX)
    try:
        with sidecar.open("rb") as file:
            said = file.read(_MAX_SIDECAR_BYTES)
    except FileNotFoundError:
        if required:
            tell("W060", f"there is no {sidecar.name}")
        return
    except PermissionError as error:
        if required or not is_remote(path):  # a store that may not be listed says so of what is not there
            tell("E099", f"{sidecar.name}: {explain(error)}")
        return
    except OSError as error:
        tell("E099", f"{sidecar.name}: {explain(error)}")
        return
    found = _SIDECAR.fullmatch(said)
    if found is None or found.group(2) != path.name.encode():
        tell("E061", f"{sidecar.name} holds {said[:100]!r}")
        return
    try:
        actual = sha256_of(path)
    except OSError as error:
        tell("E099", explain(error))
        return
    stated = found.group(1).decode()
    if actual != stated:
        tell("E060", f"sha256 {stated} is listed, {actual} is there")


class DirectoryCheck:
    """Checks one archive directory into the report of `files`. Raises StorageError for no archive of ours."""

    def __init__(self, root: Path, report: Report, files: FileCheck) -> None:
        self._layout = Layout(root)
        check_marker(self._layout)
        self._report = report
        self._files = files
        self._index: RecordIndex | None = None
        self._unfinished = False

    def run(self) -> None:
        """Check the whole directory."""
        self._unfinished = read_journal(self._layout.root) is not None
        if self._unfinished:  # the rows may be those of the new files while the old ones still count
            self._report.teller(str(journal_path(self._layout.root)))("W065", "the index is not compared")
        self._index = None if self._unfinished else self._open_index()
        try:
            self._warcs()
        finally:
            if self._index is not None:
                self._index.close()
        self._leftovers()

    @property
    def index_serves(self) -> bool:
        """Whether the index could be used."""
        return self._index is not None

    def _open_index(self) -> RecordIndex | None:
        try:
            index = RecordIndex.open(self._layout.index, writable=False)
            index.sizes()
            fault = database_fault(self._layout.index, SCHEMA)
        except StorageError as error:
            self._report.teller(str(self._layout.index))("E066", str(error))
            return None
        if fault is not None:
            index.close()
            self._report.teller(str(self._layout.index))("E066", f"it does not hold together: {fault}")
            return None
        return index

    def _warcs(self) -> None:
        seen = set()
        for path in self._layout.closed_warcs():
            seen.add(path.name)
            check_sidecar(path, self._report.teller(str(path)), required=True)
            self._warc(path, path.name)
        for path in self._layout.open_warcs():
            name = path.name.removesuffix(OPEN_SUFFIX)
            seen.add(name)
            tell = self._report.teller(str(path))
            if is_locked(path):
                tell("I062", "its writer holds its lock")
                continue
            tell("W062", "no process holds its lock")
            self._warc(path, name)
        if not self._unfinished:
            self._missing(seen)

    def _warc(self, path: Path, name: str) -> None:
        """Walk a file beside its rows in the index."""
        if self._index is None:
            self._files.path(path, name=name)
            return
        rows = _Rows(self._index.of_file(name), self._report.teller(str(path)))
        if self._files.path(path, name=name, each=rows.meet):
            rows.finish()
        if rows.failure is not None:
            self._index_failed(rows.failure)
        elif not rows.differed:
            self._listing(path, name)

    def _listing(self, path: Path, name: str) -> None:
        """Compare a file's CDXJ, where there is one, with what rows that are right give."""
        listed = self._layout.listing(name)
        if self._index is None or not listed.exists():
            return
        tell = self._report.teller(str(listed))
        try:
            with listing(self._index, name, partial(read_at, path)) as lines:
                if differs(listed, lines):
                    tell("E067", "made anew, it is another")
        except OSError as error:
            tell("E099", explain(error))
        except (StorageError, WarcError):
            return  # told of the file or the index itself

    def _index_failed(self, error: StorageError) -> None:
        self._report.teller(str(self._layout.index))("E066", str(error))
        if self._index is not None:
            self._index.close()
        self._index = None

    def _missing(self, seen: set[str]) -> None:
        known: set[str] = set()
        if self._index is not None:
            try:
                known.update(self._index.sizes())
            except StorageError as error:
                self._index_failed(error)
        sidecars = self._layout.warc.glob(f"*{SIDECAR_SUFFIX}")
        known.update(path.name.removesuffix(SIDECAR_SUFFIX) for path in sidecars)
        for name in sorted(known - seen):
            self._report.teller(str(self._layout.warc / name))("E062", "the index or a sidecar names it")

    def _leftovers(self) -> None:
        for path in sorted(self._layout.warc.iterdir()):
            tell = self._report.teller(str(path))
            if TORN_SUFFIX in path.name:
                tell("W063", counted(path.stat().st_size, "byte"))
            elif path.name.startswith(TEMPORARY_PREFIX):
                tell("I064", counted(path.stat().st_size, "byte"))


class _Rows:
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


def is_locked(path: Place) -> bool:
    """Tell whether another has the file locked, as a writer has its own; at a URL there are no locks."""
    if is_remote(path):
        return False
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False

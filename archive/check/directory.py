"""An archive directory for checking: sidecars, what a crash left, and the index against the WARC files.

Nothing is changed. A file that another process is writing is left alone, and so is what its writer has
not yet closed.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from archive.check.database import database_fault
from archive.check.findings import Report
from archive.check.walks import Task, Walks
from archive.disk import TEMPORARY_PREFIX
from archive.errors import StorageError
from archive.index import RecordIndex
from archive.index_form import SCHEMA
from archive.journal import journal_path, read_journal
from archive.layout import OPEN_SUFFIX, SIDECAR_SUFFIX, TORN_SUFFIX, Layout, check_marker
from archive.storage.places import is_remote
from archive.words import counted

if TYPE_CHECKING:
    from archive.storage.places import Place


class DirectoryCheck:
    """Checks one archive directory: its files are planned at once, and told of when `finish` is called.

    Raises StorageError for no archive of ours.
    """

    def __init__(self, root: Path, report: Report, walks: Walks) -> None:
        self._layout = Layout(root)
        check_marker(self._layout)
        self._report = report
        self._walks = walks
        self._index: RecordIndex | None = None
        self._unfinished = read_journal(root) is not None
        # Where files are being replaced, the rows may be those of the new while the old ones still count.
        self._fault = None if self._unfinished else self._index_fault()
        self._tasks = list(self._planned(serves=not self._unfinished and self._fault is None))

    def finish(self) -> None:
        """Tell of the whole directory."""
        if self._unfinished:
            self._report.teller(str(journal_path(self._layout.root)))("W065", "the index is not compared")
        elif self._fault is not None:
            self._report.teller(str(self._layout.index))("E066", self._fault)
        else:
            self._open_index()
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

    def _planned(self, *, serves: bool) -> Iterator[tuple[Path, Task | None]]:
        """Yield the WARC files in the order in which they are told of; those in writing without a task."""
        root = self._layout.root if serves else None
        for path in self._layout.closed_warcs():
            yield path, self._walks.task(path, sidecar=True, archive=root)
        for path in self._layout.open_warcs():
            name = path.name.removesuffix(OPEN_SUFFIX)
            yield path, None if is_locked(path) else self._walks.task(path, name=name, archive=root)

    def _index_fault(self) -> str | None:
        try:
            with contextlib.closing(RecordIndex.open(self._layout.index, writable=False)) as index:
                index.sizes()
                fault = database_fault(self._layout.index, SCHEMA)
        except StorageError as error:
            return str(error)
        return None if fault is None else f"it does not hold together: {fault}"

    def _open_index(self) -> None:
        try:
            self._index = RecordIndex.open(self._layout.index, writable=False)
        except StorageError as error:
            self._index_failed(str(error))

    def _warcs(self) -> None:
        seen = set()
        for path, task in self._tasks:
            seen.add(path.name.removesuffix(OPEN_SUFFIX))
            tell = self._report.teller(str(path))
            if task is None:
                tell("I062", "its writer holds its lock")
                continue
            if path.name.endswith(OPEN_SUFFIX):
                tell("W062", "no process holds its lock")
            failure = self._walks.check(task, self._index)
            if failure is not None:
                self._index_failed(failure)
        if not self._unfinished:
            self._missing(seen)

    def _index_failed(self, why: str) -> None:
        self._report.teller(str(self._layout.index))("E066", why)
        if self._index is not None:
            self._index.close()
        self._index = None

    def _missing(self, seen: set[str]) -> None:
        known: set[str] = set()
        if self._index is not None:
            try:
                known.update(self._index.sizes())
            except StorageError as error:
                self._index_failed(str(error))
        sidecars = self._layout.warc.glob(f"*{SIDECAR_SUFFIX}")
        known.update(path.name.removesuffix(SIDECAR_SUFFIX) for path in sidecars)
        for name in sorted(known - seen):
            path = self._layout.warc / name
            if not path.exists() and not path.with_name(name + OPEN_SUFFIX).exists():  # not begun since
                self._report.teller(str(path))("E062", "the index or a sidecar names it")

    def _leftovers(self) -> None:
        for path in sorted(self._layout.warc.iterdir()):
            tell = self._report.teller(str(path))
            if TORN_SUFFIX in path.name:
                tell("W063", counted(path.stat().st_size, "byte"))
            elif path.name.startswith(TEMPORARY_PREFIX):
                tell("I064", counted(path.stat().st_size, "byte"))


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

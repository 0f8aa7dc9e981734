"""Closed WARC files replaced by others: crash-safe, with their sidecars and their rows in the index.

The new files are written elsewhere in the archive and durable before anything changes. Then: the journal;
the new files into `warc/`, each with its sidecar; one index transaction; the old files away; the journal
away. A crash leaves the old form, or both with the journal that says which counts; the next opening for
writing goes on from there. Every step can be repeated.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from archive.digests import sha256_of_file
from archive.disk import Disk, storage_errors
from archive.entries import entry_of
from archive.errors import LockedError, StorageError, UsageError, WarcError
from archive.growing import write_sidecar
from archive.index import RecordIndex
from archive.journal import FileState, Journal, journal_path, read_journal, write_journal
from archive.layout import SIDECAR_SUFFIX, Layout
from archive.locks import FileLock, locked
from archive.reader import read_warc
from archive.record import Block, IndexEntry
from archive.words import counted


class Rewriting:
    """The right to replace closed files of one archive (`Archive.rewriting`)."""

    def __init__(self, layout: Layout, index: RecordIndex, disk: Disk) -> None:
        self.layout = layout
        self.index = index
        self.disk = disk

    def replace(self, old: Sequence[FileState], new: Sequence[FileState], staging: Path) -> None:
        """Put the durable files `new` of the folder `staging` in the place of the closed files `old`.

        The caller has proven them. Raises UsageError for a name that is taken, StorageError, and WarcError if
        a new file does not read back whole; the archive then goes on with the old ones.
        """
        for state in old:
            if not (self.layout.warc / state.name).is_file():
                raise UsageError(f"{state.name} is no closed file of {self.layout.warc}")
        for state in new:
            if (self.layout.warc / state.name).exists():
                raise UsageError(f"{state.name} exists already in {self.layout.warc}; move it away")
        journal = Journal(tuple(old), tuple(new), staging.name)
        with locked(self.layout.lock, self.disk, shared=False):
            with storage_errors("cannot write", journal_path(self.layout.root)):
                write_journal(self.layout.root, journal, self.disk)
            try:
                _forward(self.layout, self.index, self.disk, journal)
            except WarcError:  # of a new file, before any old one went
                _back(self.layout, self.index, self.disk, journal)
                raise

    def state(self, path: Path, records: int) -> FileState:
        """Return a file as it lies there. Raises StorageError."""
        with storage_errors("cannot read", path):
            return FileState(path.name, path.stat().st_size, sha256_of_file(path), records)


@contextlib.contextmanager
def rewriting(layout: Layout, index: RecordIndex, disk: Disk) -> Iterator[Rewriting]:
    """Hold the right to replace files. Raises LockedError if another process has it."""
    lock = FileLock(layout.rewriting, disk)
    try:
        if not lock.take(shared=False, wait=False):
            raise LockedError(
                f"another process is rewriting files of {layout.root}, or copying them into another archive: "
                "let it finish, then try again"
            )
        yield Rewriting(layout, index, disk)
    finally:
        lock.release()


def finish_interrupted(layout: Layout, index: RecordIndex, disk: Disk) -> None:
    """Finish a rewrite that was begun, or take it back. The caller holds the archive's lock alone.

    Raises StorageError, also when neither the old form nor the new one is whole.
    """
    journal = read_journal(layout.root)
    if journal is None:
        return
    if all(_is_whole(layout, journal.staging, state) for state in journal.new):
        with contextlib.suppress(WarcError):
            _forward(layout, index, disk, journal)
            return
    missing = [state.name for state in journal.old if not (layout.warc / state.name).is_file()]
    if missing:
        raise StorageError(
            f"a rewrite of {layout.root} was interrupted, and neither {missing[0]} nor what replaces it is "
            f"whole: restore {', '.join(state.name for state in journal.new)} or the old files from a copy"
        )
    _back(layout, index, disk, journal)


def _forward(layout: Layout, index: RecordIndex, disk: Disk, journal: Journal) -> None:
    staging = layout.root / journal.staging
    with storage_errors("cannot replace files of", layout.warc):
        for state in journal.new:
            target = layout.warc / state.name
            if not target.exists():
                disk.rename(staging / state.name, target)
        disk.fsync_dir(layout.warc)
        disk.fsync_dir(staging)
        for state in journal.new:
            write_sidecar(disk, layout.warc / state.name, state.sha256)
        walks = [_NewFile(layout.warc / state.name, state) for state in journal.new]
        index.replace_all(
            ((walk.state.name, iter(walk), walk.state.bytes) for walk in walks),
            gone=[state.name for state in (*journal.old, *journal.new)],
        )
        _remove(layout, disk, [state.name for state in journal.old])
        _end(layout, disk)


def _back(layout: Layout, index: RecordIndex, disk: Disk, journal: Journal) -> None:
    with storage_errors("cannot restore files of", layout.warc):
        walks = [_NewFile(layout.warc / state.name, state) for state in journal.old]
        index.replace_all(
            ((walk.state.name, iter(walk), walk.state.bytes) for walk in walks),
            gone=[state.name for state in (*journal.old, *journal.new)],
        )
        _remove(layout, disk, [state.name for state in journal.new])
        _end(layout, disk)


class _NewFile:
    """A file's rows, for the index; the transaction fails if the file is not whole."""

    def __init__(self, path: Path, state: FileState) -> None:
        self.state = state
        self._path = path

    def __iter__(self) -> Iterator[IndexEntry]:
        count = 0
        for record in read_warc(self._path):
            count += 1
            yield entry_of(record.fields, Block.of(record.block), record.location)
        if count != self.state.records:
            raise WarcError(
                f"{self._path}: {counted(count, 'record')} where {self.state.records} are expected",
                path=str(self._path),
            )


def _remove(layout: Layout, disk: Disk, names: Sequence[str]) -> None:
    """Remove files, their sidecars and their listings: these hold what a purge takes out. Raises OSError."""
    gone = [layout.warc / name for name in names]
    beside = [path.with_name(path.name + SIDECAR_SUFFIX) for path in gone]
    for path in (*gone, *beside, *(layout.listing(name) for name in names)):
        if path.exists():
            disk.unlink(path)
    disk.fsync_dir(layout.warc)
    disk.fsync_dir(layout.index.parent)


def _end(layout: Layout, disk: Disk) -> None:
    disk.unlink(journal_path(layout.root))
    disk.fsync_dir(layout.root)


def _is_whole(layout: Layout, staging: str, state: FileState) -> bool:
    for path in (layout.warc / state.name, layout.root / staging / state.name):
        try:
            if path.stat().st_size == state.bytes and sha256_of_file(path) == state.sha256:
                return True
        except FileNotFoundError:
            continue
        except OSError as error:
            raise StorageError(f"cannot read {path}: {error.strerror or error}") from error
    return False

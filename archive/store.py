"""The façade of an archive directory: evidence appended durably, found by the index, read strictly."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from archive import layout as layouts
from archive.disk import SYSTEM_DISK, Disk, explain, storage_errors, write_file
from archive.errors import StorageError, UsageError
from archive.index import RebuildableIndexError, RecordIndex, entry_of
from archive.layout import Layout
from archive.reader import read_at
from archive.record import IndexEntry, Location, Record, StoredRecord
from archive.recovery import Recovered, recover
from archive.reindex import rebuild, rebuild_beside
from archive.writer import WarcWriter, WriterOptions, Written


def utc_now() -> datetime:
    """Return the time by this machine's clock, in UTC."""
    return datetime.now(UTC)


class Archive:
    """One archive directory, open. Also a context manager; its methods may be called from any thread.

    `path` is the directory; `recovered` says what opening for writing put right after a crash.
    """

    def __init__(
        self,
        layout: Layout,
        index: RecordIndex,
        writer: WarcWriter | None,
        disk: Disk,
        recovered: tuple[Recovered, ...],
    ) -> None:
        """Use `Archive.open`."""
        self.path = layout.root
        self.recovered = recovered
        self._layout = layout
        self._index: RecordIndex | None = index
        self._writer = writer
        self._disk = disk
        self._lock = threading.RLock()

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        create: bool = False,
        write: bool = False,
        software: str = "archive",
        warcinfo: Mapping[str, str] | None = None,
        now: Callable[[], datetime] = utc_now,
        disk: Disk = SYSTEM_DISK,
        options: WriterOptions | None = None,
    ) -> Archive:
        """Open an archive directory; with `create`, make it if it is absent or empty.

        With `write`, what a crash left is recovered first, a lost index is rebuilt, and records can be
        appended to one new WARC, whose warcinfo states `software` and the further facts of `warcinfo`.
        Without it nothing in the directory is changed.

        Raises NotAnArchiveError, NewerFormatError (nothing is touched), other StorageErrors, and
        UsageError for facts that a warcinfo record cannot carry.
        """
        layout = Layout(Path(path))
        options = options or WriterOptions()
        if create:
            layouts.create(layout, now(), disk)
        layouts.check_marker(layout)
        writer = None
        if write:
            writer = WarcWriter(
                layout.warc, software=software, facts=warcinfo or {}, options=options, now=now, disk=disk
            )
        if not (write or create):
            return cls(layout, RecordIndex.open(layout.index, writable=False), None, disk, ())
        layouts.make_folders(layout, disk)
        with _locked(layout, disk, shared=False):
            index = _index_for_writing(layout, disk)
            try:
                recovered = recover(layout, index, disk)
            except BaseException:
                index.close()
                raise
        return cls(layout, index, writer, disk, recovered)

    def append(self, records: Sequence[Record]) -> tuple[Location, ...]:
        """Write records as one group; on return all are durable, indexed and at the places given.

        All or nothing: after an exception none of them is in the archive. Raises UsageError for a
        record that cannot be written as it is, StorageError when the disk or the index fails.
        """
        with self._lock:
            if self._writer is None:
                raise UsageError(f"the archive {self.path} is not open for writing")
            with _locked(self._layout, self._disk, shared=True):
                return self._writer.append(records, self._commit)

    def _commit(self, written: Sequence[Written]) -> None:
        entries = [entry_of(item.fields, item.record.block, item.location) for item in written]
        self._open_index().add(entries)

    def get(self, record_id: str) -> StoredRecord | None:
        """Return a record by its WARC-Record-ID (with angle brackets), or None if there is none.

        Raises WarcError if it is damaged, StorageError if it cannot be read.
        """
        entry = self.entry(record_id)
        return None if entry is None else self.read(entry.location)

    def entry(self, record_id: str) -> IndexEntry | None:
        """Return what the index knows of a record, or None."""
        with self._lock:
            return self._open_index().get(record_id)

    def find(self, target_uri: str, *, type: str | None = None) -> list[IndexEntry]:  # noqa: A002  # the field's name
        """Return the records of a target URI, by time; of one record type if given."""
        with self._lock:
            return self._open_index().find(target_uri, type)

    def concurrent_with(self, record_id: str) -> list[IndexEntry]:
        """Return the records that name this one in WARC-Concurrent-To (its request, its metadata)."""
        with self._lock:
            return self._open_index().concurrent_with(record_id)

    def entries(self, *, type: str | None = None) -> Iterator[IndexEntry]:  # noqa: A002  # the field's name
        """Yield every record's entry by time; of one record type if given."""
        return self._open_index().entries(type)

    def read(self, location: Location) -> StoredRecord:
        """Return the record at a location, its digests verified. Raises WarcError, StorageError."""
        for path in self._layout.candidates(location.file):
            try:
                return read_at(path, location)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise StorageError(f"cannot read {path}: {explain(error)}") from error
        raise StorageError(
            f"the WARC file {location.file} is missing from {self._layout.warc}; restore it from a copy"
        )

    def write_derived(self, relative: str, data: bytes) -> None:
        """Put a derived file in place whole and durably, replacing an older one.

        `relative` is a path with `/` below the archive, in a folder of its own, never in `warc/` or
        `index/`. Raises UsageError for another path, StorageError when the disk fails.
        """
        if self._writer is None:
            raise UsageError(f"the archive {self.path} is not open for writing")
        target = layouts.derived_path(self._layout, relative)
        with storage_errors("cannot write", target):
            layouts.make_parents(self._layout, target.parent, self._disk)
            write_file(self._disk, target, data)

    def reindex(self) -> int:
        """Rebuild the index whole from the WARC files; return how many records it holds.

        Raises UsageError if the archive is not open for writing, StorageError when the disk fails, and,
        after every record that can be read is indexed, WarcError for the first damage met.
        """
        with self._lock:
            if self._writer is None:
                raise UsageError(f"the archive {self.path} is not open for writing")
            with _locked(self._layout, self._disk, shared=False):
                return rebuild(self._layout, self._open_index())

    def close(self) -> None:
        """Close the WARC file in writing (fsync, rename, sidecar) and the index. May be called twice."""
        with self._lock:
            try:
                if self._writer is not None and self._writer.writing:
                    with _locked(self._layout, self._disk, shared=True):
                        self._writer.close()
            finally:
                self._writer = None
                if self._index is not None:
                    self._index.close()
                self._index = None

    def _open_index(self) -> RecordIndex:
        if self._index is None:
            raise UsageError(f"the archive {self.path} is closed")
        return self._index

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _index_for_writing(layout: Layout, disk: Disk) -> RecordIndex:
    """Open the index, rebuilding it from the WARCs when it is missing, damaged or of another form."""
    try:
        return RecordIndex.open(layout.index, writable=True)
    except RebuildableIndexError:
        rebuild_beside(layout, disk)
        return RecordIndex.open(layout.index, writable=True)


@contextlib.contextmanager
def _locked(layout: Layout, disk: Disk, *, shared: bool) -> Iterator[None]:
    """Hold the archive's lock: shared while a group is written, alone while files are put right."""
    with storage_errors("cannot lock", layout.lock):
        descriptor = disk.open(layout.lock, create=True)
        try:
            disk.lock(descriptor, shared=shared, wait=True)
        except BaseException:
            disk.close(descriptor)
            raise
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            disk.close(descriptor)

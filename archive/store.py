"""The façade of an archive directory: evidence appended durably, found by the index, read strictly."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self, TypeVar

from archive import layout as layouts
from archive.digests import payload_digest
from archive.disk import SYSTEM_DISK, Disk, explain, storage_errors, write_file
from archive.entries import entry_of
from archive.errors import LockedError, StorageError, UsageError
from archive.index import RecordIndex
from archive.index_form import RebuildableIndexError
from archive.layout import Layout
from archive.locks import FileLock, locked
from archive.originals import Candidate, resolved
from archive.reader import read_in
from archive.record import IndexEntry, Location, Record, StoredRecord
from archive.recovery import Recovered, recover
from archive.reindex import rebuild, rebuild_beside
from archive.rewrite import Rewriting, rewriting
from archive.writer import WarcWriter, WriterOptions, Written

if TYPE_CHECKING:
    from archive.taking_in import TakingIn


T = TypeVar("T")


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
        disk: Disk,
        *,
        session: FileLock | None = None,
        writer: WarcWriter | None = None,
        recovered: tuple[Recovered, ...] = (),
    ) -> None:
        """Use `Archive.open`."""
        self.path = layout.root
        self.recovered = recovered
        self._layout = layout
        self._index: RecordIndex | None = index
        self._writer = writer
        self._disk = disk
        self._session = session
        self._lock = threading.RLock()

    @classmethod
    def open(  # noqa: PLR0913  # named options of one call, each with its default
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
            return cls(layout, RecordIndex.open(layout.index, writable=False), disk)
        layouts.make_folders(layout, disk)
        session = FileLock(layout.sessions, disk)
        try:
            with locked(layout.lock, disk, shared=False):
                session.take(shared=True, wait=True)
                index = _index_for_writing(layout, session)
                try:
                    recovered = recover(layout, index, disk)
                except BaseException:
                    index.close()
                    raise
        except BaseException:
            session.release()
            raise
        return cls(layout, index, disk, session=session, writer=writer, recovered=recovered)

    @property
    def writable(self) -> bool:
        """Whether it was opened for writing, and is open."""
        return self._writer is not None

    def append(self, records: Sequence[Record]) -> tuple[Location, ...]:
        """Write records as one group; on return all are durable, indexed and at the places given.

        All or nothing: after an error none of them is in the archive. Raises UsageError for a record
        that cannot be written as it is, StorageError when the disk or the index fails. What an interrupt
        (KeyboardInterrupt) leaves is put right at the next opening for writing.
        """
        with self._lock:
            if self._writer is None:
                raise UsageError(f"the archive {self.path} is not open for writing")
            with locked(self._layout.lock, self._disk, shared=True):
                return self._writer.append(records, self._commit)

    def _commit(self, written: Sequence[Written]) -> None:
        entries = [entry_of(item.fields, item.record.block, item.location) for item in written]
        index = self._open_index()
        try:
            index.add(entries)
        except LockedError:  # the transaction never began
            raise
        except Exception:
            # The rows go with the bytes, also when only the news of their coming was lost.
            with contextlib.suppress(StorageError):
                index.forget(written[0].location.file, written[0].location.offset)
            raise

    def get(self, record_id: str) -> StoredRecord | None:
        """Return a record by its WARC-Record-ID (with angle brackets), or None if there is none.

        Raises WarcError if it is damaged, StorageError if it cannot be read.
        """
        entry = self.entry(record_id)
        if entry is None:
            return None
        try:
            record = self.read(entry.location)
        except StorageError:
            # A rewrite may have replaced the file since the index was asked.
            again = self.entry(record_id)
            if again is None or again.location == entry.location:
                raise
            record = self.read(again.location)
        if record.record_id != record_id:
            raise StorageError(
                f"the index of {self.path} expects {record_id} where {record.record_id} lies; "
                "run `harvester reindex`"
            )
        return record

    def entry(self, record_id: str) -> IndexEntry | None:
        """Return what the index knows of a record, or None."""
        return self._open_index().get(record_id)

    def find(self, target_uri: str, *, type: str | None = None) -> list[IndexEntry]:  # noqa: A002  # the field's name
        """Return the records of a target URI, by time; of one record type if given."""
        return self._open_index().find(target_uri, type)

    def last(self, target_uri: str, types: Sequence[str]) -> IndexEntry | None:
        """Return the newest record of a target URI that is of one of these types, or None."""
        return self._open_index().last(target_uri, types)

    def closest(self, target_uri: str, moment: datetime) -> IndexEntry | None:
        """Return the capture (response, revisit, resource) of a URL nearest to a time, or None."""
        return self._open_index().closest(target_uri, moment)

    def concurrent_with(self, record_id: str) -> list[IndexEntry]:
        """Return the records that name this one in WARC-Concurrent-To (its request, its metadata)."""
        return self._open_index().concurrent_with(record_id)

    def with_payload_of(self, response: Record) -> list[IndexEntry]:
        """Return the stored responses, by time, whose payload digest a response to be written would get."""
        form = self._writer.options.payload_digest if self._writer else "sha256"
        digest = payload_digest(response.type, response.content_type, response.block, form)
        found = self.same_payload(digest) if digest else []
        return [entry for entry in found if entry.type == "response"]

    def same_payload(self, digest: str, *, limit: int = 100) -> list[IndexEntry]:
        """Return the first records, by time, that hold a payload of this digest, as it is labelled there."""
        return self._open_index().with_payload(digest, limit)

    def resolved(self, record: StoredRecord) -> StoredRecord:
        """Return a revisit as the response it stands for (`archive.revisit.resolve`), others as they are.

        Raises UnresolvedRevisitError, which names what is missing.
        """
        return resolved(record, _Originals(self))

    def entries(self, *, type: str | None = None) -> Iterator[IndexEntry]:  # noqa: A002  # the field's name
        """Yield every record's entry by time; of one record type if given."""
        return self._open_index().entries(type)

    def read(self, location: Location) -> StoredRecord:
        """Return the record at a location, its digests verified. Raises WarcError, StorageError."""
        return self.with_file(location.file, lambda file, path: read_in(file, path, location))

    def with_file(self, name: str, use: Callable[[BinaryIO, str], T]) -> T:
        """Return what `use` makes of one of the archive's WARC files, open for reading, and of its path.

        Raises StorageError for a file that is missing or cannot be read, and what `use` raises.
        """
        for path in self._layout.candidates(name):
            try:
                with path.open("rb") as file:
                    return use(file, str(path))
            except FileNotFoundError:
                continue
            except OSError as error:
                raise StorageError(f"cannot read {path}: {explain(error)}") from error
        raise StorageError(
            f"the WARC file {name} is missing from {self._layout.warc}; restore it from a copy"
        )

    def write_derived(self, relative: str, data: bytes) -> None:
        """Put a derived file in place whole and durably, replacing an older one.

        `relative` is a path with `/` below the archive, in a folder of its own, never in `warc/` or
        `index/`. Raises UsageError for another path, StorageError when the disk fails.
        """
        if self._writer is None:
            raise UsageError(f"the archive {self.path} is not open for writing")
        self._put_derived(relative, data)

    def _put_derived(self, relative: str, data: bytes) -> None:
        target = layouts.derived_path(self._layout, relative)
        with storage_errors("cannot write", target):
            layouts.make_parents(self._layout, target.parent, self._disk)
            write_file(self._disk, target, data)

    def taking_in(self) -> TakingIn:
        """Return what copies foreign WARC files into this archive; it is a context manager.

        Raises UsageError if the archive is not open for writing.
        """
        from archive.taking_in import TakingIn  # noqa: PLC0415  # it brings the whole checker with it

        if self._writer is None:
            raise UsageError(f"the archive {self.path} is not open for writing")
        return TakingIn(self._layout, self._open_index(), self.read, self._disk)

    def entries_of(self, file: str) -> Iterator[IndexEntry]:
        """Yield the entries of one WARC file in the order of their places."""
        return self._open_index().of_file(file)

    def indexed_files(self) -> dict[str, int]:
        """Return, by name, how many bytes of each WARC file the index holds."""
        return self._open_index().sizes()

    def whole_files(self) -> frozenset[str]:
        """Return the closed WARC files that have a sidecar: whole when they got it, never longer since."""
        return self._layout.vouched()

    def written_files(self) -> tuple[str, ...]:
        """Return the WARC files that this opening has written to, in order."""
        return tuple(self._writer.names) if self._writer else ()

    def reindex(self) -> int:
        """Rebuild the index whole from the WARC files; return how many records it holds.

        Raises UsageError if the archive is not open for writing, StorageError when the disk fails, and,
        after every record that can be read is indexed, WarcError for the first damage met.
        """
        with self._lock:
            if self._writer is None:
                raise UsageError(f"the archive {self.path} is not open for writing")
            with locked(self._layout.lock, self._disk, shared=False):
                try:
                    return rebuild(self._layout, self._open_index())
                finally:
                    self._list(all_anew=True)

    @contextlib.contextmanager
    def rewriting(self) -> Iterator[Rewriting]:
        """Hold the right to replace closed WARC files (see `archive.rewrite`).

        Raises UsageError if the archive is not open for writing, LockedError if another process has it.
        """
        if self._writer is None:
            raise UsageError(f"the archive {self.path} is not open for writing")
        with rewriting(self._layout, self._open_index(), self._disk) as right:
            yield right

    def close(self) -> None:
        """Close the WARC file in writing (fsync, rename, sidecar) and the index. May be called twice."""
        with self._lock:
            try:
                if self._writer is not None and self._writer.writing:
                    with locked(self._layout.lock, self._disk, shared=True):
                        self._writer.close()
                if self._writer is not None and self._index is not None:
                    self._list()
            finally:
                if self._writer is not None:
                    self._writer.abandon()
                self._writer = None
                if self._index is not None:
                    self._index.close()
                self._index = None
                if self._session is not None:
                    self._session.release()

    def _list(self, *, all_anew: bool = False) -> None:
        from archive.listings import refresh  # noqa: PLC0415  # it brings the readers of all forms with it

        refresh(self._layout, self._open_index(), self.read, self._disk, all_anew=all_anew)

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


class _Originals:
    """What the index of an archive knows of records that a revisit may refer to."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def by_id(self, record_id: str) -> Iterable[Candidate]:
        entry = self._archive.entry(record_id)
        return self._candidates([entry] if entry else [])

    def by_uri(self, target_uri: str) -> Iterable[Candidate]:
        return self._candidates(self._archive.find(target_uri))

    def by_digest(self, digest: str) -> Iterable[Candidate]:
        return self._candidates(self._archive.same_payload(digest))

    def _candidates(self, entries: Iterable[IndexEntry]) -> Iterable[Candidate]:
        for entry in entries:
            read = partial(self._archive.read, entry.location)
            yield Candidate(entry.record_id, entry.type, entry.date, read)


def _index_for_writing(layout: Layout, session: FileLock) -> RecordIndex:
    """Open the index, rebuilding it from the WARCs when it is missing, damaged or of another form."""
    try:
        return RecordIndex.open(layout.index, writable=True)
    except RebuildableIndexError as error:
        if not session.take(shared=False, wait=False):
            raise LockedError(
                f"{error}. It is rebuilt when no other process is using {layout.root}: "
                "let that finish, then try again"
            ) from error
    rebuild_beside(layout, session.disk)
    session.take(shared=True, wait=True)
    return RecordIndex.open(layout.index, writable=True)

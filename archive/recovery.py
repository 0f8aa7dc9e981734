"""What a crash leaves behind, put right at the next opening: files cut to whole records and closed.

Runs under the archive's exclusive lock, so no group is half written by a living process meanwhile.
Every step can be repeated: a recovery that is itself killed is done again from where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archive.digests import sha256_of_file
from archive.disk import TEMPORARY_PREFIX, Disk, storage_errors, write_all
from archive.entries import entry_of
from archive.errors import WarcError
from archive.growing import finish_file, write_sidecar
from archive.index import RecordIndex
from archive.layout import OPEN_SUFFIX, SIDECAR_SUFFIX, TORN_SUFFIX, Layout
from archive.reader import next_member, read_warc
from archive.record import Block, IndexEntry, StoredRecord
from archive.rewrite import finish_interrupted

if TYPE_CHECKING:
    from archive.storage.places import Place

_COPY_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was done with one file: `records` whole ones kept, `torn_bytes` set aside in `aside`.

    `file` is its closed name, or the name it was set aside under when no whole record was in it.
    """

    file: str
    records: int
    torn_bytes: int
    aside: str | None


class Walk:
    """The whole records of a file, one entry each, and where the last one before any damage ends.

    Stops at the first damage, which `problem` then holds; with `salvage` it goes on behind it, at the
    next place of a compressed file where a whole record of this file begins. May be walked once.
    """

    def __init__(self, path: Place, *, salvage: bool = False) -> None:
        self.path = path
        self.end = 0
        self.records = 0
        self.problem: WarcError | None = None
        self._salvage = salvage
        self._warcinfo_ids: set[str] = set()

    def __iter__(self) -> Iterator[IndexEntry]:
        for record in self.whole_records():
            yield entry_of(record.fields, Block.of(record.block), record.location)

    def whole_records(self) -> Iterator[StoredRecord]:
        """Yield the records themselves."""
        position: int | None = 0
        while position is not None:
            reached = position
            try:
                for record in read_warc(self.path, offset=position):
                    reached = record.location.offset + record.location.length
                    if self._belongs(record):
                        yield record
                        self.records += 1
                    if self.problem is None:
                        self.end = reached
            except WarcError as error:
                self.problem = self.problem or error
                position = next_member(self.path, reached + 1) if self._salvage else None
            else:
                position = None

    def _belongs(self, record: StoredRecord) -> bool:
        """Tell a record of this file from one inside a captured body that damage has laid open.

        Behind damage only records that name a warcinfo record before it count: its id is random, so no
        publisher can have put it into a page.
        """
        if self.problem is None:
            if record.type == "warcinfo":  # a compact file may hold several files' records
                self._warcinfo_ids.add(record.record_id)
            return True
        return record.get("WARC-Warcinfo-ID") in self._warcinfo_ids


def recover(layout: Layout, index: RecordIndex, disk: Disk) -> tuple[Recovered, ...]:
    """Close what dead writers left open, and index what the index does not know yet.

    A file whose lock another process holds is left alone. Raises StorageError.
    """
    finish_interrupted(layout, index, disk)
    done = []
    for path in layout.open_warcs():
        with storage_errors("cannot recover", path):
            result = _recover_file(path, index, disk)
        if result is not None:
            done.append(result)
    _catch_up(layout, index, disk)
    return tuple(done)


def _recover_file(path: Path, index: RecordIndex, disk: Disk) -> Recovered | None:
    try:
        descriptor = disk.open(path)
    except FileNotFoundError:  # closed by its writer since the folder was listed
        return None
    try:
        if not disk.lock(descriptor):
            return None
        return _close_dead(path, descriptor, index, disk)
    finally:
        disk.close(descriptor)


def _close_dead(path: Path, descriptor: int, index: RecordIndex, disk: Disk) -> Recovered:
    name = path.name.removesuffix(OPEN_SUFFIX)
    walk = Walk(path)
    for _ in walk:
        pass
    size = path.stat().st_size
    if walk.records == 0:
        index.forget(name)
        aside = path.with_name(name + TORN_SUFFIX)
        disk.rename(path, aside)
        disk.fsync_dir(path.parent)
        return Recovered(aside.name, 0, size, aside.name)
    aside_name = None
    if walk.end < size:
        aside_name = f"{name}{TORN_SUFFIX}-{walk.end}"
        _copy_tail(path, walk.end, path.with_name(aside_name), disk)
        disk.truncate(descriptor, walk.end)
    disk.fsync(descriptor)
    index.replace_file(name, Walk(path), walk.end)
    _finish(path, path.with_name(name), disk)
    return Recovered(name, walk.records, size - walk.end, aside_name)


def _finish(path: Path, closed: Path, disk: Disk) -> None:
    """Close a file; where a power cut left it under both names of its renaming, drop the older one."""
    sha256 = sha256_of_file(path)
    if not closed.exists() or sha256_of_file(closed) != sha256:
        finish_file(disk, path, sha256)
        return
    disk.unlink(path)
    disk.fsync_dir(path.parent)
    write_sidecar(disk, closed, sha256)


def _copy_tail(path: Path, start: int, target: Path, disk: Disk) -> None:
    temporary = target.with_name(TEMPORARY_PREFIX + target.name)
    descriptor = disk.open(temporary, create=True)
    try:
        disk.truncate(descriptor, 0)
        with path.open("rb") as file:
            file.seek(start)
            while data := file.read(_COPY_BYTES):
                write_all(disk, descriptor, data)
        disk.fsync(descriptor)
    finally:
        disk.close(descriptor)
    disk.rename(temporary, target)
    disk.fsync_dir(target.parent)


def _catch_up(layout: Layout, index: RecordIndex, disk: Disk) -> None:
    """Index closed files the index does not hold whole, and give a missing sidecar to whole files.

    A file can be closed without either when a process died in between. A damaged file gets no sidecar:
    its digest would vouch for the damage.
    """
    known = index.sizes()
    for path in layout.closed_warcs():
        with storage_errors("cannot index", path):
            size = path.stat().st_size
            has_sidecar = path.with_name(path.name + SIDECAR_SUFFIX).exists()
            indexed = known.get(path.name)
            if indexed == size and has_sidecar:
                continue
            problem = _problem(path)
            if indexed is None or (indexed != size and problem is None):
                index.replace_file(path.name, Walk(path), size)
            # A damaged file that is in the index keeps its rows: reading them tells of the damage.
            if not has_sidecar and problem is None:
                write_sidecar(disk, path, sha256_of_file(path))


def _problem(path: Path) -> WarcError | None:
    walk = Walk(path)
    for _ in walk:
        pass
    return walk.problem

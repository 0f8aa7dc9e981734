"""Closed WARC files of other archives of ours, copied among the own: compared, read strictly, never altered.

The source is only read. A file is known again by its digest, or, repacked, by its records: what is here
already does not come again, and of a file that is here in part the other records come, octet for octet.
Copies lie under a temporary name until they are proven.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self, cast

from archive.digests import sha256_of_file
from archive.disk import TEMPORARY_PREFIX, explain, storage_errors
from archive.errors import StorageError, WarcError
from archive.layout import OPEN_SUFFIX, WARC_SUFFIXES, is_own_name, stem
from archive.record import Location, StoredRecord
from archive.recovery import Walk
from archive.rewrite import Rewriting
from archive.staging import names_after
from archive.subset import SUFFIX, write_subset
from archive.taking_in import Staged, TakingIn, sidecar_digest

_TEMPORARY: Final = f"{TEMPORARY_PREFIX}merge-"
_COMPACT: Final = ".warc.zst"
_NUMBER: Final = re.compile(r"_[0-9]{3}$")


@dataclass(frozen=True, slots=True)
class Joined:
    """What became of one file of a source: `name` is the file that holds its records here.

    `sha256` and `bytes` are the source's. `copied` tells that it came now; else it was here, as it is or
    repacked. `records` counts those that came; `part` tells that others did not, being here or purged here.
    """

    name: str
    sha256: str
    bytes: int
    records: int | None
    copied: bool
    part: bool = False


class Joining:
    """Copies files into an archive whose right to rewrite is held, so that no other joins or repacks it.

    A context manager: what is not settled is removed at its end, and what a killed one left at its beginning.
    """

    def __init__(self, right: Rewriting, read: Callable[[Location], StoredRecord]) -> None:
        self._layout = right.layout
        self._index = right.index
        self._disk = right.disk
        self._read = read
        self._intake = TakingIn(right.layout, right.index, read, right.disk, temporary=_TEMPORARY)

    def take(self, path: Path, gone: Collection[str]) -> Joined:
        """Take in one closed file of a source. `gone` are records that were purged here, and stay so.

        Raises WarcError for a file that is damaged, went away, or holds other records under ids that are
        known; StorageError when the own disk fails.
        """
        stated = sidecar_digest(path)
        if stated is not None and (held := self._intake.digests().get(stated)):
            return Joined(held, stated, _size(path), None, copied=False)
        if (repacked := self._repacked(path, gone)) is not None:
            return repacked
        staged = self._copied(path, stated)
        if staged.held is not None:
            self._intake.discard([staged.path])
            return Joined(staged.held, staged.sha256, staged.size, None, copied=False)
        found = _Compared(self, gone, Walk(staged.path), path)
        if found.place is not None or found.purged or (gone and path.name.endswith(_COMPACT)):
            return self._part(path, staged, found)
        staged.name = self._free_name(path.name, staged.sha256)
        return Joined(self._intake.settle(staged), staged.sha256, staged.size, found.records, copied=True)

    def _part(self, path: Path, staged: Staged, found: _Compared) -> Joined:
        """Bring the new records of a copy, and the `warcinfo` records that they may name.

        Also of a compact file where something was purged: its dictionary may hold just that.
        """
        part = staged.path.with_name(f"{staged.path.name}{SUFFIX}")
        self._intake.adopt(part)
        state = write_subset(staged.path, part, self._disk, found.comes)
        self._intake.discard([staged.path])
        name = self._free_name(stem(path.name) + SUFFIX, state.sha256)
        settled = self._intake.settle(Staged(part, str(path), name, state.sha256, state.bytes))
        whole = state.records == found.records
        return Joined(settled, staged.sha256, staged.size, state.records, copied=True, part=not whole)

    def _repacked(self, path: Path, gone: Collection[str]) -> Joined | None:
        """Return where all records of a file are held already, though in no file like it; else None.

        Whether that may be is told by the first record; only then the file is read whole.
        """
        first = next(_strictly(Walk(path), path), None)
        if first is None or (first.record_id not in gone and self.place_of(first, path) is None):
            return None
        found = _Compared(self, gone, Walk(path), path)
        if found.new:
            return None
        name = found.place or path.name
        return Joined(name, sidecar_digest(path) or _digest(path), _size(path), found.records, copied=False)

    def _copied(self, path: Path, stated: str | None) -> Staged:
        """Copy a file; what was read is held against its sidecar, what was written against what was read."""
        try:
            with path.open("rb") as file:
                staged = self._intake.stage(cast(BinaryIO, _Source(file, path)), str(path))
        except FileNotFoundError as error:
            raise _went(path) from error
        if stated is not None and staged.sha256 != stated:
            raise WarcError(
                f"{path} is not the file whose digest its sidecar holds: restore it from a copy, or see "
                "`harvester check`",
                path=str(path),
            )
        with storage_errors("cannot read back", staged.path):
            if sha256_of_file(staged.path) != staged.sha256:
                raise StorageError(f"what was written of {path} does not read back the same: check the disk")
        return staged

    def place_of(self, record: StoredRecord, path: Path) -> str | None:
        """Return the file that holds a record here, None if none does or only a damaged one.

        Raises WarcError where another record has its id.
        """
        known = self._index.get(record.record_id)
        if known is None:
            return None
        try:
            held = self._read(known.location)
        except WarcError:
            return None
        if (held.fields, held.block) != (record.fields, record.block):
            raise WarcError(
                f"{path}: the record {record.record_id} at byte {record.location.offset} has the id of "
                f"another record, in {known.location.file}: not copied; run `harvester check` on both",
                path=str(path),
                offset=record.location.offset,
                record_id=record.record_id,
            )
        return known.location.file

    def _free_name(self, name: str, sha256: str) -> str:
        """Return the name a copy gets: its own, or with a number where a file of other content has it.

        A sidecar without its file keeps the name for that file, which may come back.
        """
        suffix = next(end for end in WARC_SUFFIXES if name.endswith(end))
        base = _NUMBER.sub("", stem(name)) if is_own_name(name) else stem(name)
        names = itertools.chain([name], names_after(Path(base + suffix), suffix))
        return next(one for one in names if self._is_free(one, sha256))

    def _is_free(self, name: str, sha256: str) -> bool:
        path = self._layout.warc / name
        if path.exists() or path.with_name(name + OPEN_SUFFIX).exists():
            return False
        return sidecar_digest(path) in {None, sha256}

    def __enter__(self) -> Self:
        for begins in (_TEMPORARY, f"{TEMPORARY_PREFIX}{_TEMPORARY}"):
            self._intake.discard(self._layout.warc.glob(f"{begins}*"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._intake.discard()


class _Compared:
    """A file's records, read strictly and held against the archive's. Raises WarcError for damage.

    `new` are the ids of those that are not here, `place` a file that holds others, `purged` whether some were
    purged here.
    """

    def __init__(self, joining: Joining, gone: Collection[str], walk: Walk, path: Path) -> None:
        self.place: str | None = None
        self.new: set[str] = set()
        self.purged = False
        for record in _strictly(walk, path):
            if record.record_id in gone:
                self.purged = True
            elif (place := joining.place_of(record, path)) is None:
                self.new.add(record.record_id)
            else:
                self.place = self.place or place
        self.records = walk.records
        if not walk.records:
            raise WarcError(f"{path} holds no record: nothing to copy", path=str(path))

    def comes(self, record: StoredRecord) -> bool:
        """Tell whether a record comes where the file comes in part."""
        return record.record_id in self.new or record.type == "warcinfo"


class _Source:
    """A source's file for reading: what is wrong with it is a fault of the source, not of the own disk."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self._path = path

    def read(self, size: int) -> bytes:
        try:
            return self._file.read(size)
        except OSError as error:
            raise _unreadable(self._path, error) from error


def _strictly(walk: Walk, path: Path) -> Iterator[StoredRecord]:
    """Yield the records of a source's file, or of the copy of it. Raises WarcError, also for damage."""
    try:
        yield from walk.whole_records()
    except (OSError, StorageError) as error:
        if walk.path != path:
            raise
        if not path.exists():
            raise _went(path) from error
        words = explain(error) if isinstance(error, OSError) else str(error)
        raise WarcError(f"cannot read {path}: {words}", path=str(path)) from error
    if walk.problem is not None:
        told = str(walk.problem).removeprefix(f"{walk.path}: ")
        raise WarcError(
            f"{path} is damaged: {told}; restore it from a copy (`harvester check {path} --salvage "
            "GOOD.warc.gz` writes what is whole, to be imported)",
            path=str(path),
            offset=walk.problem.offset,
        )


def _went(path: Path) -> WarcError:
    return WarcError(f"{path} went away while it was looked at: merge again", path=str(path))


def _unreadable(path: Path, error: OSError) -> WarcError:
    return WarcError(f"cannot read {path}: {explain(error)}", path=str(path))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise _unreadable(path, error) from error


def _digest(path: Path) -> str:
    try:
        return sha256_of_file(path)
    except OSError as error:
        raise _unreadable(path, error) from error

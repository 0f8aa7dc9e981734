"""Archives of other tools, read in place: WARC plain, gzip or Zstandard, ARC, and WACZ packages of them.

`read_any(path)` yields the records of all of these as `StoredRecord`, strictly, whatever the file's name.
A path may be a URL, which is read by ranges.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, Self

from archive.errors import WarcError
from archive.foreign.arc import read_arc
from archive.foreign.forms import Content, detect
from archive.foreign.packages import Package, open_file
from archive.members import Input
from archive.reader import read_stream
from archive.record import MAX_BLOCK_BYTES, Location, StoredRecord
from archive.storage.places import place

if TYPE_CHECKING:
    from archive.storage.places import Place

__all__ = ["SUFFIXES", "Opened", "read_any", "read_any_at", "read_from"]

SUFFIXES = (".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz", ".wacz")
"""Names by which a folder's web archives are known; a file that is named outright may have any."""


def read_any(path: Place | str, *, max_block_bytes: int = MAX_BLOCK_BYTES) -> Iterator[StoredRecord]:
    """Yield the records of a web archive of any form, in order; nothing is unpacked to disk.

    `location.file` is the file's name; for a record in a package, `PACKAGE!MEMBER`, with offsets in the
    member. Memory is bounded by one block. Raises WarcError at the first damage, after every whole record
    before it was yielded, and StorageError if the file cannot be read.
    """
    path = place(path)
    with open_file(path) as file:
        if detect(Input(file, str(path))).content is not Content.ZIP:
            yield from _records(file, str(path), path.name, max_block_bytes)
            return
        package = Package(file, str(path))
        for name in package.archives():
            with package.open(name) as member:
                yield from _records(member, f"{path}!{name}", f"{path.name}!{name}", max_block_bytes)


class Opened:
    """A web archive that is kept open for reading records at their places: at a URL, opening asks the store.

    Also a context manager. Raises StorageError if the file cannot be read.
    """

    def __init__(self, path: Place | str, *, max_block_bytes: int = MAX_BLOCK_BYTES) -> None:
        self.path = place(path)
        self._max_block_bytes = max_block_bytes
        self._file = open_file(self.path)

    def read_from(self, offset: int) -> StoredRecord:
        """Return the record that begins at `offset` of a WARC or ARC file of any form, as `read_any` has it.

        Raises WarcError for damage, and where no record begins; StorageError if the file cannot be read.
        """
        return _one(self._file, str(self.path), self.path.name, offset, self._max_block_bytes)

    def read_at(self, location: Location) -> StoredRecord:
        """Return the record at a location that `read_any` or another strict reading of the file gave.

        Raises WarcError for damage, and where another record lies there now; StorageError.
        """
        path, member = self.path, location.file.partition("!")[2]
        if not member:
            record = _one(self._file, str(path), location.file, location.offset, self._max_block_bytes)
        else:
            package = Package(self._file, str(path))
            if member not in package.members:
                raise WarcError(f"{path}: has no {member} any more", path=str(path))
            with package.open(member) as inside:
                name = f"{path}!{member}"
                record = _one(inside, name, location.file, location.offset, self._max_block_bytes)
        if record.location != location:
            raise WarcError(
                f"{path}: holds a record of {record.location.length} bytes at byte {location.offset}, where "
                f"{location.length} are expected",
                path=str(path),
                offset=location.offset,
            )
        return record

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_from(path: Place, offset: int, *, max_block_bytes: int = MAX_BLOCK_BYTES) -> StoredRecord:
    """`Opened.read_from`, of a file that is opened for it."""
    with Opened(path, max_block_bytes=max_block_bytes) as file:
        return file.read_from(offset)


def read_any_at(
    path: Place | str, location: Location, *, max_block_bytes: int = MAX_BLOCK_BYTES
) -> StoredRecord:
    """`Opened.read_at`, of a file that is opened for it."""
    with Opened(path, max_block_bytes=max_block_bytes) as file:
        return file.read_at(location)


def _one(file: BinaryIO, path: str, name: str, offset: int, max_block_bytes: int) -> StoredRecord:
    source = Input(file, path)
    form = detect(source)
    if form.content is Content.ARC:
        records = read_arc(source, form, name, offset=offset, max_block_bytes=max_block_bytes)
    elif form.content is Content.WARC:
        records = read_stream(file, path, offset=offset, name=name, max_block_bytes=max_block_bytes)
    else:
        raise WarcError(f"{path}: no WARC or ARC file by its content", path=path, offset=offset)
    record = next(records, None)
    if record is None or record.location.offset != offset:
        raise WarcError(f"{path}: no record begins at byte {offset}", path=path, offset=offset)
    return record


def _records(file: BinaryIO, path: str, name: str, max_block_bytes: int) -> Iterator[StoredRecord]:
    source = Input(file, path)
    form = detect(source)
    if form.content is Content.ARC:
        yield from read_arc(source, form, name, max_block_bytes=max_block_bytes)
    elif form.content in {Content.WARC, Content.EMPTY}:
        yield from read_stream(file, path, name=name, max_block_bytes=max_block_bytes)
    else:
        raise WarcError(f"{path}: no WARC or ARC file by its content", path=path, offset=0)

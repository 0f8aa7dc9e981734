"""Archives of other tools, read in place: WARC plain, gzip or Zstandard, ARC, and WACZ packages of them.

`read_any(path)` yields the records of all of these as `StoredRecord`, strictly, whatever the file's name.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from archive.errors import WarcError
from archive.foreign.arc import read_arc
from archive.foreign.forms import Content, detect
from archive.foreign.packages import Package, open_file
from archive.members import Input
from archive.reader import read_stream
from archive.record import MAX_BLOCK_BYTES, Location, StoredRecord

__all__ = ["SUFFIXES", "read_any", "read_any_at", "read_from"]

SUFFIXES = (".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz", ".wacz")
"""Names by which a folder's web archives are known; a file that is named outright may have any."""


def read_any(path: Path | str, *, max_block_bytes: int = MAX_BLOCK_BYTES) -> Iterator[StoredRecord]:
    """Yield the records of a web archive of any form, in order; nothing is unpacked to disk.

    `location.file` is the file's name; for a record in a package, `PACKAGE!MEMBER`, with offsets in the
    member. Memory is bounded by one block. Raises WarcError at the first damage, after every whole record
    before it was yielded, and StorageError if the file cannot be read.
    """
    path = Path(path)
    with open_file(path) as file:
        if detect(Input(file, str(path))).content is not Content.ZIP:
            yield from _records(file, str(path), path.name, max_block_bytes)
            return
        package = Package(file, str(path))
        for name in package.archives():
            with package.open(name) as member:
                yield from _records(member, f"{path}!{name}", f"{path.name}!{name}", max_block_bytes)


def read_from(path: Path, offset: int, *, max_block_bytes: int = MAX_BLOCK_BYTES) -> StoredRecord:
    """Return the record that begins at `offset` of a WARC or ARC file of any form, as `read_any` has it.

    Raises WarcError for damage, and where no record begins; StorageError if the file cannot be read.
    """
    with open_file(path) as file:
        return _one(file, str(path), path.name, offset, max_block_bytes)


def read_any_at(
    path: Path | str, location: Location, *, max_block_bytes: int = MAX_BLOCK_BYTES
) -> StoredRecord:
    """Return the record at a location that `read_any` or another strict reading of the file gave.

    Raises WarcError for damage, and where another record lies there now; StorageError.
    """
    path = Path(path)
    member = location.file.partition("!")[2]
    with open_file(path) as file:
        if not member:
            record = _one(file, str(path), location.file, location.offset, max_block_bytes)
        else:
            package = Package(file, str(path))
            if member not in package.members:
                raise WarcError(f"{path}: has no {member} any more", path=str(path))
            with package.open(member) as inside:
                record = _one(inside, f"{path}!{member}", location.file, location.offset, max_block_bytes)
    if record.location != location:
        raise WarcError(
            f"{path}: holds a record of {record.location.length} bytes at byte {location.offset}, where "
            f"{location.length} are expected",
            path=str(path),
            offset=location.offset,
        )
    return record


def _one(file: BinaryIO, path: str, name: str, offset: int, max_block_bytes: int) -> StoredRecord:
    source = Input(file, path)
    form = detect(source)
    if form.content is Content.ARC:
        records = read_arc(source, form, name, offset=offset, max_block_bytes=max_block_bytes)
    elif form.content is Content.WARC:
        records = read_stream(file, Path(path), offset=offset, name=name, max_block_bytes=max_block_bytes)
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
        yield from read_stream(file, Path(path), name=name, max_block_bytes=max_block_bytes)
    else:
        raise WarcError(f"{path}: no WARC or ARC file by its content", path=path, offset=0)

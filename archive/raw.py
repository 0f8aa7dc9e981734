"""Records as octets: each exactly as it lies in its file, from `WARC/` through its end mark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

from archive.disk import explain
from archive.errors import StorageError, WarcError
from archive.foreign.forms import Content, Form, detect
from archive.layout import OPEN_SUFFIX
from archive.members import Input
from archive.reader import read_stream
from archive.record import MAX_BLOCK_BYTES, MAX_HEADER_BYTES, Location, StoredRecord

_MAX_OCTETS = MAX_HEADER_BYTES + MAX_BLOCK_BYTES + 4
_READ_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record's `octets`, uncompressed, and what they say; its digests are verified."""

    octets: bytes
    record: StoredRecord


def raw_records(path: Path) -> Iterator[RawRecord]:
    """Yield the records of a WARC file of any form, in order. Memory is bounded by one record.

    Raises WarcError at the first damage, after every whole record before it, and StorageError.
    """
    try:
        with path.open("rb") as file:
            source = Input(file, str(path))
            form = detect(source)
            if form.content is not Content.WARC:
                raise WarcError(f"{path}: no WARC file by its content", path=str(path), offset=0)
            name = path.name.removesuffix(OPEN_SUFFIX)
            yield from _members(source, form, name) if form.compressed else _plain(path, name)
    except OSError as error:
        raise StorageError(f"cannot read {path}: {explain(error)}") from error


def _members(source: Input, form: Form, name: str) -> Iterator[RawRecord]:
    while source.peek(1):
        start = source.position
        if not source.peek(len(form.magic)).startswith(form.magic):
            raise _error(source, start, "bytes that do not begin a record")
        member = form.member(source)
        parts = []
        size = 0
        while data := member.read(_READ_BYTES):
            parts.append(data)
            size += len(data)
            if size > _MAX_OCTETS:
                raise _error(source, start, f"a record of more than {_MAX_OCTETS} bytes")
        octets = parts[0] if len(parts) == 1 else b"".join(parts)
        yield RawRecord(octets, _parsed(source, octets, Location(name, start, source.position - start)))


def _parsed(source: Input, octets: bytes, location: Location) -> StoredRecord:
    try:
        found = list(read_stream(BytesIO(octets), Path(source.path), name=location.file))
    except WarcError as error:
        raise _error(source, location.offset, f"a record that is not whole ({error})") from error
    if len(found) != 1:
        raise _error(source, location.offset, f"a member of {len(found)} records")
    return replace(found[0], location=location)


def _plain(path: Path, name: str) -> Iterator[RawRecord]:
    with path.open("rb") as walked, path.open("rb") as copied:
        for record in read_stream(walked, path, name=name):
            copied.seek(record.location.offset)
            yield RawRecord(copied.read(record.location.length), record)


def _error(source: Input, start: int, what: str) -> WarcError:
    return WarcError(f"{source.path}: at byte {start}: {what}", path=source.path, offset=start)

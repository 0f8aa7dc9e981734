"""CDXJ selections: each line names a record by file, offset and length; only those records are read.

Lines are CDXJ as pywb and cdxj-indexer have them, or the JSON objects of an index server (a line each).
Records are read in the order of their places. A file of ours is walked through up to the last of them, for
the notes beside its responses, which no CDXJ lists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import msgspec

from archive import StoredRecord
from archive.foreign import Opened, read_from
from archive.recovery import Walk
from archive.runs import SortedLines
from archive.surt import surt
from archive.words import counted
from harvester.errors import IntegrityError, StorageError
from harvester.rebuild.brought.kinds import unpacked

if TYPE_CHECKING:
    from archive.storage.places import Place

MAX_LINE_BYTES: Final = 1 << 20
_MAX_NUMBER: Final = 1 << 60
_OURS: Final = b"software: harvester/"
_END_MARK_BYTES: Final = 4
"""By how much indexers state less than is stored: of plain files without the line ends after the block."""


@dataclass(frozen=True, slots=True)
class Selected:
    """What a line led to: a record, which lies in the file at `path`, or `problem`, why there is none.

    Also a metadata record of ours that stands before it; `offset` is then None.

    `line` counts from 0; `file` is as the line names it, None where the line itself cannot be read.
    """

    line: int
    file: str | None = None
    offset: int | None = None
    length: int | None = None
    url: str | None = None
    path: Place | None = None
    record: StoredRecord | None = None
    problem: str | None = None


class _Place(msgspec.Struct, frozen=True, array_like=True):
    file: str
    offset: int
    length: int
    line: int
    url: str | None


def selected(cdxj: Place, root: Place | None = None) -> Iterator[Selected]:
    """Yield what each line of a selection leads to; a place that is named twice comes once.

    Files are looked for below `root` (else beside the CDXJ), by the name that the line gives and then by its
    last part alone. Lines that cannot be read come first. Raises `IntegrityError` where a packed CDXJ is
    damaged, `StorageError`.
    """
    with SortedLines() as places:
        with unpacked(cdxj) as stream:
            for number, line in _lines(stream):
                place = _place(number, line)
                if isinstance(place, str):
                    yield Selected(number, problem=place)
                else:
                    places.add(_key(place))
        sorted_places = (msgspec.json.decode(line.split(b"\t")[3], type=_Place) for line in places)
        for file, of_file in groupby(sorted_places, lambda place: place.file):
            yield from _of_file(file, _each_once(of_file), root or cdxj.parent)


def _each_once(places: Iterator[_Place]) -> Iterator[_Place]:
    return (next(same) for _, same in groupby(places, lambda place: place.offset))


def _of_file(file: str, places: Iterator[_Place], root: Place) -> Iterator[Selected]:
    path = next((path for path in (root / file, root / PurePosixPath(file).name) if path.is_file()), None)
    if path is None:
        problem = f"{file} is not below {root.name or root}: say where the files are with --warc-root"
        yield from (_told(place, None, problem) for place in places)
    else:
        yield from _opened(path, places, _walked if _has_notes(path) else _each_read)


def _opened(
    path: Place, places: Iterator[_Place], read: Callable[[Opened, Iterator[_Place]], Iterator[Selected]]
) -> Iterator[Selected]:
    try:
        file = Opened(path)
    except StorageError as error:
        yield from (_told(place, path, str(error)) for place in places)
        return
    with file:
        yield from read(file, places)


def _each_read(file: Opened, places: Iterator[_Place]) -> Iterator[Selected]:
    return (_read(place, file) for place in places)


def _has_notes(path: Place) -> bool:
    """Tell a file that this program wrote: no CDXJ lists the notes beside its responses."""
    try:
        first = read_from(path, 0)
    except (IntegrityError, StorageError):
        return False
    return first.type == "warcinfo" and _OURS in first.block


def _walked(file: Opened, places: Iterator[_Place]) -> Iterator[Selected]:
    """Yield the records at some places of a file of ours, and the metadata records that stand before them."""
    place = next(places, None)
    path = file.path
    for record in Walk(path, salvage=True).whole_records():
        while place is not None and place.offset < record.location.offset:
            yield _read(place, file)  # which says why no record was met there
            place = next(places, None)
        if place is None:
            return
        if record.location.offset == place.offset:
            yield _told(place, path, record)
            place = next(places, None)
        elif record.type == "metadata":
            yield Selected(place.line, path.name, path=path, record=record)
    while place is not None:
        yield _read(place, file)
        place = next(places, None)


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := stream.readline(MAX_LINE_BYTES):
        more = line
        while more and not more.endswith(b"\n"):
            more = stream.readline(MAX_LINE_BYTES)
        if line.strip() and not line.startswith(b"!"):  # "!meta" lines are about the index
            yield number, line
        number += 1


def _key(place: _Place) -> bytes:
    """Return a line that sorts by file, then offset."""
    file = msgspec.json.encode(place.file)
    return b"%s\t%020d\t%012d\t%s\n" % (file, place.offset, place.line, msgspec.json.encode(place))


def _place(number: int, line: bytes) -> _Place | str:
    """Return what a line names, or in words why it names nothing."""
    start = line.find(b"{")
    if start < 0:
        return "the line holds no JSON object: it is no CDXJ"
    try:
        facts: dict[str, Any] = msgspec.json.decode(line[start:], type=dict[str, Any])
        offset, length = _number(facts.get("offset")), _number(facts.get("length"))
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        return f"the line cannot be read: {error}"
    file, url = facts.get("filename"), facts.get("url")
    if not isinstance(file, str) or not file or "\0" in file:
        return "the line names no file (`filename`)"
    return _Place(file, offset, length, number, url if isinstance(url, str) else None)


def _number(value: object) -> int:
    text = str(value)
    if not (text.isascii() and text.isdecimal() and int(text[:20]) < _MAX_NUMBER):
        raise ValueError("`offset` and `length` must be numbers")
    return int(text)


def _read(place: _Place, file: Opened) -> Selected:
    try:
        return _told(place, file.path, file.read_from(place.offset))
    except (IntegrityError, StorageError) as error:
        return _told(place, file.path, str(error))


def _told(place: _Place, path: Place | None, found: StoredRecord | str) -> Selected:
    """Return what came of a line: its record, or in words why there is none."""
    problem = found if isinstance(found, str) else _disagreement(place, found)
    record = None if problem is not None or isinstance(found, str) else found
    return Selected(place.line, place.file, place.offset, place.length, place.url, path, record, problem)


def _disagreement(place: _Place, record: StoredRecord) -> str | None:
    """Say how a record is not the one that the line means: the index is of another state of the file."""
    stored = record.location.length
    if not 0 <= stored - place.length <= _END_MARK_BYTES:
        there = counted(stored, "byte")
        return f"the record there has {there}, the line says {place.length}: index the file again"
    if place.url and record.target_uri and surt(place.url) != surt(record.target_uri):
        return (
            f"the record there is of {record.target_uri[:200]}, not {place.url[:200]}: index the file again"
        )
    return None

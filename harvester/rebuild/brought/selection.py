"""CDXJ selections: each line names a record by file, offset and length; only those records are read.

Lines are CDXJ as pywb and cdxj-indexer have them, or the JSON objects of an index server (a line each).
Records are read in the order of their places, so that a note of ours comes before the response it describes,
if the selection holds its line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from archive import StoredRecord
from archive.foreign import read_from
from archive.runs import SortedLines
from archive.surt import surt
from harvester.errors import IntegrityError, StorageError
from harvester.rebuild.brought.kinds import unpacked

MAX_LINE_BYTES: Final = 1 << 20
_MAX_NUMBER: Final = 1 << 60
_END_MARK_BYTES: Final = 4
"""By how much indexers state less than is stored: of plain files without the line ends after the block."""


@dataclass(frozen=True, slots=True)
class Selected:
    """What a line led to: a record, which lies in the file at `path`, or `problem`, why there is none.

    `line` counts from 0; `file` is as the line names it, None where the line itself cannot be read.
    """

    line: int
    file: str | None = None
    offset: int | None = None
    length: int | None = None
    url: str | None = None
    path: Path | None = None
    record: StoredRecord | None = None
    problem: str | None = None


class _Place(msgspec.Struct, frozen=True, array_like=True):
    file: str
    offset: int
    length: int
    line: int
    url: str | None


def selected(cdxj: Path, root: Path | None = None) -> Iterator[Selected]:
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
        known: tuple[str, int] | None = None
        for line in places:
            place = msgspec.json.decode(line.split(b"\t")[3], type=_Place)
            if (place.file, place.offset) != known:
                known = (place.file, place.offset)
                yield _read(place, root or cdxj.parent)


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


def _read(place: _Place, root: Path) -> Selected:
    path = next((path for path in _candidates(place.file, root) if path.is_file()), None)
    record, problem = None, None
    if path is None:
        problem = f"{place.file} is not below {root.name or root}: say where the files are with --warc-root"
    else:
        try:
            record = read_from(path, place.offset)
            problem = _disagreement(place, record)
        except (IntegrityError, StorageError) as error:
            problem = str(error)
    return Selected(
        place.line,
        place.file,
        place.offset,
        place.length,
        place.url,
        path,
        record if problem is None else None,
        problem,
    )


def _candidates(file: str, root: Path) -> list[Path]:
    return [root / file, root / Path(file).name]


def _disagreement(place: _Place, record: StoredRecord) -> str | None:
    """Say how a record is not the one that the line means: the index is of another state of the file."""
    stored = record.location.length
    if not 0 <= stored - place.length <= _END_MARK_BYTES:
        return f"the record there has {stored} bytes, the line says {place.length}: index the file again"
    if place.url and record.target_uri and surt(place.url) != surt(record.target_uri):
        return (
            f"the record there is of {record.target_uri[:200]}, not {place.url[:200]}: index the file again"
        )
    return None

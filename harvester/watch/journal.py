"""What people say, and how URLs were found: append-only lines of JSON in the archive, never derived.

`journal/notes.jsonl` holds tags and notes, `journal/found.jsonl` one line for each URL that a source named.
A line that a crash cut is passed over, and the next begins on a line of its own.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final, Generic, Protocol, TypeVar

import msgspec

from archive.layout import JOURNAL_FOLDER
from harvester.errors import StorageError
from harvester.watch.queue import Kind

FOLDER: Final = JOURNAL_FOLDER
NOTES: Final = "notes.jsonl"
FOUND: Final = "found.jsonl"
_MAX_LINE_BYTES: Final = 1 << 16
T = TypeVar("T", bound=msgspec.Struct)
K = TypeVar("K")


class Note(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person's word on an article: a tag, a tag taken back, or a note. `about` is its URL as given."""

    at: str
    about: str
    tag: str | None = None
    untag: str | None = None
    text: str | None = None


class Find(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A URL that a source named: by which watch, from where, when; `title` as the source gives it.

    `source` is the URL of the source, or of what led to it in the end (absent: nothing did, or it was not
    noted); `added` tells that it was added by hand or approved.
    `kind` is what it is looked at as: a page, or a source that was approved.
    """

    at: str
    url: str
    watch: str
    via: str
    title: str | None = None
    tags: tuple[str, ...] = ()
    source: str | None = None
    added: bool = False
    kind: Kind = "page"


def append(archive: Path, name: str, lines: Sequence[msgspec.Struct]) -> None:
    """Append lines; on return they are durable. Raises `StorageError`."""
    append_raw(archive, name, [msgspec.json.encode(line) for line in lines])


def append_raw(archive: Path, name: str, lines: Sequence[bytes]) -> None:
    """Append lines as they are, each given without its end; as `append`."""
    if not lines:
        return
    path = archive / FOLDER / name
    data = b"".join(line + b"\n" for line in lines)
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("ab+") as file:
            size = file.seek(0, os.SEEK_END)
            if size:
                file.seek(size - 1)
                data = data if file.read(1) == b"\n" else b"\n" + data
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}; see that the disk has room") from error


def read(archive: Path, name: str, kind: type[T]) -> Iterator[T]:
    """Yield the lines that are whole, in the order in which they were written."""
    return read_with(archive, name, msgspec.json.Decoder(kind))


def read_with(archive: Path, name: str, decoder: msgspec.json.Decoder[K]) -> Iterator[K]:
    """Yield the lines that a decoder reads; as `read`, also of several kinds."""
    for line in read_raw(archive, name):
        try:
            yield decoder.decode(line)
        except msgspec.DecodeError:
            continue  # cut by a crash, or not ours


def read_raw(archive: Path, name: str) -> Iterator[bytes]:
    """Yield the lines as they are, whatever they hold."""
    try:
        with (archive / FOLDER / name).open("rb") as file:
            yield from lines_of(file)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StorageError(f"cannot read {archive / FOLDER / name}: {error.strerror}") from error


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of an open file from where it stands, too long ones in pieces."""
    while line := file.readline(_MAX_LINE_BYTES):
        yield line


def is_whole(line: bytes) -> bool:
    """Tell whether a line (or piece) will stay as it is; the last one of a file may be going to be ended."""
    return line.endswith(b"\n") or len(line) == _MAX_LINE_BYTES


class Follower(Generic[T]):
    """Reads what was appended to a file since the last look, by whatever process."""

    def __init__(self, archive: Path, name: str, kind: type[T]) -> None:
        self._path = archive / FOLDER / name
        self._decoder = msgspec.json.Decoder(kind)
        self._at = 0

    def new(self) -> list[T]:
        """Return the lines that came since, from the first on at the first call. Raises `StorageError`."""
        found: list[T] = []
        try:
            with self._path.open("rb") as file:
                file.seek(self._at)
                for line in lines_of(file):
                    if not is_whole(line):
                        break  # it is being written; or a crash cut it, and the next line ends it
                    self._at += len(line)
                    with contextlib.suppress(msgspec.DecodeError):
                        found.append(self._decoder.decode(line))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StorageError(f"cannot read {self._path}: {error.strerror}") from error
        return found


class Timed(Protocol):
    """A line that says when it was written."""

    @property
    def at(self) -> str: ...


L = TypeVar("L", bound=Timed)


def by_time(lines: Iterable[L]) -> list[L]:
    """Return lines in order of time: those that came by a merge stand behind later ones of our own."""
    return sorted(lines, key=lambda one: one.at.removesuffix("Z"))


def tags_of(notes: Sequence[Note]) -> tuple[str, ...]:
    """Return the tags that stand after these lines, in order of their coming."""
    tags: dict[str, None] = {}
    for note in by_time(notes):
        if note.tag:
            tags[note.tag] = None
        if note.untag:
            tags.pop(note.untag, None)
    return tuple(tags)

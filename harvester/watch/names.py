"""The names of all that the journal tells of, kept beside it, so that a long one is not read anew each time.

The journal is the truth: the file here lies in the archive's library folder and may be lost. At each look the
checksum of what was read of the journal before is compared: what was appended since is read, and all of it
where it was edited, cut or replaced.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import BinaryIO, Final, Generic, Protocol, TypeVar
from zlib import crc32

import msgspec

from harvester._version import __version__
from harvester.errors import StorageError
from harvester.sites import all_sites, site_for_url
from harvester.sqlite import LosableFile, Words
from harvester.urls import for_request
from harvester.watch import journal

_VERSION: Final = 1
_WORDS: Final = Words("the list of names", damaged="it may be deleted: it is made again from the journal")
_SCHEMA: Final = """
create table names (mark blob primary key, at integer not null) strict, without rowid;
create table read (rules text not null, bytes integer not null, checksum integer not null) strict;
"""
_MARK_BYTES: Final = 12
_PIECE_BYTES: Final = 1 << 20


class Line(Protocol):
    """A line of the journal that tells of a URL."""

    @property
    def url(self) -> str: ...


T = TypeVar("T", bound=Line)


def names_of(url: str) -> tuple[str, ...]:
    """Return what a URL tells of its article's names: its identity, its lasting form, itself as sent."""
    site = site_for_url(url)
    names = (site.identity_key(url), site.canonical_url(url), for_request(url))
    return tuple(name for name in names if name)


class Marks:
    """Names, told by their marks: whether one is among them. They are as many as the journal has lines."""

    def __init__(self, marks: set[bytes]) -> None:
        self._marks = marks

    def has_any(self, names: Iterable[str]) -> bool:
        """Tell whether one of these is among them."""
        return not self._marks.isdisjoint(map(mark_of, names))

    def add(self, names: Iterable[str]) -> None:
        """Have these among them, too."""
        self._marks.update(map(mark_of, names))

    def join(self, other: Marks) -> None:
        """Have those of others among them, too."""
        self._marks |= other._marks


class Names(LosableFile, Generic[T]):
    """The names of all that one file of the journal tells of (lines of `kind`), as of the last `look`.

    Where the place cannot be written, they are kept in memory. Raises `StorageError`, `LockedError`.
    """

    def __init__(self, directory: Path, name: str, kind: type[T]) -> None:
        path = directory / "library" / f"names-{Path(name).stem}.sqlite"
        super().__init__(path, _WORDS, _SCHEMA, _VERSION, or_memory=True)
        self._journal = directory / journal.FOLDER / name
        self._decoder = msgspec.json.Decoder(kind)
        self._file: BinaryIO = io.BytesIO()
        self._at = 0  # how far the journal was read, to the end of a whole line
        self._checksum = 0  # of that
        self._unended: tuple[tuple[bytes, ...], T] | None = None
        self._met: dict[bytes, T] = {}  # by mark, what came while it grows
        self._marked: dict[str, tuple[bytes, ...]] = {}  # by URL, the marks of that

    def close(self) -> None:
        self._file.close()
        super().close()

    def look(self) -> None:
        """Learn what the journal tells by now."""
        with self.transaction():
            self._take_in()

    @contextmanager
    def growing(self) -> Iterator[None]:
        """Look, and keep others from it until the end, when what was appended meanwhile is learnt.

        So two processes that ask what is new, and append that, do not append the same. A crash takes back
        what was learnt, not what was appended: the next look reads it.
        """
        with self.transaction():
            self._take_in()
            try:
                yield
                self._reopen()
                self._read_on()
            finally:
                self._met.clear()
                self._marked.clear()

    def met(self, line: T, names: Iterable[str]) -> T | None:
        """Return the line that told of the same article (`names`) before; None: it is the first.

        While it grows; all that is first is to be appended then.
        """
        marks = tuple(map(mark_of, names))
        earlier = self._first(marks) or next((self._met[mark] for mark in marks if mark in self._met), None)
        if earlier is None:
            self._marked[line.url] = marks
            self._met.update(dict.fromkeys(marks, line))
        return earlier

    def _first(self, marks: tuple[bytes, ...]) -> T | None:
        if not marks:
            return None
        query = f"select mark, at from names where mark in ({', '.join('?' * len(marks))})"  # noqa: S608 - marks
        places = {row["mark"]: row["at"] for row in self._run(query, marks)}
        for mark in marks:
            if mark in places:
                return self._line(places[mark])
            if self._unended is not None and mark in self._unended[0]:
                return self._unended[1]
        return None

    def _marks_of(self, url: str) -> tuple[bytes, ...]:
        return self._marked.get(url) or tuple(map(mark_of, names_of(url)))

    def marks(self) -> Marks:
        """Return the marks of all."""
        marks = {row["mark"] for row in self._run("select mark from names")}
        return Marks(marks.union(self._unended[0]) if self._unended is not None else marks)

    def _take_in(self) -> None:
        """Read what came since, all of it where what was read before is no more, inside a transaction."""
        self._reopen()
        row = self._db.execute("select * from read").fetchone()
        with self._reading():
            stands = (
                row
                and row["rules"] == naming_rules()
                and _checksum(self._file, row["bytes"]) == row["checksum"]
            )
        if stands:
            self._at, self._checksum = row["bytes"], row["checksum"]
        else:
            self._at = self._checksum = 0
            self._db.execute("delete from names")
            self._db.execute("delete from read")
        self._read_on()

    def _read_on(self) -> None:
        began = self._at
        with self._reading():
            self._db.executemany("insert or ignore into names values (?, ?)", self._further())
        if self._at != began:
            self._db.execute("delete from read")
            self._db.execute("insert into read values (?, ?, ?)", (naming_rules(), self._at, self._checksum))

    def _further(self) -> Iterator[tuple[bytes, int]]:
        """Yield the marks of the lines from where the last look ended, each with its line's place."""
        self._unended = None
        self._file.seek(self._at)
        for line in journal.lines_of(self._file):
            told = self._decoded(line)
            marks = self._marks_of(told.url) if told is not None else ()
            if not journal.is_whole(line):
                # It is being written, or a crash cut it, and the next line ends it; or an editor forgot to.
                self._unended = (marks, told) if told is not None else None
                return
            yield from ((mark, self._at) for mark in marks)
            self._at += len(line)
            self._checksum = crc32(line, self._checksum)

    def _line(self, at: int) -> T:
        with self._reading():
            self._file.seek(at)
            told = next(map(self._decoded, journal.lines_of(self._file)), None)
        if told is None:
            raise StorageError(f"{self._journal} was changed while it was read; try again")
        return told

    def _decoded(self, line: bytes) -> T | None:
        try:
            return self._decoder.decode(line)
        except msgspec.DecodeError:
            return None

    def _reopen(self) -> None:
        self._file.close()
        with self._reading():
            try:
                self._file = self._journal.open("rb")
            except FileNotFoundError:
                self._file = io.BytesIO()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StorageError(f"cannot read {self._journal}: {error.strerror}") from error


def marks_of(directory: Path, name: str, kind: type[Line]) -> Marks:
    """Return the marks of all names that one file of the journal tells of by now. As `Names`."""
    with Names(directory, name, kind) as names:
        names.look()
        return names.marks()


def mark_of(name: str) -> bytes:
    """Return what stands for a name in a list: a digest, so that all are equally short."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:_MARK_BYTES]


def _checksum(file: BinaryIO, count: int) -> int | None:
    """Return the CRC-32 of the first bytes of a file, None where it has fewer."""
    found = 0
    while count:
        piece = file.read(min(count, _PIECE_BYTES))
        if not piece:
            return None
        found = crc32(piece, found)
        count -= len(piece)
    return found


@cache
def naming_rules() -> str:
    """Return what names depend on besides the journal: versions of the program and of publishers' rules."""
    return " ".join([__version__, *(site.rules_version for site in all_sites())])

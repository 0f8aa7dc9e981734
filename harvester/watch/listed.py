"""Which pages and sources the configuration names, by their names; of long files of links that is kept.

What is kept lies in the archive's library folder and may be lost. It is told by the bytes of a file of links:
one that was edited is read anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from harvester.config import Loaded
from harvester.errors import StorageError, UsageError
from harvester.inputs import read_file
from harvester.intake import prepare
from harvester.links import MAX_BYTES, links_in
from harvester.sqlite import LosableFile, Words
from harvester.watch.config import Watch
from harvester.watch.names import Marks, mark_of, names_of, naming_rules
from harvester.watch.wanted import named_watches

_VERSION: Final = 1
_WORDS: Final = Words(
    "the list of names", damaged="it may be deleted: it is made again from the configuration"
)
_SCHEMA: Final = """
create table files (number integer primary key, digest blob not null unique) strict;
create table names (
  file integer not null, mark blob not null, primary key (file, mark)
) strict, without rowid;
"""


class Listed(LosableFile):
    """What a configuration names, as its files of links are now. Raises `StorageError`, `LockedError`.

    A file that cannot be read names nothing here: `run` tells of it.
    """

    def __init__(self, directory: Path, loaded: Loaded) -> None:
        path = directory / "library" / "names-listed.sqlite"
        super().__init__(path, _WORDS, _SCHEMA, _VERSION, or_memory=True)
        base = loaded.path.parent if loaded.path else Path()
        watches = named_watches(loaded)
        self._own = {name: set(_marks(_texts(watch))) for name, watch in watches.items()}
        files = {
            name: [base / Path(file).expanduser() for file in watch.files] for name, watch in watches.items()
        }
        read = {path: content for own in files.values() for path in own if (content := _content(path))}
        self._numbers = self._taken_in(read)
        self._files = {
            name: [self._numbers[path] for path in own if path in self._numbers]
            for name, own in files.items()
        }

    def watches_of(self, names: Iterable[str]) -> dict[str, str]:
        """Return, of those of these names that are named, which watch names them first."""
        found: dict[str, str] = {}
        for name in names:
            mark = mark_of(name)
            watch = next((watch for watch in self._own if self._has(watch, mark)), None)
            if watch is not None:
                found[name] = watch
        return found

    def marks(self) -> Marks:
        """Return the marks of all names."""
        marks = set[bytes]().union(*self._own.values())
        for number in self._numbers.values():
            marks |= {row["mark"] for row in self._run("select mark from names where file = ?", (number,))}
        return Marks(marks)

    def _has(self, watch: str, mark: bytes) -> bool:
        return mark in self._own[watch] or any(
            self._run("select 1 from names where file = ? and mark = ?", (number, mark))
            for number in self._files[watch]
        )

    def _taken_in(self, read: dict[Path, bytes]) -> dict[Path, int]:
        """Return the numbers of these files, by their bytes; what no file has any more is forgotten."""
        digests = {path: _digest(path, content) for path, content in read.items()}
        numbers = {row["digest"]: row["number"] for row in self._run("select * from files")}
        if numbers.keys() != set(digests.values()):
            with self.transaction():
                numbers = self._brought_up(read, digests)
        return {path: numbers[digest] for path, digest in digests.items()}

    def _brought_up(self, read: dict[Path, bytes], digests: dict[Path, bytes]) -> dict[bytes, int]:
        numbers = {row["digest"]: row["number"] for row in self._db.execute("select * from files")}
        for digest in numbers.keys() - set(digests.values()):
            number = numbers.pop(digest)
            self._db.execute("delete from names where file = ?", (number,))
            self._db.execute("delete from files where number = ?", (number,))
        for path, digest in digests.items():
            if digest not in numbers:
                number = self._db.execute("insert into files (digest) values (?)", (digest,)).lastrowid or 0
                rows = ((number, mark) for mark in _marks(_links(path, read[path])))
                self._db.executemany("insert or ignore into names values (?, ?)", rows)
                numbers[digest] = number
        return numbers


def _content(path: Path) -> bytes | None:
    try:
        return read_file(path, MAX_BYTES, "a file of links")
    except (UsageError, StorageError):
        return None


def _digest(path: Path, content: bytes) -> bytes:
    """Return what tells a file of links: its name (a hint to its kind), its bytes, and how it is read."""
    head = f"{naming_rules()}\0{path.name}\0".encode("utf-8", "surrogatepass")
    return hashlib.sha256(head + content).digest()


def _links(path: Path, content: bytes) -> Iterable[str]:
    try:
        return [one.url for one in links_in(content, str(path)).named]
    except UsageError:
        return ()


def _texts(watch: Watch) -> tuple[str, ...]:
    return (*watch.urls, *watch.listings, *watch.feeds, *watch.sitemaps)


def _marks(texts: Iterable[str]) -> Iterable[bytes]:
    """Yield the marks of what these name; what is no URL names nothing."""
    for text in texts:
        try:
            url = prepare(text).url
        except UsageError:
            continue
        yield from map(mark_of, names_of(url))

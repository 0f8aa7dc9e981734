"""An output at a URL: closed files travel whole, are read back and compared; completion records come last.

What a store keeps is believed when it was read back from it. There is no lock there, but a claim
(harvester.rebuild.outputs.claims); and no time of our own on an object, so that what would be a record's
time on a disk is a small object in `units/.seen/`, worth nothing but the reading of inputs that it spares.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from archive.disk import TEMPORARY_PREFIX, explain, storage_errors
from archive.layout import MARKER
from archive.storage import RemotePath
from archive.storage.ahead import ahead
from archive.storage.faults import StoreError
from archive.storage.remote import SMALL_BYTES
from harvester.errors import StorageError, UsageError
from harvester.rebuild.outputs import scratch
from harvester.rebuild.outputs.base import UNITS, Hold
from harvester.rebuild.outputs.claims import claimed

_ATTEMPTS: Final = 2
_SEEN: Final = f"{UNITS}/.seen"
_OF_THIS_PROCESS: Final = ("memory://",)
_A = TypeVar("_A")
_B = TypeVar("_B")


@dataclass(frozen=True, slots=True)
class Store:
    """An `Output` at a URL."""

    root: RemotePath

    def __str__(self) -> str:
        return str(self.root)

    def check(self) -> None:
        if self.root.url.startswith(_OF_THIS_PROCESS):
            raise UsageError(f"{self.root} is gone with this process: name a place that stays")
        with _worded("cannot look at", self.root):
            if self.root.is_file():
                raise UsageError(f"{self.root} is a file: name a folder for the documents")
            for place in _with_parents(self.root):
                if (place / MARKER).is_file():
                    raise UsageError(f"{self.root} is in the archive {place}: name a place outside of it")

    @contextlib.contextmanager
    def holding(self, share: str | None) -> Iterator[Hold]:
        with claimed(self.root / UNITS / ".claims", share) as hold:
            yield hold

    def reachable(self) -> None:
        """A fault is met with the first request, and says where."""

    def tidy(self) -> None:
        """Parts of an upload that was cut off have no name: a store's own rule removes them."""
        left = [f"{UNITS}/{name}" for name in self.listed(UNITS) if name.startswith(TEMPORARY_PREFIX)]
        self.remove(left)

    def read(self, name: str) -> bytes | None:
        there = self.root / name
        with _worded("cannot read", there):
            try:
                return there.read_bytes()
            except FileNotFoundError:
                return None

    def write(self, name: str, data: bytes, seen: int | None = None) -> None:
        there = self.root / name
        _proven(there, hashlib.sha256(data).hexdigest(), len(data), partial(there.write_bytes, data))
        if seen is not None:
            self.tell(_seen_beside(name), f"{seen} {hashlib.sha256(data).hexdigest()}\n".encode())

    def seen(self, name: str, data: bytes) -> int | None:
        said = (self.read(_seen_beside(name)) or b"").decode("ascii", "replace").split()
        if len(said) != 2 or not said[0].isdecimal():  # noqa: PLR2004 - a time and a digest
            return None
        return int(said[0]) if hashlib.sha256(data).hexdigest() == said[1] else None

    def tell(self, name: str, data: bytes) -> None:
        there = self.root / name
        with _worded("cannot write", there):
            there.write_bytes(data)

    def move(self, name: str, new: str) -> None:
        data = self.read(name)
        if data is not None:
            self.write(new, data)
            self.remove([name])

    def remove(self, names: Iterable[str]) -> int:
        return sum(self.each(self._remove, names))

    def _remove(self, name: str) -> int:
        there = self.root / name
        with _worded("cannot remove", there), contextlib.suppress(FileNotFoundError):
            there.unlink()
            return 1
        return 0

    def listed(self, folder: str) -> list[str]:
        there = self.root / folder if folder else self.root
        with _worded("cannot look into", there), contextlib.suppress(FileNotFoundError):
            for _, _, names in there.walk():
                return names
        return []

    def presence(self) -> Callable[[Iterable[str]], bool]:
        return _Presence(self).all_there

    def workplace(self) -> contextlib.AbstractContextManager[Path]:
        return scratch.workplace()

    def bring(self, name: str, place: Path) -> None:
        self._fetch(name, place / name)

    def deliver(self, place: Path, names: Iterable[str]) -> None:
        rest = iter(names)
        for name in itertools.islice(rest, 1):
            self._send(place, name)
        for _ in self.each(partial(self._send, place), rest):
            pass

    def shared(self, name: str) -> contextlib.AbstractContextManager[Path]:
        return scratch.shared_file((self.root / name).url, partial(self._fetch, name))

    @contextlib.contextmanager
    def sharing(self, name: str) -> Iterator[Path]:
        with scratch.workplace() as place:
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            yield place / name
            self._send(place, name)

    def unshare(self, name: str) -> None:
        scratch.forget((self.root / name).url)
        self.remove([name])

    def files(self, names: Iterable[str]) -> Iterator[BinaryIO]:
        with scratch.workplace() as place:
            for path in self.each(partial(self._fetched, place), enumerate(names)):
                with path.open("rb") as file:
                    path.unlink()
                    yield file

    def each(self, call: Callable[[_A], _B], items: Iterable[_A]) -> Iterator[_B]:
        return ahead(call, items)

    def _fetched(self, place: Path, item: tuple[int, str]) -> Path:
        number, name = item
        self._fetch(name, place / str(number))
        return place / str(number)

    def _fetch(self, name: str, target: Path) -> None:
        """Copy a file of the output to this machine."""
        there = self.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with _worded("cannot read", there), there.open() as source, target.open("wb") as file:
            while data := source.read(1 << 20):
                file.write(data)

    def _send(self, place: Path, name: str) -> None:
        """Upload a file of this machine, and prove it."""
        source, there = place / name, self.root / name
        with storage_errors("cannot read", source):
            size = source.stat().st_size
            if size <= SMALL_BYTES:
                data = source.read_bytes()
                digest, put = hashlib.sha256(data).hexdigest(), partial(there.write_bytes, data)
            else:
                with source.open("rb") as file:
                    digest, put = hashlib.file_digest(file, "sha256").hexdigest(), partial(there.put, source)
        _proven(there, digest, size, put)


def _sha256_of(there: RemotePath, size: int) -> str:
    """Return the digest of what the store gives back; what it says of an object's digest is not asked."""
    if size <= SMALL_BYTES:
        return hashlib.sha256(there.read_bytes()).hexdigest()
    with there.open() as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _proven(there: RemotePath, digest: str, size: int, put: Callable[[], None]) -> None:
    """Upload, read back and compare; what came out unequal does not stay."""
    with _worded("cannot write", there):
        for _ in range(_ATTEMPTS):
            put()
            if _sha256_of(there, size) == digest:
                return
        there.unlink()
    raise StorageError(
        f"{there}: what came back from the store was not what was sent, twice: nothing there can be trusted "
        "before that is mended"
    )


class _Presence:
    """Which files are there: each folder is listed once, the names kept in a temporary database."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._folders: set[str] = set()
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._db.execute("CREATE TABLE files (name TEXT PRIMARY KEY) WITHOUT ROWID")

    def all_there(self, names: Iterable[str]) -> bool:
        with self._lock:
            return all(self._there(name) for name in names)

    def _there(self, name: str) -> bool:
        folder = name.rpartition("/")[0]
        if folder not in self._folders:
            found = ((f"{folder}/{one}".lstrip("/"),) for one in self._store.listed(folder))
            self._db.execute("BEGIN")
            self._db.executemany("INSERT OR IGNORE INTO files VALUES (?)", found)
            self._db.execute("COMMIT")
            self._folders.add(folder)
        return self._db.execute("SELECT 1 FROM files WHERE name = ?", (name,)).fetchone() is not None


def _with_parents(place: RemotePath) -> Iterator[RemotePath]:
    """Yield a place and the folders that it is in, up to its bucket."""
    for _ in range(place.url.count("/") - 1):  # two are before the bucket's name
        yield place
        place = place.parent


def _seen_beside(name: str) -> str:
    return f"{_SEEN}/{name.rpartition('/')[2]}"


@contextlib.contextmanager
def _worded(doing: str, there: RemotePath) -> Iterator[None]:
    """Turn a fault at a distance into a line that says what was being done, where, and the cure."""
    try:
        yield
    except StoreError as error:
        raise StorageError(f"{doing} {there}: {explain(error)}") from error

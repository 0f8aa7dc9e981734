"""A file or folder at a URL: the part of `pathlib.Path` that reading needs, over fsspec.

The only module that imports fsspec, and only when a URL is used. A value is picklable: it is its URL.
"""

from __future__ import annotations

import errno
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any, Final, Literal, Self, cast
from urllib.parse import urlsplit

from archive.errors import StorageError, UsageError
from archive.storage.faults import StoreError, patient

READ_AHEAD_BYTES: Final = 4 << 20
"""One ranged request brings this much: a page's record and its neighbours."""
PART_BYTES: Final = 16 << 20
"""Parts of an upload; S3 allows 10 000 of them, so a file may have 160 GiB."""

_DISK: Final = ("file://", "local://")
_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def is_url(text: str) -> bool:
    """Tell whether a user named a URL and not a path of this machine."""
    return _URL.match(text) is not None


def place(text: str | Path) -> Path | RemotePath:
    """Return what a user named: a path of this machine, or a URL's. Raises `UsageError`, `StorageError`."""
    if isinstance(text, Path) or not is_url(text):
        return Path(text)
    if text.startswith("file://"):
        return Path(urlsplit(text).path)
    return RemotePath.of(text)


@dataclass(frozen=True, slots=True, order=True)
class RemotePath:
    """A place at a store. Every method raises `OSError` with words for what goes wrong there."""

    url: str

    @classmethod
    def of(cls, text: str) -> Self:
        """Read a URL. Raises `UsageError` for one that holds credentials or whose scheme is unknown."""
        parts = urlsplit(text)
        if "@" in parts.netloc:
            raise UsageError(
                f"{parts.scheme}://…@{parts.netloc.rpartition('@')[2]}: leave credentials out of the URL; "
                "they come from the environment or the client's own configuration"
            )
        if not parts.netloc.strip("/") and not parts.path.strip("/"):
            raise UsageError(f"{text} names no place: write {parts.scheme}://BUCKET/FOLDER")
        path = cls(text.rstrip("/"))
        path._filesystem()  # an unknown scheme or a missing client is said at once
        return path

    def __str__(self) -> str:
        return self.url

    def __truediv__(self, name: str | PurePosixPath) -> RemotePath:
        return RemotePath(f"{self.url}/{name}")

    @property
    def name(self) -> str:
        return self.url.rpartition("/")[2]

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name).suffix

    @property
    def parent(self) -> RemotePath:
        return RemotePath(self.url.rpartition("/")[0])

    def with_name(self, name: str) -> RemotePath:
        return self.parent / name

    @patient
    def stat(self) -> SimpleNamespace:
        """Return an object with `st_size`; ENOENT for what is not there."""
        info = self._filesystem().info(self.url, refresh=True)
        return SimpleNamespace(st_size=int(info.get("size") or 0))

    def exists(self) -> bool:
        return self._kind() is not None

    def is_file(self) -> bool:
        return self._kind() == "file"

    def is_dir(self) -> bool:
        return self._kind() == "directory"

    @patient
    def files(self) -> list[tuple[RemotePath, int]]:
        """Return every file below, with its size in bytes, sorted by URL."""
        system = self._filesystem()
        system.invalidate_cache()
        found = system.find(self.url, detail=True)
        return sorted(
            (RemotePath(system.unstrip_protocol(name)), int(info["size"])) for name, info in found.items()
        )

    def iterdir(self) -> Iterator[RemotePath]:
        """Yield what is right below, sorted."""
        yield from self._listed()

    @patient
    def _listed(self) -> list[RemotePath]:
        system = self._filesystem()
        system.invalidate_cache()
        own = system._strip_protocol(self.url)  # noqa: SLF001 - fsspec's documented way to compare names
        names = system.ls(self.url, detail=False)
        return sorted(RemotePath(system.unstrip_protocol(name)) for name in names if name.rstrip("/") != own)

    def open(self, mode: Literal["rb"] = "rb") -> io.BufferedReader:
        """Open for reading by ranges, with read-ahead; never the whole file at once."""
        if mode != "rb":
            raise ValueError(mode)
        return io.BufferedReader(_Ranges(self), 64 << 10)

    @patient
    def opened(self) -> Any:
        """Return the client's own file for reading: what `open` puts its promises around."""
        return self._filesystem().open(self.url, "rb", block_size=READ_AHEAD_BYTES, cache_type="readahead")

    @patient
    def put(self, source: Path) -> None:
        """Upload a file under this name, whole: a store shows it when all of it is there."""
        with (
            source.open("rb") as read,
            self._filesystem().open(self.url, "wb", block_size=PART_BYTES) as write,
        ):
            while data := read.read(1 << 20):
                write.write(data)

    @patient
    def write_bytes(self, data: bytes) -> None:
        """Put a small object in place, whole."""
        self._filesystem().pipe_file(self.url, data)

    @patient
    def unlink(self) -> None:
        self._filesystem().rm_file(self.url)

    @patient
    def _kind(self) -> str | None:
        system = self._filesystem()
        system.invalidate_cache()
        try:
            return str(system.info(self.url)["type"])
        except FileNotFoundError:
            return None

    def _filesystem(self) -> Any:
        try:
            import fsspec  # noqa: PLC0415 - heavy, and only needed for URLs
        except ImportError as error:
            raise StorageError(_EXTRA.format(url=self.url, what="fsspec")) from error
        try:
            # A disk has folders to make; at an object store the client would make a bucket of a typo.
            options = {"auto_mkdir": True} if self.url.startswith(_DISK) else {}
            return fsspec.url_to_fs(self.url, **options)[0]
        except ImportError as error:
            raise StorageError(_EXTRA.format(url=self.url, what=str(error).splitlines()[0])) from error
        except ValueError as error:
            raise UsageError(f"{self.url}: {error}") from error


_EXTRA: Final = "{url} needs what is not installed ({what}): pip install 'wechat-harvester[remote]'"


class _Ranges(io.RawIOBase):
    """A remote file whose every read is whole or an error: what a store cuts short is asked for again."""

    def __init__(self, path: RemotePath) -> None:
        self._path = path
        self._file = path.opened()
        self._size = int(self._file.size)
        self._at = 0

    @property
    def url(self) -> str:
        return self._path.url

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if place < 0:
            raise OSError(errno.EINVAL, "a place before the file's start")
        self._at = place
        return place

    def readinto(self, buffer: Any) -> int:  # its type, Buffer, has a name from Python 3.12 on
        view = memoryview(buffer)
        data = self._read(max(0, min(len(view), self._size - self._at)))
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    @patient
    def _read(self, wanted: int) -> bytes:
        if not wanted:
            return b""
        self._file.seek(self._at)
        data = cast(bytes, self._file.read(wanted))
        if len(data) != wanted:
            self._file = self._path.opened()  # with it goes what its cache holds
            words = f"{wanted} bytes were asked for, {len(data)} came"
            raise StoreError(errno.EIO, words, lasting=False)
        return data

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()

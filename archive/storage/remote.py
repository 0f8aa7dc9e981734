"""A file or folder at a URL: the part of `pathlib.Path` that reading needs, over fsspec.

The only module that imports fsspec, and only when a URL is used. A value is picklable: it is its URL.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal, NamedTuple, Self, cast
from urllib.parse import urlsplit

from archive.errors import UsageError
from archive.storage.clients import tamed
from archive.storage.faults import NO_RANGES, StoreError, patient
from archive.storage.ranges import READ_AHEAD_BYTES, Ranges, known_sha256

SMALL_BYTES: Final = 8 << 20
"""What is read or put at once."""
PART_BYTES: Final = 16 << 20
"""Parts of an upload; S3 allows 10 000 of them, so a file may have 160 GiB."""

_DISK: Final = ("file://", "local://")
_WEB: Final = ("http://", "https://")
_TAGS: Final = ("ETag", "etag", "md5Hash", "content_md5", "Content-MD5")
_TIMES: Final = ("LastModified", "last_modified", "Last-Modified", "updated", "mtime", "created")
"""What stores call the digest or tag of a file's state, and the time of its last change."""


class Status(NamedTuple):
    """What is known of a remote file: its size in bytes, and what stands for the time of its last change.

    The seconds of `st_mtime_ns` are the store's time; below them stands a digest of its tag (ETag), so
    that two states of one second differ. Of a store that tells neither it is now: nothing is unchanged.
    """

    st_size: int
    st_mtime_ns: int


@dataclass(frozen=True, slots=True, order=True)
class RemotePath:
    """A place at a store. Every method raises `OSError` with words for what goes wrong there."""

    url: str
    listed: int | None = field(default=None, compare=False, repr=False)
    """The size in bytes that the listing gave through which it was found."""

    @classmethod
    def of(cls, text: str) -> Self:
        """Read a URL.

        Raises `UsageError` for one that holds credentials, whose scheme is unknown, or whose client is not
        installed.
        """
        parts = urlsplit(text)
        if "@" in parts.netloc:
            raise UsageError(
                f"{parts.scheme}://…@{parts.netloc.rpartition('@')[2]}: leave credentials out of the URL; "
                "they come from the environment or the client's own configuration"
            )
        if not parts.netloc.strip("/") and not parts.path.strip("/"):
            raise UsageError(f"{text} names no place: write {parts.scheme}://BUCKET/FOLDER")
        given = text.rstrip("/")
        system = cls(given)._filesystem()  # noqa: SLF001 - an unknown scheme or a missing client is said at once
        # As listings will name it, whatever way a user wrote it.
        return cls(str(system.unstrip_protocol(system._strip_protocol(given))))  # noqa: SLF001 - documented

    def __str__(self) -> str:
        return self.url

    def __truediv__(self, name: str | PurePosixPath) -> RemotePath:
        return RemotePath(f"{self.url}/{name}")

    @property
    def name(self) -> str:
        name = self.url.rpartition("/")[2]
        return re.split(r"[?#]", name, maxsplit=1)[0] if self.url.startswith(_WEB) else name

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name).suffix

    @property
    def parent(self) -> RemotePath:
        return RemotePath(self.url.rpartition("/")[0])

    @property
    def bucket(self) -> RemotePath:
        """The outermost place: a bucket, or a server's root."""
        parts = urlsplit(self.url)
        return RemotePath(f"{parts.scheme}://{parts.netloc}")

    def with_name(self, name: str) -> RemotePath:
        return self.parent / name

    @patient
    def stat(self) -> Status:
        """Return its size, and a time that differs when it does; ENOENT for what is not there."""
        info = self._info()
        return Status(int(info.get("size") or 0), _changed_ns(info))

    def known_sha256(self) -> str | None:
        """Return its SHA-256 if this process has read it whole in its present state, else None."""
        known = known_sha256(self.url)
        if known is None or known[0] != (self.url, *self._state()):
            return None
        return known[1]

    @patient
    def looked_up(self) -> tuple[RemotePath, str] | None:
        """Return this place with its size, and its kind (`file`, `directory`); None where nothing is."""
        try:
            info = self._info()
        except FileNotFoundError:
            return None
        size = info.get("size")
        return RemotePath(self.url, size if isinstance(size, int) else None), str(info["type"])

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
        return sorted((_path(system, name, info), int(info["size"])) for name, info in found.items())

    def walk(self) -> Iterator[tuple[RemotePath, list[str], list[str]]]:
        """Yield folders as `os.walk` does, each from one listing; all sorted."""
        found = self._listed()
        folders = [path.name for path, kind in found if kind == "directory"]
        yield self, folders, [path.name for path, kind in found if kind != "directory"]
        for name in folders:
            yield from (self / name).walk()

    def iterdir(self) -> Iterator[RemotePath]:
        """Yield what is right below, sorted."""
        yield from (path for path, _ in self._listed())

    @patient
    def glob(self) -> list[tuple[RemotePath, str]]:
        """Return what fits this URL as a pattern (`*`, `?`, `[…]`, `**` for folders), with kinds; sorted."""
        system = self._filesystem()
        system.invalidate_cache()
        found = system.glob(self.url, detail=True)
        return sorted((_path(system, name, info), str(info["type"])) for name, info in found.items())

    @patient
    def _listed(self) -> list[tuple[RemotePath, str]]:
        system = self._filesystem()
        system.invalidate_cache()
        own = system._strip_protocol(self.url)  # noqa: SLF001 - fsspec's documented way to compare names
        found = {info["name"].rstrip("/"): info for info in system.ls(self.url, detail=True)}
        return sorted(
            (_path(system, name, info), str(info["type"])) for name, info in found.items() if name != own
        )

    def open(self, mode: Literal["rb"] = "rb") -> io.BufferedReader:
        """Open for reading by ranges, with read-ahead; never the whole file at once."""
        if mode != "rb":
            raise ValueError(mode)
        return io.BufferedReader(Ranges(self), 64 << 10)

    @patient
    def opened(self) -> tuple[Any, int, str | None]:
        """Return the client's own file for reading, its size and the version that the store tells of it.

        For `Ranges`, which puts the promises around it.
        """
        file = self._filesystem().open(self.url, "rb", block_size=READ_AHEAD_BYTES, cache_type="none")
        size = getattr(file, "size", None)
        if size is None or not file.seekable():
            file.close()
            raise StoreError(errno.ESPIPE, NO_RANGES, lasting=True)
        return file, int(size), _version(getattr(file, "details", None) or {})

    @patient
    def put(
        self, source: Path, size: int | None = None, tell: Callable[[int], None] = lambda _: None
    ) -> None:
        """Upload a file, or its first bytes, under this name: a store shows it when all of it is there.

        `tell` is called with the bytes that are behind it; what it raises ends the upload.
        """
        with source.open("rb") as read, self._uploading() as write:
            wanted = source.stat().st_size if size is None else size
            while data := read.read(min(wanted - read.tell(), 1 << 20)):
                write.write(data)
                tell(read.tell())

    @contextlib.contextmanager
    def _uploading(self) -> Iterator[Any]:
        """Give the client's file for writing. What was cut off is let go: closed, it would stand there."""
        write = self._filesystem().open(self.url, "wb", block_size=PART_BYTES)
        try:
            yield write
            write.close()
        except BaseException:
            with contextlib.suppress(Exception):
                write.discard()
            with contextlib.suppress(Exception):
                write.closed = True
            raise

    def read_bytes(self) -> bytes:
        """Return the whole of an object, of a small one by one request; ENOENT for what is not there."""
        data = self._beginning()
        if len(data) < SMALL_BYTES:
            return data
        with self.open() as file:
            return file.read()

    @patient
    def _beginning(self) -> bytes:
        try:
            return cast(bytes, self._filesystem().cat_file(self.url, start=0, end=SMALL_BYTES))
        except FileNotFoundError:
            raise
        except Exception:
            info = self._info()
            if info["type"] != "file" or info.get("size") != 0:  # None: it is not said
                raise
            return b""  # a range of nothing is refused by some, and answered wrongly by others

    @patient
    def write_bytes(self, data: bytes) -> None:
        """Put a small object in place, whole."""
        self._filesystem().pipe_file(self.url, data)

    @patient
    def unlink(self) -> None:
        self._filesystem().rm_file(self.url)

    def _kind(self) -> str | None:
        found = self.looked_up()
        return None if found is None else found[1]

    @patient
    def _state(self) -> tuple[int, str | None]:
        info = self._info()
        return int(info.get("size") or 0), _version(info)

    def _info(self) -> dict[str, Any]:
        system = self._filesystem()
        system.invalidate_cache()
        info: dict[str, Any] = system.info(self.url)
        return info

    def _filesystem(self) -> Any:
        try:
            import fsspec  # noqa: PLC0415 - heavy, and only needed for URLs
        except ImportError as error:
            raise UsageError(_EXTRA.format(url=self.url, what="fsspec")) from error
        try:
            # A disk has folders to make; at an object store the client would make a bucket of a typo.
            options = {"auto_mkdir": True} if self.url.startswith(_DISK) else {}
            options["use_listings_cache"] = False  # what others put meanwhile is there
            return tamed(fsspec.url_to_fs(self.url, **options)[0])
        except ImportError as error:
            raise UsageError(_EXTRA.format(url=self.url, what=str(error).splitlines()[0])) from error
        except ValueError as error:
            if self.url.partition("://")[0] not in fsspec.available_protocols():
                raise UsageError(_UNKNOWN.format(url=self.url)) from error
            raise UsageError(f"{self.url}: {error}") from error


_EXTRA: Final = (
    "{url} needs a library that is not installed ({what}): pip install 'wechat-harvester[remote]' brings "
    "what is needed for S3; of another store install its own"
)
_UNKNOWN: Final = (
    "{url}: no store is known by this scheme. Known are s3:// and https:// (with "
    "'wechat-harvester[remote]'), file://, gs:// (with gcsfs), az:// (adlfs), sftp:// (paramiko), hf:// "
    "(huggingface_hub), and whatever else fsspec knows, each with its own library"
)


def _path(system: Any, name: str, info: dict[str, Any]) -> RemotePath:
    size = info.get("size")
    return RemotePath(system.unstrip_protocol(name), size if isinstance(size, int) else None)


def _version(info: dict[str, Any]) -> str | None:
    """Return what the store says of a file's state: its tag, else the time of its last change."""
    return next((str(info[name]) for name in (*_TAGS, *_TIMES) if info.get(name)), None)


def _changed_ns(info: dict[str, Any]) -> int:
    version = _version(info)
    if version is None:
        return time.time_ns()
    when = next((found for name in _TIMES if (found := _seconds(info.get(name))) is not None), 0)
    below = int.from_bytes(hashlib.sha256(version.encode()).digest()[:8]) % 1_000_000_000
    return when * 1_000_000_000 + below


def _seconds(value: object) -> int | None:
    """Return a store's time as whole seconds since 1970: it comes as a number, a datetime or text."""
    if isinstance(value, str):
        try:
            value = parsedate_to_datetime(value) if "," in value else datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        value = value.timestamp()
    return int(value) if isinstance(value, int | float) else None

"""ZIP packages (WACZ), read in place: a member is a file that is read from inside, never unpacked.

Members are reached only by names from the package's own directory, and names are never joined to a path of
ours, so a name like `../x` leads nowhere; such members are left alone all the same.
"""

from __future__ import annotations

import errno
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from archive.disk import explain
from archive.errors import StorageError, WarcError

if TYPE_CHECKING:
    from archive.storage.places import Place

MAX_DIRECTORY_BYTES: Final = 8 * 1024 * 1024
"""Largest central directory read: parsed, it takes some ten times as much memory."""
MAX_MEMBERS: Final = 100_000
_TAIL_BYTES: Final = 66 * 1024  # the end records: a comment has at most 64 KiB
ARCHIVE_SUFFIXES: Final = (".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz")

_READ_ERRORS: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    LookupError,
    OverflowError,
    RuntimeError,  # encryption; NotImplementedError is one: unknown methods and versions
    ValueError,
)
"""What the library may raise for a ZIP that is damaged, hostile, or beyond it."""
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


@contextmanager
def _worded(what: str, path: str) -> Iterator[None]:
    """Raise WarcError for a package at fault, StorageError for a disk at fault."""
    try:
        yield
    except _READ_ERRORS as error:
        raise WarcError(f"{what} cannot be read ({error})", path=path) from error
    except OSError as error:
        if error.errno == errno.EINVAL:  # a place before the file's start, where a false offset leads
            raise WarcError(f"{what} cannot be read: it lies outside of the file", path=path) from error
        raise StorageError(f"cannot read {what}: {explain(error)}") from error


class Package:
    """An open ZIP. `members` are its plain files by name; `odd` the names that are left alone."""

    def __init__(self, file: BinaryIO, path: str) -> None:
        """Read the directory. Raises WarcError if it cannot be read."""
        self.path = path
        size = _directory_bytes(file)
        if size > MAX_DIRECTORY_BYTES:
            raise WarcError(
                f"{path}: a directory of {size} bytes; at most {MAX_DIRECTORY_BYTES} are read", path=path
            )
        with _worded(f"{path} as a ZIP", path):
            self._zip = zipfile.ZipFile(file)
            infos = self._zip.infolist()
        if len(infos) > MAX_MEMBERS:
            raise WarcError(f"{path}: {len(infos)} files inside; at most {MAX_MEMBERS} are read", path=path)
        self.members: dict[str, zipfile.ZipInfo] = {}
        self.odd: list[str] = []
        for info in infos:
            if info.is_dir():
                continue
            if not safe_name(info.filename) or info.filename in self.members:
                self.odd.append(info.filename)
            else:
                self.members[info.filename] = info

    def archives(self) -> list[str]:
        """Return the names of the WARC and ARC files inside, in order."""
        return sorted(name for name in self.members if name.lower().endswith(ARCHIVE_SUFFIXES))

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Open a member for reading. Raises WarcError, also while reading, for whatever is wrong with it."""
        info = self.members[name]
        if info.compress_type not in _METHODS:
            raise WarcError(f"{self.path}!{name}: packed by method {info.compress_type}", path=self.path)
        with _worded(f"{self.path}!{name}", self.path):
            opened = self._zip.open(info)
        with opened as file:
            yield cast(BinaryIO, _Member(file, f"{self.path}!{name}"))

    def read(self, name: str, max_bytes: int) -> bytes:
        """Return a member whole. Raises WarcError if it is damaged or larger than `max_bytes`."""
        with self.open(name) as file:
            data = file.read(max_bytes + 1)
        if len(data) > max_bytes:
            raise WarcError(f"{self.path}: {name} has more than {max_bytes} bytes", path=self.path)
        return data


class _Member:
    """A member that reports damage as WarcError even when it is read through other hands."""

    def __init__(self, file: object, path: str) -> None:
        self._file = cast(BinaryIO, file)
        self._path = path

    def read(self, size: int = -1) -> bytes:
        with _worded(self._path, self._path):
            return self._file.read(size)

    def seek(self, offset: int) -> int:
        with _worded(self._path, self._path):
            return self._file.seek(offset)


def _directory_bytes(file: BinaryIO) -> int:
    """Return the largest size that a ZIP's end records state for its directory (APPNOTE 4.3.14, 4.3.16)."""
    file.seek(0, 2)
    file.seek(max(0, file.tell() - _TAIL_BYTES))
    tail = file.read(_TAIL_BYTES)
    file.seek(0)
    sizes = [0]
    for magic, at, form in ((b"PK\x05\x06", 12, "<I"), (b"PK\x06\x06", 40, "<Q")):
        found = tail.rfind(magic)
        if found >= 0 and len(tail) >= found + at + struct.calcsize(form):
            sizes.append(struct.unpack_from(form, tail, found + at)[0])
    unsaid = 0xFFFFFFFF  # "see the other record"
    return max(size for size in sizes if size != unsaid)


def safe_name(name: str) -> bool:
    """Tell whether a member's name stays inside the package: relative, with `/`, without `..` or controls."""
    parts = PurePosixPath(name).parts
    return (
        bool(parts)
        and not name.startswith("/")
        and ".." not in parts
        and "\\" not in name
        and ":" not in parts[0]
        and name.isprintable()
    )


def open_file(path: Place) -> BinaryIO:
    """Open a file for reading. Raises StorageError in words."""
    try:
        return path.open("rb")
    except OSError as error:
        raise StorageError(f"cannot open {path}: {explain(error)}") from error

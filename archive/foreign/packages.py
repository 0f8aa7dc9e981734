"""ZIP packages (WACZ), read in place: a member is a file that is read from inside, never unpacked.

Members are reached only by names from the package's own directory, and names are never joined to a path of
ours, so a name like `../x` leads nowhere; such members are left alone all the same.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, cast

from archive.disk import explain
from archive.errors import StorageError, WarcError

MAX_MEMBERS: Final = 100_000
ARCHIVE_SUFFIXES: Final = (".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz")

READ_ERRORS: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What reading a hostile ZIP may raise: damage, unknown methods, encryption."""


class Package:
    """An open ZIP. `members` are its plain files by name; `odd` the names that are left alone."""

    def __init__(self, file: BinaryIO, path: str) -> None:
        """Read the directory. Raises WarcError if it cannot be read."""
        self.path = path
        try:
            self._zip = zipfile.ZipFile(file)
            infos = self._zip.infolist()
        except (*READ_ERRORS, OSError) as error:
            raise WarcError(f"{path}: not a readable ZIP ({error})", path=path) from error
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
        try:
            with self._zip.open(info) as file:
                yield cast(BinaryIO, _Member(file, f"{self.path}!{name}"))
        except READ_ERRORS as error:
            raise WarcError(f"{self.path}: {name} cannot be read ({error})", path=self.path) from error

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
        try:
            return self._file.read(size)
        except READ_ERRORS as error:
            raise WarcError(f"{self._path} cannot be read ({error})", path=self._path) from error

    def seek(self, offset: int) -> int:
        try:
            return self._file.seek(offset)
        except READ_ERRORS as error:
            raise WarcError(f"{self._path} cannot be read ({error})", path=self._path) from error


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


def open_file(path: Path) -> BinaryIO:
    """Open a file for reading. Raises StorageError in words."""
    try:
        return path.open("rb")
    except OSError as error:
        raise StorageError(f"cannot open {path}: {explain(error)}") from error

"""New WARC files beside the archive's own: written under a temporary name, then durable under their own."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

from archive.disk import TEMPORARY_PREFIX, Disk, storage_errors, write_all
from archive.gzip_writer import MemberWriter
from archive.journal import FileState
from archive.layout import stem

_BUFFER_BYTES = 1024 * 1024


class StagedFile:
    """A new file beside the archive's own, under a temporary name until `finish` makes it durable."""

    def __init__(self, folder: Path, name: str, disk: Disk) -> None:
        """Begin the file. Raises StorageError; a leftover of the same name is replaced."""
        self.name = name
        self.records = 0
        self.size = 0
        self._path = folder / name
        self._temporary = folder / f"{TEMPORARY_PREFIX}{name}"
        self._disk = disk
        self._digest = hashlib.sha256()
        self._buffer = bytearray()
        with storage_errors("cannot write", self._temporary):
            self._descriptor = disk.open(self._temporary, create=True)
            try:
                disk.truncate(self._descriptor, 0)
            except BaseException:
                disk.close(self._descriptor)
                raise

    def write(self, data: bytes | bytearray) -> None:
        """Append octets. Raises StorageError."""
        self._buffer += data
        self.size += len(data)
        if len(self._buffer) >= _BUFFER_BYTES:
            self._drain()

    def write_gzipped(self, octets: bytes) -> None:
        """Append one record, from `WARC/` through its end mark, as a gzip member. Raises StorageError."""
        member = MemberWriter(self.write, len(octets))
        member.write(octets)
        member.finish()
        self.records += 1

    def _drain(self) -> None:
        with storage_errors("cannot write", self._temporary):
            write_all(self._disk, self._descriptor, bytes(self._buffer))
        self._digest.update(self._buffer)
        self._buffer.clear()

    def finish(self) -> FileState:
        """Make the file durable under its name. Raises StorageError."""
        self._drain()
        with storage_errors("cannot write", self._path):
            self._disk.fsync(self._descriptor)
            self._disk.rename(self._temporary, self._path)
            self._disk.fsync_dir(self._path.parent)
        self._disk.close(self._descriptor)
        return FileState(self.name, self.size, self._digest.hexdigest(), self.records)

    def discard(self) -> None:
        """Leave nothing of an unfinished file, if that is still possible."""
        with contextlib.suppress(OSError):
            self._disk.close(self._descriptor)
        with contextlib.suppress(OSError):
            self._disk.unlink(self._temporary)


class Staging:
    """Files written one after the other into a folder; a context manager that leaves no unfinished one.

    `is_taken` tells names that no file may have besides those given here.
    """

    def __init__(self, folder: Path, disk: Disk, is_taken: Callable[[str], bool]) -> None:
        self.file: StagedFile | None = None
        self._folder = folder
        self._disk = disk
        self._is_taken = is_taken
        self._used: set[str] = set()
        self._done: list[FileState] = []

    def is_taken(self, name: str) -> bool:
        """Tell whether a file may not get that name."""
        return name in self._used or self._is_taken(name)

    def free_name(self, path: Path, suffix: str) -> str:
        """Return the name of a file that takes the place of another: its own, or with a number behind it."""
        return next(name for name in names_after(path, suffix) if not self.is_taken(name))

    def begin(self, name: str) -> StagedFile:
        """Finish the file before, and begin one. Raises StorageError."""
        self._end()
        self._used.add(name)
        self.file = StagedFile(self._folder, name, self._disk)
        return self.file

    def finish(self) -> tuple[FileState, ...]:
        """Finish the last file; return all, durable. Raises StorageError."""
        self._end()
        return tuple(self._done)

    def _end(self) -> None:
        if self.file is not None:
            self._done.append(self.file.finish())
            self.file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.file is not None:
            self.file.discard()


def names_after(path: Path, suffix: str) -> Iterator[str]:
    """Yield the names that what replaces a WARC file may have: `NAME`, `NAME_002`, `NAME_003`, …"""
    base = stem(path.name)
    yield base + suffix
    number = 2
    while True:
        yield f"{base}_{number:03d}{suffix}"
        number += 1

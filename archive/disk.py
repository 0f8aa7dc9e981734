"""The disk seam: every change the archive makes to files goes through a `Disk`.

`SYSTEM_DISK` is the real one. Tests pass one that fails at the n-th operation.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

from archive.errors import StorageError


class Disk(Protocol):
    """What the archive does to files. Every method may raise OSError."""

    def create(self, path: Path) -> int:
        """Create a file that does not exist yet, for reading and writing; return its descriptor."""
        ...

    def open(self, path: Path, *, create: bool = False) -> int:
        """Open an existing file (or make it, with `create`) for reading and writing."""
        ...

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        """Append at the file's position; return how many bytes were taken, which may be fewer."""
        ...

    def truncate(self, descriptor: int, size: int) -> None:
        """Cut the file to `size` bytes and put its position there."""
        ...

    def fsync(self, descriptor: int) -> None:
        """Return once the file's bytes and size are durable."""
        ...

    def close(self, descriptor: int) -> None:
        """Close the descriptor, and with it let go of its lock."""
        ...

    def lock(self, descriptor: int, *, shared: bool = False) -> bool:
        """Lock the file (flock) until it is closed; False if another process holds it. Never waits."""
        ...

    def rename(self, source: Path, target: Path) -> None:
        """Rename within a file system, replacing the target."""
        ...

    def unlink(self, path: Path) -> None:
        """Remove a name."""
        ...

    def fsync_dir(self, path: Path) -> None:
        """Return once the directory's names are durable."""
        ...

    def mkdir(self, path: Path) -> None:
        """Make a directory and its parents; no error if it is there."""
        ...


class SystemDisk:
    """The file system of this machine."""

    def create(self, path: Path) -> int:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)

    def open(self, path: Path, *, create: bool = False) -> int:
        flags = os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if create else 0)
        return os.open(path, flags, 0o644)

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        return os.write(descriptor, data)

    def truncate(self, descriptor: int, size: int) -> None:
        os.ftruncate(descriptor, size)
        os.lseek(descriptor, size, os.SEEK_SET)

    def fsync(self, descriptor: int) -> None:
        os.fsync(descriptor)

    def close(self, descriptor: int) -> None:
        os.close(descriptor)

    def lock(self, descriptor: int, *, shared: bool = False) -> bool:
        operation = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def rename(self, source: Path, target: Path) -> None:
        source.replace(target)

    def unlink(self, path: Path) -> None:
        path.unlink()

    def fsync_dir(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def mkdir(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)


SYSTEM_DISK: Final[Disk] = SystemDisk()

_WORDS: Final = {
    errno.ENOSPC: "the disk is full; make room and try again",
    errno.EDQUOT: "the disk quota is used up; make room and try again",
    errno.EROFS: "the file system is read-only; choose another place or remount it",
    errno.EACCES: "permission denied; mend the permissions or choose another place",
    errno.EPERM: "the operation is not permitted; mend the permissions or choose another place",
    errno.EIO: "the disk reported an input/output error; check the disk before trusting it",
    errno.EFBIG: "the file would pass the allowed file size; raise the limit (ulimit -f)",
    errno.ENOENT: "a file or directory is missing",
    errno.ENOTDIR: "a part of the path is not a directory",
    errno.ENAMETOOLONG: "the name is too long",
    errno.EMFILE: "too many files are open",
    errno.ENFILE: "too many files are open on this machine",
}


def explain(error: OSError) -> str:
    """Say in words what an OSError means for the user and what to do."""
    known: str | None = getattr(error, "words", None)  # of `archive.storage.faults.StoreError`
    known = known or _WORDS.get(error.errno or 0)
    return known or (error.strerror or str(error) or type(error).__name__)


@contextlib.contextmanager
def storage_errors(doing: str, path: object) -> Iterator[None]:
    """Turn an OSError into a StorageError that says what was being done, where, and the cure."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"{doing} {path}: {explain(error)}") from error


def write_all(disk: Disk, descriptor: int, data: bytes | memoryview) -> None:
    """Write every byte, however the disk splits the writes."""
    rest = memoryview(data)
    while rest:
        taken = disk.write(descriptor, rest)
        if taken <= 0:
            raise OSError(errno.EIO, "the disk took no bytes")
        rest = rest[taken:]


def write_file(disk: Disk, path: Path, data: bytes) -> None:
    """Put a file in place whole and durably: temporary file, fsync, rename, fsync of the directory.

    A reader sees the old content or the new, never a part. Raises OSError; the temporary file is then
    removed if that is still possible (names begin with `TEMPORARY_PREFIX`).
    """
    temporary = path.with_name(f"{TEMPORARY_PREFIX}{os.urandom(8).hex()}")
    try:
        descriptor = disk.create(temporary)
        try:
            write_all(disk, descriptor, data)
            disk.fsync(descriptor)
        finally:
            disk.close(descriptor)
        disk.rename(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            disk.unlink(temporary)
        raise
    disk.fsync_dir(path.parent)


TEMPORARY_PREFIX: Final = ".tmp-"
"""What the names of unfinished files begin with; such a file may be deleted when nothing is running."""

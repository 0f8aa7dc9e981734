"""Locks between processes (flock on a file that stays), through the disk seam."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from archive.disk import Disk, storage_errors


class FileLock:
    """A lock on a file, made if it is absent; held until released or until the process ends."""

    def __init__(self, path: Path, disk: Disk) -> None:
        self.disk = disk
        self._path = path
        self._descriptor: int | None = None

    def take(self, *, shared: bool, wait: bool) -> bool:
        """Take the lock, or change the kind of it that is held; False if another process is in the way.

        A change lets go of the old kind first, so a failed one leaves nothing held. Raises StorageError.
        """
        with storage_errors("cannot lock", self._path):
            if self._descriptor is None:
                self._descriptor = self.disk.open(self._path, create=True)
            return self.disk.lock(self._descriptor, shared=shared, wait=wait)

    def release(self) -> None:
        """Let go. May be called twice."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with contextlib.suppress(OSError):
                self.disk.close(descriptor)


@contextlib.contextmanager
def locked(path: Path, disk: Disk, *, shared: bool) -> Iterator[None]:
    """Hold a lock for a while: shared while a group is written, alone while files are put right."""
    lock = FileLock(path, disk)
    try:
        lock.take(shared=shared, wait=True)
        yield
    finally:
        lock.release()

"""A large file made whole or not at all: a temporary name while it grows, its own when it is durable."""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from typing import Any

from archive.disk import TEMPORARY_PREFIX, Disk, storage_errors, write_all
from archive.errors import UsageError


class NewFile(io.RawIOBase):
    """A seekable file for writing, made through the disk seam; `write` takes everything or raises OSError."""

    def __init__(self, path: Path, disk: Disk, *, force: bool) -> None:
        """Begin a file that will stand at `path`.

        Raises UsageError if the path is taken and `force` is not set, StorageError.
        """
        super().__init__()
        if path.is_dir() or (path.exists() and not force):
            raise UsageError(f"{path} exists already; name another file, or say --force to replace it")
        self._path = path
        self._disk = disk
        self._temporary = path.with_name(f"{TEMPORARY_PREFIX}{os.urandom(8).hex()}")
        self._force = force
        with storage_errors("cannot write", path):
            self._descriptor = disk.create(self._temporary)

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return os.lseek(self._descriptor, offset, whence)

    def write(self, data: Any) -> int:
        write_all(self._disk, self._descriptor, data)
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._disk.close(self._descriptor)
        super().close()

    def commit(self) -> None:
        """Make the file durable and give it its name. Raises UsageError as at the beginning, OSError."""
        self._disk.fsync(self._descriptor)
        self.close()
        if self._path.exists() and not self._force:  # made by another process meanwhile
            raise UsageError(f"{self._path} exists already; name another file, or say --force to replace it")
        self._disk.rename(self._temporary, self._path)
        self._disk.fsync_dir(self._path.parent)

    def discard(self) -> None:
        """Remove an unfinished file. Harmless after `commit`."""
        with contextlib.suppress(OSError):
            self.close()
        with contextlib.suppress(OSError):
            self._disk.unlink(self._temporary)

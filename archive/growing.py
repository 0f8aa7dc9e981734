"""One WARC file while it grows (`….open`), and how it is closed: fsync, rename, folder fsync, sidecar."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

from archive.disk import Disk, write_all, write_file
from archive.layout import OPEN_SUFFIX, SIDECAR_SUFFIX
from archive.locks import patiently
from archive.record import new_record_id


class GrowingFile:
    """One WARC being written: its descriptor, its acknowledged size, the running digest of its bytes."""

    def __init__(self, folder: Path, name: str, disk: Disk) -> None:
        self.name = name
        self.folder = folder
        self.path = folder / (name + OPEN_SUFFIX)
        self.warcinfo_id = new_record_id()
        self.end = 0  # written so far
        self._disk = disk
        # Acknowledged size and the digest up to it: one value, so that no interrupt can part them.
        self._settled = (0, hashlib.sha256())
        self._pending = self._settled[1]
        self.unsettled = False  # a group is on its way: written, perhaps, but not acknowledged
        self.descriptor = disk.create(self.path)
        try:
            # Who looks for dead files waits for the archive's lock; a check may try this one for a moment.
            patiently(lambda: disk.lock(self.descriptor), self.path)
            disk.fsync_dir(folder)
        except BaseException:
            self.discard()
            raise

    @property
    def size(self) -> int:
        """Bytes that are acknowledged."""
        return self._settled[0]

    def begin(self) -> None:
        self._pending = self._settled[1].copy()
        self.unsettled = True

    def put(self, data: bytes | bytearray) -> None:
        write_all(self._disk, self.descriptor, memoryview(data))
        self._pending.update(data)
        self.end += len(data)

    def sync(self) -> None:
        self._disk.fsync(self.descriptor)

    def acknowledge(self) -> None:
        self._settled = (self.end, self._pending)
        self.unsettled = False

    def roll_back(self) -> None:
        """Cut the file to its acknowledged size, durably. Raises OSError."""
        self._disk.truncate(self.descriptor, self.size)
        self._disk.fsync(self.descriptor)
        self.end = self.size
        self.unsettled = False

    def discard(self) -> None:
        """Remove a file that never held an acknowledged record; what cannot be removed is recovered later."""
        with contextlib.suppress(OSError):
            self._disk.unlink(self.path)
        self.release()

    def release(self) -> None:
        with contextlib.suppress(OSError):
            self._disk.close(self.descriptor)

    def finish(self) -> None:
        """fsync, rename, fsync the folder, write the sidecar. Raises OSError."""
        self._disk.fsync(self.descriptor)
        finish_file(self._disk, self.path, self._settled[1].hexdigest())


def finish_file(disk: Disk, open_path: Path, sha256: str) -> Path:
    """Give a durable `.open` file its closed name, and a sidecar with its digest; return the new path.

    The caller holds the file's lock. An existing closed file is never replaced. Raises OSError.
    """
    closed = open_path.with_name(open_path.name.removesuffix(OPEN_SUFFIX))
    if closed.exists():
        raise FileExistsError(f"{closed.name} exists already; move one of the two away")
    disk.rename(open_path, closed)
    disk.fsync_dir(closed.parent)
    write_sidecar(disk, closed, sha256)
    return closed


def write_sidecar(disk: Disk, closed: Path, sha256: str) -> None:
    """Write `NAME.sha256` in the form `sha256sum -c` reads. Raises OSError."""
    line = f"{sha256}  {closed.name}\n"
    write_file(disk, closed.with_name(closed.name + SIDECAR_SUFFIX), line.encode())

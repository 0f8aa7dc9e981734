"""The place for originals that carry a person's session values: `quarantine/` in the archive directory.

Readable by its owner alone, named by digest, and outside of the WARC files, so that nothing that reads,
packs or exports them meets it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from archive.disk import Disk, SystemDisk, storage_errors, write_file
from harvester.errors import StorageError

FOLDER: Final = "quarantine"
_FILE_MODE: Final = 0o600
_FOLDER_MODE: Final = 0o700


class PrivateDisk(SystemDisk):
    """The file system, with files and folders for their owner alone from their first moment."""

    def create(self, path: Path) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        return os.open(path, flags, _FILE_MODE)

    def mkdir(self, path: Path) -> None:
        path.mkdir(mode=_FOLDER_MODE, exist_ok=True)
        path.chmod(_FOLDER_MODE)


PRIVATE_DISK: Final[Disk] = PrivateDisk()


def keep_apart(archive: Path, sha256: str, data: bytes, disk: Disk = PRIVATE_DISK) -> None:
    """Keep an original durably under its digest. Raises `StorageError`."""
    folder = archive / FOLDER
    if folder.is_symlink():
        raise StorageError(
            f"{folder} is a symbolic link: originals with session values stay in the archive; remove it"
        )
    with storage_errors("cannot keep an original apart in", folder):
        disk.mkdir(folder)
        disk.fsync_dir(archive)
        write_file(disk, folder / sha256, data)

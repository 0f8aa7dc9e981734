"""Files that a user names to be written: whole or not at all, and never over another file unasked."""

from __future__ import annotations

from pathlib import Path

from archive.disk import SYSTEM_DISK, Disk, storage_errors
from archive.newfile import NewFile
from harvester.errors import UsageError


def check_output(path: Path, suffix: str, *, force: bool) -> None:
    """Refuse early what cannot be written at the end. Raises `UsageError`."""
    if path.suffix.lower() != suffix:
        raise UsageError(f"{path}: the name of such a file ends in {suffix}")
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file in it")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent} to put {path.name} into; make it first")
    if path.exists() and not path.is_file() and not force:
        raise UsageError(f"{path} is no ordinary file; name another")


def write_output(path: Path, data: bytes, *, force: bool, disk: Disk = SYSTEM_DISK) -> None:
    """Write a file. One that already holds exactly these bytes is left as it is.

    Raises `UsageError` for a file that holds something else, without `force`; `StorageError`.
    """
    with storage_errors("cannot write", path):
        if path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data:
            return
    file = NewFile(path, disk, force=force)
    try:
        with storage_errors("cannot write", path):
            file.write(data)
            file.commit()
    finally:
        file.discard()

"""Files put aside: moved, with what belongs to them, and never over another. Nothing is ever deleted."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from archive.disk import SYSTEM_DISK, TEMPORARY_PREFIX, Disk, storage_errors, write_file

_MAX_NAME_BYTES: Final = 255
_ROOM_BYTES: Final = 16


def put_aside(
    path: Path, root: Path, target: Path, beside: Sequence[Path] = (), disk: Disk = SYSTEM_DISK
) -> Path:
    """Move a file of the inbox `root` below `target`, to the same place there, and return where it is.

    What belongs to it (`beside`) comes along. A name that is taken there gets a number. Raises
    `StorageError`; then the file is where it was, or whole in both places.
    """
    folder = target / path.parent.relative_to(root)
    with storage_errors("cannot make", folder):
        disk.mkdir(folder)
    with storage_errors("cannot write", folder):
        number = _free_number(path, beside, folder)
    for one in (*beside, path):  # the file last: while it is in the inbox, the next look finishes this
        _move(one, folder / _numbered(one.name, path, number), disk)
    with storage_errors("cannot write", folder):
        disk.fsync_dir(folder)
    return folder / _numbered(path.name, path, number)


def say_why(path: Path, why: str, disk: Disk = SYSTEM_DISK) -> Path:
    """Write beside a file that was put aside why it could not be used. Raises `StorageError`."""
    with storage_errors("cannot write the reason beside", path):
        stem = _within(path.name)
        said, number = path.with_name(f"{stem}.txt"), 1
        while said.exists():
            number += 1
            said = path.with_name(f"{stem} ({number}).txt")
        write_file(disk, said, f"{why}\n".encode("utf-8", "replace"))
    return said


def _within(name: str) -> str:
    """Return as much of a name as leaves room for a number and a suffix behind it."""
    return os.fsdecode(os.fsencode(name)[: _MAX_NAME_BYTES - _ROOM_BYTES])


def _move(source: Path, target: Path, disk: Disk) -> None:
    with storage_errors(f"cannot move {source} to", target):
        try:
            disk.rename(source, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            _move_across(source, target, disk)


def _move_across(source: Path, target: Path, disk: Disk) -> None:
    """Move to another file system: whole and durable there before it is removed here."""
    if source.is_dir():
        shutil.move(source, target)
        return
    temporary = target.with_name(f"{TEMPORARY_PREFIX}{os.urandom(8).hex()}")
    shutil.copy2(source, temporary)
    descriptor = disk.open(temporary)
    try:
        disk.fsync(descriptor)
    finally:
        disk.close(descriptor)
    disk.rename(temporary, target)
    disk.fsync_dir(target.parent)
    disk.unlink(source)


def _free_number(path: Path, beside: Sequence[Path], folder: Path) -> int:
    number = 1
    while any((folder / _numbered(one.name, path, number)).exists() for one in (path, *beside)):
        number += 1
    return number


def _numbered(name: str, main: Path, number: int) -> str:
    """Return a name with a number before its suffixes; what belongs to a file is named after it as before."""
    if number == 1:
        return name
    stem = main.name.partition(".")[0] or main.name
    return f"{stem} ({number}){name.removeprefix(stem)}" if name.startswith(stem) else f"{number} {name}"

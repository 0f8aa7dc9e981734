"""Room on this machine for files on their way to or from a store: folders that go with their process.

They lie below `harvester-UID` in the temporary folder (`TMPDIR` names another). Each is held by a lock, so
that what a process left that was killed is told from what is in use, and removed by the next one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from archive.disk import SYSTEM_DISK, storage_errors
from archive.locks import FileLock, Waiting
from harvester.errors import StorageError

_LOCK_SUFFIX: Final = ".lock"
_WORK, _SHARED = "work-", "shared-"
_LEFT_AFTER_S: Final = 600.0
"""Age from which something that nobody holds is left over: younger, its maker may be about to lock it."""
_PATIENT: Final = Waiting(notice_after_s=3600.0, give_up_after_s=4 * 3600.0)
"""Another process of this machine may be fetching the same file, which may be large."""


def _room() -> Path:
    room = Path(tempfile.gettempdir(), f"harvester-{os.getuid()}")
    with storage_errors("cannot make", room):
        room.mkdir(mode=0o700, exist_ok=True)
        found = room.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise StorageError(
            f"{room} is not a folder of this user's: remove it, or set TMPDIR to another place"
        )
    return room


@contextlib.contextmanager
def workplace() -> Iterator[Path]:
    """Give an empty folder, removed at the end. Raises `StorageError`."""
    room = _room()
    _sweep(room)
    name = f"{_WORK}{os.urandom(8).hex()}"
    place, lock = room / name, FileLock(room / (name + _LOCK_SUFFIX), SYSTEM_DISK)
    try:
        lock.take(shared=False, wait=True)
        with storage_errors("cannot make", place):
            place.mkdir(mode=0o700)
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        (room / (name + _LOCK_SUFFIX)).unlink(missing_ok=True)
        lock.release()


@contextlib.contextmanager
def shared_file(url: str, make: Callable[[Path], None]) -> Iterator[Path]:
    """Give this machine's copy of a file, which `make` brings where there is none yet.

    Many processes read it at a time; it is removed when nobody read it for a while. Raises `StorageError`.
    """
    path = _copy_of(url)
    lock = FileLock(path.with_name(path.name + _LOCK_SUFFIX), SYSTEM_DISK, _PATIENT)
    try:
        lock.take(shared=True, wait=True)
        while not path.exists():
            lock.take(shared=False, wait=True)
            if not path.exists():
                fresh = path.with_name(f"{path.name}.{os.urandom(8).hex()}")
                try:
                    make(fresh)
                    fresh.replace(path)
                finally:
                    fresh.unlink(missing_ok=True)
            lock.take(shared=True, wait=True)
        with contextlib.suppress(OSError):
            os.utime(path.with_name(path.name + _LOCK_SUFFIX))
        yield path
    finally:
        lock.release()


def _copy_of(url: str) -> Path:
    return _room() / (_SHARED + hashlib.sha256(url.encode()).hexdigest()[:32])


def forget(url: str) -> None:
    """Remove this machine's copy of a file."""
    path = _copy_of(url)
    for one in (path, path.with_name(path.name + _LOCK_SUFFIX)):
        one.unlink(missing_ok=True)


def _sweep(room: Path) -> None:
    """Remove what processes left that are gone."""
    for lock_path in room.glob(f"*{_LOCK_SUFFIX}"):
        with contextlib.suppress(OSError, StorageError):
            if time.time() - lock_path.stat().st_mtime < _LEFT_AFTER_S:
                continue
            lock = FileLock(lock_path, SYSTEM_DISK)
            try:
                if lock.take(shared=False, wait=False):
                    for left in room.glob(lock_path.name.removesuffix(_LOCK_SUFFIX) + "*"):
                        shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink()
            finally:
                lock.release()

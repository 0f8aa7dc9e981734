"""Locks between processes: flock on a file that stays (the disk seam). No wait is silent or endless."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from archive.disk import Disk, storage_errors
from archive.errors import LockedError

_FIRST_PAUSE_S: Final = 0.002
_LONGEST_PAUSE_S: Final = 0.02  # writers hold it in turn: a short look finds the gap between them

_LOCKS: Final = Path("/proc/locks")
_SOMEBODY: Final = "another process"
_NAMED: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How a held lock is waited for: when it is said, through what, and when it is given up.

    Where `give_up_after_s` is None, it is when `wait_at_most` said for the process: 30 s, unless it was told.
    `tell` receives one sentence for a person; without another it is this module's logger that does. Asking
    again and again rather than once in the kernel is what lets the wait end.
    """

    notice_after_s: float = 1.0
    give_up_after_s: float | None = None
    tell: Callable[[str], None] = logging.getLogger(__name__).warning
    monotonic_s: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


PATIENT: Final = Waiting()
_process: Final = {"give_up_after_s": 30.0}


def wait_at_most(seconds: float) -> None:
    """Say how long this process waits for a lock that another holds, where nothing else is said of it."""
    _process["give_up_after_s"] = seconds


def patiently(attempt: Callable[[], bool], path: Path, waiting: Waiting = PATIENT) -> None:
    """Try to take the lock of `path` until it succeeds; raises LockedError where it does not in time."""
    start = waiting.monotonic_s()
    most_s = _process["give_up_after_s"] if waiting.give_up_after_s is None else waiting.give_up_after_s
    pause_s, told = _FIRST_PAUSE_S, False
    while not attempt():
        waited_s = waiting.monotonic_s() - start
        if waited_s >= most_s:
            raise LockedError(
                f"{path} was held by {holders(path)} for {waited_s:.0f} s: nothing was changed; "
                "try again when that process has ended"
            )
        if waited_s >= waiting.notice_after_s and not told:
            told = True
            waiting.tell(
                f"waiting for {holders(path)} to let go of {path} (a fetch, a reindex or a compact "
                f"of this archive); giving up after {most_s:.0f} s"
            )
        waiting.sleep(pause_s)
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


def holders(path: Path) -> str:
    """Return in words who holds a file's lock, where the system tells (Linux: /proc/locks, proc(5))."""
    try:
        known = path.stat()
        lines = _LOCKS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return _SOMEBODY
    file = f"{os.major(known.st_dev):02x}:{os.minor(known.st_dev):02x}:{known.st_ino}"
    found = [line.split() for line in lines]  # 1: FLOCK ADVISORY WRITE 6143 fe:00:2236421 0 EOF
    pids = sorted({int(one[4]) for one in found if one[1:2] == ["FLOCK"] and one[5:6] == [file]})
    named = [f"process {pid}{_stopped(pid)}" for pid in pids if pid > 0]  # 0: of another container
    return " and ".join(named[:_NAMED]) or _SOMEBODY


def _stopped(pid: int) -> str:
    """Return a word about a process that is stopped: it lets go of nothing until it is continued."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2]
    except OSError:
        return ""
    return f" (stopped: `kill -CONT {pid}` lets it go on)" if state.split()[:1] == ["T"] else ""


class FileLock:
    """A lock on a file, made if it is absent; held until released or until the process ends."""

    def __init__(self, path: Path, disk: Disk, waiting: Waiting = PATIENT) -> None:
        self.disk = disk
        self._path = path
        self._waiting = waiting
        self._descriptor: int | None = None

    def take(self, *, shared: bool, wait: bool) -> bool:
        """Take the lock, or change the kind of it that is held; False if another process is in the way.

        A change lets go of the old kind first, so a failed one leaves nothing held. Raises StorageError, and
        LockedError where `wait` is set and the other process does not let go in time.
        """
        if not wait:
            return self._try(shared=shared)
        patiently(lambda: self._try(shared=shared), self._path, self._waiting)
        return True

    def _try(self, *, shared: bool) -> bool:
        with storage_errors("cannot lock", self._path):
            if self._descriptor is None:
                self._descriptor = self.disk.open(self._path, create=True)
            return self.disk.lock(self._descriptor, shared=shared)

    def release(self) -> None:
        """Let go. May be called twice."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with contextlib.suppress(OSError):
                self.disk.close(descriptor)


@contextlib.contextmanager
def kept(path: Path) -> Iterator[bool]:
    """Hold another's lock shared, without writing to its disk; give False if it is held alone.

    Where there is no such file, or no locks are to be had (a read-only copy), nobody is there to be kept out.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        yield True
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        except OSError:
            yield True
        else:
            yield True
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def locked(path: Path, disk: Disk, *, shared: bool, waiting: Waiting = PATIENT) -> Iterator[None]:
    """Hold a lock for a while: shared while a group is written, alone while files are put right.

    Raises StorageError, and LockedError as `FileLock.take`.
    """
    lock = FileLock(path, disk, waiting)
    try:
        lock.take(shared=shared, wait=True)
        yield
    finally:
        lock.release()

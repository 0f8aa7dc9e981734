"""Locks between processes: waiting is said once and comes to an end, by a clock of the test's own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.disk import SYSTEM_DISK
from archive.errors import LockedError
from archive.locks import FileLock, Waiting, locked, wait_at_most


class Time:
    """A clock that only sleeping moves; after `until_s` it calls `then` once."""

    def __init__(self, until_s: float = 1e9, then: Callable[[], None] = lambda: None) -> None:
        self.now_s = 0.0
        self.told: list[tuple[float, str]] = []
        self._until_s, self._then = until_s, then

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds
        if self.now_s >= self._until_s:
            self._until_s = 1e9
            self._then()

    def waiting(self) -> Waiting:
        return Waiting(
            tell=lambda words: self.told.append((self.now_s, words)),
            monotonic_s=lambda: self.now_s,
            sleep=self.sleep,
        )


@pytest.fixture
def held(tmp_path: Path) -> FileLock:
    """A lock that is held (flock counts descriptors, so another in this process is in the way too)."""
    lock = FileLock(tmp_path / "lock", SYSTEM_DISK)
    assert lock.take(shared=False, wait=False)
    return lock


@pytest.mark.parametrize("shared", [True, False])
def test_a_lock_that_is_never_let_go_is_given_up(held: FileLock, tmp_path: Path, shared: bool) -> None:
    """After a second it is said what is waited for, once; after thirty it is LockedError, exit 5."""
    time = Time()
    waits = locked(tmp_path / "lock", SYSTEM_DISK, shared=shared, waiting=time.waiting())
    with pytest.raises(LockedError, match=r"held by .*process.* for 30 s"), waits:
        pytest.fail("the lock was not free")
    assert LockedError.exit_code == 5
    assert [1.0 <= when < 1.2 for when, _ in time.told] == [True]
    assert str(tmp_path / "lock") in time.told[0][1]
    assert 30.0 <= time.now_s < 30.2
    held.release()


def test_a_process_may_be_told_to_wait_longer(held: FileLock, tmp_path: Path) -> None:
    """The time that `wait_at_most` says stands in the words, and is waited where no other is given."""
    time = Time()
    wait_at_most(90)
    try:
        with (
            pytest.raises(LockedError),
            locked(tmp_path / "lock", SYSTEM_DISK, shared=True, waiting=time.waiting()),
        ):
            pass
    finally:
        wait_at_most(30)
    assert 90 <= time.now_s < 91
    assert "giving up after 90 s" in time.told[0][1]


def test_a_lock_that_is_let_go_is_taken_in_silence(held: FileLock, tmp_path: Path) -> None:
    """A short wait is nobody's business, and the lock is then held."""
    time = Time(0.5, held.release)
    with locked(tmp_path / "lock", SYSTEM_DISK, shared=False, waiting=time.waiting()):
        assert not FileLock(tmp_path / "lock", SYSTEM_DISK).take(shared=True, wait=False)
    assert time.told == []


def test_without_waiting_the_answer_is_no(held: FileLock, tmp_path: Path) -> None:
    """Who does not wait learns at once that another is in the way."""
    assert not FileLock(tmp_path / "lock", SYSTEM_DISK).take(shared=True, wait=False)
    held.release()
    assert FileLock(tmp_path / "lock", SYSTEM_DISK).take(shared=True, wait=False)


HOLD = """
import fcntl, sys
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
input()
"""


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="only Linux tells who holds a lock")
def test_a_stopped_writer_is_named(tmp_path: Path) -> None:
    """Who waits for a process that was stopped (SIGSTOP) is told which, and how it goes on; the wait ends."""
    path, time = tmp_path / "lock", Time()
    arguments = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        try:
            assert writer.stdout
            assert writer.stdout.readline() == b"held\n"
            os.kill(writer.pid, signal.SIGSTOP)
            os.waitpid(writer.pid, os.WUNTRACED)  # until it is
            waits = locked(path, SYSTEM_DISK, shared=False, waiting=time.waiting())
            with pytest.raises(LockedError, match=f"process {writer.pid}"), waits:
                pytest.fail("the lock was not free")
            assert (
                f"process {writer.pid} (stopped: `kill -CONT {writer.pid}` lets it go on)" in time.told[0][1]
            )
        finally:
            writer.kill()
    assert FileLock(path, SYSTEM_DISK).take(shared=False, wait=False)

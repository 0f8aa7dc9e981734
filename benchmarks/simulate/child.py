"""The watching process, life after life: each until the month is over, or it is killed where the driver said.

All lives are forked from one process that has loaded the program and done nothing else: what a life leaves to
the next is on the disk, as of a process started anew, and the program is loaded once.
"""

from __future__ import annotations

import errno
import importlib
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any, Final

import httpcore

from archive.disk import SystemDisk
from archive.errors import StorageError
from benchmarks.simulate import plan
from benchmarks.simulate.clock import SharedClock
from harvester.capture import Exchange, FailedAttempt
from harvester.capture.wire import Wire
from harvester.cli.running import until_tomorrow
from harvester.cli.session import Session, capture_options
from harvester.config import Loaded, load
from harvester.state import state_directory
from harvester.watch.stopping import StoppableClock, Wishes

_ADDRESS = "93.184.215.14"
"""What every name resolves to; the connector leads it to the origin. So pace and guard are as in the wild."""
_FULL_FOR_S = 3 * 3600.0
_LOADED_LATER: Final = (
    "harvester.cli.handing",
    "harvester.cli.telling",
    "harvester.finder.takers",
    "harvester.handoff.page",
    "harvester.verifying.bulk",
    "harvester.verifying.saving",
    "harvester.watch.sources.feeds",
)
"""What a life loads when it first needs it."""


class _Leading(httpcore.SyncBackend):
    """Connects to the origin, whatever address is asked for."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port

    def connect_tcp(self, host: str, port: int, *rest: Any, **more: Any) -> httpcore.NetworkStream:
        _ = host, port
        return super().connect_tcp("127.0.0.1", self._port, *rest, **more)


class _FullDisk(SystemDisk):
    """Has no room from a moment on, for three hours."""

    def __init__(self, clock: SharedClock, from_s: float) -> None:
        self._clock = clock
        self._from_s = from_s

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        if self._from_s <= self._clock.seconds < self._from_s + _FULL_FOR_S:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(descriptor, data)


class _Dying:
    """A wire that kills its process at a moment: before a request, or with the answer in hand."""

    def __init__(self, wire: Wire, clock: SharedClock, at_s: float, *, after: bool) -> None:
        self._wire, self._clock, self._at_s, self._after = wire, clock, at_s, after

    def exchange(self, url: str, **more: object) -> Exchange | FailedAttempt:
        if self._clock.seconds >= self._at_s and not self._after:
            os.kill(os.getpid(), signal.SIGKILL)
        found = self._wire.exchange(url, **more)  # type: ignore[arg-type]
        if self._clock.seconds >= self._at_s and self._after:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    def close(self) -> None:
        self._wire.close()


def live(folder: Path, port: int, die_at_s: float, how: str, full_from_s: float) -> None:
    """Watch until the end of the month; write a line for each time that storage failed."""
    clock = SharedClock(folder / "clock")
    end_s = plan.START.timestamp() + plan.DAYS * 86_400
    wishes = Wishes()

    def wait(seconds: float) -> float:
        wishes.stop = wishes.stop or clock.seconds + seconds >= end_s
        return min(seconds, max(0.0, end_s - clock.seconds))

    clock.on_sleep = wait
    loaded = load(folder / "harvester.toml")
    while not wishes.stop:
        try:
            with _session(folder, loaded, port, (die_at_s, how), (clock, wishes, full_from_s)) as session:
                for outcome in until_tomorrow(session, loaded, wishes, longest_wait_s=7200.0):
                    if how == "between" and clock.seconds >= die_at_s and outcome.state == "ok":
                        os.kill(os.getpid(), signal.SIGKILL)
        except StorageError:
            with (folder / plan.FAULTS).open("a", encoding="utf-8") as faults:
                faults.write("no room\n")
            clock.sleep(300.0)


def _session(
    folder: Path, loaded: Loaded, port: int, death: tuple[float, str], rest: tuple[SharedClock, Wishes, float]
) -> Session:
    clock, wishes, full_from_s = rest
    options = capture_options(loaded, (), (), None)
    wire = Wire(options, clock, resolver=lambda _host, _port: (_ADDRESS,), connector=_Leading(port))
    dying = _Dying(wire, clock, death[0] if death[1] != "between" else 1e18, after=death[1] == "after")
    return Session(
        folder / "archive",
        loaded,
        clock=StoppableClock(clock, wishes, slice_s=1e9),
        wire=dying,
        disk=_FullDisk(clock, full_from_s),
    )


def lives(where: str, at: str, full_from: str) -> None:
    """Live once for each line of standard input (when to die, and how), and print how it ended."""
    folder, port, full_from_s = Path(where), int(at), float(full_from)
    for name in _LOADED_LATER:
        importlib.import_module(name)
    state_directory().mkdir(parents=True, exist_ok=True)
    for line in sys.stdin:
        at_s, how = line.split()
        born = os.fork()
        if born == 0:
            _one(folder, port, (float(at_s), how), full_from_s)
        _, status = os.waitpid(born, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _one(folder: Path, port: int, death: tuple[float, str], full_from_s: float) -> None:
    said = os.open(folder / plan.SAID, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(said, sys.stdout.fileno())
    os.dup2(said, sys.stderr.fileno())
    code = 0
    try:
        live(folder, port, *death, full_from_s)
    except BaseException:  # noqa: BLE001 - it must not go on as its parent does
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)

"""One life of the watching process: until the month is over, or until it is killed where the driver said."""

from __future__ import annotations

import errno
import os
import signal
import sys
from pathlib import Path
from typing import Any

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
    """Watch until the end of the month; print a line for each time that storage failed."""
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
            print("fault", flush=True)
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


if __name__ == "__main__":
    where, port, die_at, how, full_from = sys.argv[1:]
    state_directory().mkdir(parents=True, exist_ok=True)
    live(Path(where), int(port), float(die_at), how, float(full_from))

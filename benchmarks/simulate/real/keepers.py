"""Keepers of runners: each starts `harvester run --forever` again when it ends, as a service manager does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Self

import msgspec

from harvester.watch.heartbeat import Beat, beat_path

_AGAIN_S = 1.0
_TO_THE_END_S = 60.0
REFUSED = 5
KILLED = -signal.SIGKILL
WELL = frozenset({0, 1, 3})
"""How a runner ends that was at work when it was asked to: by what the day's visits brought."""
STOPPED = WELL | {REFUSED, -signal.SIGTERM}
"""How runners may end when they are asked to: one that has just been started does not hear yet."""


@dataclass(frozen=True, slots=True)
class End:
    """How one runner ended: its exit code, and whether all had been asked to end."""

    code: int
    asked: bool


class Keepers:
    """Two or more keepers over one archive: one runner is at work, those of the others are refused.

    A context manager; leaving it ends every runner that is left, by force.
    """

    def __init__(self, folder: Path, count: int = 2) -> None:
        self.ends: list[End] = []
        self._killed: list[tuple[int, int]] = []  # keeper and process
        self._folder = folder
        self._state = folder / "state"
        self._environment = os.environ | {"HARVESTER_STATE": str(self._state)}
        self._environment.pop("HARVESTER_ARCHIVE", None)
        self._stop = threading.Event()
        self._alive: dict[int, subprocess.Popen[bytes]] = {}
        self._threads = [threading.Thread(target=self._keep, args=(number,)) for number in range(count)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for process in list(self._alive.values()):
            process.kill()
        for thread in self._threads:
            thread.join()

    @property
    def takeovers(self) -> int:
        """How often the runner that was killed was another keeper's than the one before."""
        return sum(one != other for (one, _), (other, _) in pairwise(self._killed))

    def kill(self, patience_s: float) -> float | None:
        """Kill the runner at work without notice; return when. None if none came to work for so long."""
        end = time.monotonic() + patience_s
        while time.monotonic() < end:
            found = self._at_work()
            if found is not None:
                keeper, process = found
                process.kill()
                self._killed.append((keeper, process.pid))
                return time.time()
            time.sleep(0.02)
        return None

    def stop(self) -> None:
        """Ask all to end, and wait until they have."""
        self._stop.set()
        for process in list(self._alive.values()):
            process.terminate()
        end = time.monotonic() + _TO_THE_END_S
        while self._alive and time.monotonic() < end:
            time.sleep(0.1)

    def said(self) -> str:
        """Return the end of what the runners said."""
        logs = sorted(self._folder.glob("keeper-*.log"))
        return "\n".join(log.read_text("utf-8", "replace")[-2000:] for log in logs)

    def _at_work(self) -> tuple[int, subprocess.Popen[bytes]] | None:
        """Return the runner that has given the last sign of life, if it lives."""
        try:
            beat = msgspec.json.decode(
                beat_path(self._state, self._folder / "archive").read_bytes(), type=Beat
            )
        except (OSError, msgspec.DecodeError):
            return None
        killed = {pid for _, pid in self._killed}
        living = (one for one in list(self._alive.items()) if one[1].pid not in killed)
        return next((one for one in living if one[1].pid == beat.pid), None)

    def _keep(self, number: int) -> None:
        command = [
            sys.executable,
            "-m",
            "harvester",
            "run",
            str(self._folder / "harvester.toml"),
            "--forever",
        ]
        with (self._folder / f"keeper-{number}.log").open("ab") as log:
            while not self._stop.is_set():
                process = subprocess.Popen(
                    command, env=self._environment, stdout=log, stderr=log, cwd=self._folder
                )
                self._alive[number] = process
                code = process.wait()
                del self._alive[number]
                self.ends.append(End(code, self._stop.is_set()))
                self._stop.wait(_AGAIN_S)

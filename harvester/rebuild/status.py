"""The file `progress.json` of a rebuild: how far it is, for whoever looks at the output from elsewhere.

It speaks of a run and not of the result, so it is no part of what equal runs have equal.
"""

from __future__ import annotations

import contextlib
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock
from types import TracebackType
from typing import Final, Self

import msgspec

from harvester.engines.engine import Engine
from harvester.errors import StorageError
from harvester.rebuild.outputs.base import Output
from harvester.rebuild.outputs.repeating import every
from harvester.rebuild.progress import Progress
from harvester.rebuild.shards import Shard
from harvester.rebuild.unit import Done, Unit
from harvester.times import utc_text
from harvester.toolchain import software_name

PROGRESS: Final = "progress.json"
WRITTEN_EVERY_S: Final = 10.0


class State(msgspec.Struct, kw_only=True):
    """What `progress.json` says. `state` is `running`, `done`, `stopped` or `failed` (then `why`).

    `units` are the input files, those `done` by earlier runs too. `round` is what is done just now: its
    units and bytes, behind it and all. `records` were looked at by this run, so many `per_s` since it
    began; `failed` of them could not be read; `lost` are files whose workers died for good.
    """

    state: str = "running"
    why: str | None = None
    doing: str = "beginning"
    units: int = 0
    units_done: int = 0
    round_units: int = 0
    round_units_done: int = 0
    round_bytes: int = 0
    round_bytes_done: int = 0
    records: int = 0
    records_per_s: float = 0.0
    failed: int = 0
    lost: int = 0
    engine: str = ""
    share: str | None = None
    machine: str = ""
    software: str = ""
    started: str = ""
    updated: str = ""


class Status:
    """Passes a run's progress on, and writes it down every ten seconds and at the end."""

    def __init__(
        self,
        output: Output,
        engine: str,
        shard: Shard | None,
        shown: Progress,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._output = output
        self._name = shard.progress if shard else PROGRESS
        self._shown = shown
        self._now = now
        self._began_s = time.monotonic()
        self._at: dict[str, int] = {}
        self._lock = Lock()
        self._state = State(
            engine=engine,
            share=str(shard) if shard else None,
            machine=platform.node(),
            software=software_name(),
            started=utc_text(now()),
        )
        self._writing = contextlib.ExitStack()

    def units(self, count: int, done: int) -> None:
        """Say how many input files there are, and how many of them were done before."""
        self._state.units, self._state.units_done = count, done

    def doing(self, what: str) -> None:
        """Say what is done just now that has no units."""
        state = self._state
        state.doing, state.round_units, state.round_units_done, state.round_bytes = what, 0, 0, 0
        with self._lock:
            self._at = {}

    def begin(self, what: str, units: int, total_bytes: int) -> None:
        self.doing(what)
        self._state.round_units, self._state.round_bytes = units, total_bytes
        self._shown.begin(what, units, total_bytes)

    def at(self, unit: Unit, position: int) -> None:
        with self._lock:
            self._at[unit.key] = min(position, unit.size)
        self._shown.at(unit, position)

    def behind(self, done: Done) -> None:
        state = self._state
        state.round_units_done += 1
        state.records += done.looked_at
        state.failed += done.outcomes.get("failed", 0)
        if any(problem.kind == "lost" for problem in done.problems):
            state.lost += 1
        elif not done.part and state.units_done < state.units:
            state.units_done += 1
        self._shown.behind(done)

    def write(self) -> None:
        """Write down how far the run is. Raises `StorageError`."""
        state = self._state
        with self._lock:
            state.round_bytes_done = sum(self._at.values())
        seconds = time.monotonic() - self._began_s
        state.records_per_s = round(state.records / seconds, 1) if seconds else 0.0
        state.updated = utc_text(self._now())
        self._output.tell(self._name, msgspec.json.format(msgspec.json.encode(state), indent=2) + b"\n")

    def __enter__(self) -> Self:
        self._tell()
        self._writing.enter_context(every(WRITTEN_EVERY_S, self.write))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writing.close()
        self._state.doing = ""
        if error is None:
            self._state.state = "done"
        elif isinstance(error, KeyboardInterrupt):
            self._state.state = "stopped"
        else:
            self._state.state, self._state.why = (
                "failed",
                " ".join(str(error).split()) or type(error).__name__,
            )
        self._tell()

    def _tell(self) -> None:
        with contextlib.suppress(StorageError):  # who looks on is not worth the work
            self.write()


def engine_name(engine: Engine) -> str:
    """Return what an engine is called: an own one by its class."""
    return getattr(engine, "name", type(engine).__name__)

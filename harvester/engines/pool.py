"""Worker processes on this machine. One that dies costs its unit another try, and nothing else.

Our own and not `concurrent.futures`, whose pool is broken for good by one dead worker, nor a library:
which record was being read when a worker died is what tells a poisoned record from a poor machine.
"""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import resource
import signal
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any, Final

from harvester.engines.engine import D, Engine, InProcess, J, Job, Tell, Work
from harvester.errors import HarvesterError, StorageError, UsageError

RECYCLED_AFTER_UNITS: Final = 200
RECYCLED_ABOVE_BYTES: Final = 1 << 30
"""A worker whose memory was once above this is replaced after its unit: fragments do not add up."""
STALLED_AFTER_S: Final = 600.0
"""Wall time after which a worker at one record is given up, where no deadline could end it."""
_POLL_S: Final = 0.2
_NAME: Final = "harvester-worker"
_STARTING: Final = -1
"""Position of a worker that has not come as far as to ask for a unit."""
_UNGUARDED: Final = 76
"""Exit code of a worker that found itself in the script that called it."""
_KIB: Final = 1024 if sys.platform.startswith("linux") else 1


@dataclass(slots=True)
class _Worker:
    """A process, our end of its pipe, and what it does now. `position` and `record` are shared with it."""

    process: Any
    pipe: Connection
    position: Any
    record: Any
    unit: Job[Any] | None = None
    seen: tuple[int, float] = (0, 0.0)


@dataclass(slots=True)
class _Tries:
    """How often a unit's worker died, and at which record (0: between records)."""

    died_at: list[int] = field(default_factory=list)


class Pool:
    """An `Engine` of worker processes; largest units first, so that none is left alone at the end."""

    name: Final = "local"

    def __init__(self, workers: int, *, stalled_after_s: float = STALLED_AFTER_S) -> None:
        _end_if_imported()
        self._count = workers
        self._stalled_after_s = stalled_after_s
        self._context = multiprocessing.get_context("spawn")  # nothing of this process leaks into them
        self._workers: list[_Worker] = []
        self._tries: dict[str, _Tries] = {}
        self._kept = False

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keep the workers from round to round: to begin one takes as long as many a unit."""
        if self._kept:
            yield
            return
        self._kept = True
        try:
            yield
        finally:
            self._kept = False
            self._dismiss()

    def run(self, units: Sequence[J], work: Work[J, D], tell: Tell[J]) -> Iterator[D]:
        waiting: deque[Any] = deque(sorted(units, key=lambda unit: (-unit.size, unit.key)))
        left = len(waiting)
        self._tries = {}
        try:
            while left:
                self._employ(waiting, work)
                for worker in self._news():
                    done = self._hear(worker, waiting)
                    if done is not None:
                        left -= 1
                        yield done
                self._look_after(tell)
        except BaseException:
            self._dismiss()  # what they are at is wanted no more
            raise
        if not self._kept:
            self._dismiss()

    def _employ(self, waiting: deque[Any], work: Work[Any, Any]) -> None:
        """Give every idle worker a unit, and start workers while there are units for them."""
        while waiting and len(self._workers) < self._count:
            self._workers.append(self._started())
        for worker in self._workers:
            if worker.unit is None and waiting:
                unit = waiting.popleft()
                worker.unit = unit
                worker.seen = (0, time.monotonic())
                with contextlib.suppress(OSError):  # it died while idle: its sentinel tells
                    worker.pipe.send((unit, work))

    def _started(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        position = self._context.RawValue(ctypes.c_longlong, _STARTING)
        record = self._context.RawValue(ctypes.c_longlong)
        process = self._context.Process(
            target=_serve, args=(theirs, position, record, os.getpid()), daemon=True, name=_NAME
        )
        process.start()
        theirs.close()
        return _Worker(process, ours, position, record)

    def _news(self) -> list[_Worker]:
        """Wait a little for workers that have something to say, or died."""
        sources: dict[Any, _Worker] = {}
        for worker in self._workers:
            sources[worker.pipe] = sources[worker.process.sentinel] = worker
        ready = wait(list(sources), timeout=_POLL_S)
        return list({id(sources[one]): sources[one] for one in ready}.values())

    def _hear(self, worker: _Worker, waiting: deque[Any]) -> Any:
        try:
            answer = worker.pipe.recv() if worker.pipe.poll() else None
        except (EOFError, OSError):
            answer = None
        if answer is None:
            return None if worker.process.is_alive() else self._buried(worker, waiting)
        kind, value, tired = answer
        unit, worker.unit = worker.unit, None
        if tired:
            self._part_with(worker)
        if kind == "done":
            return value
        if kind == "error":
            raise value
        return unit.lost(value) if unit is not None else None

    def _buried(self, worker: _Worker, waiting: deque[Any]) -> Any:
        """Take leave of a dead worker; its unit is tried again, without a record that kills, or lost."""
        record, unit = int(worker.record.value), worker.unit
        code = worker.process.exitcode
        began = int(worker.position.value) != _STARTING
        self._part_with(worker)
        if code == _UNGUARDED:
            raise UsageError(_NO_GUARD)
        if unit is None:
            return None
        tries = self._tries.setdefault(unit.key, _Tries())
        tries.died_at.append(record)
        if len(tries.died_at) == 1:
            waiting.appendleft(unit)
            return None
        spared = unit.without(record) if record and tries.died_at[-2] == record else None
        if spared is not None:
            tries.died_at.clear()
            waiting.appendleft(spared)
            return None
        how = f"by signal {-code} ({_signal_name(-code)})" if code and code < 0 else f"with code {code}"
        cure = (
            "memory may be short"
            if began
            else "before it began: see what the calling script does when imported"
        )
        return unit.lost(f"its worker process ended {how}, twice: {cure}; run it again")

    def _look_after(self, tell: Tell[Any]) -> None:
        """Pass on how far the workers are, and end one that has been at one record for too long."""
        now = time.monotonic()
        for worker in self._workers:
            if worker.unit is None:
                continue
            tell(worker.unit, max(0, int(worker.position.value)))
            record = int(worker.record.value)
            if record != worker.seen[0] or record == 0:
                worker.seen = (record, now)
            elif now - worker.seen[1] > self._stalled_after_s:
                worker.process.kill()

    def _part_with(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.pipe.close()
        worker.process.join(timeout=5)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()
        worker.process.close()

    def _dismiss(self) -> None:
        for worker in self._workers:
            worker.process.kill()
        for worker in list(self._workers):
            self._part_with(worker)


_NO_GUARD: Final = (
    'the script that calls rebuild has no `if __name__ == "__main__":` before its call: workers are '
    "started anew and import that script; put the call below such a line (docs/rebuild.md), or use one worker"
)


def _end_if_imported() -> None:
    """End a worker that is only just importing its caller's script, and comes upon the call in it again."""
    here = multiprocessing.current_process()
    if here.name == _NAME and getattr(here, "_inheriting", False):
        os._exit(_UNGUARDED)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"


def _serve(pipe: Connection, position: Any, record: Any, parent: int) -> None:
    """Do units until the pipe ends (in a worker process)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the driver, which ends us
    position.value = 0

    def beat(at: int, number: int) -> None:
        position.value, record.value = at, number
        if os.getppid() != parent:  # the driver was killed: nobody wants this any more
            os._exit(1)

    done = 0
    while True:
        try:
            unit, work = pipe.recv()
        except (EOFError, OSError):
            return
        position.value, record.value = 0, 0
        answer = _answer(unit, work, beat)
        done += 1
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB
        tired = done >= RECYCLED_AFTER_UNITS or peak > RECYCLED_ABOVE_BYTES
        pipe.send((*answer, tired))
        if tired:
            return


def _answer(unit: Job[Any], work: Work[Any, Any], beat: Any) -> tuple[str, Any]:
    try:
        return "done", work(unit, beat)
    except StorageError as error:
        return "error", StorageError(str(error))
    except HarvesterError as error:
        return "lost", str(error)
    except Exception as error:  # noqa: BLE001 - a fault met in one unit must not end the others
        return "lost", f"a fault of this program: {type(error).__name__}: {error}; please report it"


def local_engine(workers: int | None) -> Engine:
    """Return the engine for so many processes here, by default one a core; for one, this process itself."""
    count = workers or len(os.sched_getaffinity(0))
    return Pool(count) if count > 1 else InProcess()

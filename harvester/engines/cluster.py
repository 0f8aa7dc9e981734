"""Ray behind the engine's seam: the same work on the same units, on as many machines as there are.

The only module that imports Ray, and only when it is asked for. Each unit is one task. Ray gives a task
again whose worker or machine died; one that dies a second time is done in a process of its own inside the
task (harvester.engines.pool), which finds the record that kills, as on one machine.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, Final

from archive.words import counted
from harvester.engines.engine import D, J, Job, Tell, Work, no_beat
from harvester.engines.pool import Pool
from harvester.errors import HarvesterError, StorageError, UsageError
from harvester.toolchain import software

IN_FLIGHT_PER_CPU: Final = 2
"""Tasks handed over ahead of those that run: enough to keep a CPU busy, few enough to cancel."""
TRIES: Final = 3
"""How often a unit is handed over whose worker or machine dies."""
_POLL_S: Final = 1.0
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]{0,9}m")
_UNREACHED: Final = (
    "a machine of the Ray cluster cannot reach this driver: set RAY_AUTH_MODE alike on all machines, before "
    "`ray start` too, with one ~/.ray/auth_token; and no firewall between them (docs/scale.md)"
)
_SECURED_HINT: Final = " (with a token there, say RAY_AUTH_MODE=token here, too: docs/scale.md)"
_ADDRESS_VARIABLE: Final = "RAY_ADDRESS"


class Cluster:
    """An `Engine` of Ray tasks. `address` is a cluster's (`auto`, `HOST:6379`, `ray://…`).

    Without one, that of `RAY_ADDRESS`, else a cluster of this machine alone for the time of the run, with
    `workers` CPUs. Raises `UsageError` where Ray is not installed, `StorageError` for a cluster that does not
    answer.
    """

    name: Final = "ray"

    def __init__(self, address: str | None = None, *, workers: int | None = None) -> None:
        self._address = address or os.environ.get(_ADDRESS_VARIABLE)
        self._workers = workers
        self._kept: contextlib.ExitStack | None = None

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Stay connected from the first round to the last: a cluster here takes seconds to begin."""
        if self._kept is not None:
            yield
            return
        self._kept = contextlib.ExitStack()
        try:
            with self._kept:
                yield
        finally:
            self._kept = None

    def run(self, units: Sequence[J], work: Work[J, D], tell: Tell[J]) -> Iterator[D]:
        ray = _ray()
        if self._kept is not None:
            self._kept.enter_context(self._connected(ray))
        with self._connected(ray):
            yield from _Running(ray, units, work, tell).dones()

    @contextlib.contextmanager
    def _connected(self, ray: Any) -> Iterator[None]:
        """Connect for a round, and leave a cluster as it was found."""
        if ray.is_initialized():
            yield
            return
        here = {"num_cpus": self._workers, "include_dashboard": False} if self._address is None else {}
        try:
            with _same_sigterm():
                ray.init(
                    address=self._address or "local",
                    log_to_driver=False,
                    logging_level="ERROR",
                    configure_logging=False,
                    **here,
                )
        except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
            said = " ".join(str(error).split())[:300]
            hint = "" if self._address is None else _SECURED_HINT
            raise StorageError(
                f"no Ray cluster at {self._address or 'this machine'}: {said}{hint}"
            ) from error
        try:
            with contextlib.redirect_stdout(
                sys.stderr
            ):  # Ray tells of dead workers there; results go to stdout
                yield
        finally:
            ray.shutdown()


@contextlib.contextmanager
def _same_sigterm() -> Iterator[None]:
    """Keep what SIGTERM does: Ray has it end the process, past all that would be told and tidied."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if before is not None and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)


class _Running:
    """One round: a window of tasks under way, and what came of them."""

    def __init__(self, ray: Any, units: Sequence[Any], work: Work[Any, Any], tell: Tell[Any]) -> None:
        self._ray = ray
        self._waiting = deque(sorted(units, key=lambda unit: (-unit.size, unit.key)))
        self._tries: dict[str, int] = {}
        self._under_way: dict[Any, Job[Any]] = {}
        self._tell = tell
        self._work = ray.put((work, dict(software())))
        self._task = ray.remote(num_cpus=1, max_retries=0)(_do)

    def dones(self) -> Iterator[Any]:
        try:
            while self._waiting or self._under_way:
                self._hand_over()
                ready, _ = self._ray.wait(list(self._under_way), num_returns=1, timeout=_POLL_S)
                for reference in ready:
                    unit = self._under_way.pop(reference)
                    done = self._taken(reference, unit)
                    if done is not None:
                        self._tell(unit, unit.size)
                        yield done
        finally:
            # Not by force: a killed worker whose answer is under way makes Ray abort this process.
            for reference in self._under_way:
                self._ray.cancel(reference)

    def _hand_over(self) -> None:
        cpus = max(1, int(self._ray.cluster_resources().get("CPU", 1)))
        while self._waiting and len(self._under_way) < cpus * IN_FLIGHT_PER_CPU:
            unit = self._waiting.popleft()
            apart = self._tries.get(unit.key, 0) > 0
            self._under_way[self._task.remote(self._work, unit, apart)] = unit

    def _taken(self, reference: Any, unit: Job[Any]) -> Any:
        """Return what a task gave; None if its worker or machine died and it is handed over again."""
        try:
            kind, value = self._ray.get(reference)
        except self._ray.exceptions.RayError as error:
            said = " ".join(_COLOUR.sub("", str(error)).split())[:200]
            tries = self._tries[unit.key] = self._tries.get(unit.key, 0) + 1
            if tries < TRIES:
                self._waiting.appendleft(unit)
                return None
            if isinstance(error, self._ray.exceptions.OwnerDiedError):  # the owner is this process
                raise StorageError(_UNREACHED) from error
            how = f"{counted(tries, 'time')} ({type(error).__name__}: {said})"
            return unit.lost(f"its worker ended {how}: run it again")
        if kind == "error":
            raise StorageError(value)
        return unit.lost(value) if kind == "lost" else value


def _do(handed: tuple[Work[Any, Any], dict[str, str]], unit: Job[Any], apart: bool) -> tuple[str, Any]:  # noqa: FBT001 - of a task
    """Do the work on a unit, in a task: a pure value comes back, never an exception of ours."""
    work, versions = handed
    try:
        _same_program(versions)
        if (reachable := getattr(work, "reachable", None)) is not None:
            reachable()
        if not apart:
            return "done", work(unit, no_beat)
        return "done", next(Pool(1).run([unit], work, lambda *_: None))
    except StorageError as error:
        return "error", str(error)
    except HarvesterError as error:
        return "lost", str(error)
    except Exception as error:  # noqa: BLE001 - a fault met in one unit must not end the others
        return "lost", f"a fault of this program: {type(error).__name__}: {error}; please report it"


def _same_program(versions: dict[str, str]) -> None:
    """Refuse a machine with other versions: its texts might differ."""
    here = dict(software())
    if here != versions:
        other = sorted(name for name in here.keys() | versions.keys() if here.get(name) != versions.get(name))
        said = ", ".join(f"{name} {here.get(name)} (the driver has {versions.get(name)})" for name in other)
        raise StorageError(f"{platform.node()} runs {said}: install the same on every machine")


def _ray() -> Any:
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to anybody
    os.environ.setdefault(
        "RAY_gcs_server_port_wait_time_s", "1"
    )  # a cluster that is not there: 40 s, not 15 min
    try:
        import ray  # noqa: PLC0415 - heavy, and only needed for clusters
    except ImportError as error:
        raise UsageError("--engine ray needs Ray: pip install 'wechat-harvester[ray]'") from error
    return ray

"""What the options `--workers`, `--engine` and `--address` mean, and how a job of many processes is ended."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

from harvester.engines.engine import Engine, InProcess
from harvester.errors import UsageError


def engine_of(name: str, workers: int | None, address: str | None, *, otherwise: int | None = None) -> Engine:
    """Return the engine that a user names: where no number of workers is said, one of `otherwise` processes
    here (None: as many as cores), or all that a cluster has. Raises `UsageError`.
    """
    if name == "ray":
        from harvester.engines.cluster import Cluster

        return Cluster(address, workers=workers)
    if name != "local":
        raise UsageError(f"no engine {name!r}: say local or ray")
    if address is not None:
        raise UsageError("--address is of a Ray cluster: say --engine ray too")
    from harvester.engines.pool import local_engine

    return local_engine(workers or otherwise)


def shared(name: str, workers: int | None, address: str | None) -> Engine | None:
    """Return the engine among whose workers a job is shared out, None where this process does it alone: where
    no other engine and no more than one worker is asked for. Raises as `engine_of`.
    """
    engine = engine_of(name, workers, address, otherwise=1)
    return None if isinstance(engine, InProcess) else engine


@contextlib.contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Take SIGTERM, with which batch systems end a job, for a Ctrl-C."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

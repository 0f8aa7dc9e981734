"""The processor time that one record may take, where no count has told before that it is too expensive.

Counts (harvester.extraction.counts) refuse a page on every machine alike. This stands behind them: a record
that meets it is told of in words that do not claim it of the record.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class DeadlineError(BaseException):
    """Not an `Exception`: nothing that mends a reader's faults on the way may take it for one."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise `DeadlineError` in here after so much processor time of this process, its threads included.

    Only a process's main thread can be interrupted so; in another one there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGPROF, _expired)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _expired(_number: int, _frame: FrameType | None) -> None:
    raise DeadlineError

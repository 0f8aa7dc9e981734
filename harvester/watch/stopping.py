"""Being asked to stop, or to read the configuration again: by signals, and by waits that end at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from types import FrameType
from typing import Final

from harvester.clock import Clock

_SLICE_S: Final = 0.5


class StopRequestedError(BaseException):
    """Somebody asked to stop: raised from a wait, never within a request."""


class Wishes:
    """What was asked for from outside: `stop` (SIGTERM, Ctrl-C; again: at once), `reload` (SIGHUP)."""

    def __init__(self) -> None:
        self.stop = False
        self.reload = False

    @contextmanager
    def by_signals(self) -> Iterator[None]:
        """Listen to the signals while the block lasts. For the main thread only."""

        def stop(_number: int, _frame: FrameType | None) -> None:
            self.stop = True

        def interrupt(_number: int, _frame: FrameType | None) -> None:
            if self.stop:
                raise KeyboardInterrupt
            self.stop = True

        def reload(_number: int, _frame: FrameType | None) -> None:
            self.reload = True

        before = {
            signal.SIGTERM: signal.signal(signal.SIGTERM, stop),
            signal.SIGINT: signal.signal(signal.SIGINT, interrupt),
            signal.SIGHUP: signal.signal(signal.SIGHUP, reload),
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """Give an event that SIGTERM and Ctrl-C set while the block lasts. For the main thread only."""
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class StoppableClock:
    """A clock whose waits end, by `StopRequestedError`, when somebody asks to stop.

    `on_wait` is called in every wait, again and again while it lasts.
    """

    def __init__(
        self,
        clock: Clock,
        wishes: Wishes,
        *,
        slice_s: float = _SLICE_S,
        on_wait: Callable[[], None] = lambda: None,
    ) -> None:
        self._slice_s = slice_s
        self._on_wait = on_wait
        self._clock = clock
        self._wishes = wishes

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic_s(self) -> float:
        return self._clock.monotonic_s()

    def sleep(self, seconds: float) -> None:
        end_s = self._clock.monotonic_s() + seconds
        while True:
            if self._wishes.stop:
                raise StopRequestedError
            self._on_wait()
            left_s = end_s - self._clock.monotonic_s()
            if left_s <= 0:
                return
            self._clock.sleep(min(left_s, self._slice_s))

"""Deliveries made, apart from captures: in a thread of its own, so that no receiver can hold a run up."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from harvester.clock import Clock
from harvester.errors import HarvesterError
from harvester.watch.notify.notice import Notice
from harvester.watch.notify.outbox import Due, Outbox
from harvester.watch.notify.receivers import Receiver

WAITS_S: Final = (5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 50400.0, 72000.0, 86400.0)
"""After each failure in a row: the schedule that Standard Webhooks gives as an example."""
_JITTER: Final = 0.1
_MARGIN_S: Final = 30.0
"""How much longer than a delivery may take it is left to whoever has it in hand."""
_LONGEST_WAIT_S: Final = 30.0
_HURRIED_S: Final = 2.0
_SLICE_S: Final = 0.2


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to tell: `error` is None where it was told; `dropped` tells how many were given up."""

    receiver: str
    key: str
    notice: Notice | None = None
    attempts: int = 0
    error: str | None = None
    duration_s: float = 0.0
    dropped: int = 0


OnTold = Callable[[Told], None]


class Courier:
    """Makes the deliveries of an outbox that are due. `stop` ends a round between two deliveries."""

    def __init__(
        self,
        outbox: Outbox,
        receivers: Sequence[Receiver],
        clock: Clock,
        on_told: OnTold = lambda _: None,
        *,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._outbox = outbox
        self._receivers = [one for one in receivers if not one.is_feed]
        self._clock = clock
        self._on_told = on_told
        self._jitter = jitter

    def round(self, stop: Callable[[], bool] = lambda: False) -> int:
        """Deliver what is due, one event to each receiver in turn; return how many were told."""
        told, at_work = 0, list(self._receivers)
        for receiver in at_work:
            self._drop(receiver)
        while at_work and not stop():
            for receiver in tuple(at_work):
                if stop():
                    break
                due = self._claim(receiver)
                if due is None:
                    at_work.remove(receiver)
                else:
                    told += self._deliver(receiver, due)
        return told

    def _claim(self, receiver: Receiver) -> Due | None:
        now_s = self._now_s()
        return self._outbox.claim(receiver.key, now_s, now_s + receiver.settings.timeout_s + _MARGIN_S)

    def _deliver(self, receiver: Receiver, due: Due) -> bool:
        began_s = self._clock.monotonic_s()
        answer = receiver.send(due.notice, self._clock.now())
        took_s = self._clock.monotonic_s() - began_s
        now_s = self._now_s()
        if answer.error is None:
            self._outbox.delivered(due, now_s)
        else:
            tries = due.attempts if answer.alone else due.failures + 1
            again_s = now_s + max(self._wait_s(tries), min(answer.after_s or 0.0, WAITS_S[-1]))
            rests_s = None if answer.alone else again_s
            self._outbox.failed(due, answer.error, again_s, rests_until_s=rests_s)
        self._on_told(
            Told(
                receiver=receiver.shown,
                key=receiver.key,
                notice=due.notice,
                attempts=due.attempts,
                error=answer.error,
                duration_s=took_s,
            )
        )
        return answer.error is None

    def _drop(self, receiver: Receiver) -> None:
        dropped = self._outbox.drop_before(receiver.key, self._now_s() - receiver.settings.give_up_s)
        if dropped:
            self._on_told(Told(receiver=receiver.shown, key=receiver.key, dropped=dropped))

    def _wait_s(self, tries: int) -> float:
        return WAITS_S[min(tries, len(WAITS_S)) - 1] * (1 + _JITTER * self._jitter())

    def _now_s(self) -> float:
        return self._clock.now().timestamp()


class Deliveries:
    """A courier at work beside a run. `woken` lets it look; `ended` waits for what it can still do."""

    def __init__(
        self,
        outbox: Callable[[], Outbox],
        receivers: Sequence[Receiver],
        clock: Clock,
        on_told: OnTold = lambda _: None,
        on_fault: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._outbox = outbox
        self._receivers = receivers
        self._clock = clock
        self._on_told = on_told
        self._on_fault = on_fault
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="courier", daemon=True)
        self._thread.start()

    def woken(self) -> None:
        """Say that something was put into the outbox."""
        self._wake.set()

    def ended(self, within_s: float, hurried: Callable[[], bool] = lambda: False) -> None:
        """Make the deliveries that are due, for so long at most; the rest waits for the next run.

        Once `hurried` says so, only the one in hand is waited for, and only for a moment.
        """
        self._ending.set()
        self._wake.set()
        end_s = time.monotonic() + within_s
        while self._thread.is_alive() and (left_s := end_s - time.monotonic()) > 0:
            if hurried():
                self._stopping.set()
                end_s = min(end_s, time.monotonic() + _HURRIED_S)
                self._thread.join(end_s - time.monotonic())
                break
            self._thread.join(min(left_s, _SLICE_S))
        self._stopping.set()

    def _work(self) -> None:
        while True:
            last = self._ending.is_set()
            self._wake.clear()
            try:
                with self._outbox() as outbox:
                    courier = Courier(outbox, self._receivers, self._clock, self._on_told)
                    courier.round(self._stopping.is_set)
            except HarvesterError as error:  # of the outbox: captures go on, and what is left is told later
                self._on_fault(str(error))
            except Exception as error:  # noqa: BLE001 - a fault of ours must not end in a thread unheard
                self._on_fault(f"a fault of this program: {type(error).__name__}: {error}")
            if last or self._stopping.is_set():
                return
            self._wake.wait(_LONGEST_WAIT_S)

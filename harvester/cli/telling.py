"""What a run tells while it works: lines for programs (`harvester.logs`), and notifications."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from archive.words import counted
from harvester.capture.pace import DAILY_CAP
from harvester.cli.output import say
from harvester.cli.session import Session
from harvester.config import Loaded
from harvester.errors import HarvesterError
from harvester.exits import Exit
from harvester.fetching import Outcome
from harvester.state import state_directory
from harvester.times import utc_text
from harvester.watch.diff import compared_lines
from harvester.watch.events import Event
from harvester.watch.kinds import NEWS
from harvester.watch.notify.courier import Deliveries, Told
from harvester.watch.notify.notifier import Notifier
from harvester.watch.notify.outbox import Outbox, outbox_path
from harvester.watch.notify.receivers import receivers_of
from harvester.watch.timeline import Story

_GATHER_EVERY_S: Final = 600.0
_HURRIED_S: Final = 2.0


class Telling:
    """Beside one session: the outbox is opened with it; what is due is delivered in a thread of its own.

    `patient_s` is how long `close` waits for deliveries; only a moment once `hurried` says that somebody
    asked to stop. No fault of a receiver, or of the outbox, ends a run: it is said.
    """

    def __init__(
        self, session: Session, loaded: Loaded, *, patient_s: float, hurried: Callable[[], bool]
    ) -> None:
        self._session = session
        self._patient_s = patient_s
        self._hurried = hurried
        self._alone: dict[str, tuple[str, float] | None] = {}
        self._open = ExitStack()
        self._notifier: Notifier | None = None
        self._deliveries: Deliveries | None = None
        self._gathered_s: float | None = None
        if loaded.config.notify:
            try:
                self._begin(loaded)
            except HarvesterError as error:
                self.fault(f"nobody is notified in this run: {error}")

    def _begin(self, loaded: Loaded) -> None:
        session, clock = self._session, self._session.clock
        receivers = receivers_of(loaded, os.environ)
        for receiver in receivers:
            fault = receiver.fault()
            if fault:
                self.fault(f"{receiver.shown}: {fault}")
        path = outbox_path(state_directory(), session.directory)
        outbox = self._open.enter_context(Outbox(path))
        self._notifier = Notifier(
            session.archive, session.library, loaded, outbox, receivers, clock, self.fault
        )
        self.look()
        self._deliveries = Deliveries(
            lambda: Outbox(path), receivers, clock, on_told=self._delivered, on_fault=self.fault
        )

    def look(self) -> None:
        """From time to time, find what other commands, or the inbox, brought meanwhile."""
        now_s = self._session.clock.monotonic_s()
        if self._gathered_s is None or now_s - self._gathered_s >= _GATHER_EVERY_S:
            self._gathered_s = now_s
            self._gather()

    def _gather(self) -> None:
        if self._notifier is None:
            return
        try:
            found = self._notifier.gather()
        except HarvesterError as error:
            self.fault(str(error))
            return
        if found and self._deliveries is not None:
            self._deliveries.woken()

    def told(self, story: Story, events: Sequence[Event]) -> None:
        """Take what a visit told of an article."""
        for event in events:
            self._session.log.tell(
                "told", url=event.url, kind=event.kind, state=event.state, id=event.id,
                record_id=event.record_id, reason=event.reason,
            )  # fmt: skip
            if event.compared is not None and event.kind in NEWS:
                style = "red" if event.compared.is_material else "magenta"
                said = f"\n{'':<12} ".join([event.url, *compared_lines(event.compared)])
                say(f"{event.kind:<12} {said}", style=style)
        if self._notifier is not None and self._notifier.told(story, events) and self._deliveries:
            self._deliveries.woken()

    def visited(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """Write a line for each outcome, and for a host that is now left alone, or is not any more."""
        if not self._session.log.is_wanted:
            yield from outcomes
            return
        began_s = self._session.clock.monotonic_s()
        for outcome in outcomes:
            took_s = self._session.clock.monotonic_s() - began_s
            row = self._session.library.named([outcome.id]).get(outcome.id) if outcome.id else None
            words = "; ".join(filter(None, (outcome.message, *outcome.warnings))) or None
            good = outcome.code == Exit.DONE
            (self._session.log.tell if good else self._session.log.caution)(
                "visit", url=outcome.url, state=outcome.state, code=outcome.code, id=outcome.id,
                record_id=row.record_id if row else None, duration_s=took_s, message=words,
            )  # fmt: skip
            self._note_host(outcome.url)
            yield outcome

    def close(self, *, at_once: bool) -> None:
        """Deliver what can still be delivered in the time there is, and close the outbox."""
        if not at_once:
            self._gather()
        if self._deliveries is not None:
            self._deliveries.ended(_HURRIED_S if at_once else self._patient_s, self._hurried)
        self._open.close()

    def _note_host(self, url: str) -> None:
        found = self._session.client.left_alone(url)
        now = (found.reason, found.until_s) if found else None
        host = urlsplit(url).hostname or ""
        if now == self._alone.get(host):
            return
        self._alone[host] = now
        if now is None:
            self._session.log.tell("breaker", url=url, state="closed")
            return
        until = utc_text(datetime.fromtimestamp(round(now[1]), UTC))
        event = "cap" if now[0] == DAILY_CAP else "breaker"
        self._session.log.caution(event, url=url, state="open", reason=now[0], until=until)

    def _delivered(self, told: Told) -> None:
        notice, log = told.notice, self._session.log
        if told.dropped or notice is None:
            words = f"not told in time, and dropped: {counted(told.dropped, 'event')}"
            say(f"{'dropped':<12} {told.receiver}: {words}", style="red")
            log.fault("notification", receiver=told.receiver, state="dropped", message=words)
            return
        said = log.caution if told.error else log.tell
        said(
            "notification", url=notice.url, receiver=told.receiver, kind=notice.kind, id=notice.id,
            state="failed" if told.error else "told", attempts=told.attempts, duration_s=told.duration_s,
            message=told.error,
        )  # fmt: skip
        if told.error:
            say(f"{'not told':<12} {told.receiver}: {told.error}; tried again later", style="yellow")
        else:
            say(f"{'told':<12} {told.receiver}: {notice.kind} {notice.url}", style="dim")

    def fault(self, message: str) -> None:
        """Say what failed beside the captures, to people and in the log."""
        say(f"harvester: {message}", style="red")
        self._session.log.fault("fault", message=message)

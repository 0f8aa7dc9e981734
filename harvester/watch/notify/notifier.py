"""From the archive's events to the outbox and the feeds: as visits tell them, and again from the timelines.

An event is put into the outbox when its visit is told. What a crash came before, and what other commands
captured, is found by reading the timelines again from the mark on (`gather`): events have ids made of what
they are, so none is put in twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from archive import Archive
from harvester.clock import Clock
from harvester.config import Loaded
from harvester.errors import HarvesterError
from harvester.library import Library
from harvester.outputs import write_output
from harvester.verify import Result
from harvester.verifying.saving import kept_result
from harvester.watch.diff import diff_of
from harvester.watch.events import Event
from harvester.watch.kinds import is_of_an_article
from harvester.watch.notify.feeds import feed_bytes
from harvester.watch.notify.notice import Notice, notice_of
from harvester.watch.notify.outbox import FEED_ITEMS, Outbox
from harvester.watch.notify.receivers import Receiver
from harvester.watch.notify.tags import Tags
from harvester.watch.timeline import Stories, Story

_OVERLAP: Final = timedelta(minutes=15)
"""How long before the mark is read again: an event has the time of its request, and is written later."""
_KEPT: Final = timedelta(days=30)
_DIFFED: Final = frozenset({"text", "title"})
_SPANS: Final = (timedelta(days=7), timedelta(days=60), timedelta(days=365 * 100))
"""How far back a feed is filled from, until there are enough events: recent ones are found fast."""


class Notifier:
    """The events of one archive, for those whom a configuration names."""

    def __init__(
        self,
        archive: Archive,
        library: Library,
        loaded: Loaded,
        outbox: Outbox,
        receivers: Sequence[Receiver],
        clock: Clock,
        on_fault: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._archive = archive
        self._library = library
        self._outbox = outbox
        self._receivers = receivers
        self._clock = clock
        self._on_fault = on_fault
        self._stories = Stories(archive, library)
        self._tags = Tags(Path(archive.path), loaded)
        self._title = f"Harvester: {Path(archive.path).resolve().name}"
        self._asked = {kind for receiver in receivers for kind in receiver.settings.events}
        outbox.know([(one.key, one.shown) for one in receivers], clock.now().timestamp())

    def told(self, story: Story, events: Sequence[Event]) -> bool:
        """Put in what a visit told; tell whether somebody is to hear of it. Faults are said, never raised."""
        try:
            with self._outbox.transaction():
                fresh = [self._put(notice) for notice in self._notices(story, events)]
            if any(fresh):
                self._write_feeds()
        except HarvesterError as error:  # the event stays in the archive, and is gathered by the next run
            self._on_fault(str(error))
            return False
        return any(fresh)

    def gather(self) -> int:
        """Put in what the archive tells since the mark and is not in yet; return how many events that are.

        Nothing is put in that would be too old to be delivered, or is older than its receiver is known for.
        """
        now = self._clock.now()
        mark_s = self._outbox.mark_s()
        began_s = self._outbox.began_s()
        fresh = 0
        if mark_s is not None:
            since = max(min(_moment(mark_s), now) - _OVERLAP, now - self._reach())
            found = list(self._since(since))
            with self._outbox.transaction():
                fresh = sum(self._put(notice, began_s) for notice in found)
                self._outbox.set_mark(now.timestamp())
        else:
            with self._outbox.transaction():
                self._outbox.set_mark(now.timestamp())
        self._forget_withdrawn()
        self._outbox.tidy((now - self._reach() - _KEPT).timestamp())
        self._write_feeds()
        return fresh

    def again(self, since: datetime) -> int:
        """Let all events from a moment on wait again, told or not; return how many deliveries that are."""
        found, now_s = list(self._since(since)), self._clock.now().timestamp()
        with self._outbox.transaction():
            return sum(
                self._outbox.again(
                    notice, [one.key for one in self._choosers(notice) if not one.is_feed], now_s
                )
                for notice in found
            )

    def refill(self) -> None:
        """Make the feeds anew from the archive's timelines alone."""
        for receiver in self._receivers:
            if receiver.is_feed:
                self._outbox.fill(receiver.key, self._last(receiver))
        self._write_feeds()

    def _reach(self) -> timedelta:
        return timedelta(seconds=max((one.settings.give_up_s for one in self._receivers), default=0.0))

    def _put(self, notice: Notice, began_s: dict[str, float] | None = None) -> bool:
        at_s, now_s = notice.moment.timestamp(), self._clock.now().timestamp()
        fresh = False
        for receiver in self._choosers(notice):
            if receiver.is_feed:
                fresh |= self._outbox.put(notice, (receiver.key,), now_s, state="shown")
            elif began_s is None or at_s >= began_s.get(receiver.key, 0.0):
                fresh |= self._outbox.put(notice, (receiver.key,), now_s)
        return fresh

    def _choosers(self, notice: Notice) -> Iterator[Receiver]:
        return (receiver for receiver in self._receivers if receiver.chooses(notice))

    def _since(self, when: datetime) -> Iterator[Notice]:
        for story in self._stories.since(when):
            yield from self._notices(story, story.events)

    def _notices(self, story: Story, events: Iterable[Event]) -> Iterator[Notice]:
        wanted = [
            event
            for event in events
            if event.kind in self._asked and is_of_an_article(event.state, event.before)
        ]
        if not wanted:
            return
        tags = self._tags.of(story.urls)
        for event in wanted:
            yield notice_of(story, event, tags, self._difference(event))

    def _difference(self, event: Event) -> Result | None:
        if event.compared is not None:
            return kept_result(self._archive, event.record_id or "")
        if event.kind != "edited" or not (event.before and event.id and _DIFFED & set(event.fields)):
            return None
        return diff_of(self._library, event.before, event.id)

    def _last(self, receiver: Receiver) -> list[Notice]:
        """Return the last events that a feed chooses, in no order, from the timelines."""
        now = self._clock.now()
        found: list[Notice] = []
        for span in _SPANS:
            found = [notice for notice in self._since(now - span) if receiver.chooses(notice)]
            if len(found) >= FEED_ITEMS:
                break
        return sorted(found, key=lambda notice: notice.moment)[-FEED_ITEMS:]

    def _forget_withdrawn(self) -> None:
        captures = self._outbox.captures()
        self._outbox.forget(captures - self._library.named(captures).keys())

    def _write_feeds(self) -> None:
        for receiver in self._receivers:
            form = receiver.settings.form
            if form is None:
                continue
            if self._outbox.unfilled(receiver.key):
                self._outbox.fill(receiver.key, self._last(receiver))
            data = feed_bytes(form, self._title, self._outbox.shown(receiver.key))
            try:
                receiver.path.parent.mkdir(parents=True, exist_ok=True)
                write_output(receiver.path, data, force=True)
            except (HarvesterError, OSError) as error:
                self._on_fault(f"the feed {receiver.path} cannot be written: {error}")


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

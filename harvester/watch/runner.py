"""The watch at work: what is due is asked for, one thing at a time, and the queue learns what came of it.

Whether an item is due is asked of the library right before it is fetched, so whatever was captured meanwhile
(by `fetch`, or before a crash) counts, and nothing is fetched twice within its interval.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from archive import Archive
from harvester.capture import Client
from harvester.clock import Clock
from harvester.config import Loaded
from harvester.exits import Exit
from harvester.fetching import Fetcher, Outcome
from harvester.library import Library
from harvester.shards import Shard
from harvester.times import utc_text
from harvester.wants import Wants
from harvester.watch import journal
from harvester.watch.config import ADDED, Watch
from harvester.watch.discovery import Discovery, Yield
from harvester.watch.events import Event
from harvester.watch.histories import history_of, of_story
from harvester.watch.plan import History, next_due
from harvester.watch.queue import Item, Queue
from harvester.watch.reposts import Kept, Reposts
from harvester.watch.sharding import owner_key
from harvester.watch.timeline import Stories, Story
from harvester.watch.wanted import item_of, named_watches, plan_of, via_of, wanted

if TYPE_CHECKING:
    from harvester.discover.following import Following

LEASE_S: Final = 900.0
_RETRY_REFUSED_S: Final = 24 * 3600.0
_AT_LEAST_S: Final = 60.0
"""No item is due again sooner, whatever its plan says: a fault must not become a loop."""
_TO_VERIFY: Final = frozenset({"captured", "edited", "back", "moved"})
_REST_EVERY: Final = 100
"""Visits after which the queue's log is folded into its file."""
OnEvents = Callable[[Story, Sequence[Event]], None]


class At(Protocol):
    """What a runner needs of a session (harvester.cli.session)."""

    directory: Path
    library: Library

    @property
    def archive(self) -> Archive: ...
    @property
    def client(self) -> Client: ...
    @property
    def fetcher(self) -> Fetcher: ...
    def fetch_all(self, texts: Sequence[str]) -> Iterator[Outcome]: ...
    def want(self, wants: Wants) -> None: ...


class Runner:
    """One runner over one session. `on_events` is called with an article and what its visit told."""

    def __init__(
        self,
        session: At,
        loaded: Loaded,
        queue: Queue,
        clock: Clock,
        on_events: OnEvents = lambda _story, _events: None,
        *,
        shard: Shard | None = None,
        on_fault: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._session = session
        self._loaded = loaded
        self._queue = queue
        self._clock = clock
        self._on_events = on_events
        self._shard = shard
        self.elsewhere: set[str] = set()
        """URLs that are other shards', as far as configuration and finds name them."""
        self.strays: tuple[tuple[str, Shard], ...] = ()
        """Those of them that were added or approved here, and never answered: each with its shard."""
        self._stories = Stories(session.archive, session.library)
        self._discovery = Discovery(session.archive, session.library, session.client, session.fetcher)
        self._watches = named_watches(loaded)
        self._reposts = Reposts(session.archive, session.library, clock, on_fault)
        self._finds = journal.Follower(session.directory, journal.FOUND, journal.Find)
        self._following: Following | None = None
        self._visits = 0

    def close(self) -> None:
        """Close what was opened for comparisons."""
        self._reposts.close()

    def sync(self) -> list[Outcome]:
        """Make the queue hold what configuration and finds want; settle what a crash left.

        Returns an outcome for each line of the configuration that is no URL.
        """
        now = self._clock.now()
        self._begin_following(now)
        self._finds = journal.Follower(self._session.directory, journal.FOUND, journal.Find)
        held = {item.url: item for item in self._queue.items()}
        want = wanted(self._loaded, self._finds.new(), now.timestamp(), self._shard, held)
        self.elsewhere = set(want.elsewhere)
        unanswered = self._session.library.last_answer
        self.strays = tuple(one for one in want.strays if unanswered(one[0]) is None)
        self._queue.drop(held.keys() - want.items.keys())
        self._queue.put_all(self._changed(held, want.items, now))
        self._queue.rest()
        self.verify_missed()
        self.wait_s()  # the first choice finds the hosts' names and the pace's file ready
        return [
            Outcome(url=text, state="refused", code=Exit.USAGE, message=why) for text, why in want.refused
        ]

    def _changed(self, held: Mapping[str, Item], wanted: Mapping[str, Item], now: datetime) -> Iterator[Item]:
        """Yield what the queue does not hold as it is wanted, with what is known of it."""
        untold = self._stories.untold(
            item.url for item in wanted.values() if item.url not in held and item.kind == "page"
        )
        for url, item in wanted.items():
            old = held.get(url)
            if url in untold:
                yield self._planned(item, History(), now)
            elif old is None or old.lease_s is not None or old.kind != item.kind:
                yield self._planned(item, history_of(item, self._stories, self._session.library), now)
            else:
                planned = self._planned(_kept(item, old), _history(old), now)
                if _waits(old, now):
                    planned = msgspec.structs.replace(planned, due_s=old.due_s)
                if planned != old:
                    yield planned

    def _begin_following(self, now: datetime) -> None:
        """Follow the accounts that watches name, if any: what waits and needs no approval is queued."""
        if not any(watch.accounts for watch in self._watches.values()):
            return
        from harvester.discover.following import Following  # noqa: PLC0415 - most watches follow no account

        at = self._session
        self._following = Following(
            at.directory, at.archive, at.library, self._discovery.manners, self._loaded, self._watches
        )
        self._following.begin(now)

    def _take_in(self, now: datetime) -> None:
        """Queue what was written into the journal since the last look: people add while a run goes on."""
        new = [find for find in self._finds.new() if find.watch in self._watches and self._is_ours(find)]
        new = [find for find in new if self._queue.get(find.url) is None]
        if new:
            with self._queue.transaction():
                for find in new:
                    self._settle_find(find, now)

    def _is_ours(self, find: journal.Find) -> bool:
        """Tell whether a find is of this runner's shard; what is not is noted as elsewhere."""
        if find.url in self.elsewhere:
            return False
        if self._shard is None or self._shard.has_key(owner_key(find.url, find.source)):
            return True
        self.elsewhere.add(find.url)
        return False

    def once(self) -> Iterator[Outcome]:
        """Do all that is due, and what becomes due by being found meanwhile."""
        while item := self.take():
            yield from self.visit(item)

    def take(self) -> Item | None:
        """Lease the next item, what is due first of the host that may be asked soonest; None: nothing is due.

        Hosts that are left alone (breaker, cap of the day) are passed over.
        """
        now = self._clock.now()
        self._take_in(now)
        while True:
            item = self._next(now.timestamp())
            if item is None:
                return None
            if self._is_due(item, now):
                self._queue.lease(item, now.timestamp() + LEASE_S)
                return item

    def held_back(self, host: str, known: Collection[str], most: int) -> list[Item]:
        """Return the pages of a host that are due, or that it did not give when asked, but for those `known`.

        `most` is how many, at most. The queue learns of those that were captured meanwhile.
        """
        now = self._clock.now()
        items = self._queue.waiting_pages(host, now.timestamp(), len(known) + most)
        new = [one for one in items if one.url not in known][:most]
        return [one for one in new if self._is_due(one, now) or self._fails(one)]

    def _fails(self, item: Item) -> bool:
        found = self._queue.get(item.url)
        return found is not None and found.failures > 0

    def _is_due(self, item: Item, now: datetime) -> bool:
        """Tell whether an item is due, by what the library knows; if it is not, plan it anew."""
        history = history_of(item, self._stories, self._session.library)
        known = _later(history, _history(item))
        due = next_due(plan_of(item, self._watches[item.watch]), known, now)
        if due is not None and due <= now:
            return True
        self._settle(item, known, now)
        return False

    def wait_s(self) -> float | None:
        """Return the seconds until something may be done; None if nothing is planned at all."""
        now_s = self._clock.now().timestamp()
        hosts = self._queue.due_hosts()
        standings = self._session.client.standings(list(hosts))
        moments = [
            max(due_s, standing.alone_until_s or 0.0) - now_s
            for due_s, standing in zip(hosts.values(), standings, strict=True)
        ]
        return max(0.0, min(moments)) if moments else None

    def visit(self, item: Item) -> Iterator[Outcome]:
        """Ask for one item, yield what became of it, and plan its next time."""
        watch = self._watches[item.watch]
        self._session.fetcher.found_via(item.via)
        if item.kind == "page":
            yield from self._page(item, watch)
        else:
            yield self._source(item, watch)
        self._visits += 1
        if self._visits % _REST_EVERY == 0:
            self._queue.rest()

    def _page(self, item: Item, watch: Watch) -> Iterator[Outcome]:
        began = self._clock.now()
        wants = self._loaded.config.fetch.wants(images=watch.images, requisites=watch.requisites)
        self._session.want(wants)
        outcomes = list(self._session.fetch_all([item.url]))
        story = self._stories.of_url(item.url)
        now = self._clock.now()
        told = tuple(event for event in (story.events if story else ()) if event.at >= began)
        history = of_story(story)
        if not told:  # nothing was asked: the guard refused it, or its host is left alone
            item = msgspec.structs.replace(item, message=outcomes[-1].message if outcomes else None)
            at_least_s = _RETRY_REFUSED_S if outcomes and outcomes[-1].state == "refused" else _AT_LEAST_S
            self._settle(item, history, now, at_least_s=at_least_s)
        else:
            message = outcomes[-1].message if outcomes and outcomes[-1].code else None
            self._settle(msgspec.structs.replace(item, message=message), history, now, at_least_s=_AT_LEAST_S)
        yield from outcomes
        if self._following is not None:
            for captured in (one.id for one in outcomes if one.id is not None and one.state == "ok"):
                self._following.after(captured, now)
        if story is not None and told:
            self._on_events(story, told)
            self._verify(told, watch)

    def verify_missed(self) -> int:
        """Verify what other commands captured of late, and what a crash came behind; return how many."""
        watches = self._watches.values()
        if not any(watch.verify for watch in watches):
            return 0
        count = 0
        for row in self._reposts.missed():
            item = self._queue.get(row.requested_url or "")
            if self._watches.get(item.watch if item else ADDED, self._watches[ADDED]).verify:
                self._tell_kept(self._reposts.after(row))
                count += 1
        return count

    def _verify(self, told: Sequence[Event], watch: Watch) -> None:
        """Hold the good captures of a visit against their originals, or reposts against them."""
        good = [event.id for event in told if event.kind in _TO_VERIFY and event.state == "ok" and event.id]
        if watch.verify:
            made = self._session.fetcher.latest
            for row in self._session.library.named(good).values():
                self._tell_kept(self._reposts.after(row, made))

    def _tell_kept(self, kept: Sequence[Kept]) -> None:
        records = {one.record_id for one in kept}
        for row in {one.row.id: one.row for one in kept}.values():
            story = self._stories.of_row(row)
            told = [event for event in story.events if event.record_id in records] if story else []
            if story is not None and told:
                self._on_events(story, told)

    def _source(self, item: Item, watch: Watch) -> Outcome:
        now = self._clock.now()
        found = self._discovery.ask(item, watch, now)
        self._keep_finds(item, watch, found, now)
        ended = self._clock.now()
        failed = found.outcome.code != Exit.DONE
        history = History(
            first=_moment(item.first_s) or (None if failed else now),
            last=_moment(item.last_s) if failed else now,
            kind=item.event if failed else "unchanged",
            failures=item.failures + 1 if failed else 0,
            attempted=ended,
        )
        told = msgspec.structs.replace(item, message=found.outcome.message)
        self._settle(told, history, ended, at_least_s=_AT_LEAST_S)
        return found.outcome

    def _keep_finds(self, item: Item, watch: Watch, found: Yield, now: datetime) -> None:
        """Write down what is new, durably, then queue it."""
        unknown = (link for link in found.links if link.url not in self.elsewhere)
        new = [link for link in unknown if self._queue.get(link.url) is None]
        via = via_of(self._loaded, watch, f"{item.kind} {item.url}")
        finds = [
            journal.Find(
                at=utc_text(now),
                url=link.url,
                watch=item.watch,
                via=via,
                title=link.title,
                tags=watch.tags,
                source=item.url,
            )
            for link in new
        ]
        journal.append(self._session.directory, journal.FOUND, finds)
        with self._queue.transaction():
            for find in finds:
                self._settle_find(find, now)

    def _settle_find(self, find: journal.Find, now: datetime) -> None:
        """Queue what was found, with what the library knows of it."""
        item = item_of(find.url, find.kind, find.watch, find.via, now.timestamp(), found=True)
        self._settle(item, history_of(item, self._stories, self._session.library), now)

    def _next(self, now_s: float) -> Item | None:
        firsts = self._queue.firsts(now_s)
        standings = self._session.client.standings([host for host, _, _ in firsts])
        ready = [
            (standing.due_in_s, due_s, url)
            for (_, due_s, url), standing in zip(firsts, standings, strict=True)
            if standing.alone_until_s is None
        ]
        return self._queue.get(min(ready)[2]) if ready else None

    def _settle(self, item: Item, history: History, now: datetime, *, at_least_s: float = 0.0) -> None:
        """Write an item with its history and its next time; its lease ends."""
        self._queue.put(self._planned(item, history, now, at_least_s=at_least_s))

    def _planned(self, item: Item, history: History, now: datetime, *, at_least_s: float = 0.0) -> Item:
        due = next_due(plan_of(item, self._watches[item.watch]), history, now)
        return msgspec.structs.replace(
            item,
            due_s=None if due is None else max(due.timestamp(), now.timestamp() + at_least_s),
            lease_s=None,
            first_s=_seconds(history.first),
            last_s=_seconds(history.last),
            attempted_s=_seconds(history.attempted),
            failures=history.failures,
            event=history.kind,
        )


def _kept(new: Item, old: Item) -> Item:
    """Return an item as the configuration has it now, with what the queue remembers."""
    return msgspec.structs.replace(new, found_s=old.found_s, message=old.message)


def _waits(item: Item, now: datetime) -> bool:
    """Tell whether an item has been due since it came, and was never tried: its turn stays where it is."""
    untried = item.attempted_s is None and item.first_s is None
    return untried and item.due_s is not None and item.due_s <= now.timestamp()


def _history(item: Item) -> History:
    return History(
        first=_moment(item.first_s),
        last=_moment(item.last_s),
        kind=item.event,
        failures=item.failures,
        attempted=_moment(item.attempted_s),
    )


def _later(one: History, other: History) -> History:
    """Return the history that knows of the later attempt."""
    if other.attempted is None:
        return one
    return other if one.attempted is None or other.attempted > one.attempted + timedelta(seconds=1) else one


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()

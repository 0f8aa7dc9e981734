"""The stories that a library tells: an article's visits gathered under all its names, and their events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from archive import Archive
from harvester.core import Core, changed, core_of
from harvester.document import Document
from harvester.errors import IntegrityError, StorageError
from harvester.handoff.lines import VIA, Answers
from harvester.library import FailureRow, Library, PageRow
from harvester.library.store import note_of
from harvester.pipeline import derive
from harvester.sites import site_for_url
from harvester.urls import wire_form
from harvester.watch.comparisons import compared_events
from harvester.watch.events import Event, events_of
from harvester.watch.visits import Seen, visits_of

_MAX_NAMES: Final = 400
"""URLs and identities of one article, at most: SQLite's marks are few, and more were no one article."""


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """One article: its names, its title and source as last seen, and its events in order of time."""

    urls: tuple[str, ...]
    identities: tuple[str, ...]
    title: str | None
    source: str | None
    events: tuple[Event, ...]


class Stories:
    """Reads the stories of one archive. Cores that were read by different rules are made again for both."""

    def __init__(self, archive: Archive, library: Library) -> None:
        self._archive = archive
        self._library = library
        self._answers = Answers(Path(archive.path))
        self._again: dict[str, Core | None] = {}
        self._records: set[str] = set()  # of the story read last

    def of_url(self, url: str) -> Story | None:
        """Return the story of a URL, None if it was never visited.

        A page that a person saved because this URL was handed over is part of it.
        """
        urls, keys = _forms(url), set[str]()
        self._answers.look()
        for row in self._library.named(self._answers.of(urls)).values():
            urls |= _own_names(row)
            keys |= _key(row)
        return self._story(urls, keys)

    def untold(self, urls: Iterable[str]) -> set[str]:
        """Return those of these URLs that have no story: as `of_url` tells one by one, of many at once."""
        self._answers.look()
        forms = {url: _forms(url) for url in urls}
        met = self._library.met(form for own in forms.values() for form in own)
        return {url for url, own in forms.items() if met.isdisjoint(own) and not self._answers.of(own)}

    def of_row(self, row: PageRow) -> Story | None:
        """Return the story that a capture is part of."""
        return self._story(_own_names(row), _key(row))

    def since(self, when: datetime) -> Iterator[Story]:
        """Yield the stories of all visited or compared from a moment on, each with its events since."""
        pages, failures = self._library.since(when)
        told: set[str] = set()
        compared = self._library.comparisons.since(when)
        also = self._library.recorded(row.captured_record for row in compared)
        rows: list[PageRow | FailureRow] = [*pages, *failures, *also]
        for row in rows:
            if row.record_id in told:
                continue
            found = self.of_row(row) if isinstance(row, PageRow) else self._story({row.requested_url}, set())
            if found is None:
                continue
            told.update(self._records)
            recent = tuple(event for event in found.events if event.at >= when)
            if recent:
                yield msgspec.structs.replace(found, events=recent)

    def _story(self, urls: set[str], keys: set[str]) -> Story | None:
        pages, failures = self._gathered(urls, keys)
        self._records = {row.record_id for row in pages} | {row.record_id for row in failures}
        if not self._records:
            return None
        good = [row for row in pages if row.state == "ok"]
        return Story(
            urls=tuple(sorted(urls)),
            identities=tuple(sorted(keys)),
            title=good[-1].title if good else None,
            source=good[-1].source if good else None,
            events=tuple(map(self._marked, self._events(pages, failures))),
        )

    def _events(self, pages: list[PageRow], failures: list[FailureRow]) -> list[Event]:
        events = events_of(visits_of(pages, failures), self._differ)
        captures = {row.record_id: row for row in pages}
        rows = self._library.comparisons.of(captured=captures)
        if not rows:
            return events
        originals = {
            row.record_id: row for row in self._library.recorded(row.original_record for row in rows)
        }
        return sorted([*events, *compared_events(rows, captures, originals)], key=lambda event: event.at)

    def _marked(self, event: Event) -> Event:
        """Return an event with the hand-off that it came by, if it did."""
        handed = event.compared is None and event.id in self._answers
        return msgspec.structs.replace(event, via=VIA) if handed else event

    def _gathered(self, urls: set[str], keys: set[str]) -> tuple[list[PageRow], list[FailureRow]]:
        """Return all rows of an article, adding to the names given those that its captures have."""
        while True:
            pages = [
                row for row in self._library.kin(urls, keys) if _own_names(row) & urls or _key(row) & keys
            ]
            more = {url for row in pages for url in _own_names(row)} - urls
            also = {key for row in pages for key in _key(row)} - keys
            if not (more or also) or len(urls) + len(keys) + len(more) + len(also) > _MAX_NAMES:
                return pages, self._library.failures(urls)
            urls |= more
            keys |= also

    def _differ(self, before: Seen, after: Seen) -> tuple[str, ...]:
        """Return which parts changed; where the rules did, both are read again by today's."""
        if before.core and after.core and before.rules == after.rules:
            return changed(before.core, after.core)
        first, second = self._core_today(before), self._core_today(after)
        if first is None or second is None:
            return ()
        return changed(first, second)

    def _core_today(self, visit: Seen) -> Core | None:
        record_id = visit.record_id or ""
        if record_id not in self._again:
            self._again[record_id] = self._read_again(record_id)
        return self._again[record_id]

    def _read_again(self, record_id: str) -> Core | None:
        """Return a capture's core by today's rules; None where it cannot be read or is no article."""
        try:
            record = self._archive.get(record_id)
            if record is None:
                return None
            found = derive(self._archive.resolved(record), note_of(self._archive, record_id))
        except (IntegrityError, StorageError):
            return None
        return core_of(found) if isinstance(found, Document) else None


def _forms(url: str) -> set[str]:
    return {url, wire_form(url), site_for_url(url).canonical_url(url) or url}


def _own_names(row: PageRow) -> set[str]:
    """Return the URLs that name a capture's article."""
    return {name for name in (row.requested_url, row.url if _in_place(row) else None) if name}


def _key(row: PageRow) -> set[str]:
    return {row.identity_key} if row.identity_key and _in_place(row) else set()


def _in_place(row: PageRow) -> bool:
    """Tell whether the page that came is the one asked for: many may lead to one notice elsewhere."""
    asked = row.requested_url
    if row.state == "ok" or asked is None:
        return True
    return row.url in {asked, site_for_url(asked).canonical_url(asked)}

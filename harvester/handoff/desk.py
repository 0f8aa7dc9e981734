"""The hand-off at work: items go to a person when a host demands verification, and close when answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from archive import Archive
from harvester.capture.names import unmapped
from harvester.capture.pace import OpenBreaker
from harvester.handoff import lines
from harvester.handoff.closing import answered
from harvester.handoff.lines import Line, Standing
from harvester.handoff.page import NAME, handoff_html
from harvester.library import Library, PageRow
from harvester.outputs import write_output
from harvester.times import utc_text
from harvester.urls import host_of
from harvester.watch import journal
from harvester.watch.timeline import Stories

if TYPE_CHECKING:
    from harvester.imports.importer import ImportOutcome

WHY: Final = "verification"
"""The one reason for which a person is asked: who throttles asks for time, and gets it."""

_OVERLAP: Final = timedelta(minutes=10)
"""What came in while the last look was made, and by clocks that differ."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A page that could not be had, and how its URL was found."""

    url: str
    via: str | None = None


class Desk:
    """One archive's hand-off. `inbox` is the folder that the page names. Raises `StorageError`."""

    def __init__(self, archive: Archive, library: Library, inbox: Path | None = None) -> None:
        self._archive = archive
        self._directory = Path(archive.path)
        self._library = library
        self._stories = Stories(archive, library)
        self._inbox = inbox
        self._looked: datetime | None = None
        self._written: Standing | None = None

    @property
    def page(self) -> Path:
        """Where the page is."""
        return self._directory / NAME

    def hand_over(
        self, wanted: Iterable[Wanted], breakers: Mapping[str, OpenBreaker], now: datetime
    ) -> Standing:
        """Hand over what hosts that demand verification did not give; return where the hand-off stands.

        `breakers` are the open ones, by host. What is handed over already, or has been answered, is left as
        it is.
        """
        hosts = demanding(breakers)
        standing = lines.read(self._directory)
        known = standing.open.keys() | standing.dropped
        asked = [one for one in wanted if host_of(one.url) in hosts and one.url not in known]
        if asked:
            titles = {find.url: find.title for find in
                      journal.read(self._directory, journal.FOUND, journal.Find)}  # fmt: skip
            lines.append(self._directory, [self._asked(one, titles.get(one.url), now) for one in asked])
            standing = lines.read(self._directory)
        return self._refreshed(standing, now)

    def refresh(self, now: datetime, brought: Iterable[PageRow] = ()) -> Standing:
        """Close what is answered, write the page, and return where the hand-off stands.

        `brought` are captures that have just come in from a person, whatever their dates say.
        """
        return self._refreshed(lines.read(self._directory), now, brought)

    def _refreshed(self, standing: Standing, now: datetime, brought: Iterable[PageRow] = ()) -> Standing:
        if not standing.open and not standing.closed:
            return standing
        theirs = list(brought)
        rows = [*self._since(standing, now), *theirs]
        ids = {row.id for row in theirs}
        closing = list(answered(standing.open.values(), rows, self._library, now, ids))
        if closing:
            lines.append(self._directory, closing)
            standing = lines.read(self._directory)
        self._write(standing)
        return standing

    def brought_by(self, pages: Sequence[ImportOutcome]) -> list[PageRow]:
        """Return the captures that an import brought, in web archives too."""
        rows = list(self._library.named(page.id for page in pages if page.id).values())
        files = [page.taken.file for page in pages if page.taken is not None]
        records = (entry.record_id for file in files for entry in self._archive.entries_of(file))
        return [*rows, *self._library.recorded(records)]

    def _since(self, standing: Standing, now: datetime) -> list[PageRow]:
        """Return the captures since the last look, or since the first item was handed over."""
        since, self._looked = self._looked, now
        if not standing.open:
            return []
        asked = min(datetime.fromisoformat(line.at) for line in standing.open.values())
        return self._library.since(asked if since is None else max(asked, since - _OVERLAP))[0]

    def drop(self, urls: Sequence[str], now: datetime) -> Standing:
        """Close items that nobody wants any more."""
        lines.append(self._directory, [Line(at=utc_text(now), what="dropped", url=url) for url in urls])
        return self.refresh(now)

    def _asked(self, one: Wanted, title: str | None, now: datetime) -> Line:
        story = self._stories.of_url(one.url)
        return Line(
            at=utc_text(now),
            what="asked",
            url=one.url,
            host=host_of(one.url),
            why=WHY,
            title=(story.title if story else None) or title,
            account=story.source if story else None,
            identities=story.identities if story else (),
            via=one.via,
        )

    def _write(self, standing: Standing) -> None:
        if standing == self._written and self.page.exists():
            return  # a runner looks every minute, for years
        data = handoff_html(standing, str(self._inbox) if self._inbox else None)
        write_output(self.page, data, force=True)
        self._written = standing


def demanding(breakers: Mapping[str, OpenBreaker]) -> frozenset[str]:
    """Return the hosts that demand verification now; one that is mapped elsewhere counts under its name."""
    return frozenset(unmapped(name) for name, one in breakers.items() if one.reason == WHY)

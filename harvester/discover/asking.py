"""Sources that a person names: asked for at the pace of pages, recorded, and told by their content."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from harvester.capture import Client
from harvester.discover.telling import Told, of_links, tell
from harvester.errors import GiveUpError, UsageError
from harvester.exits import Exit
from harvester.fetching import BLOCKING, Fetcher
from harvester.inputs import read_file
from harvester.intake import displayed, prepare
from harvester.links import MAX_BYTES, links_in
from harvester.reading import Lead
from harvester.watch.manners import Manners
from harvester.watch.sources import Link, chosen

_MAX_SOURCES: Final = 500
"""Feeds of one list of subscriptions, or sitemaps of one index, that are asked."""


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """How sources are read: how much of a list's paging, which links of a page, which of all."""

    max_pages: int = 1
    selector: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one source: what it is, what it leads to, and why not, where it gave nothing.

    `where` says in words where its leads stand; `skipped` is what a file holds and no link was made of.
    """

    source: str
    kind: str | None
    where: str
    leads: tuple[Lead, ...] = ()
    code: int = Exit.DONE
    message: str | None = None
    skipped: tuple[str, ...] = ()


class Asking:
    """Asks sources in one session; what they name is asked no further, but for lists of sources."""

    def __init__(self, client: Client, fetcher: Fetcher, manners: Manners, wishes: Wishes) -> None:
        self._client = client
        self._fetcher = fetcher
        self._manners = manners
        self._wishes = wishes

    def ask(self, source: str, now: datetime) -> Iterator[Asked]:
        """Yield what a source named by a person gives: a URL, else a file."""
        if is_url(source):
            yield from self._ask_url(source, now)
            return
        try:
            asked, further = of_file(Path(source))
        except (UsageError, GiveUpError) as error:
            yield self._failed(source, str(error), Exit.USAGE)
            return
        yield asked
        yield from self._ask_all(further, now)

    def _ask_all(self, sources: tuple[Link, ...], now: datetime) -> Iterator[Asked]:
        for link in sources[:_MAX_SOURCES]:
            for asked in self._ask_url(link.url, now, listed=True):
                yield asked
                if asked.code == Exit.BLOCKED:
                    return

    def _ask_url(self, text: str, now: datetime, *, listed: bool = False) -> Iterator[Asked]:
        """Yield what a URL gives; of one that a list named (`listed`), further sources are not asked."""
        try:
            url = prepare(text).url
        except UsageError as error:
            yield self._failed(displayed(text), str(error), Exit.USAGE)
            return
        if not self._client.allows(url):
            words = (
                "its host is not among those that are asked: put it into allow_hosts under [fetch], or give "
            )
            yield self._failed(url, words + "--allow-host", Exit.USAGE)
            return
        asked, further = self._read(url, now)
        yield asked
        if not listed:
            yield from self._ask_all(further, now)

    def _read(self, url: str, now: datetime) -> tuple[Asked, tuple[Link, ...]]:
        """Read a source, and as much of its paging as is wished."""
        leads: list[Lead] = []
        first: Told | None = None
        page: str | None = url
        seen: set[str] = set()
        stopped: Asked | None = None
        while page is not None and page not in seen and len(seen) < self._wishes.max_pages:
            seen.add(page)
            told = self._tell(page, now)
            if isinstance(told, Asked):
                stopped = told
                break
            first = first or told
            leads += told.leads
            page = told.next_url
        if first is None or first.kind is None:
            return stopped or self._failed(url, first.why if first else None), ()
        found = Asked(
            source=url,
            kind=first.kind,
            where=f"on {url}",
            leads=(*_itself(url, first), *self._chosen(leads)),
            code=stopped.code if stopped else Exit.DONE,
            message=_message(first, stopped),
        )
        return found, first.sources

    def _tell(self, url: str, now: datetime) -> Told | Asked:
        """Ask for one page of a source; what became of it instead, where it cannot be had."""
        if no := self._manners.refusal(url, now):
            return self._failed(url, no.why)
        answer = self._fetcher.fetch_resource(url, "source")
        if answer.body is None:
            return self._failed(url, answer.message, Exit.BLOCKED if answer.blocked else Exit.NEGATIVE)
        try:
            told = tell(answer.body.data, url, self._wishes.selector)
        except UsageError as error:
            return self._failed(url, str(error), Exit.USAGE)
        if told.state in BLOCKING:
            self._client.trip(url, told.state)
            return self._failed(url, told.why, Exit.BLOCKED)
        return told

    def _chosen(self, leads: list[Lead]) -> list[Lead]:
        links = [Link(lead.url, lead.title) for lead in leads]
        wanted = {link.url for link in chosen(links, self._wishes.include, self._wishes.exclude)}
        return [lead for lead in leads if lead.url in wanted]

    def _failed(self, url: str, why: str | None, code: int = Exit.NEGATIVE) -> Asked:
        return Asked(source=url, kind=None, where="", code=code, message=why)


def is_url(source: str) -> bool:
    """Tell whether a person means a URL, not a file: a file of that name is believed."""
    return source.lower().startswith(("http://", "https://")) or (
        not Path(source).exists() and "." in source.partition("/")[0] and "/" in source
    )


def of_file(path: Path) -> tuple[Asked, tuple[Link, ...]]:
    """Return what a file of links gives, and the sources that it names. Raises `UsageError`."""
    found = links_in(read_file(path, MAX_BYTES, "a file of links"), path.name)
    told = of_links(found)
    leads = told.leads or tuple(
        Lead(url=link.url, route="list", kind="feed", title=link.title) for link in told.sources
    )
    asked = Asked(
        source=str(path),
        kind=told.kind,
        where=f"in file {path.name}",
        leads=leads,
        skipped=found.skipped,
        code=Exit.DONE if leads else Exit.NEGATIVE,
    )
    return asked, told.sources


def _message(told: Told, stopped: Asked | None) -> str | None:
    if stopped is not None:
        return f"not read to its end: {stopped.message}"
    if told.is_lasting:
        return None
    return (
        "to watch it, write a [[watch]] with it under listings, and a CSS selector of its links under links"
    )


def _itself(url: str, told: Told) -> tuple[Lead, ...]:
    """Return the lead to a source itself: approved, it is looked at again and again."""
    if told.kind not in {"listing", "feed", "sitemap"} or not told.is_lasting:
        return ()
    return (Lead(url=url, route=told.kind, kind=told.kind, title=told.title),)

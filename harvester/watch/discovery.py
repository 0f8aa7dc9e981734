"""Asking a source what it names: fetched and recorded, robots.txt obeyed, its links chosen."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from archive import Archive
from harvester.bodies import body_of
from harvester.capture import Client
from harvester.document import PageState
from harvester.errors import GiveUpError, IntegrityError, StorageError, UsageError
from harvester.exits import Exit
from harvester.fetching import Fetcher, Outcome
from harvester.intake import prepare
from harvester.library import Library
from harvester.watch.config import Watch
from harvester.watch.manners import Manners
from harvester.watch.queue import Item
from harvester.watch.sources import Link, NotASourceError, chosen, feed_links, page_links, sitemap_links

_MAX_SITEMAPS: Final = 20


class Yield(msgspec.Struct, frozen=True, kw_only=True):
    """What a source named: wanted links, in order, and what became of asking it."""

    links: tuple[Link, ...]
    outcome: Outcome
    left_out: int = 0


class Discovery:
    """Asks sources in one session."""

    def __init__(self, archive: Archive, library: Library, client: Client, fetcher: Fetcher) -> None:
        self._archive = archive
        self._library = library
        self._client = client
        self._fetcher = fetcher
        self.manners = Manners(archive, library, fetcher)
        self._known: set[str] = set()  # links as sources give them, looked at before in this session

    def ask(self, item: Item, watch: Watch, now: datetime) -> Yield:
        """Fetch a source and return the links that its watch wants."""
        self.manners.ask_again()
        if no := self.manners.refusal(item.url, now):
            return Yield(links=(), outcome=_outcome(item.url, no.state, Exit.NEGATIVE, no.why))
        try:
            if item.kind == "listing":
                links, outcome = self._listing(item.url, watch, now)
            else:
                links, outcome = self._resource(item, now)
        except (NotASourceError, UsageError) as error:
            return Yield(links=(), outcome=_outcome(item.url, "failed", Exit.NEGATIVE, str(error)))
        wanted = [link for link in chosen(links, watch.include, watch.exclude) if link.url not in self._known]
        good = [link for link in map(_prepared, wanted) if link and self._client.allows(link.url)]
        self._known.update(link.url for link in wanted)
        if item.kind != "feed":
            good = [link for link in good if self.manners.may(link.url, now)]
        return Yield(links=tuple(good), outcome=outcome, left_out=len(wanted) - len(good))

    def _listing(self, url: str, watch: Watch, now: datetime) -> tuple[list[Link], Outcome]:
        """Read a listing, and as much of its paging as the watch wants."""
        links: list[Link] = []
        first: Outcome | None = None
        page: str | None = url
        seen: set[str] = set()  # a list that leads back to itself ends
        while page is not None and page not in seen and len(seen) < watch.max_pages:
            if not self.manners.may(page, now):
                break
            seen.add(page)
            outcome = self._fetcher.fetch(prepare(page))
            found, page = self._links_of(outcome, page, watch.links)
            links += found
            first = first or outcome
            if outcome.state in {"failed", "blocked", "refused"}:
                break
        if first is None:
            first = _outcome(url, "refused", Exit.NEGATIVE, "nothing of it may be asked for")
        if not links and first.code not in {Exit.BLOCKED, Exit.USAGE}:
            words = "no link to an article was found on it"
            return [], msgspec.structs.replace(first, code=Exit.NEGATIVE, message=first.message or words)
        # A listing is no article, and was not expected to be one, nor of a kind that is known.
        if links and first.state == "unknown":
            first = msgspec.structs.replace(first, state="listing", message=None)
        return links, msgspec.structs.replace(first, code=Exit.DONE if links else first.code)

    def _links_of(self, outcome: Outcome, url: str, selector: str | None) -> tuple[list[Link], str | None]:
        if outcome.id is None:
            return [], None
        row = self._library.find(outcome.id)
        if row.page_state is not None:
            state = msgspec.json.decode(row.page_state, type=PageState)
            if state.links:
                return [Link(link, title) for link, title, _ in state.links], state.next_url
        if selector is None:
            return [], None
        try:
            record = self._archive.get(row.record_id)
            body = body_of(self._archive.resolved(record)) if record else None
        except (IntegrityError, StorageError):
            body = None
        return (page_links(body.data, row.url or url, selector) if body else []), None

    def _resource(self, item: Item, now: datetime) -> tuple[list[Link], Outcome]:
        answer = self._fetcher.fetch_resource(item.url, item.kind)
        if answer.body is None:
            state, code = ("blocked", Exit.BLOCKED) if answer.blocked else ("failed", Exit.NEGATIVE)
            return [], _outcome(item.url, state, code, answer.message)
        done = _outcome(item.url, item.kind, Exit.DONE, None)
        if item.kind == "feed":
            return feed_links(answer.body.data, item.url), done
        found = sitemap_links(answer.body.data, item.url)
        links = list(found.pages)
        for further in found.sitemaps[:_MAX_SITEMAPS]:
            if self._client.allows(further.url) and self.manners.may(further.url, now):
                inner = self._fetcher.fetch_resource(further.url, item.kind)
                links += sitemap_links(inner.body.data, further.url).pages if inner.body else []
        return links, done


def _prepared(link: Link) -> Link | None:
    try:
        return Link(prepare(link.url).url, link.title)
    except (UsageError, GiveUpError):
        return None


def _outcome(url: str, state: str, code: int, message: str | None) -> Outcome:
    return Outcome(url=url, state=state, code=code, message=message)

"""What an answer is, told by its content: a listing, feed, sitemap, subscriptions, or no source. Pure."""

from __future__ import annotations

from typing import Final

import msgspec

from harvester.document import Document, PageState
from harvester.leading import lead_of
from harvester.links import Links, links_in
from harvester.pipeline import extract
from harvester.reading import Lead
from harvester.watch.sources import Link, NotASourceError, feed_links, page_links, sitemap_links

_HEAD_BYTES: Final = 4096
_GZIP: Final = b"\x1f\x8b"
_MAX_WORDS: Final = 200
_UNTOLD: Final = frozenset({"unknown", "partial"})
"""States of a page that may be of any kind: what it links to is looked at."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer is, what it leads to, further sources that it names, the next page of its list.

    `kind` is that of `harvester.watch.queue.Kind`, `subscriptions`, or None with `why` where it is no source;
    `state` is then what a page is that is no article either (harvester.document.STATES). `is_lasting` tells
    whether a watch reads it alike without a selector.
    """

    kind: str | None
    leads: tuple[Lead, ...] = ()
    sources: tuple[Link, ...] = ()
    next_url: str | None = None
    title: str | None = None
    why: str | None = None
    state: str | None = None
    is_lasting: bool = True


def tell(data: bytes, url: str, selector: str | None = None) -> Told:
    """Return what an answer from a URL is. `selector` chooses the links of a page of unknown layout.

    Raises `UsageError` for a selector that cannot be read, and where a feed needs what is not installed.
    """
    head = data[:_HEAD_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data.startswith(_GZIP) or b"<urlset" in head or b"<sitemapindex" in head:
        return _sitemap(data, url)
    if b"<opml" in head:
        return of_links(links_in(data, url))
    if b"<rss" in head or b"<feed" in head or b"<rdf:rdf" in head or b"jsonfeed.org/version/" in head:
        return _feed(data, url)
    return _page(data, url, selector)


def of_links(found: Links) -> Told:
    """Return what a file of links leads to; those of an OPML are subscriptions, to be asked themselves."""
    if found.kind == "opml":
        return Told(kind="subscriptions", sources=tuple(Link(one.url, one.title) for one in found.named))
    leads = tuple(
        Lead(
            url=one.url,
            route="list",
            kind=_kind_of(one.url),
            title=one.title,
            account=one.account,
            note=", ".join(filter(None, (one.where, one.published))) or None,
        )
        for one in found.named
    )
    return Told(kind="list", leads=leads)


def _kind_of(url: str) -> str:
    known = lead_of(url, "list")
    return known.kind if known else "page"


def _sitemap(data: bytes, url: str) -> Told:
    try:
        found = sitemap_links(data, url)
    except NotASourceError as error:
        return Told(kind=None, why=str(error))
    return Told(kind="sitemap", leads=_leads(found.pages, "sitemap"), sources=tuple(found.sitemaps))


def _feed(data: bytes, url: str) -> Told:
    try:
        return Told(kind="feed", leads=_leads(feed_links(data, url), "feed"))
    except NotASourceError as error:
        return Told(kind=None, why=str(error))


def _page(data: bytes, url: str, selector: str | None) -> Told:
    if selector is not None:
        return _listing(_leads(page_links(data, url, selector), "listing"), "no link fits the selector")
    found = extract(data, url=url)
    if isinstance(found, PageState) and found.state == "listing":
        name = found.details.get("nick_name")
        leads = tuple(
            Lead(url=link, route="listing", title=title or None, account=name, note=day)
            for link, title, day in found.links
        )
        why = None if leads or found.next_url else "no article was found on it"
        return Told(
            kind="listing" if why is None else None,
            leads=leads,
            next_url=found.next_url,
            title=found.details.get("album"),
            why=why,
        )
    if isinstance(found, PageState) and found.state not in _UNTOLD:
        notice = " ".join((found.notice or "").split())[:_MAX_WORDS]
        words = f"what came is no source, but {found.state}: {notice or found.rule}"
        return Told(kind=None, why=words, state=found.state)
    if isinstance(found, Document) and found.site != "generic":
        return Told(kind=None, why="it is an article; `harvester add` takes it in, and then what it names")
    known = [lead_of(link.url, "listing", title=link.title) for link in page_links(data, url, "a[href]")]
    words = "nothing on it leads to a publisher that is known; name its links by --links SELECTOR"
    return _listing(tuple(lead for lead in known if lead), words)


def _listing(leads: tuple[Lead, ...], otherwise: str) -> Told:
    return Told(kind="listing", leads=leads, is_lasting=False) if leads else Told(kind=None, why=otherwise)


def _leads(links: list[Link], route: str) -> tuple[Lead, ...]:
    return tuple(Lead(url=link.url, route=route, title=link.title) for link in links)

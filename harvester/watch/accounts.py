"""Which accounts there are, by which routes their articles come, and which have none. Pure.

A route is standing if something is looked at again and again that names new articles of the account: a
listing, an album, a feed, a sitemap, or captured articles whose links are followed by rule. Articles that
came by hand, from a list or from a saved page are told, too, but promise no further ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from harvester.discover.candidates import ROUTES
from harvester.discover.whose import Whose, key_of_url
from harvester.library import ArticleRow
from harvester.sites import site_for_url
from harvester.urls import host_of
from harvester.watch.config import Watch
from harvester.watch.queue import Item

LINKS: Final = "links"
"""The route of accounts whose articles' links are queued by rule (`approve = "auto"`)."""
_VIA: Final = re.compile(
    rf"(?:^|, )(?P<kind>{'|'.join(map(re.escape, ROUTES))})(?: (?:on|in))? (?P<source>[^,]{{1,2000}})$"
)
_RULE: Final = "approved by rule, "
_NAMED: Final = "watch list"
_MAX_WORDS: Final = 80


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One way by which articles of an account came, or may come.

    `kind` is one of `ROUTES`, `links`, `import` (saved pages), `fetch`, `named` (in the configuration), or in
    words how else its articles were found; `source` what was looked at there, None where it is no one thing.
    `last_yield` is when a new article last came by it (UTC).
    """

    kind: str
    source: str | None
    standing: bool
    articles: int
    last_yield: str | None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How an account stands. `watched` are the watches that name it; `last_yield` is of all its routes."""

    account: str
    ids: tuple[str, ...]
    articles: int
    captures: int
    last_yield: str | None
    routes: tuple[Route, ...]
    watched: tuple[str, ...] = ()

    @property
    def has_route(self) -> bool:
        """Whether anything is looked at that may name further articles."""
        return any(route.standing for route in self.routes)


def standings(
    articles: Iterable[ArticleRow], items: Iterable[Item], watches: Mapping[str, Watch], whose: Whose
) -> list[Standing]:
    """Return how each account stands that articles, sources or watches name; those without a route first."""
    sources = {item.url: item for item in items if item.kind != "page"}
    rows: dict[str, list[ArticleRow]] = {}
    for row in articles:
        rows.setdefault(_key(row), []).append(row)
    for url in sources:
        key = key_of_url(url)
        if key is not None:
            rows.setdefault(key, [])
    named: dict[str, list[str]] = {}
    for name, watch in watches.items():
        for wanted in watch.accounts:
            key = next((one for one in rows if whose.means(wanted, one)), wanted)
            named.setdefault(key, []).append(name)
            rows.setdefault(key, [])
    found = [
        _standing(key, own, sources, tuple(dict.fromkeys(named.get(key, ()))), watches, whose)
        for key, own in rows.items()
    ]
    return sorted(found, key=lambda one: (one.has_route, one.account))


def route_of(row: ArticleRow) -> tuple[str, str | None]:
    """Return by which kind of route, and from where, an article first came."""
    via = row.discovered_via
    if row.method not in {"live", "warc"}:
        return "import", None
    if via is None:
        return "fetch", None
    match = _VIA.search(via)
    if match is None:
        words = " ".join(via.split()).partition(",")[0][:_MAX_WORDS]
        return ("named", None) if words.startswith(_NAMED) else (words, None)
    if via.startswith(_RULE) and not match["source"].startswith("http"):
        return LINKS, None
    return match["kind"], match["source"] if match["source"].startswith("http") else None


def _key(row: ArticleRow) -> str:
    url = row.url or row.requested_url or ""
    return key_of_url(url) or host_of(url) or row.site


def _standing(
    key: str,
    rows: list[ArticleRow],
    sources: Mapping[str, Item],
    watched: tuple[str, ...],
    watches: Mapping[str, Watch],
    whose: Whose,
) -> Standing:
    known = whose.get(key)
    ways: dict[tuple[str, str | None], list[ArticleRow]] = {}
    for row in rows:
        ways.setdefault(route_of(row), []).append(row)
    for url, item in sources.items():
        if key_of_url(url) == key or (key_of_url(url) is None and _is_section(url, key)):
            ways.setdefault((item.kind, url), [])
    by_rule = bool(rows) and any(watches[name].approve == "auto" for name in watched)
    if by_rule:
        ways.setdefault((LINKS, None), [])
    routes = [
        Route(
            kind=kind,
            source=source,
            standing=source in sources or (kind == LINKS and by_rule),
            articles=len(own),
            last_yield=max((row.first for row in own), default=None),
        )
        for (kind, source), own in ways.items()
    ]
    return Standing(
        account=known.names[-1] if known and known.names else key.partition(":")[2] or key,
        ids=tuple(dict.fromkeys((*(known.ids if known else ()), *_number(key)))),
        articles=len(rows),
        captures=sum(row.captures for row in rows),
        last_yield=max((row.first for row in rows), default=None),
        routes=tuple(sorted(routes, key=lambda one: (not one.standing, one.kind, one.source or ""))),
        watched=watched,
    )


def _number(key: str) -> tuple[str, ...]:
    return (key.partition(":")[2],) if ":" in key else ()


def _is_section(url: str, key: str) -> bool:
    """Tell whether a listing is of a publisher without accounts, who is told by the host."""
    return host_of(url) == key and site_for_url(url).listing_url(url) is not None

"""What a configuration and the finds so far want looked at: the queue's items, without their history."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import msgspec

from harvester.config import Loaded
from harvester.errors import StorageError, UsageError
from harvester.inputs import read_file
from harvester.intake import displayed, prepare
from harvester.links import MAX_BYTES, Links, kind_of, links_in
from harvester.shards import Shard
from harvester.urls import host_of
from harvester.watch.config import ADDED, Watch
from harvester.watch.journal import Find
from harvester.watch.plan import Plan
from harvester.watch.queue import Item, Kind
from harvester.watch.sharding import owner_key


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Items by URL, what could not be read, with why, and the URLs that are other shards'.

    `strays` are those of them that were added or approved here, each with the shard that looks at it.
    """

    items: dict[str, Item]
    refused: tuple[tuple[str, str], ...]
    elsewhere: frozenset[str] = frozenset()
    strays: tuple[tuple[str, Shard], ...] = ()


def named_watches(loaded: Loaded) -> dict[str, Watch]:
    """Return the watches by name; one without a name is called by the first thing that it names.

    So what was found for it stays its own when others come before it in the file. The watch of what people
    add (`ADDED`) is always among them.
    """
    named: dict[str, Watch] = {}
    for watch in loaded.config.watch:
        sources = (*watch.listings, *watch.feeds, *watch.sitemaps, *watch.urls, *watch.files, *watch.accounts)
        first = next(iter(sources), ADDED)
        name, number = watch.name or first, 1
        while name in named:
            number += 1
            name = f"{first} ({number})"
        named[name] = watch
    named.setdefault(ADDED, Watch(name=ADDED))
    return named


def wanted(
    loaded: Loaded,
    finds: Iterable[Find],
    now_s: float,
    shard: Shard | None = None,
    known: Container[str] = frozenset(),
    *,
    pages: bool = True,
) -> Wanted:
    """Return all that is to be looked at, or what of it is one shard's (harvester.watch.sharding).

    A URL that several watches name is the first one's, one that several sources found the first finder's.
    `known` are URLs that were made ready before: what is written as one of them need not be again.
    Without `pages` it is the sources only.
    A file of links that cannot be read is refused, and what else is wanted is looked at.
    """
    items: dict[str, Item] = {}
    elsewhere: set[str] = set()
    strays: list[tuple[str, Shard]] = []
    refused: list[tuple[str, str]] = []

    def keep(item: Item, find: Find | None = None) -> None:
        if item.url in items or item.url in elsewhere:
            return
        key = owner_key(item.url, find.source if find else None) if shard else ""
        if shard is None or shard.has_key(key):
            items[item.url] = item
            return
        elsewhere.add(item.url)
        if find is not None and (find.added or find.source is None):
            strays.append((item.url, shard.owner_of(key)))

    watches = named_watches(loaded)
    base = loaded.path.parent if loaded.path else Path()
    for name, watch in watches.items():
        via = via_of(loaded, watch)
        for kind, text in _named(watch, base, refused, pages=pages):
            try:
                url = text if text in known else prepare(text).url
            except UsageError as error:
                refused.append((displayed(text), str(error)))
                continue
            keep(item_of(url, kind, name, via, now_s))
    for find in finds:
        if find.watch in watches and (pages or find.kind != "page"):
            keep(item_of(find.url, find.kind, find.watch, find.via, now_s, found=True), find)
    return Wanted(items=items, refused=tuple(refused), elsewhere=frozenset(elsewhere), strays=tuple(strays))


def via_of(loaded: Loaded, watch: Watch, source: str | None = None) -> str:
    """Return how a URL was found, in words: by which list, by which of its watches, from which source."""
    where = f"watch list {loaded.path.name}" if loaded.path else "watch list"
    return ", ".join(filter(None, (where, watch.name, source)))


def item_of(url: str, kind: Kind, watch: str, via: str, now_s: float, *, found: bool = False) -> Item:
    """Return a new item, due now."""
    return Item(
        url=url, kind=kind, host=host_of(url), watch=watch, via=via, found=found, found_s=now_s, due_s=now_s
    )


def plan_of(item: Item, watch: Watch) -> Plan:
    """Return when an item is to be looked at: sources by the watch's schedule, articles by its plan."""
    return _plan(watch, is_page=item.kind == "page", found=item.found)


@lru_cache(maxsize=256)
def _plan(watch: Watch, *, is_page: bool, found: bool) -> Plan:
    if not is_page:
        return Plan(steps=(), then=watch.schedule())
    return watch.found_plan() if found else watch.own_plan()


def _named(
    watch: Watch, base: Path, refused: list[tuple[str, str]], *, pages: bool
) -> Iterator[tuple[Kind, str]]:
    """Yield what a watch names (without `pages`, sources); what its files hold besides goes to `refused`."""
    for url in watch.urls if pages else ():
        yield "page", url
    for name in watch.files:
        try:
            links = _links_of(base / Path(name).expanduser(), pages=pages)
        except (UsageError, StorageError) as error:  # a list that is away keeps no other watch from its work
            refused.append((name, str(error)))
            continue
        refused += [(name, why) for why in links.skipped]
        for one in links.named:
            yield "feed" if links.kind == "opml" else "page", one.url
    for url in watch.listings:
        yield "listing", url
    for url in watch.feeds:
        yield "feed", url
    for url in watch.sitemaps:
        yield "sitemap", url


def _links_of(path: Path, *, pages: bool) -> Links:
    data = read_file(path, MAX_BYTES, "a file of links")
    if not pages and (kind := kind_of(data, str(path))) != "opml":
        return Links(kind=kind, named=())  # it may be long
    return links_in(data, str(path))

"""What is due, when, and what was tried: one SQLite file, operational and losable.

It lives in the state directory, one for each archive. Configuration, journal and library hold all that it is
made from; what a crash left leased is settled by what the library says was captured. Times are seconds since
1970 (UTC).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final, Literal

import msgspec

from harvester.shards import Shard
from harvester.sqlite import LosableFile, Words, put_row, put_rows, worded

Kind = Literal["page", "listing", "feed", "sitemap"]
_VERSION: Final = 1
_CURE: Final = "it may be deleted, and is then made again"
_WORDS: Final = Words("the queue", damaged=_CURE, unusable=f"see that the disk has room; {_CURE}")
_SCHEMA: Final = """
create table items (
  url text primary key, kind text not null, host text not null, watch text not null, via text not null,
  found integer not null, found_s real not null, due_s real, lease_s real, first_s real, last_s real,
  attempted_s real, failures integer not null default 0, event text, message text
) strict, without rowid;
create index items_by_due on items (host, due_s) where due_s is not null;
create index items_by_watch on items (watch);
create index items_leased on items (lease_s) where lease_s is not null;
"""
_FIRST: Final = """
select due_s, url from items where host = ? and due_s is not null and lease_s is null order by due_s limit 1
"""
_TALLIES: Final = """
select {by} as name, count(*) as items, sum(found) as found, coalesce(sum(due_s <= ?), 0) as due,
  sum(failures > 0) as failing, max(last_s) as answered_s,
  max(case when kind <> 'page' or not found then last_s end) as looked_s,
  max(case when found then found_s end) as found_s
from items group by {by} order by {by}
"""
# A loose scan: one seek a host, however many items each has.
_HOSTS: Final = """
with recursive hosts (host) as (
  select min(host) from items where due_s is not null
  union all
  select (select min(host) from items where host > hosts.host and due_s is not null)
  from hosts where hosts.host is not null
)
select host from hosts where host is not null
"""


class Item(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing to ask for: a page, or a source that names pages.

    `watch` is the name of the watch it belongs to, `via` how its URL was found, `found` whether a source
    named it (else the configuration did). `due_s` is None for never again; `lease_s` until when a runner has
    it. `first_s` and `last_s` are of visits that brought an answer, `attempted_s` of any; `event` is the kind
    of the last answer's event, `failures` how many attempts have failed since.
    """

    url: str
    kind: Kind
    host: str
    watch: str
    via: str
    found: bool
    found_s: float
    due_s: float | None
    lease_s: float | None = None
    first_s: float | None = None
    last_s: float | None = None
    attempted_s: float | None = None
    failures: int = 0
    event: str | None = None
    message: str | None = None


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """What the queue holds of one host or watch: items, those that a source found, are due, fail.

    `answered_s` is when one last answered, `looked_s` when one last did that is no found page, `found_s` when
    the last was found.
    """

    items: int = 0
    found: int = 0
    due: int = 0
    failing: int = 0
    answered_s: float | None = None
    looked_s: float | None = None
    found_s: float | None = None


def queue_path(state: Path, archive: Path, shard: Shard | None = None) -> Path:
    """Return where the queue of an archive lies in the state directory; each shard has its own."""
    name = hashlib.sha256(str(archive.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    part = f"-{shard.number}-of-{shard.count}" if shard else ""
    return state / "queues" / f"{name}{part}.sqlite3"


class Queue(LosableFile):
    """The queue, opened. Every change is one transaction. Raises `StorageError`, `LockedError`.

    A damaged file, or one of another form, is set aside and begun afresh: what is in it can be made again.
    `began_afresh` tells that.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, _WORDS, _SCHEMA, _VERSION)
        self._db.execute("pragma wal_autocheckpoint=0")  # see `rest`
        self._firsts: dict[str, tuple[float, str]] = {}  # by host, as of `_version`, but for `_changed`
        self._changed: set[str] = set()
        self._version: int | None = None

    def put(self, item: Item) -> None:
        """Insert or replace one item (inside a transaction or as one)."""
        with worded(self.path, self._words):
            put_row(self._db, "items", msgspec.structs.asdict(item))
        self._changed.add(item.host)

    def put_all(self, items: Iterable[Item]) -> None:
        """Insert or replace many items in one transaction."""
        with self.transaction():
            put_rows(self._db, "items", map(msgspec.structs.asdict, items))
        self._version = None  # all is looked up again

    def get(self, url: str) -> Item | None:
        """Return the item of a URL, or None."""
        return next(iter(self._items("url = ?", url)), None)

    def items(self, watch: str | None = None) -> list[Item]:
        """Return all items, or those of one watch."""
        return self._items("1") if watch is None else self._items("watch = ?", watch)

    def failing(self) -> list[Item]:
        """Return what failed when it was last tried, by URL."""
        return self._items("failures > 0 order by url")

    def sources(self) -> list[Item]:
        """Return what names pages."""
        return self._items("kind <> 'page'")

    def tallies(self, by: Literal["host", "watch"], now_s: float) -> dict[str, Tally]:
        """Return how many items there are of each host or watch, and when what came of them."""
        rows = self._run(_TALLIES.format(by=by), (now_s,))
        return {row["name"]: msgspec.convert(dict(row), Tally) for row in rows}

    def leased(self) -> list[Item]:
        """Return what some runner had when it ended."""
        return self._items("lease_s is not null")

    def due_hosts(self) -> dict[str, float]:
        """Return, by host, when its next item is due (perhaps in the past)."""
        self._look_up_firsts()
        return {host: due_s for host, (due_s, _) in self._firsts.items()}

    def firsts(self, now_s: float) -> list[tuple[str, float, str]]:
        """Return, of each host that has something due, what is due first: host, when, URL."""
        self._look_up_firsts()
        return [(host, due_s, url) for host, (due_s, url) in self._firsts.items() if due_s <= now_s]

    def _look_up_firsts(self) -> None:
        """Look up what is due first: of hosts that this process changed; of all where another has written."""
        ((version,),) = self._run("pragma data_version")
        if version != self._version:
            self._firsts.clear()
            self._changed = {row["host"] for row in self._run(_HOSTS)}
            self._version = version
        for host in self._changed:
            found = self._run(_FIRST, (host,))
            if found:
                self._firsts[host] = (found[0]["due_s"], found[0]["url"])
            else:
                self._firsts.pop(host, None)
        self._changed.clear()

    def waiting_pages(self, host: str, now_s: float, most: int) -> list[Item]:
        """Return the pages of a host that are due, or failed when they were tried; the longest due first."""
        where = "host = ? and kind = 'page' and (due_s <= ? or (failures > 0 and due_s is not null))"
        return self._items(f"{where} order by due_s, url limit ?", host, now_s, most)

    def lease(self, item: Item, until_s: float) -> None:
        """Note that a runner has an item."""
        self._run("update items set lease_s = ? where url = ?", (until_s, item.url))
        self._changed.add(item.host)

    def drop(self, urls: Collection[str]) -> None:
        """Forget items that nothing names any more."""
        with self.transaction():
            self._db.executemany("delete from items where url = ?", [(url,) for url in urls])
        self._version = None

    def rest(self) -> None:
        """Fold the log into the file. It waits for the disk: not while a choice is waited for."""
        self._run("pragma wal_checkpoint(passive)")

    def _items(self, where: str, *values: object) -> list[Item]:
        rows = self._run(f"select * from items where {where}", values)  # noqa: S608 - conditions of ours
        return [msgspec.convert({**dict(row), "found": bool(row["found"])}, Item) for row in rows]

"""`[[watch]]` in `harvester.toml`: what to look at, when, and how often to look again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final, Literal, TypeVar
from urllib.parse import urlsplit

import msgspec

from harvester.errors import UsageError
from harvester.watch.plan import STEPS, Plan
from harvester.watch.schedule import Schedule, interval

DEFAULT_EVERY: Final = "1d"
DEFAULT_THEN: Final = "30d"
ADDED: Final = "added"
"""The watch of what people add or approve: it always exists (harvester.watch.adding)."""
_MAX_NAME: Final = 60
_MAX_PAGES: Final = 1000
_SOURCES: Final = ("urls", "files", "listings", "feeds", "sitemaps", "accounts")
_WEB: Final = ("listings", "feeds", "sitemaps")
T = TypeVar("T")


class Watch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to capture again and again.

    `urls` are pages, `files` files with links to such (relative to this file): text with one a line, a table
    or JSON that another tool wrote, a spreadsheet, bookmarks…; of OPML its feeds. `listings` are pages
    that list articles: sections of the Ministry's sites, with up to `max_pages` of their paging, and any page
    of which a CSS selector `links` tells the links. `feeds` are RSS, Atom or JSON feeds (extra `feeds`),
    `sitemaps` sitemaps or indexes of them. Of what these name, `include` and `exclude` choose by glob
    patterns of URLs.

    `every` is how often to look (`6h`, `1d`; one day if neither is given), or `cron` an expression of five
    fields by the clocks of `tz`. Pages in `urls` and `files` are themselves captured then. Articles that were
    found are captured when they appear, and again so long after their first visit as `revisit` says (1h, 6h,
    1d, 7d, 30d), then every `then` (`""`: never), until `until`; with `revisit` given, those in `urls` and
    `files` as well. `tags` are kept with what is found.

    `accounts` are followed by what captured articles lead to (albums, past issues, links; docs/discover.md):
    each by its name, `gh_…` id, `__biz`, or a host. With `approve = "auto"` what leads to them is queued here
    without asking, else it waits for `harvester approve`.

    What people add by hand (`harvester add`, `approve`, the inbox) belongs to a watch called `added`, which
    always exists; write one of that `name`, without anything to look at, to say how it is looked at again.

    With `verify`, what is captured is held against its original as it comes (docs/watch.md).
    """

    urls: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    listings: tuple[str, ...] = ()
    links: str | None = None
    max_pages: int = 1
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    approve: Literal["ask", "auto"] = "ask"
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    every: str | None = None
    cron: str | None = None
    tz: str = "Asia/Shanghai"
    revisit: tuple[str, ...] | None = None
    then: str = DEFAULT_THEN
    until: str | None = None
    name: str | None = None
    tags: tuple[str, ...] = ()
    images: bool = True
    requisites: bool = True
    verify: bool = True

    def __post_init__(self) -> None:
        if self.name != ADDED and not any(getattr(self, name) for name in _SOURCES):
            raise ValueError(f"urls: nothing to watch; give one of {', '.join(_SOURCES)}")
        if self.every is not None and self.cron is not None:
            raise ValueError("cron: give either every or cron, not both")
        checked("tz", lambda: Schedule(every=timedelta(hours=1), tz=self.tz))
        self.schedule()
        self.found_plan()
        self._check_accounts()
        if not 1 <= self.max_pages <= _MAX_PAGES:
            raise ValueError(f"max_pages: must be 1 to {_MAX_PAGES}")
        if self.name is not None and not (self.name.isprintable() and 0 < len(self.name) <= _MAX_NAME):
            raise ValueError(f"name: must have 1 to {_MAX_NAME} printable characters")
        for name in _WEB:
            for url in getattr(self, name):
                if urlsplit(url).scheme not in {"http", "https"}:
                    raise ValueError(f"{name}: {url!r} is not a web address: give an http(s) URL")
        check_tags(self.tags)
        if self.links is not None and not self.listings:
            raise ValueError("links: is for listings, and there are none")
        if self.links is not None:
            self._check_selector(self.links)

    def _check_selector(self, selector: str) -> None:
        from harvester.watch.sources.links import page_links  # noqa: PLC0415 - a parser, where it is needed

        try:
            page_links(b"", "https://example.org/", selector)
        except UsageError as error:
            raise ValueError(str(error)) from error

    def _check_accounts(self) -> None:
        if any(not text.strip() for text in self.accounts):
            raise ValueError("accounts: an empty name")
        if self.approve == "auto" and not self.accounts:
            raise ValueError("approve: is for accounts, and there are none")

    def schedule(self) -> Schedule:
        """Return when to look."""
        if self.cron is not None:
            return checked("cron", lambda: Schedule(cron=self.cron, tz=self.tz))
        return checked("every", lambda: Schedule(every=interval(self.every or DEFAULT_EVERY), tz=self.tz))

    def found_plan(self) -> Plan:
        """Return when what was found is looked at again."""
        steps: tuple[timedelta, ...] = STEPS
        if self.revisit is not None:
            given = self.revisit
            steps = checked("revisit", lambda: tuple(interval(text) for text in given))
        then = checked("then", lambda: Schedule(every=interval(self.then)) if self.then else None)
        until = checked("until", lambda: interval(self.until) if self.until else None)
        return checked("revisit", lambda: Plan(steps=steps, then=then, until=until))

    def own_plan(self) -> Plan:
        """Return when the pages that the file itself names are looked at again."""
        return self.found_plan() if self.revisit is not None else Plan(steps=(), then=self.schedule())


def check_tags(tags: Sequence[str]) -> None:
    """Raise `ValueError` for a tag without a name."""
    if any(not tag.strip() for tag in tags):
        raise ValueError("tags: a tag must have a name")


def checked(key: str, make: Callable[[], T]) -> T:
    """Return what `make` makes; a `ValueError` begins with the key, so that its line can be told."""
    try:
        return make()
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{key}: {error}") from error

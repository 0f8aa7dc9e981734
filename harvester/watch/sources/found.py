"""A link that a source names, and which of them are wanted."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit

from harvester.errors import GiveUpError

MAX_LINKS: Final = 50_000
"""Of one source: the most that the sitemap protocol allows."""


class NotASourceError(GiveUpError):
    """What came is not what the configuration says it is: no feed, no sitemap, no listing."""


class Link(NamedTuple):
    """An absolute URL and the title that the source gives it, None where it gives none."""

    url: str
    title: str | None = None


def absolute(base: str, href: str | None) -> str | None:
    """Return a reference as an absolute http(s) URL without its fragment, None for what is none."""
    if not href or not href.strip():
        return None
    try:
        url = urljoin(base, href.strip()).partition("#")[0]
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname else None


def chosen(links: Iterable[Link], include: Iterable[str], exclude: Iterable[str]) -> list[Link]:
    """Return the links whose URL fits one of `include` (all, if there are none) and none of `exclude`.

    Patterns are globs (`*`, `?`, `[…]`) of the whole URL; each URL comes once.
    """
    wanted, unwanted = tuple(include), tuple(exclude)
    found: dict[str, Link] = {}
    for link in links:
        fits = not wanted or any(fnmatchcase(link.url, pattern) for pattern in wanted)
        if fits and not any(fnmatchcase(link.url, pattern) for pattern in unwanted):
            found.setdefault(link.url, link)
    return list(found.values())[:MAX_LINKS]

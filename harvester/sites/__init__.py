"""Publishers, one folder each. Adding one touches its folder alone: it is found by its `SITE`."""

from __future__ import annotations

import importlib
import pkgutil
import re
from functools import cache, lru_cache
from ipaddress import ip_address
from typing import Final, cast
from urllib.parse import urlsplit

from harvester.extraction.saved import ascii_compatible, saved_from
from harvester.reading import Article, NotArticle, Page
from harvester.sites.base import Site
from harvester.urls import host_of

_HEAD_BYTES: Final = 8 << 10
_COPY_OF: Final = re.compile(r"(?<=/)https?://.{1,2000}", re.DOTALL)
_LOCAL_NAMES: Final = (".localhost", ".local", ".internal", ".test", ".example", ".invalid")
"""RFC 6761, RFC 6762, and the private-use name of ICANN (2024)."""

FALLBACK = "generic"
"""The site that reads what no publisher's folder claims."""


@cache
def all_sites() -> tuple[Site, ...]:
    """Return every publisher's site, by name, the generic one last."""
    names = [info.name for info in pkgutil.iter_modules(__path__) if info.ispkg]
    names.sort(key=lambda name: (name == FALLBACK, name))
    return tuple(cast(Site, importlib.import_module(f"{__name__}.{name}").SITE) for name in names)


def host_matches(host: str, names: tuple[str, ...]) -> bool:
    """Tell whether `host` is one of the names or a subdomain of one."""
    host = host.rstrip(".").lower()
    return any(host == name or host.endswith("." + name) for name in names)


def site_for_url(url: str) -> Site:
    """Return the publisher whose host serves this URL; the generic one where none does."""
    return _site_of_host(_host(url))


@lru_cache(maxsize=4096)
def _site_of_host(host: str) -> Site:
    *publishers, fallback = all_sites()
    return next((site for site in publishers if host_matches(host, site.page_hosts)), fallback)


def site_for_page(page: Page) -> Site:
    """Return the publisher of a page: by its URL if that is a publisher's, else by its bytes.

    What a saved page says of its origin, and the original's address in that of an archive's copy, count as
    its URL.
    """
    *publishers, fallback = all_sites()
    for url in _addresses(page):
        by_url = site_for_url(url)
        if by_url is not fallback:
            return by_url
    return next((site for site in publishers if site.recognises(page)), fallback)


def doubted(page: Page, site: Site, reading: Article | NotArticle) -> Site | None:
    """Return who should read a page instead, None if the reading stands.

    A page of a host that is no publisher's may be a copy of a publisher's page, or hold markup pasted from
    one. It is a copy if its reader finds what the publisher's own pages have: a state that it knows, or a
    title with an identity or an account. A page of unknown URL stays with who recognised it.
    """
    fallback = all_sites()[-1]
    if site is fallback or not _is_elsewhere(page):
        return None
    if isinstance(reading, NotArticle):
        return fallback if reading.state == "unknown" else None
    identity = reading.identity
    named = any((identity.biz, identity.sn, identity.account_id, identity.number))
    told = reading.source is not None and reading.published_at is not None
    return None if reading.title and (named or told) else fallback


def _is_elsewhere(page: Page) -> bool:
    """Tell whether a page's address, as far as it is known, is of a host that is no publisher's.

    An address in figures and a name of one's own machine say nothing: pages are copied there.
    """
    urls = _with_original(page.url or _saved_from(page))
    hosts = [host for url in urls if (host := _host(url)) and not _is_local(host)]
    names = tuple(name for site in all_sites() for name in site.page_hosts)
    return bool(hosts) and not any(host_matches(host, names) for host in hosts)


def _addresses(page: Page) -> list[str]:
    """Return what is known of a page's address, in the order of trust."""
    return [*_with_original(page.url), *_with_original(_saved_from(page))]


def _saved_from(page: Page) -> str | None:
    return saved_from(ascii_compatible(page.body[:_HEAD_BYTES], page.header("Content-Type")))


def _with_original(url: str | None) -> list[str]:
    """Return a URL, and the one that it is an archive's copy of (`https://archive.host/20310508/https://…`)."""
    copied = _COPY_OF.search(_path(url)) if url else None
    return [*([url] if url else []), *([copied[0]] if copied else [])]


def _path(url: str) -> str:
    """Return a URL's path; empty for what is no URL."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _host(url: str) -> str:
    return host_of(url).rstrip(".")


def _is_local(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_LOCAL_NAMES)
    return True


def allowed_hosts() -> tuple[str, ...]:
    """Return the hosts that a fetch may address by default: every publisher's pages and assets."""
    return tuple(sorted({host for site in all_sites() for host in (*site.page_hosts, *site.asset_hosts)}))

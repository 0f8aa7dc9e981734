"""Publishers, one folder each. Adding one touches its folder alone: it is found by its `SITE`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import cast
from urllib.parse import urlsplit

from harvester.reading import Page
from harvester.sites.base import Site

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
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:  # such as an unclosed bracket
        host = ""
    *publishers, fallback = all_sites()
    return next((site for site in publishers if host_matches(host, site.page_hosts)), fallback)


def site_for_page(page: Page) -> Site:
    """Return the publisher of a page: by its URL if that is a publisher's, else by its bytes."""
    *publishers, fallback = all_sites()
    if page.url is not None:
        by_url = site_for_url(page.url)
        if by_url is not fallback:
            return by_url
    return next((site for site in publishers if site.recognises(page)), fallback)


def allowed_hosts() -> tuple[str, ...]:
    """Return the hosts that a fetch may address by default: every publisher's pages and assets."""
    return tuple(sorted({host for site in all_sites() for host in (*site.page_hosts, *site.asset_hosts)}))

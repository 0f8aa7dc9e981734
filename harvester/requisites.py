"""Which requests belong to a page beside its own: images, attachments, requisites. Pure.

What a page needs is told by its own bytes and its publisher's rule (`Site.requisites`), so it is found
again years later from the record alone, whoever fetched it first and whether it was fetched at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import urlsplit

from harvester.document import Document, PageState
from harvester.errors import HostileInputError
from harvester.extraction.references import Reference, css_references, page_references
from harvester.extraction.tree import parse_html
from harvester.intake import asset_url
from harvester.sites import host_matches, site_for_url
from harvester.sites.base import Site

MAX_IMAGES: Final = 300
MAX_ATTACHMENTS: Final = 50
MAX_REQUISITES: Final = 200
"""A page; the largest known (WeChat, 2026) names 130."""
MAX_IMPORTS: Final = 2
"""Stylesheets inside stylesheets are followed so many levels deep."""

Lookup = Callable[[str], bytes | None]
"""Gives the decoded body held for an address, None where there is none."""


def images_of(found: Document | PageState) -> tuple[str, ...]:
    """Return the addresses of an article's images as they are sent and stored, each once."""
    return _sendable(image.url for image in found.images) if isinstance(found, Document) else ()


def attachments_of(found: Document | PageState) -> tuple[str, ...]:
    """Return the addresses of an article's attachments as they are sent and stored, each once."""
    return _sendable(found.attachments) if isinstance(found, Document) else ()


def requisites_of(
    body: bytes, url: str, content_type: str | None = None, *, pictures: bool = True
) -> tuple[str, ...]:
    """Return what a page's own markup requires: addresses as they are sent and stored, each once.

    `body` is the decoded body of the page at `url`; `content_type` the header's value, for its charset.
    `pictures` says whether those of the layout count. What its stylesheets require in turn is told by
    `required_by_stylesheet`. A page too hostile to parse requires nothing.
    """
    try:
        tree = parse_html(body, content_type)
    except HostileInputError:
        return ()
    skipped = frozenset() if pictures else frozenset({"image", "icon"})
    found = (one for one in page_references(tree, url) if one.kind not in skipped)
    return _permitted(found, url)


def required_by_stylesheet(
    css: bytes, css_url: str, page_url: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what a stylesheet of a page requires: stylesheets that it imports, and all else."""
    found = css_references(css, css_url)
    imports = _permitted((one for one in found if one.kind == "style"), page_url)
    return imports, _permitted((one for one in found if one.kind != "style"), page_url)


def belongings(
    found: Document | PageState, body: bytes, url: str, content_type: str | None, lookup: Lookup
) -> dict[str, str]:
    """Return all that belongs to a page and its role (`image`, `attachment`, `requisite`), in order.

    `lookup` is asked for the stylesheets' bodies; what is not held cannot tell what it requires.
    """
    roles = dict.fromkeys(images_of(found), "image")
    for address in attachments_of(found):
        roles.setdefault(address, "attachment")
    waiting = [(address, 0) for address in requisites_of(body, url, content_type)]
    while waiting:
        address, depth = waiting.pop(0)
        if address in roles:
            continue
        roles[address] = "requisite"
        css = lookup(address) if depth <= MAX_IMPORTS and is_stylesheet(address) else None
        if css is not None:
            imports, others = required_by_stylesheet(css, address, url)
            waiting += [(one, depth + 1) for one in imports] + [(one, MAX_IMPORTS + 1) for one in others]
    return roles


def is_stylesheet(url: str, content_type: str | None = None) -> bool:
    """Tell whether a requisite is a stylesheet: by the server's media type, or by its address."""
    if content_type and content_type.partition(";")[0].strip().lower() == "text/css":
        return True
    return urlsplit(url).path.lower().endswith(".css")


def is_wanted(url: str, page_url: str, site: Site) -> bool:
    """Tell by the publisher's rule whether a page's requisite is to be kept."""
    parts = urlsplit(url)
    host, rule = parts.hostname or "", site.requisites
    own = rule.own_host and host == urlsplit(page_url).hostname
    if not own and not host_matches(host, rule.hosts):
        return False
    place = f"{host}{parts.path}"
    return not any(name in place for name in rule.left_out)


def _permitted(found: Iterable[Reference], page_url: str) -> tuple[str, ...]:
    site = site_for_url(page_url)
    asked = (url for one in found if (url := _as_a_browser_asks(one, page_url)))
    return _sendable(url for url in asked if is_wanted(url, page_url, site))


def _as_a_browser_asks(one: Reference, page_url: str) -> str | None:
    """Return a reference's address from a secure page: pictures by https, programs not at all.

    W3C Mixed Content, level 2, sections 4.1 (upgradeable) and 4.2 (blockable).
    """
    if not (page_url.lower().startswith("https:") and one.url.lower().startswith("http:")):
        return one.url
    return f"https:{one.url[5:]}" if one.kind in {"image", "icon"} else None


def _sendable(urls: Iterable[str]) -> tuple[str, ...]:
    wired = (asset_url(url) for url in urls if url.lower().startswith(("http://", "https://")))
    return tuple(dict.fromkeys(wired))

"""Links in markup: subscriptions (OPML), feeds and sitemaps that were saved, bookmarks and other HTML."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from archive.words import counted
from harvester.errors import HostileInputError, UsageError
from harvester.extraction.tree import parse_html
from harvester.imports.saved_html import address_of
from harvester.links.named import Gathering
from harvester.links.texts import spot
from harvester.safe_xml import parsed
from harvester.watch.sources import Link, NotASourceError, feed_links, sitemap_links
from harvester.watch.sources.found import absolute

_MAX_ANCHORS: Final = 200_000
_OF_ARCHIVES: Final = " The record in the archive is whole."
_NOT_OF_THE_WEB: Final = ("#", "javascript:", "mailto:", "tel:", "data:", "about:", "cid:")


def read_opml(data: bytes, name: str, into: Gathering) -> None:
    """Gather the feeds of an OPML file (http://opml.org/spec2.opml). Raises `UsageError` for a broken one."""
    try:
        root = parsed(data)
    except ValueError as error:
        raise UsageError(f"{name} cannot be read as OPML: {error}") from error
    for outline in root.iter("{*}outline"):
        found = {str(key).lower(): str(value) for key, value in outline.attrib.items()}
        title = found.get("title") or found.get("text")
        where = f"line {outline.sourceline}"
        if found.get("xmlurl"):
            into.add(found["xmlurl"], where, title=title)
        elif found.get("url") or found.get("htmlurl"):
            into.skip(where, f"{(title or '')[:80]!r} has no xmlUrl, so it is no feed")


def read_feed(data: bytes, into: Gathering) -> None:
    """Gather the entries of a saved feed. Raises `UsageError` where it cannot be read."""
    _sourced(lambda: feed_links(data, ""), "entry", into)


def read_sitemap(data: bytes, name: str, into: Gathering) -> None:
    """Gather the pages of a saved sitemap. Raises `UsageError` for an index of them, which names none."""

    def pages() -> list[Link]:
        found = sitemap_links(data, "")
        if found.sitemaps:
            raise UsageError(f"{name} is an index of sitemaps: give the sitemaps themselves")
        return found.pages

    _sourced(pages, "url", into)


def read_html(data: bytes, content_type: str | None, name: str, into: Gathering) -> None:
    """Gather the links of a page or a bookmark file; where there are none, the addresses in its words.

    Relative links are resolved where the file says whence it came. Raises `UsageError` for a page that is too
    expensive to read.
    """
    try:
        tree = parse_html(data, content_type).parser
    except HostileInputError as error:
        raise UsageError(f"{name} cannot be read: {str(error).removesuffix(_OF_ARCHIVES)}") from error
    start = tree.css_first("base[href]")
    base = absolute(address_of(data) or "", start.attributes.get("href")) if start else None
    base = base or address_of(data) or ""
    relative = anchors = 0
    for anchor in tree.css("a[href], area[href]")[:_MAX_ANCHORS]:
        href = (anchor.attributes.get("href") or "").strip()
        if not href or href.lower().startswith(_NOT_OF_THE_WEB):
            continue
        anchors += 1
        url = absolute(base, href)
        if url:
            into.add(url, f"link {anchors}", title=anchor.text())
        else:
            relative += 1
    if relative:
        words = counted(relative, "link is no web address", "links are no web addresses")
        into.skip("", f"{words}, or relative to a page that the file does not name")
    if not anchors and tree.body:
        for spotted in spot(tree.body.text(separator="\n")):
            into.add(spotted.url, "text")


def _sourced(links: Callable[[], list[Link]], what: str, into: Gathering) -> None:
    try:
        found = links()
    except NotASourceError as error:
        raise UsageError(str(error)) from error
    for number, link in enumerate(found, 1):
        into.add(link.url, f"{what} {number}", title=link.title)

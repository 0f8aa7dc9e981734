"""Sitemaps and indexes of them (https://www.sitemaps.org/protocol.html), gzip included."""

from __future__ import annotations

import gzip
import zlib
from typing import Final, NamedTuple

from lxml import etree

from harvester.safe_xml import parsed
from harvester.watch.sources.found import MAX_LINKS, Link, NotASourceError, absolute

_MAX_BYTES: Final = 50 << 20
"""The protocol's own limit for one sitemap, uncompressed."""
_GZIP: Final = b"\x1f\x8b"


class Sitemap(NamedTuple):
    """Pages that a sitemap names, and the further sitemaps that an index names."""

    pages: list[Link]
    sitemaps: list[Link]


def sitemap_links(data: bytes, base: str) -> Sitemap:
    """Return what a sitemap names. Raises `NotASourceError`."""
    if data.startswith(_GZIP):
        data = _inflated(data)
    try:
        root = parsed(data)
    except ValueError as error:
        raise NotASourceError(f"it is no sitemap: {error}") from error
    kind = etree.QName(root).localname
    if kind not in {"urlset", "sitemapindex"}:
        raise NotASourceError(f"it is no sitemap: its root is <{kind}>")
    found = []
    for element in root.iter("{*}loc"):
        parent = element.getparent()
        if parent is None or etree.QName(parent).localname not in {"url", "sitemap"}:
            continue  # such as an image's
        url = absolute(base, element.text)
        if url:
            found.append(Link(url))
        if len(found) >= MAX_LINKS:
            break
    return Sitemap(found, []) if kind == "urlset" else Sitemap([], found)


def _inflated(data: bytes) -> bytes:
    try:
        found = zlib.decompressobj(wbits=31).decompress(data, _MAX_BYTES + 1)
    except (zlib.error, gzip.BadGzipFile) as error:
        raise NotASourceError(f"it is no sitemap: {error}") from error
    if len(found) > _MAX_BYTES:
        raise NotASourceError("it is no sitemap: more than 50 MiB uncompressed")
    return found

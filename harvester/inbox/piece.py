"""What a dropped file brings: one thing with a name, whose kind its bytes tell."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from harvester.errors import UsageError
from harvester.imports.files import open_file

_BOOKMARKS: Final = re.compile(rb"\s{0,99}<!DOCTYPE NETSCAPE-Bookmark-file", re.IGNORECASE)
_LIST: Final = re.compile(
    rb"<(?:opml|plist|rss|feed|rdf:RDF|urlset|sitemapindex)[\s>]|<(html)[\s>]", re.IGNORECASE
)
_HEAD_BYTES: Final = 4096


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes with a name. `attached`: it came with a mail as a file, rather than as the mail's own words."""

    data: bytes
    name: str
    attached: bool = True


def is_page(piece: Piece) -> bool:
    """Tell whether a piece is a saved page, or a HAR of such, rather than something with links in it.

    Bookmarks and subscriptions have elements of HTML in them and are no pages. Raises `UsageError` for a page
    that cannot be used.
    """
    head = piece.data[:_HEAD_BYTES].removeprefix(b"\xef\xbb\xbf")
    listed = _LIST.search(head) if head.lstrip().startswith(b"<") else None
    if _BOOKMARKS.match(head) or (listed and not listed[1]):
        return False
    try:
        return piece.attached and open_file(piece.data, piece.name, None) is not None
    except UsageError:
        if piece.name.lower().endswith((".md", ".markdown")):  # front matter of something else
            return False
        raise

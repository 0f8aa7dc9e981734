"""RSS, Atom and JSON feeds. XML is read by feedparser (extra `feeds`), JSON Feed by its own short form."""

from __future__ import annotations

import io
from typing import Any, Final

import msgspec

from harvester.errors import UsageError
from harvester.watch.sources.found import MAX_LINKS, Link, NotASourceError, absolute

_JSON_FEED: Final = "https://jsonfeed.org/version/"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class _JsonItem(msgspec.Struct):
    url: str | None = None
    external_url: str | None = None
    title: str | None = None


class _JsonFeed(msgspec.Struct):
    """JSON Feed 1.1, of which only what leads to articles is read (https://jsonfeed.org/version/1.1)."""

    version: str
    items: list[_JsonItem] = []


def feed_links(data: bytes, base: str) -> list[Link]:
    """Return the entries' links, in the feed's order.

    Raises `NotASourceError`; `UsageError` where feedparser is not installed.
    """
    text = data.removeprefix(_BYTE_ORDER_MARK).lstrip()
    return _of_json(text, base) if text.startswith(b"{") else _of_xml(data, base)


def _of_json(data: bytes, base: str) -> list[Link]:
    try:
        feed = msgspec.json.decode(data, type=_JsonFeed)
    except msgspec.DecodeError as error:
        raise NotASourceError(f"it is no JSON feed: {error}") from error
    if not feed.version.startswith(_JSON_FEED):
        raise NotASourceError(f"it is no JSON feed: its version is {feed.version[:80]!r}")
    pairs = [(absolute(base, item.url or item.external_url), item.title) for item in feed.items[:MAX_LINKS]]
    return [Link(url, title) for url, title in pairs if url]


def _of_xml(data: bytes, base: str) -> list[Link]:
    try:
        import feedparser  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError("feeds need feedparser: pip install 'wechat-harvester[feeds]'") from error
    parsed: Any = feedparser.parse(io.BytesIO(data), response_headers={"content-location": base})
    if not parsed.get("version"):
        raise NotASourceError("it is neither RSS nor Atom nor a JSON feed")
    links = []
    for entry in parsed.entries[:MAX_LINKS]:
        url = absolute(base, entry.get("link"))
        if url:
            links.append(Link(url, " ".join(str(entry.get("title", "")).split()) or None))
    return links

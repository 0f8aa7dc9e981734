"""HAR 1.2: what a browser's developer tools wrote of a session. Only pages are taken from it.

Form: http://www.softwareishard.com/blog/har-12-spec/ (unknown members are passed over).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from typing import Final

import msgspec

from archive.words import counted
from harvester.errors import UsageError
from harvester.imports.addresses import web_address
from harvester.imports.item import Item, Lacking, Opened
from harvester.imports.times import claimed_time
from harvester.sites import FALLBACK, site_for_url

METHOD: Final = "har"
_MAX_ENTRIES: Final = 100_000
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_CREDENTIALS: Final = frozenset({"authorization", "proxy-authorization"})
_COOKIES: Final = frozenset({"cookie", "set-cookie"})
_STATUSES: Final = range(100, 600)
_CHARSET: Final = re.compile(r"charset\s{0,9}=\s{0,9}[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)


class _Pair(msgspec.Struct):
    name: str = ""
    value: str = ""


class _Content(msgspec.Struct):
    mimeType: str | None = None  # noqa: N815 - the format's name
    text: str | None = None
    encoding: str | None = None
    size: float | None = None


class _Request(msgspec.Struct):
    url: str = ""
    headers: list[_Pair] = []
    cookies: list[_Pair] = []


class _Response(msgspec.Struct):
    status: int | None = None
    headers: list[_Pair] = []
    cookies: list[_Pair] = []
    content: _Content = msgspec.field(default_factory=_Content)


class _Entry(msgspec.Struct):
    startedDateTime: str | None = None  # noqa: N815 - the format's name
    request: _Request = msgspec.field(default_factory=_Request)
    response: _Response = msgspec.field(default_factory=_Response)
    resource_type: str | None = msgspec.field(default=None, name="_resourceType")


class _Log(msgspec.Struct):
    entries: list[_Entry]


class _Har(msgspec.Struct):
    log: _Log


def open_har(data: bytes, name: str, url: str | None) -> Opened:
    """Return the pages of a HAR file: answers that are HTML, of a publisher's articles, or of `url`.

    Raises `UsageError` for what is not a HAR, or holds no such page.
    """
    entries = _entries(data, name)
    items: dict[tuple[str, str], Item] = {}
    lacking: dict[str, Lacking] = {}
    for address, entry in _pages(entries, url):
        read = _body(entry.response.content)
        if isinstance(read, str):
            lacking.setdefault(address, Lacking(url=address, reason=read))
            continue
        item = _item(address, entry, read)
        items.setdefault((address, hashlib.sha256(item.body).hexdigest()), item)
    if not items and not lacking:
        what = f"no answer of {url}" if url else "no page of a publisher we know (name its page with --url)"
        raise UsageError(f"{name} is a HAR with {counted(len(entries), 'entry', 'entries')} and {what}")
    whole = {address for address, _ in items}
    return Opened(
        items=tuple(items.values()),
        lacking=tuple(one for address, one in lacking.items() if address not in whole),
        secrets=tuple(dict.fromkeys(_secrets(entries))),
    )


def _entries(data: bytes, name: str) -> list[_Entry]:
    try:
        entries = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=_Har).log.entries
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{name} is not a HAR file: {error}") from error
    if len(entries) > _MAX_ENTRIES:
        raise UsageError(f"{name} has {len(entries)} entries; at most {_MAX_ENTRIES} are read")
    return entries


def _pages(entries: list[_Entry], wanted: str | None) -> Iterator[tuple[str, _Entry]]:
    for entry in entries:
        address = web_address(entry.request.url)
        if address is None or entry.response.status in _REDIRECTS or not _is_html(entry):
            continue
        plain = address.partition("#")[0]
        if (plain == wanted.partition("#")[0]) if wanted else _is_article(plain, entry.resource_type):
            yield plain, entry


def _is_html(entry: _Entry) -> bool:
    kind = (entry.response.content.mimeType or "").partition(";")[0].strip().lower()
    return kind in {"text/html", "application/xhtml+xml"} or (not kind and entry.resource_type == "document")


def _is_article(url: str, resource_type: str | None) -> bool:
    """Tell whether an address is a publisher's page, not a call that a page made for data."""
    site = site_for_url(url)
    if site.name == FALLBACK or resource_type not in {None, "document"}:
        return False
    return (
        resource_type == "document" or site.canonical_url(url) is not None or site.challenge(url) is not None
    )


def _body(content: _Content) -> bytes | str:
    """Return the page's bytes, or why there are none."""
    if not content.text:
        return "the HAR holds no body for it (export it with content, and keep the log from before the visit)"
    if content.encoding is None or not content.encoding.strip():
        return content.text.encode("utf-8", "replace")
    if content.encoding.strip().lower() != "base64":
        return f"its body is encoded as {content.encoding[:40]!r}, which no tool documents"
    try:
        return base64.b64decode(content.text, validate=True)
    except (binascii.Error, ValueError) as error:
        return f"its body is damaged base64: {error}"


def _item(url: str, entry: _Entry, body: bytes) -> Item:
    content = entry.response.content
    fetched, warning = claimed_time(entry.startedDateTime)
    warnings = [warning] if warning else []
    if content.size is not None and len(body) < content.size:
        warnings.append(
            f"the HAR holds {len(body)} bytes of a body of which it says that it has {content.size:.0f}"
        )
    status = entry.response.status
    return Item(
        method=METHOD,
        body=body,
        content_type=_content_type(content),
        url=url,
        url_source="har.request.url",
        fetched=fetched,
        fetched_source="har.startedDateTime" if fetched else None,
        # A cached answer (304) or none at all (0) says nothing of the page that is shown.
        status=status if status in _STATUSES and status != 304 else None,  # noqa: PLR2004 - RFC 9110 §15.4.5
        warnings=tuple(warnings),
    )


def _content_type(content: _Content) -> str:
    """Return the record's media type: text was decoded by the browser, so here it is UTF-8."""
    if not content.encoding:
        return "text/html; charset=utf-8"
    charset = _CHARSET.search(content.mimeType or "")
    return f"text/html; charset={charset[1].lower()}" if charset else "text/html"


def _secrets(entries: list[_Entry]) -> Iterator[tuple[str, str]]:
    for entry in entries:
        for side in (entry.request, entry.response):
            yield from ((f"cookie {pair.name}", pair.value) for pair in side.cookies if pair.value)
            for header in side.headers:
                name = header.name.lower()
                if name in _CREDENTIALS and header.value:
                    yield name, header.value.partition(" ")[2] or header.value
                elif name in _COOKIES:
                    yield from _cookies(header.value, only_first=name == "set-cookie")


def _cookies(value: str, *, only_first: bool) -> Iterator[tuple[str, str]]:
    parts = value.split("\n") if only_first else value.split(";")
    for part in parts:
        name, equals, content = part.partition(";")[0].partition("=")
        if equals and content.strip():
            yield f"cookie {name.strip()}", content.strip()

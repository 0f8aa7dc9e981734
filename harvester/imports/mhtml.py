"""MHTML (RFC 2557): the page that a browser saved with what it shows, in one MIME message."""

from __future__ import annotations

import re
from email.message import Message
from typing import Final

from harvester.errors import UsageError
from harvester.imports.addresses import web_address
from harvester.imports.item import Item, Lacking, Opened
from harvester.messages import message_of
from harvester.times import http_date_text

METHOD: Final = "mhtml"
_MAX_PARTS: Final = 5000
_HTML_TYPES: Final = frozenset({"text/html", "application/xhtml+xml"})
_CHARSET: Final = re.compile(r"[A-Za-z0-9._:-]{1,40}")


def open_mhtml(data: bytes, name: str, url: str | None, url_source: str) -> Opened:
    """Return the root page of an MHTML file. Raises `UsageError` for a file that holds none."""
    message = message_of(data, name, "a saved page")
    root = _root_part(message, name)
    payload = root.get_payload(decode=True)
    body = payload if isinstance(payload, bytes) else b""
    if url is None:
        url, url_source = _url_of(message, root)
    if not body.strip():
        return Opened(items=(), lacking=(Lacking(url=url or name, reason="its root part is empty"),))
    fetched = http_date_text(_header(message, "Date"))
    item = Item(
        method=METHOD,
        body=body,
        content_type=_content_type(root),
        url=url,
        url_source=url_source if url else None,
        fetched=fetched,
        fetched_source="mhtml.Date" if fetched else None,
        warnings=tuple(_warnings(root)),
    )
    return Opened(items=(item,))


def _root_part(message: Message, name: str) -> Message:
    """Return the part that `start` names (RFC 2387 §3.2), else the first that is HTML."""
    parts = [part for part, _ in zip(message.walk(), range(_MAX_PARTS), strict=False)]
    pages = [part for part in parts if part.get_content_type() in _HTML_TYPES]
    start = message.get_param("start")
    named = (part for part in pages if isinstance(start, str) and _header(part, "Content-ID") == start)
    root = next(named, pages[0] if pages else None)
    if root is None:
        raise UsageError(f"{name} is MHTML without an HTML part: nothing to import")
    return root


def _url_of(message: Message, root: Message) -> tuple[str | None, str]:
    for part, header in ((message, "Snapshot-Content-Location"), (root, "Content-Location")):
        # Long addresses are folded over lines in the header (RFC 5322 §2.2.3).
        url = web_address("".join((_header(part, header) or "").split()))
        if url:
            return url, f"mhtml.{header}"
    return None, ""


def _header(part: Message, name: str) -> str | None:
    value = part.get(name)
    return str(value).strip() if value is not None else None


def _content_type(root: Message) -> str:
    charset = root.get_param("charset")
    if isinstance(charset, str) and _CHARSET.fullmatch(charset):
        return f"text/html; charset={charset.lower()}"
    return "text/html"


def _warnings(root: Message) -> list[str]:
    return [f"MHTML: {type(defect).__name__}" for defect in root.defects[:5]]

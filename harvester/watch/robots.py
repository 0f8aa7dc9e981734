"""robots.txt (RFC 9309), for discovery: what it says of our name, and what its absence means. Pure."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from protego import Protego

from harvester.extraction.html_or_not import why_not_html

AGENT: Final = "Harvester"
MAX_AGE_S: Final = 24 * 3600
"""How long it may be held (RFC 9309 §2.4)."""
MAX_BYTES: Final = 512 << 10
"""How much of it is read (§2.5 asks for at least 500 KiB)."""


class Rules:
    """What one host lets us ask for; `unavailable` where that could not be learned, so nothing for now."""

    def __init__(self, text: str | None, *, all_forbidden: bool = False) -> None:
        self._rules = Protego.parse(text) if text else None
        self.unavailable = all_forbidden

    def allow(self, url: str) -> bool:
        """Tell whether a URL may be asked for."""
        if self.unavailable:
            return False
        return self._rules is None or bool(self._rules.can_fetch(url, AGENT))


def robots_url(url: str) -> str:
    """Return where the rules of a URL's host stand (§2.3)."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, "/robots.txt", "", ""))


def rules_of(status: int | None, body: bytes | None) -> Rules:
    """Return what an answer means: rules; none for 4xx (§2.3.1.3); all forbidden where it cannot be had.

    A page of HTML, as servers give that know no 404, holds no rules.
    """
    if status is not None and HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Rules(None)
    if body is None:
        return Rules(None, all_forbidden=True)
    head = body[:MAX_BYTES]
    if b"<html" in head[:2048].lower() and why_not_html(head, "text/html", proven=False) is None:
        return Rules(None)
    return Rules(head.decode("utf-8-sig", "replace"))

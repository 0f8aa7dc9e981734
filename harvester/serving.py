"""Does a response serve as what it was asked for? Pure: one exchange in, a reason or none out."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from harvester.bodies import body_of_response
from harvester.capture import Exchange
from harvester.media_types import media_type_of_bytes
from harvester.sites.base import Site

_OK: Final = range(200, 300)
_NOT: Final = {
    "image": ("not-an-image", frozenset({"text/html", "application/pdf", "application/zip"})),
    "attachment": ("not-an-attachment", frozenset({"text/html"})),
    "requisite": ("not-a-requisite", frozenset({"text/html"})),
}
"""A page in a file's place is how servers say "no such file" with status 200."""
_RUN: Final = re.compile(r"[0-9a-z]{8,}", re.IGNORECASE)
_MIXED: Final = re.compile(r"[0-9][a-z]", re.IGNORECASE)
"""In a digest letters follow figures; in a name with a year or a number (`main2015`) they do not."""
_DATED: Final = re.compile(r"20[0-9]{6}")


def failure_of(exchange: Exchange, role: str, site: Site) -> str | None:
    """Say why a response does not serve in its role, or None if it does."""
    if exchange.end != "complete":
        return f"cut ({exchange.end})"
    if exchange.status not in _OK:
        return f"http-{exchange.status}"
    body = body_of_response(exchange.response.read())
    if body is None:
        return "unreadable"
    if not body.data:
        # An empty stylesheet is one; an empty picture or paper is none.
        return None if role == "requisite" else "empty"
    if role == "image" and site.is_placeholder_asset(exchange.url, body.data):
        return "placeholder"
    reason, kinds = _NOT[role]
    return reason if media_type_of_bytes(body.data) in kinds else None


def is_lasting(url: str) -> bool:
    """Tell whether an address names one content for good: by a digest or a date in the file's name."""
    name = urlsplit(url).path.rpartition("/")[2]
    return bool(_DATED.search(name)) or any(_MIXED.search(run) for run in _RUN.findall(name))

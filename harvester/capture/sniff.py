"""The media type of a stored response's body by its first bytes; None for one under a content-coding."""

from __future__ import annotations

from typing import Final

from archive import Block
from archive.http1 import parse_response
from harvester.errors import HttpMessageError
from harvester.media_types import media_type_of_bytes

_PEEK_BYTES: Final = 66_000


def media_type_of(block: Block) -> str | None:
    """Return the type of the body inside an HTTP response block, or None."""
    first = b""
    for chunk in block.chunks():
        first += chunk
        if len(first) >= _PEEK_BYTES:
            break
    try:
        message = parse_response(first)
    except HttpMessageError:
        return None
    coding = (message.head.get("Content-Encoding") or "identity").strip().lower()
    return media_type_of_bytes(message.payload) if coding == "identity" else None

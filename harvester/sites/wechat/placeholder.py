"""The picture that WeChat's hosts send instead of an article's when another site is the referrer.

It says 此图片来自微信公众平台 未经允许不可引用 and comes with status 200. No copy of the real one was at hand
when this was written: no digest of it is listed, and the dimensions listed are a convention shared with this
project's own fixtures, to be replaced by measured ones. The form of the rule is: an image from one of the
picture hosts, of at most 10 000 bytes, with exactly the dimensions listed. Digests of stand-ins met later go
into `KNOWN_SHA256`.
"""

from __future__ import annotations

import hashlib
import struct
from typing import Final
from urllib.parse import urlsplit

KNOWN_SHA256: Final[frozenset[str]] = frozenset()
DIMENSIONS: Final = frozenset([(300, 170)])
MAX_BYTES: Final = 10_000
_HOSTS: Final = ("qpic.cn", "qlogo.cn")
_PNG: Final = b"\x89PNG\r\n\x1a\n"


def is_placeholder(url: str, body: bytes) -> bool:
    """Tell whether an image is the stand-in for "not shown on other sites"."""
    if hashlib.sha256(body).hexdigest() in KNOWN_SHA256:
        return True
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    on_host = any(host == name or host.endswith("." + name) for name in _HOSTS)
    return on_host and len(body) <= MAX_BYTES and _dimensions(body) in DIMENSIONS


def _dimensions(body: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels from the head of a GIF or PNG."""
    if body[:6] in {b"GIF87a", b"GIF89a"} and len(body) >= 10:  # noqa: PLR2004 - GIF's logical screen descriptor
        width, height = struct.unpack("<HH", body[6:10])
        return width, height
    if body.startswith(_PNG) and len(body) >= 24:  # noqa: PLR2004 - PNG's IHDR
        width, height = struct.unpack(">II", body[16:24])
        return width, height
    return None

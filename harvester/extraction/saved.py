"""Where a saved page says that it was saved from: the comment that a browser or SingleFile puts at its top.

It is a hint: whoever wrote the file wrote the comment. It helps to choose who reads the page, and is no
evidence of where the page came from.
"""

from __future__ import annotations

import re
from typing import Final

from harvester.extraction.charset import decode_html

_HEAD_BYTES: Final = 8 << 10
_COMMENT: Final = re.compile(rb"<!--([^<>]{0,2000})-->")
# Browsers: `saved from url=(0031)https://…`, the number being the address's length; SingleFile: a line
# `url: https://…` in a comment that opens with `Page saved with SingleFile`.
_BROWSER: Final = re.compile(
    rb"\s{0,9}saved from url=\(\d{1,6}\)(https?://[^\s<>\"']{4,2000})", re.IGNORECASE
)
_SINGLE_FILE: Final = re.compile(rb"Page saved with SingleFile")
_LINE: Final = re.compile(rb"\n[ \t]{0,9}url: {0,9}(https?://[^\s<>\"']{4,2000})")


def ascii_compatible(body: bytes, content_type: str | None = None) -> bytes:
    """Return a page as bytes in which markup is ASCII: as it is, or as UTF-8 if it was UTF-16.

    NUL bytes near the start tell UTF-16 and UTF-32 (HTML has no NULs).
    """
    return decode_html(body, content_type).data if b"\0" in body[:512] else body


def saved_from(data: bytes) -> str | None:
    """Return the URL that a saved page's own comment names, None if it has no such comment.

    `data` is the page in an encoding whose ASCII is ASCII.
    """
    for comment in _COMMENT.finditer(data[:_HEAD_BYTES]):
        found = _BROWSER.match(comment[1]) or (
            _LINE.search(comment[1]) if _SINGLE_FILE.search(comment[1]) else None
        )
        if found:
            return found[1].decode("utf-8", "replace")
    return None

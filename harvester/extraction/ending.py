"""Was a page cut off before its end? Told by the tags that open and close the whole of it.

The HTML Standard lets a page leave out `</html>`, but who writes `<html>` nearly always writes its end, and
a file whose transfer or copying stopped never has it. A fragment, which opens neither `html`, `head` nor
`body`, has no end to miss.
"""

from __future__ import annotations

from typing import Final

_HEAD_BYTES: Final = 16 << 10  # comments and conditional comments may stand before `<html`
_TAIL_BYTES: Final = 4096  # where the end nearly always is; only without it is the rest searched
_MAX_TRIES: Final = 50
_OPENERS: Final = (b"<html", b"<head", b"<body")
_CLOSERS: Final = (b"</html", b"</body")
_AFTER_NAME: Final = b" \t\r\n\f/>"


def opens_document(data: bytes) -> bool:
    """Tell whether a page begins as a whole document does: with `html`, `head` or `body`.

    `data` is the page in an encoding whose ASCII is ASCII (`harvester.extraction.tree.Tree.data`).
    """
    head = data[:_HEAD_BYTES].lower()
    return any(_tag(head, opener) for opener in _OPENERS)


def has_end(data: bytes) -> bool:
    """Tell whether `</html>` or `</body>` stands in a page's markup, outside of its scripts."""
    tail = max(0, len(data) - _TAIL_BYTES)
    return _has_end_after(data, tail) or (tail > 0 and _has_end_after(data, 0))


def is_open_ended(data: bytes) -> bool:
    """Tell whether a page opens its document and never closes it: it is, or may be, cut."""
    return opens_document(data) and not has_end(data)


def _tag(head: bytes, opener: bytes) -> bool:
    at = head.find(opener)
    while at >= 0:
        after = head[at + len(opener) : at + len(opener) + 1]
        if not after or after in _AFTER_NAME:  # not `<header`
            return True
        at = head.find(opener, at + 1)
    return False


def _has_end_after(data: bytes, start: int) -> bool:
    lower = data[start:].lower()
    for closer in _CLOSERS:
        at = len(lower)
        for _ in range(_MAX_TRIES):
            at = lower.rfind(closer, 0, at)
            if at < 0:
                break
            if not _in_script(data, start + at):
                return True
    return False


def _in_script(data: bytes, at: int) -> bool:
    """Tell whether a place stands in a script that began before it and has not ended."""
    opened = max(data.rfind(b"<script", 0, at), data.rfind(b"<SCRIPT", 0, at))
    return opened >= 0 and data.find(b"</script", opened, at) < 0 and data.find(b"</SCRIPT", opened, at) < 0

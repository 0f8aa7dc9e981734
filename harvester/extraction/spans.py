"""From a place in a page's characters back to its bytes as the server sent them."""

from __future__ import annotations

import codecs
import hashlib
from typing import Final

from harvester.extraction.tree import Tree
from harvester.places import SHOWN_CHARS, Place

_MARKS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)


class BodySpans:
    """Maps spans of a tree's `data` (UTF-8) to spans of the body that it was decoded from."""

    def __init__(self, body: bytes, tree: Tree) -> None:
        self._body = body
        self._data = tree.data
        self._codec = tree.encoding
        self._skipped = next((len(mark) for mark in _MARKS if body.startswith(mark)), 0)
        self._same = body[self._skipped :] == tree.data

    def in_body(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the bytes of the body that stand for `data[start:end]`; None where none do so alone."""
        if self._same:
            return start + self._skipped, end + self._skipped
        first = self._position(len(self._data[:start].decode("utf-8", "replace")))
        last = self._position(len(self._data[:end].decode("utf-8", "replace")))
        wanted = self._data[start:end].decode("utf-8", "replace")
        return (first, last) if self.text(first, last) == wanted else None

    def text(self, start: int, end: int) -> str:
        """Return the characters of a span of the body."""
        return self._body[start:end].decode("utf-8" if self._same else self._codec, "replace")

    def place(self, kind: str, name: str | None, span: tuple[int, int]) -> Place:
        """Return a span of the body as a place."""
        start, end = span
        return Place(
            kind=kind,
            name=name,
            start=start,
            end=end,
            sha256=hashlib.sha256(self._body[start:end]).hexdigest(),
            shown=self.text(start, min(end, start + 4 * SHOWN_CHARS))[:SHOWN_CHARS],
        )

    def _position(self, characters: int) -> int:
        """Return where in the body so many characters end: the shortest beginning that holds them."""
        low, high = self._skipped, len(self._body)
        make = codecs.getincrementaldecoder(self._codec)
        while low < high:
            middle = (low + high) // 2
            if len(make("replace").decode(self._body[self._skipped : middle])) >= characters:
                high = middle
            else:
                low = middle + 1
        return low


def as_parsed(text: str) -> str:
    """Return characters as the parser gives them: line ends as LF, U+FFFD for NUL (HTML Standard, 13.2.3)."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


def before_parsing(raw: str, index: int) -> int:
    """Return where in characters as sent the one stands that has this index among those as parsed."""
    if "\r\n" not in raw:
        return index
    at = seen = 0
    for part in raw.split("\r\n"):
        if index <= seen + len(part):
            return at + index - seen
        at += len(part) + 2
        seen += len(part) + 1
    return len(raw)

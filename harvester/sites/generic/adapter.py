"""The only place that knows trafilatura: a page in, a body of blocks out.

Its fetcher is never used, its duplicate filter (which remembers earlier pages) is off, and its guesses
at metadata are not asked for, so the same page always gives the same body. Formatting, links and images
are left out: asked for, they change which text it finds (measured on 22 pages of other publishers: with
images precision falls to 0.72 on one, with formatting recall to 0.46 on another, against its own plain
text).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from typing import Any, Final

import trafilatura

from harvester.extraction.body import (
    BOLD,
    CODE,
    ITALIC,
    STRIKE,
    SUBSCRIPT,
    SUPERSCRIPT,
    Block,
    Body,
    Break,
    Cell,
    Heading,
    Inline,
    Item,
    Listing,
    Paragraph,
    Picture,
    Quote,
    Table,
    Text,
)

Link = Callable[[str], str | None]

_MARKS: Final = {
    "#b": BOLD,
    "#i": ITALIC,
    "#t": CODE,
    "#sub": SUBSCRIPT,
    "#sup": SUPERSCRIPT,
}
_MAX_DEPTH: Final = 40
_SPACE: Final = re.compile(r"[ \t\n\f\r\v\xa0]+")
_HEADING_LEVELS: Final = range(1, 7)

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


def extract(html: str, absolute: Link, whole: Callable[[], Body]) -> tuple[Body, str] | None:
    """Return the main text of a page as blocks and who found it, None if trafilatura finds none.

    Where it finds none it may still return all words of the page, one text node a line of a single
    paragraph, which tears words apart that an editor's tags run through: `whole` is asked for those.

    `absolute` turns a reference into the URL to record, None for one that leads nowhere.
    """
    try:
        document = trafilatura.bare_extraction(
            html,
            include_comments=False,
            include_tables=True,
            include_formatting=False,
            include_images=False,
            include_links=False,
            deduplicate=False,
            with_metadata=False,
        )
    except Exception:  # noqa: BLE001 - a fault of the library on a page from the web is its "nothing found"
        return None
    root = getattr(document, "body", None)
    if root is None:
        return None
    heap = _is_heap(root)
    body = whole() if heap else Body(tuple(_Reader(absolute).blocks(root, 0)))
    return (body, "body" if heap else "trafilatura") if body.blocks else None


def _is_heap(root: Any) -> bool:
    children = list(root)
    return len(children) == 1 and children[0].tag == "p" and "\n" in (children[0].text or "").strip()


class _Reader:
    """Turns the library's TEI-like tree (p, head, list, item, quote, table, hi, ref, graphic) into blocks."""

    def __init__(self, absolute: Link) -> None:
        self._absolute = absolute

    def blocks(self, node: Any, depth: int) -> Iterable[Block]:
        """Give the blocks of a container; loose inline pieces become paragraphs."""
        loose: list[Inline] = _words(node.text, 0, None)
        for child in node:
            block = self._block(child, depth + 1)
            if block is None:
                loose += self._inline(child, 0, None, depth + 1)
            else:
                yield from _paragraph(loose)
                loose = []
                yield from block
            loose += _words(child.tail, 0, None)
        yield from _paragraph(loose)

    def _block(self, node: Any, depth: int) -> list[Block] | None:
        """Return the blocks an element makes, None if it is an inline piece."""
        if depth > _MAX_DEPTH or not isinstance(node.tag, str):
            return None
        maker = _MAKERS.get(node.tag)
        return maker(self, node, depth) if maker is not None else None

    def container(self, node: Any, depth: int) -> list[Block]:
        return list(self.blocks(node, depth))

    def quote(self, node: Any, depth: int) -> list[Block]:
        return [Quote(tuple(self.blocks(node, depth)))]

    def list_(self, node: Any, depth: int) -> list[Block]:
        items = tuple(Item(tuple(self.blocks(child, depth + 1))) for child in node.iterchildren("item"))
        return [Listing(node.get("rend") == "ol", 1, tuple(item for item in items if item.blocks))]

    def heading(self, node: Any, depth: int) -> list[Block]:
        digits = (node.get("rend") or "h2").removeprefix("h")
        level = int(digits) if digits.isascii() and digits.isdigit() else 2
        pieces = _trimmed(self._contents(node, 0, None, depth))
        return [Heading(level if level in _HEADING_LEVELS else 2, pieces)] if pieces else []

    def table(self, node: Any, depth: int) -> list[Block]:
        rows = []
        for row in node.iter("row"):
            cells = []
            for cell in row.iterchildren("cell"):
                paragraphs = _paragraph(self._contents(cell, 0, None, depth + 1))
                cells.append(Cell(tuple(paragraphs), cell.get("role") == "head"))
            if cells:
                rows.append(tuple(cells))
        return [Table(tuple(rows))] if rows else []

    def _contents(self, node: Any, marks: int, link: str | None, depth: int) -> list[Inline]:
        pieces = _words(node.text, marks, link)
        for child in node:
            pieces += self._inline(child, marks, link, depth + 1)
            pieces += _words(child.tail, marks, link)
        return pieces

    def _inline(self, node: Any, marks: int, link: str | None, depth: int) -> list[Inline]:
        tag = node.tag
        if not isinstance(tag, str):
            return []
        if depth > _MAX_DEPTH:
            return _words("".join(node.itertext()), marks, link)
        if tag == "lb":
            return [Break()]
        if tag == "graphic":
            url = self._absolute(node.get("src") or "")
            return [Picture(url, node.get("alt") or None, None, "body", link)] if url else []
        if tag == "ref":
            link = self._absolute(node.get("target") or "")
        marks |= _MARKS.get(node.get("rend") or "", 0) if tag == "hi" else 0
        marks |= {"del": STRIKE, "code": CODE}.get(tag, 0)
        pieces = self._contents(node, marks, link, depth)
        return [Break(), *pieces, Break()] if tag in {"p", "item", "head", "row"} else pieces


_MAKERS: Final[dict[str, Callable[[_Reader, Any, int], list[Block]]]] = {
    **dict.fromkeys(("p", "ab", "fw", "div", "body", "main", "item", "row", "cell"), _Reader.container),
    "head": _Reader.heading,
    "list": _Reader.list_,
    "quote": _Reader.quote,
    "table": _Reader.table,
}


def _words(text: str | None, marks: int, link: str | None) -> list[Inline]:
    folded = _SPACE.sub(" ", text or "")
    return [Text(folded, marks, link)] if folded else []


def _trimmed(pieces: list[Inline]) -> tuple[Inline, ...]:
    """Drop breaks and white space at both ends, and breaks in a row."""
    kept: list[Inline] = []
    for piece in pieces:
        blank = isinstance(piece, Break) or (isinstance(piece, Text) and not piece.value.strip())
        if blank and (not kept or isinstance(kept[-1], Break)):
            continue
        kept.append(piece)
    while kept and (
        isinstance(kept[-1], Break) or (isinstance(kept[-1], Text) and not kept[-1].value.strip())
    ):
        kept.pop()
    if kept and isinstance(first := kept[0], Text):
        kept[0] = Text(first.value.lstrip(), first.marks, first.link)
    if kept and isinstance(last := kept[-1], Text):
        kept[-1] = Text(last.value.rstrip(), last.marks, last.link)
    return tuple(kept)


def _paragraph(pieces: list[Inline]) -> list[Paragraph]:
    trimmed = _trimmed(pieces)
    return [Paragraph(trimmed)] if trimmed else []

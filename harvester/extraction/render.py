"""From blocks to what a reader reads: plain text, the images with their places in it, and Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from harvester.document import Image
from harvester.extraction.body import (
    Block,
    Body,
    Break,
    Cell,
    Code,
    Heading,
    Inline,
    Listing,
    Paragraph,
    Picture,
    Quote,
    Rendered,
    Rule,
    Table,
    Text,
    Widget,
)
from harvester.extraction.markdown import to_markdown

__all__ = ["Rendered", "render"]

_WORDED: Final = (Paragraph, Heading)


def render(body: Body) -> Rendered:
    r"""Return a body's text, Markdown and images.

    Text: paragraphs separated by one blank line, a line break as `\\n`, table rows as lines with cells
    separated by a tab; no list markers, alternative texts, placeholders or table rules. An image between
    paragraphs has the offset of the next one, the last ones the length of the text.
    """
    writer = _Writer()
    writer.blocks(body.blocks)
    text, images = writer.finish()
    return Rendered(text, to_markdown(body.blocks), images, tuple(writer.widgets))


class _Writer:
    """Writes text forward; an image waits for the next word to learn its position."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._separator = ""
        self._images: list[tuple[Picture, int]] = []
        self._waiting: list[Picture] = []
        self.widgets: list[Widget] = []

    def finish(self) -> tuple[str, tuple[Image, ...]]:
        placed = [*self._images, *((picture, self._length) for picture in self._waiting)]
        images = tuple(
            Image(url=p.url, position=position, alt=p.alt, caption=p.caption, role=p.role)
            for p, position in placed
        )
        return "".join(self._parts), images

    def blocks(self, blocks: Iterable[Block]) -> None:
        for block in blocks:
            self._block(block)

    def _block(self, block: Block) -> None:
        if isinstance(block, _WORDED):
            self._start("\n\n")
            self._inlines(block.inlines, "\n")
        elif isinstance(block, Code):
            self._start("\n\n")
            self._put(block.value)
        elif isinstance(block, Listing):
            for item in block.items:
                self.blocks(item.blocks)
        elif isinstance(block, Quote):
            self.blocks(block.blocks)
        elif isinstance(block, Table):
            self._table(block)
        else:
            _rule(block)

    def _table(self, table: Table) -> None:
        self._start("\n\n")
        for row in table.rows:
            self._row(row)
            self._start("\n")

    def _row(self, row: tuple[Cell, ...]) -> None:
        for column, cell in enumerate(row):
            for number, paragraph in enumerate(cell.paragraphs):
                if column or number:
                    self._separator = self._separator or (" " if number else "\t")
                self._inlines(paragraph.inlines, " ")

    def _inlines(self, inlines: Iterable[Inline], line_end: str) -> None:
        for piece in inlines:
            if isinstance(piece, Text):
                self._put(piece.value)
            elif isinstance(piece, Break):
                self._start(line_end)
            elif isinstance(piece, Widget):
                self.widgets.append(piece)
            elif isinstance(piece, Picture):
                if self._separator or not self._length:
                    self._waiting.append(piece)
                else:
                    self._images.append((piece, self._length))

    def _start(self, separator: str) -> None:
        """Ask for a separator before the next word; the strongest asked for wins."""
        if self._length and len(separator) > len(self._separator):
            self._separator = separator

    def _put(self, value: str) -> None:
        if self._separator:
            self._parts.append(self._separator)
            self._length += len(self._separator)
            self._separator = ""
        if self._waiting:
            self._images.extend((picture, self._length) for picture in self._waiting)
            self._waiting = []
        self._parts.append(value)
        self._length += len(value)


def _rule(_: Rule) -> None:
    """A rule has no words."""

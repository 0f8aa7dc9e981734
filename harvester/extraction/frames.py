"""Containers under construction: what the block reader holds open, and what each becomes when closed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from harvester.extraction.body import (
    Block,
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

_MAX_BESIDE_LIST: Final = 2  # blocks of a table's cell that has a list


@dataclass(slots=True)
class Frame:
    """An open container: its blocks so far, and for lists and tables their parts."""

    kind: str  # body, list, item, quote, heading, figure, figcaption, table, row, cell
    blocks: list[Block] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    rows: list[tuple[Cell, ...]] = field(default_factory=list)
    cells: list[Frame] = field(default_factory=list)
    level: int = 0
    ordered: bool = False
    start: int = 1
    header: bool = False
    columns: int = 1
    row_span: int = 1
    grid: list[list[Frame]] = field(default_factory=list)


def close(frame: Frame, parent: Frame) -> None:
    """Give a finished container's contents to its parent, in the parent's terms."""
    if frame.kind == "row" and parent.kind == "table":
        parent.grid.append(frame.cells)
    elif frame.kind == "cell" and parent.kind == "row":
        parent.cells.append(frame)
    elif frame.kind == "item" and parent.kind == "list":
        if frame.blocks:
            parent.items.append(Item(tuple(frame.blocks)))
    else:
        parent.blocks.extend(_finished(frame))


def _finished(frame: Frame) -> Iterable[Block]:  # noqa: PLR0911 - one return per kind of container
    if frame.kind == "quote" and frame.blocks:
        return [Quote(tuple(frame.blocks))]
    if frame.kind == "heading":
        return _heading(frame)
    if frame.kind == "list":
        return _list(frame)
    if frame.kind == "table":
        return chain(frame.blocks, _table(frame.grid))
    if frame.kind == "row":
        return chain.from_iterable(cell.blocks for cell in frame.cells)
    if frame.kind == "figure":
        return _figure(frame.blocks)
    return frame.blocks


def _list(frame: Frame) -> list[Block]:
    # Anything that stood in the list outside its items comes first: invalid, but never lost.
    blocks = list(frame.blocks)
    if frame.items:
        blocks.append(Listing(frame.ordered, frame.start, tuple(frame.items)))
    return blocks


def _heading(frame: Frame) -> list[Block]:
    if not all(isinstance(block, Paragraph) for block in frame.blocks):
        return frame.blocks
    inlines: list[Inline] = []
    for block in frame.blocks:
        if isinstance(block, Paragraph):
            inlines.extend([Break()] if inlines else [])
            inlines.extend(block.inlines)
    if not any(isinstance(piece, Text) for piece in inlines):
        return frame.blocks
    return [Heading(frame.level, tuple(inlines))]


def _figure(blocks: list[Block]) -> list[Block]:
    """Give a figure's caption to its picture; the caption's words stay a paragraph too."""
    pictures = [
        (number, block)
        for number, block in enumerate(blocks)
        if isinstance(block, Paragraph) and any(isinstance(piece, Picture) for piece in block.inlines)
    ]
    captions = [
        "".join(piece.value for piece in block.inlines if isinstance(piece, Text))
        for block in blocks
        if isinstance(block, Paragraph) and not any(isinstance(piece, Picture) for piece in block.inlines)
    ]
    if len(pictures) != 1 or len(captions) != 1 or not captions[0]:
        return blocks
    number, block = pictures[0]
    captioned = tuple(
        Picture(p.url, p.alt, captions[0], p.role, p.link) if isinstance(p, Picture) else p
        for p in block.inlines
    )
    return [*blocks[:number], Paragraph(captioned), *blocks[number + 1 :]]


def _table(grid: list[list[Frame]]) -> list[Block]:
    """Return a table of data, or the contents of one used for layout.

    A table is layout where it has one column or one row, or where a cell holds more than paragraphs; one
    flat list, with at most a paragraph beside it, is as good, and its items become paragraphs.
    """
    cells = [cell for row in grid for cell in row]
    widest = max((sum(cell.columns for cell in row) for row in grid), default=0)
    rows = [row for row in grid if row]
    plain = all(_is_plain(cell.blocks) for cell in cells)
    if widest <= 1 or len(rows) <= 1 or not plain:
        return [block for cell in cells for block in cell.blocks]
    return [Table(tuple(tuple(_cell(cell) for cell in row) for row in rows))]


def _is_plain(blocks: list[Block]) -> bool:
    others = [block for block in blocks if not isinstance(block, Paragraph)]
    listed = [
        inner
        for block in others
        if isinstance(block, Listing)
        for item in block.items
        for inner in item.blocks
    ]
    flat = (
        len(blocks) <= _MAX_BESIDE_LIST and bool(listed) and all(isinstance(one, Paragraph) for one in listed)
    )
    return not others or (flat and all(isinstance(block, Listing) for block in others))


def _cell(frame: Frame) -> Cell:
    inner = chain.from_iterable(
        chain.from_iterable(item.blocks for item in block.items) if isinstance(block, Listing) else [block]
        for block in frame.blocks
    )
    kept = tuple(block for block in inner if isinstance(block, Paragraph))
    return Cell(kept, frame.header, frame.columns, frame.row_span)

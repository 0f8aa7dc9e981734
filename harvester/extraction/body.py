"""The body of a page as values: blocks of inline pieces, publisher-neutral, and what was kept apart.

`read_body` (blocks.py) and `body_from_text` (plain.py) make a `Body`; `render` (render.py) turns it
into text, Markdown and images.
"""

from __future__ import annotations

from typing import Final

import msgspec

from harvester.document import HiddenText, Image, Removal

BOLD: Final = 1
ITALIC: Final = 2
CODE: Final = 4
STRIKE: Final = 8
SUPERSCRIPT: Final = 16
SUBSCRIPT: Final = 32


# Values that can be part of no cycle are left out of the garbage collector's walks: there are many of them.


class Text(msgspec.Struct, frozen=True, gc=False):
    """Words with the marks (bit set of BOLD, ITALIC, …) and the link they stand under."""

    value: str
    marks: int = 0
    link: str | None = None


class Break(msgspec.Struct, frozen=True, gc=False):
    """A line break inside a paragraph."""


class Picture(msgspec.Struct, frozen=True, gc=False):
    """An image where it stands; `role` is `body` or `background`."""

    url: str
    alt: str | None = None
    caption: str | None = None
    role: str = "body"
    link: str | None = None


class Widget(msgspec.Struct, frozen=True, gc=False):
    """Something a reader sees that is not text: `word` names it, `label` is what it says of itself.

    `reference` is the address or id of what it plays, as the page gives it.
    """

    word: str
    label: str | None = None
    reference: str | None = None


class Formula(msgspec.Struct, frozen=True, gc=False):
    """A formula drawn as a picture, with its TeX source."""

    tex: str


Inline = Text | Break | Picture | Widget | Formula


class Paragraph(msgspec.Struct, frozen=True, gc=False):
    """A run of inline pieces; never two breaks in a row, no white space at either end."""

    inlines: tuple[Inline, ...]


class Heading(msgspec.Struct, frozen=True):
    """A heading of level 1 to 6."""

    level: int
    inlines: tuple[Inline, ...]


class Item(msgspec.Struct, frozen=True):
    """One item of a list."""

    blocks: tuple[Block, ...]


class Listing(msgspec.Struct, frozen=True):
    """A list; `start` is the first number where it is ordered."""

    ordered: bool
    start: int
    items: tuple[Item, ...]


class Quote(msgspec.Struct, frozen=True):
    """A block quotation."""

    blocks: tuple[Block, ...]


class Cell(msgspec.Struct, frozen=True):
    """One cell of a table: its paragraphs, and how many columns and rows it covers."""

    paragraphs: tuple[Paragraph, ...]
    header: bool = False
    columns: int = 1
    rows: int = 1


class Table(msgspec.Struct, frozen=True):
    """A table of data (tables used for layout are dissolved into their contents)."""

    rows: tuple[tuple[Cell, ...], ...]


class Code(msgspec.Struct, frozen=True):
    """A block of code, line breaks and indentation as they stand."""

    value: str
    language: str | None = None


class Rule(msgspec.Struct, frozen=True):
    """A horizontal rule."""


Block = Paragraph | Heading | Listing | Quote | Table | Code | Rule


class Body(msgspec.Struct, frozen=True):
    """What a reader is shown, in order; words hidden from the reader; containers that were removed."""

    blocks: tuple[Block, ...]
    hidden: tuple[HiddenText, ...] = ()
    removed: tuple[Removal, ...] = ()


class Rendered(msgspec.Struct, frozen=True):
    """A body as text (paragraphs separated by one blank line), as Markdown, its images and widgets in order.

    `Image.position` counts code points of `text`.
    """

    text: str
    markdown: str
    images: tuple[Image, ...]
    widgets: tuple[Widget, ...] = ()

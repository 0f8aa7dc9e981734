"""Markdown to the text a reader reads, for a side that exists only as Markdown.

What is markup is CommonMark's business (markdown-it, with tables); what is made of it follows
`Document.text`: one blank line between paragraphs, table cells with tabs between, no list marks, no
images, no fences, no placeholders of widgets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from markdown_it.token import Token

_FENCE: Final = "---"
_MAX_FRONT_LINES: Final = 200
_WIDGET: Final = re.compile(r"^[> \t-]{0,20}\[[一-鿿]{2,4}\](?: [^\n]{0,500})?$", re.MULTILINE)
"""A line that is one widget's placeholder in Markdown of our own making, where words would be escaped."""


def split_front_matter(text: str) -> tuple[dict[str, str] | None, str]:
    """Return the front matter's plain `key: value` lines (None if there is none) and the rest."""
    lines = text.removeprefix("\ufeff").splitlines(keepends=True)
    if not lines or lines[0].strip() != _FENCE:
        return None, text
    for number, line in enumerate(lines[1:_MAX_FRONT_LINES], 1):
        if line.strip() == _FENCE:
            return _pairs(lines[1:number]), "".join(lines[number + 1 :])
    return None, text


def strip_markdown(text: str, *, ours: bool = False) -> str:
    """Return the words of a Markdown text.

    `ours` says that this project wrote it: lines that are only a widget's placeholder are then left out.
    """
    from harvester.commonmark import parser  # noqa: PLC0415 - only for a Markdown side

    if ours:
        text = _WIDGET.sub("", text)
    tokens = parser(html=True).parse(text)
    return "\n\n".join(part for part in (block.strip("\n") for block in _blocks(tokens)) if part)


def _pairs(lines: list[str]) -> dict[str, str]:
    pairs = (line.partition(":") for line in lines if ":" in line and not line[0].isspace())
    return {key.strip(): value.strip().strip("\"'") for key, _, value in pairs}


def _blocks(tokens: Iterable[Token]) -> list[str]:
    blocks: list[str] = []
    rows: list[list[str]] | None = None
    for token in tokens:
        if token.type == "table_open":
            rows = []
        elif token.type == "table_close" and rows is not None:
            blocks.append("\n".join("\t".join(row) for row in rows))
            rows = None
        elif token.type == "tr_open" and rows is not None:
            rows.append([])
        elif token.type == "inline":
            words = _words(token)
            if rows:
                rows[-1].append(words)
            else:
                blocks.append(words)
        elif token.type in {"fence", "code_block"}:
            blocks.append(token.content)
        elif token.type == "html_block":
            blocks.append(_html_words(token.content))
    return blocks


def _words(token: Token) -> str:
    kept = {"softbreak": "\n", "hardbreak": "\n"}
    parts = (
        kept.get(child.type, child.content if child.type in {"text", "code_inline"} else "")
        for child in token.children or ()
    )
    return "".join(parts)


def _html_words(html: str) -> str:
    """Return the words of an HTML block; a table (one with spans is written so) as rows of cells."""
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415 - only for an HTML block

    tree = LexborHTMLParser(html)
    rows = [[cell.text(strip=True) for cell in row.css("td, th")] for row in tree.css("tr")]
    if rows:
        return "\n".join("\t".join(row) for row in rows)
    return tree.body.text().strip() if tree.body else ""

"""Blocks as Markdown (CommonMark with GitHub's tables and strikethrough), every character escaped."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from harvester.extraction.body import (
    BOLD,
    CODE,
    ITALIC,
    STRIKE,
    SUBSCRIPT,
    SUPERSCRIPT,
    Block,
    Break,
    Cell,
    Code,
    Formula,
    Heading,
    Inline,
    Listing,
    Paragraph,
    Picture,
    Quote,
    Rule,
    Table,
    Text,
    Widget,
)

_SPECIAL: Final = re.compile(r"[\\`*_\[\]<>|~$]|&(?=[#A-Za-z])")
_LINE_START: Final = re.compile(r"(?:#{1,6}(?=\s|$)|[+=-]|\d{1,9}(?=[.)](?:\s|$)))")
_URL_UNSAFE: Final = re.compile(r"[\s()<>\\]")
_BACKTICKS: Final = re.compile(r"`+")
_LINKED: Final = (Text, Picture)


def to_markdown(blocks: Iterable[Block]) -> str:
    """Return blocks as Markdown without a final newline; widgets read `[视频]`, images `![alt](url)`."""
    return "\n".join(_lines(blocks))


def escape(value: str) -> str:
    """Escape the characters of a text that Markdown would read as markup."""
    return _SPECIAL.sub(lambda match: "\\" + match.group(), value)


def _lines(blocks: Iterable[Block]) -> list[str]:
    out: list[str] = []
    for block in blocks:
        lines = _block(block)
        if lines and out:
            out.append("")
        out.extend(lines)
    return out


def _block(block: Block) -> list[str]:  # noqa: PLR0911 - one return per kind of block is the plainest form
    if isinstance(block, Paragraph):
        return _inline_lines(block.inlines)
    if isinstance(block, Heading):
        return ["#" * block.level + " " + " ".join(_inline_lines(block.inlines, line_end=""))]
    if isinstance(block, Code):
        return _code(block)
    if isinstance(block, Quote):
        return [("> " + line).rstrip() for line in _lines(block.blocks)]
    if isinstance(block, Listing):
        return _listing(block)
    if isinstance(block, Table):
        return _table(block)
    return _rule(block)


def _rule(_: Rule) -> list[str]:
    return ["---"]


def _code(block: Code) -> list[str]:
    longest = max((len(run) for run in _BACKTICKS.findall(block.value)), default=0)
    fence = "`" * max(3, longest + 1)
    language = (block.language or "").replace("`", "").split()
    return [fence + (language[0] if language else ""), *block.value.split("\n"), fence]


def _listing(block: Listing) -> list[str]:
    out: list[str] = []
    for number, item in enumerate(block.items, block.start):
        marker = f"{number}. " if block.ordered else "- "
        lines = _lines(item.blocks)
        indent = " " * len(marker)
        out.append(marker + (lines[0] if lines else ""))
        out.extend((indent + line).rstrip() for line in lines[1:])
    return out


# -- tables ------------------------------------------------------------------------------------


def _table(table: Table) -> list[str]:
    if any(cell.columns > 1 or cell.rows > 1 for row in table.rows for cell in row):
        return _html_table(table)
    width = max(len(row) for row in table.rows)
    rows = [[_cell(cell) for cell in row] + [""] * (width - len(row)) for row in table.rows]
    return [_row(rows[0]), _row(["---"] * width), *(_row(row) for row in rows[1:])]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(cell: Cell) -> str:
    return "<br>".join("<br>".join(_inline_lines(p.inlines, line_end="")) for p in cell.paragraphs)


def _html_table(table: Table) -> list[str]:
    """A table with spans, which Markdown's own tables cannot say."""
    out = ["<table>"]
    for row in table.rows:
        out.append("<tr>")
        for cell in row:
            tag = "th" if cell.header else "td"
            spans = (f' colspan="{cell.columns}"' if cell.columns > 1 else "") + (
                f' rowspan="{cell.rows}"' if cell.rows > 1 else ""
            )
            content = "<br>".join(_html_inlines(p.inlines) for p in cell.paragraphs)
            out.append(f"<{tag}{spans}>{content}</{tag}>")
        out.append("</tr>")
    return [*out, "</table>"]


def _html_inlines(inlines: Iterable[Inline]) -> str:
    out: list[str] = []
    for piece in inlines:
        if isinstance(piece, Text):
            out.append(html.escape(piece.value))
        elif isinstance(piece, Break):
            out.append("<br>")
        elif isinstance(piece, Picture):
            out.append(f'<img src="{html.escape(piece.url)}" alt="{html.escape(piece.alt or "")}">')
        elif isinstance(piece, Widget):
            out.append(html.escape(_widget_words(piece)))
        else:
            out.append(f"${html.escape(piece.tex)}$")
    return "".join(out)


# -- inline ------------------------------------------------------------------------------------


def _inline_lines(inlines: Sequence[Inline], line_end: str = "\\") -> list[str]:
    if len(inlines) == 1 and isinstance(only := inlines[0], Text) and only.link is None:
        return [_guard_start(_marked(only))]  # most paragraphs of most pages
    lines: list[str] = [""]
    for link, pieces in groupby(inlines, key=_link_of):
        before = len(lines)
        start = len(lines[-1])
        for piece in pieces:
            if isinstance(piece, Break):
                lines.append("")
            else:
                lines[-1] += _after(lines[-1], _piece(piece))
        if link is not None:
            at = before - 1
            lines[at] = lines[at][:start] + "[" + lines[at][start:]
            lines[-1] += f"]({_url(link)})"
    last = len(lines) - 1
    return [_guard_start(line) + (line_end if number < last else "") for number, line in enumerate(lines)]


def _after(line: str, markdown: str) -> str:
    """Keep a parenthesis that follows a bracket from making a link of the two."""
    return "\\" + markdown if line.endswith("]") and markdown.startswith(("(", ":")) else markdown


def _link_of(piece: Inline) -> str | None:
    return piece.link if isinstance(piece, _LINKED) else None


def _piece(piece: Inline) -> str:
    if isinstance(piece, Text):
        return _marked(piece)
    if isinstance(piece, Picture):
        return f"![{escape(_one_line(piece.alt or ''))}]({_url(piece.url)})"
    if isinstance(piece, Widget):
        return _placeholder(piece)
    if isinstance(piece, Formula):
        return f"${_one_line(piece.tex)}$"
    return ""


def _placeholder(piece: Widget) -> str:
    """A widget in brackets that stay plain: no link definition of that name is ever written."""
    label = f" {escape(_one_line(piece.label))}" if piece.label else ""
    return f"[{escape(piece.word)}]" + label


def _widget_words(piece: Widget) -> str:
    return f"[{piece.word}]" + (f" {_one_line(piece.label)}" if piece.label else "")


def _one_line(value: str) -> str:
    return " ".join(value.split())


def _marked(piece: Text) -> str:
    value = piece.value
    core = value.strip()
    if not piece.marks or not core:
        return escape(value)
    start = value.find(core)
    return value[:start] + _mark(core, piece.marks) + value[start + len(core) :]


def _mark(core: str, marks: int) -> str:
    if marks & CODE:
        longest = max((len(run) for run in _BACKTICKS.findall(core)), default=0)
        ticks = "`" * (longest + 1)
        pad = " " if core.startswith("`") or core.endswith("`") else ""
        out = ticks + pad + core + pad + ticks
    else:
        out = escape(core)
    for mark, opening, closing in (
        (SUPERSCRIPT, "<sup>", "</sup>"),
        (SUBSCRIPT, "<sub>", "</sub>"),
        (STRIKE, "~~", "~~"),
        (ITALIC, "*", "*"),
        (BOLD, "**", "**"),
    ):
        if marks & mark:
            out = opening + out + closing
    return out


def _url(url: str) -> str:
    return _URL_UNSAFE.sub(lambda match: f"%{ord(match.group()):02X}", url)


def _guard_start(line: str) -> str:
    """Escape what would make a line of prose a heading, a list or a rule."""
    match = _LINE_START.match(line)
    if match is None:
        return line
    digits = match.group()
    return digits + "\\" + line[len(digits) :] if digits.isdigit() else "\\" + line

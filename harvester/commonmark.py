"""The Markdown of capture tools: CommonMark with tables, read as tools that save Chinese pages mean it.

Two departures. Emphasis beside Chinese: CommonMark's rule of flanking expects blanks around words, so that
`那**什么？**说` would show its asterisks; next to an East Asian character a run of marks may open or close
as if a blank stood there. And `<sup>`, `<sub>`, `<br>` are markup, all other HTML is words.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

_TAG: Final = re.compile(r"</?(?:sup|sub)>|<br ?/?>")
_WIDE: Final = frozenset({"W", "F"})  # Unicode Standard Annex #11
_WIDE_MARKS: Final = "“”‘’…—·"  # of Chinese text too, though not wide by that table


@cache
def parser(*, html: bool = False) -> MarkdownIt:
    """Return the parser; a line end is a line end, since these tools do not re-flow Chinese.

    `html` says that HTML in the text is markup (our own files hold tables with spans so), not words.
    """
    made = MarkdownIt("commonmark", {"html": html, "breaks": True})
    made.enable(["table", "strikethrough"]).disable("code")
    made.inline.ruler.at("emphasis", _emphasis)
    made.inline.ruler.before("html_inline", "allowed_tags", _allowed_tags)
    return made


def _allowed_tags(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the library's call
    match = _TAG.match(state.src, state.pos)
    if match is None:
        return False
    if not silent:
        state.push("html_inline", "", 0).content = match[0]
    state.pos = match.end()
    return True


def _emphasis(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the library's call
    """Read a run of `*` or `_` as markdown-it does, with the amended rule of flanking for `*`."""
    marker = state.src[state.pos]
    if silent or marker not in {"*", "_"}:
        return False
    scanned = state.scanDelims(state.pos, marker == "*")
    can_open, can_close = scanned.can_open, scanned.can_close
    if marker == "*":
        before = state.src[state.pos - 1] if state.pos else " "
        end = state.pos + scanned.length
        after = state.src[end] if end < state.posMax else " "
        can_open = can_open or (_is_wide(before) and not after.isspace())
        can_close = can_close or (_is_wide(after) and not before.isspace())
    for _ in range(scanned.length):
        state.push("text", "", 0).content = marker
        state.delimiters.append(
            Delimiter(
                marker=ord(marker),
                length=scanned.length,
                token=len(state.tokens) - 1,
                end=-1,
                open=can_open,
                close=can_close,
            )
        )
    state.pos += scanned.length
    return True


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in _WIDE or char in _WIDE_MARKS

"""White space as CSS treats it: runs collapse, line ends between wide characters vanish."""

from __future__ import annotations

import re
from collections.abc import Iterable
from unicodedata import east_asian_width

from harvester.extraction.body import Break, Formula, Inline, Paragraph, Picture, Text, Widget

_SHOWN = (Text, Picture, Widget, Formula)
_COLLAPSIBLE = " \t\r\n\f"
_RUN = re.compile(r"[ \t\r\n\f]+")
_NEEDS_WORK = re.compile(r"[\t\r\n\f]|  ")
# What may not open or close a line of text: white space of any kind, the ideographic space of
# Chinese indentation and no-break spaces included (indentation is presentation).
BLANKS = " \t\r\n\f\v\u00a0\u3000\u2002\u2003\u2009\u200a\u202f\u205f"


def _is_wide(char: str) -> bool:
    return east_asian_width(char) in "WFH" and not "\uac00" <= char <= "\ud7a3"


def _gap(run: str, before: str, after: str) -> str:
    """Return what a run of collapsible white space becomes.

    CSS Text Level 3, section 4.1.3: a segment break between two wide characters (Hangul excepted)
    is removed; any other run is one space.
    """
    if ("\n" in run or "\r" in run) and _is_wide(before) and _is_wide(after):
        return ""
    return " "


def collapse(value: str) -> str:
    """Collapse the white space inside a string; its two ends keep at most one space each."""
    if _NEEDS_WORK.search(value) is None:
        return value

    def replace(match: re.Match[str]) -> str:
        start, end = match.span()
        if start == 0 or end == len(value):
            return " "
        return _gap(match.group(), value[start - 1], value[end])

    return _RUN.sub(replace, value)


class _Line:
    """Pieces of one paragraph under way: white space is held back until words follow it."""

    def __init__(self) -> None:
        self.pieces: list[Inline] = []
        self.held = ""
        self.last = ""  # last visible character on the line; "" at its start

    def text(self, piece: Text) -> None:
        core = piece.value.strip(_COLLAPSIBLE)
        if not core:
            self.held += piece.value
            return
        start = piece.value.find(core[0])
        lead = self.held + piece.value[:start]
        gap = _gap(lead, self.last, core[0]) if lead and self.last else ""
        self.held = piece.value[start + len(core) :]
        core = collapse(core)
        self.pieces.append(Text(gap + core, piece.marks, piece.link))
        self.last = core[-1]

    def object(self, piece: Inline) -> None:
        if self.held and self.last:
            self.pieces.append(Text(" "))
        self.held = ""
        self.last = "\ufffc"
        self.pieces.append(piece)

    def line_break(self) -> None:
        self.pieces.append(Break())
        self.held = ""
        self.last = ""


def _trim(pieces: list[Inline]) -> list[Inline]:
    """Take blanks off the start and end of every line; pieces left empty go."""
    out: list[Inline] = []
    at_start = True
    for piece in pieces:
        if isinstance(piece, Text):
            value = piece.value.lstrip(BLANKS) if at_start else piece.value
            if value:
                out.append(piece if value == piece.value else Text(value, piece.marks, piece.link))
                at_start = False
        else:
            if isinstance(piece, Break):
                _trim_end(out)
            out.append(piece)
            at_start = isinstance(piece, Break)
    _trim_end(out)
    return out


def _trim_end(out: list[Inline]) -> None:
    """Take blanks off the last words of the line, which pictures may follow."""
    at = len(out) - 1
    while at >= 0 and not isinstance(out[at], Break):
        last = out[at]
        if isinstance(last, Text):
            value = last.value.rstrip(BLANKS)
            if value:
                out[at] = Text(value, last.marks, last.link)
                return
            del out[at]
        at -= 1


def _merge(pieces: Iterable[Inline]) -> list[Inline]:
    out: list[Inline] = []
    for piece in pieces:
        last = out[-1] if out else None
        if (
            isinstance(piece, Text)
            and isinstance(last, Text)
            and last.marks == piece.marks
            and last.link == piece.link
        ):
            out[-1] = Text(last.value + piece.value, last.marks, last.link)
        else:
            out.append(piece)
    return out


def paragraphs(run: Iterable[Inline], *, keep_space: bool = False) -> list[Paragraph]:
    """Return the paragraphs of a run of inline pieces.

    White space collapses (unless `keep_space`), a single break stays a line break, and an empty line
    (two breaks with nothing between) parts two paragraphs. Runs without words or objects vanish.
    """
    run = list(run)
    if len(run) == 1 and isinstance(run[0], Text) and not keep_space:  # most paragraphs of most pages
        only = run[0]
        value = collapse(only.value.strip(BLANKS))
        return [Paragraph((Text(value, only.marks, only.link),))] if value else []
    line = _Line()
    for piece in run:
        if isinstance(piece, Text) and not keep_space:
            line.text(piece)
        elif isinstance(piece, Text):
            line.pieces.append(piece)
        elif isinstance(piece, Break):
            line.line_break()
        else:
            line.object(piece)
    return _split(_merge(_trim(line.pieces)))


def _split(pieces: list[Inline]) -> list[Paragraph]:
    out: list[Paragraph] = []
    current: list[Inline] = []
    for piece in pieces:
        if not isinstance(piece, Break):
            current.append(piece)
        elif current and isinstance(current[-1], Break):
            _close(current, out)
            current = []
        elif current:
            current.append(piece)
    _close(current, out)
    return out


def _close(current: list[Inline], out: list[Paragraph]) -> None:
    while current and isinstance(current[-1], Break):
        current.pop()
    if any(isinstance(piece, _SHOWN) for piece in current):
        out.append(Paragraph(tuple(current)))

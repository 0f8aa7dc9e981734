"""Editorial frame: lines at the head or tail of a side that belong to the page, not to the text.

Conservative on purpose. A line that also stands on the other side is body, whatever it looks like; the
search stops at the first line that no rule names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from harvester.verify.fold import Folded, fold
from harvester.verify.rules import frame_rules

MAX_LINES = 12
"""How many lines at each end can be frame."""
_MASTHEAD_LINES = 6
_MASTHEAD_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class FrameSpan:
    """A frame line in folded offsets."""

    start: int
    end: int
    role: str
    rule: str


def split_frame(
    side: Folded, other: Folded, titles: frozenset[str], declared: tuple[tuple[int, int, str], ...]
) -> list[FrameSpan]:
    """Return the frame lines of a side, in order.

    `titles` are folded headlines of both sides; `declared` are raw spans and roles that the page's
    reader already called frame (`Document.frame`).
    """
    lines = _lines(side)
    known = _line_texts(other)
    head = _head(side, lines[:MAX_LINES], known, other, titles, declared)
    rest = [line for line in lines[-MAX_LINES:] if not head or line[0] >= head[-1].end]
    tail: list[FrameSpan] = []
    for line in reversed(rest):
        span = _named(side, line, known, other, frozenset(), declared)
        if span is None:
            break
        tail.append(span)
    return head + tail[::-1]


def _head(
    side: Folded,
    lines: list[tuple[int, int]],
    known: frozenset[str],
    other: Folded,
    titles: frozenset[str],
    declared: tuple[tuple[int, int, str], ...],
) -> list[FrameSpan]:
    spans: list[FrameSpan] = []
    waiting: list[FrameSpan] = []  # lines that are frame only if the headline follows
    for line in lines:
        span = _named(side, line, known, other, titles, declared)
        if span is None and _could_be_masthead(side, line, known) and len(waiting) < _MASTHEAD_LINES:
            waiting.append(FrameSpan(*line, "masthead", "frame.masthead"))
        elif span is None:
            break
        elif span.role == "title" or not waiting:
            spans += [*waiting, span]
            waiting = []
        else:
            waiting.append(span)
    return spans


def _could_be_masthead(side: Folded, line: tuple[int, int], known: frozenset[str]) -> bool:
    # An account's name and the like, above a repeated headline; it only counts when that line follows.
    text = side.text[slice(*line)]
    short = len(text) <= _MASTHEAD_CHARACTERS and not re.search("[。!?;,]", text)
    return short and text not in known


def _named(
    side: Folded,
    line: tuple[int, int],
    known: frozenset[str],
    other: Folded,
    titles: frozenset[str],
    declared: tuple[tuple[int, int, str], ...],
) -> FrameSpan | None:
    text = side.text[slice(*line)].strip()
    if text in known or (text in other.text and text not in titles):
        return None
    if text in titles:
        return FrameSpan(*line, "title", "frame.title")
    for start, end, role in declared:
        if start <= side.start(line[0]) and side.end(line[1] - 1) <= end:
            return FrameSpan(*line, role, "frame.declared")
    for rule, pattern in _patterns():
        if len(text) <= rule[2] and pattern.fullmatch(text):
            return FrameSpan(*line, rule[1], rule[0])
    return None


def fold_title(title: str | None) -> str | None:
    """Return a headline as a frame line is compared with it; None for one too short to tell."""
    folded = fold(title).text if title else ""
    return folded if len(folded) >= _MIN_TITLE else None


_MIN_TITLE = 4


def _lines(side: Folded) -> list[tuple[int, int]]:
    edges = (0, *side.breaks, len(side.text))
    return [(start, end) for start, end in pairwise(edges) if start < end]


def _line_texts(side: Folded) -> frozenset[str]:
    return frozenset(side.text[start:end].strip() for start, end in _lines(side))


@cache
def _patterns() -> tuple[tuple[tuple[str, str, int], re.Pattern[str]], ...]:
    return tuple(((r.id, r.role, r.most), re.compile(r.pattern)) for r in frame_rules())

"""Editorial lines in a text that came as Markdown: where it is from, who made it. Marked, never taken out.

The rules are those by which verify tells such lines (harvester/verify/rules.toml, `frame.source` and
`frame.credit`): publisher-neutral, whole short lines near the head or the tail.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from harvester.document import FrameLine
from harvester.extraction.plain import worded_lines
from harvester.verify.fold import fold
from harvester.verify.rules import FrameRule, frame_rules

_ROLES: Final = frozenset({"source", "credit"})
_HEAD_LINES: Final = 6
_TAIL_LINES: Final = 15
_SIGN: Final = re.compile(r"[:：丨|｜/／]\s{0,9}")
_QUOTES: Final = "《》「」“”\"' "


@cache
def _patterns() -> tuple[tuple[FrameRule, re.Pattern[str]], ...]:
    return tuple((rule, re.compile(rule.pattern)) for rule in frame_rules() if rule.role in _ROLES)


def find_attribution(text: str) -> tuple[tuple[FrameLine, ...], str | None]:
    """Return the editorial lines of a text, and the original source that the first of them names."""
    lines = worded_lines(text)
    near = lines[:_HEAD_LINES] + lines[max(_HEAD_LINES, len(lines) - _TAIL_LINES) :]
    frame = tuple(found for start, line in near if (found := _frame_line(start, line)) is not None)
    sources = (line.value for line in frame if line.role == "source")
    return frame, next(sources, None)


def _frame_line(start: int, line: str) -> FrameLine | None:
    words = line.strip()
    bare = words.strip("[]【】()（）") if words[:1] in "[【(（" else words
    folded = fold(bare).text
    rule = next((r for r, form in _patterns() if len(folded) <= r.most and form.fullmatch(folded)), None)
    sign = _SIGN.search(bare)
    value = bare[sign.end() :].strip(_QUOTES) if sign else ""
    if rule is None or not value:
        return None
    offset = start + line.index(words)
    return FrameLine(role=rule.role, start=offset, end=offset + len(words), value=value)

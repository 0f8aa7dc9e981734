"""Counts that alone settle that a page is too expensive: the same for the same bytes, whatever the machine.

Asked of pages that `guard` could not prove cheap, before `worker` tries them, so that its limit of time is
left for shapes nobody has thought of. Each count is taken from the bytes without knowing what is a
comment or a string: far above what any page of words has, and far below what the parser could not bear
(measured: selectolax 1.0.2, in the comments).
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from harvester.extraction import guard

MAX_TAGS: Final = 300_000
"""Start and end tags: two for each of the nodes allowed in `worker`. The largest article seen has 7 000."""
MAX_OPEN: Final = 10_000
"""Elements that wait for their end tags. 4 000 levels parse in 0.01 s, 20 000 in 0.3 s, 100 000 in 8 s."""
MAX_ATTRIBUTE_SQUARES: Final = 200_000_000
"""Squares of the attributes of long tags, added up. 14 000 on one tag parse in 0.25 s, 20 000 in 0.9 s."""

_LONG_TAG_BYTES: Final = 4000  # shorter ones have 2 000 attributes at most: 5 ms each
_SCRIPT: Final = re.compile(rb"<script\b.*?(?:</script|\Z)", re.IGNORECASE | re.DOTALL)
_NAME: Final = re.compile(rb"<(/?+)([a-zA-Z][a-zA-Z0-9]*+)")
_TAG: Final = re.compile(rb"<[a-zA-Z][^<>]*+")
_UNPAIRED: Final = guard.VOID | guard.SIBLINGS | guard.TABLE | guard.NOT_STACKED
"""Elements whose end tags are left out as a rule, or must be."""


def why_refused(data: bytes) -> str | None:
    """Say which count of a page (UTF-8) is too high, None if none is. Linear in its bytes."""
    markup = _SCRIPT.sub(b"", data)
    if markup.count(b"<") > MAX_TAGS:
        return f"it has more than {MAX_TAGS} tags"
    if _deepest(markup) > MAX_OPEN:
        return f"more than {MAX_OPEN} of its elements are open at once"
    if _attribute_squares(markup) > MAX_ATTRIBUTE_SQUARES:
        return "it has tags with thousands of attributes"
    return None


def _deepest(markup: bytes) -> int:
    """Return the most elements that wait for an end tag at any place, as far as tags tell."""
    depth = deepest = 0
    for match in _NAME.finditer(markup):
        end, name = match.groups()
        if name in _UNPAIRED or name.lower() in _UNPAIRED:
            continue
        if not end:
            depth += 1
            deepest = max(deepest, depth)
        elif depth:
            depth -= 1
    return deepest


def _attribute_squares(markup: bytes) -> int:
    total = 0
    for match in _TAG.finditer(markup):
        if match.end() - match.start() > _LONG_TAG_BYTES:
            found = guard.ATTRIBUTES.finditer(markup, match.start() + 1, match.end())
            total += sum(1 for _ in islice(found, MAX_OPEN * 2)) ** 2
            if total > MAX_ATTRIBUTE_SQUARES:
                break
    return total

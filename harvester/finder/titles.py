"""How alike two titles are."""

from __future__ import annotations

import re
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

_DIGITS: Final = re.compile(r"[0-9]+")
_INSIDE_FROM: Final = 10
_INSIDE: Final = 0.95
"""A title that stands whole inside the other (`转载｜…`) counts so much of the stretch that fits it best."""


def likeness(one: str, other: str) -> float:
    """Return 0 to 1 for two folded titles; 0 where their figures differ: another day's, another number's."""
    if _DIGITS.findall(one) != _DIGITS.findall(other):
        return 0.0
    whole = Indel.normalized_similarity(one, other)
    if min(len(one), len(other)) < _INSIDE_FROM:
        return whole
    return max(whole, _INSIDE * fuzz.partial_ratio(one, other) / 100)

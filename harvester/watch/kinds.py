"""The kinds of event that a visit or a comparison may tell, and which of them are news."""

from __future__ import annotations

from typing import Final

KINDS: Final = (
    "captured",
    "unchanged",
    "edited",
    "state-changed",
    "reported-gone",
    "gone",
    "back",
    "moved",
    "blocked",
    "failed",
    "imported",
    "verified",
    "differs",
    "original-edited",
)
OF_COMPARISONS: Final = frozenset({"verified", "differs", "original-edited"})
"""Kinds that no visit tells, but a comparison with an original (harvester.watch.comparisons)."""
_NO_NEWS: Final = frozenset({"unchanged", "blocked", "failed", "verified"})
NEWS: Final = tuple(kind for kind in KINDS if kind not in _NO_NEWS)
"""What `changes` lists and notifications tell unless others are asked for."""
NO_ARTICLE: Final = frozenset({"listing"})
"""States of pages that were looked at for what they name: they are nobody's news."""

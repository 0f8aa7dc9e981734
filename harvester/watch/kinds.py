"""The kinds of event that a visit may tell, and which of them are news."""

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
)
NEWS: Final = tuple(kind for kind in KINDS if kind not in {"unchanged", "blocked", "failed"})
"""What `changes` lists and notifications tell unless others are asked for."""
NO_ARTICLE: Final = frozenset({"listing"})
"""States of pages that were looked at for what they name: they are nobody's news."""

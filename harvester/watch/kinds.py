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
_LISTING: Final = "listing"
_UNKNOWN: Final = "unknown"


def is_of_an_article(state: str, before: str | None) -> bool:
    """Tell whether an event can be news: it is of a page that is, or was once (`before`), an article.

    Listings are looked at for what they name; any page may be one, so one of unknown kind counts as such
    unless it was captured as an article.
    """
    return state != _LISTING and (state != _UNKNOWN or before is not None)

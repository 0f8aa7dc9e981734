"""Winnowing (Schleimer, Wilkerson, Aiken, SIGMOD 2003): few fingerprints that find every long match.

Of every window of successive shingles the least hash is kept, the rightmost of equals. Two texts that
share a stretch of at least `GUARANTEE` folded characters share a whole window, so they keep the same hash
of it. Shared stretches shorter than `SHINGLE` are never found. About 2 in `WINDOW` + 1 shingles are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from harvester.likeness.folding import folded
from harvester.likeness.shingles import hashes_of_folded

SHINGLE: Final = 8
"""Folded characters of a shingle: a phrase of four Chinese words."""
GUARANTEE: Final = 48
"""From this many folded characters on, a shared stretch is always found: a long Chinese sentence."""
WINDOW: Final = GUARANTEE - SHINGLE + 1


def winnow(text: str, *, size: int = SHINGLE, guarantee: int = GUARANTEE) -> tuple[int, ...]:
    """Return the fingerprints of a text: distinct 64-bit hashes in order of place.

    `size` is the length of a shingle, `guarantee` that of the shortest stretch that is always found
    (at least `size`), both in folded characters. A text shorter than `size` has none, a text shorter
    than `guarantee` one or more.
    """
    return tuple(dict.fromkeys(least(hashes_of_folded(folded(text), size), guarantee - size + 1)))


def least(values: Sequence[int], window: int) -> list[int]:
    """Return the least of each window of successive values, the rightmost of equals, each place once."""
    if len(values) <= window:
        return [min(values)] if values else []
    kept: list[int] = []
    place = -1
    for end in range(window, len(values) + 1):
        start, last = end - window, values[end - 1]
        if place < start:
            part = values[start:end]
            value = min(part)
            place = end - 1 - part[::-1].index(value)
        elif last <= values[place]:
            place, value = end - 1, last
        else:
            continue
        kept.append(value)
    return kept

"""What two texts share, counted exactly: the measures that estimates are checked by."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shared:
    """What two sets of shingles share.

    `jaccard` is the shared part of all; `of_a` and `of_b` are the shared part of each side (0 to 1);
    `count` is the number of shared shingles.
    """

    jaccard: float
    of_a: float
    of_b: float
    count: int


def shared(a: AbstractSet[object], b: AbstractSet[object]) -> Shared:
    """Return what two sets share. Two empty sets share nothing."""
    count = len(a & b)
    if not count:
        return Shared(0.0, 0.0, 0.0, 0)
    return Shared(count / (len(a) + len(b) - count), count / len(a), count / len(b), count)


def jaccard(a: AbstractSet[object], b: AbstractSet[object]) -> float:
    """Return the shared part of all: 1 for equal sets, 0 for sets that share nothing."""
    return shared(a, b).jaccard

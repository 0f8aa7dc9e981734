"""Anchors: sentences that stand exactly once on both sides, and the ones among them that moved.

The heaviest chain of anchors in common order is kept (weight: characters); an anchor outside it has
been moved. It is the idea of patience diff, with the longest chain weighed by length.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import Indel

Span = tuple[int, int]
_ALIKE = 0.6
_MUCH_ALIKE = 0.7
_MAX_GAP = 40
MOVE_MIN_CHARACTERS = 10
"""A shorter sentence is not called moved: it may well have been written twice."""


@dataclass(frozen=True, slots=True)
class Block:
    """Equal ranges of sentences: `a` and `b` are half-open ranges of unit numbers."""

    a: Span
    b: Span


def anchor_pairs(a: Sequence[str], b: Sequence[str]) -> list[Span]:
    """Pair the texts that occur exactly once in both lists, by place in `a`."""
    count_a, count_b = Counter(a), Counter(b)
    where = {text: place for place, text in enumerate(b) if count_b[text] == 1}
    return [(i, where[text]) for i, text in enumerate(a) if count_a[text] == 1 and text in where]


def heaviest_chain(pairs: Sequence[Span], weights: Sequence[int]) -> list[int]:
    """Return the numbers of the pairs (sorted by first member) of the heaviest chain rising in both.

    Pairs have distinct members on each side. O(n log n), by a tree of prefix maxima.
    """
    if all(left[1] < right[1] for left, right in pairwise(pairs)):
        return list(range(len(pairs)))
    rank = {b: place for place, b in enumerate(sorted(b for _, b in pairs), 1)}
    tree: list[tuple[int, int]] = [(0, -1)] * (len(pairs) + 1)
    previous = [-1] * len(pairs)
    best = (0, -1)
    for number, (_, b) in enumerate(pairs):
        weight, previous[number] = _prefix_max(tree, rank[b] - 1)
        mine = (weight + weights[number], number)
        _raise(tree, rank[b], mine)
        best = max(best, mine, key=_weight)
    return _walk_back(previous, best[1])


def not_edited_twice(
    a: Sequence[str], b: Sequence[str], chain: Sequence[Span], outside: Sequence[Span]
) -> list[Span]:
    """Leave out anchors that are chance: sentences of one form, edited so that one became like another.

    So it is where, between the same anchors in order, both sentences have a much alike counterpart that is
    nowhere on the other side.
    """
    all_a, all_b = set(a), set(b)
    kept = []
    for i, j in outside:
        gap_b, gap_a = _gap(chain, i, 0, len(b)), _gap(chain, j, 1, len(a))
        by_chance = _has_alike(a[i], b, gap_b, all_a) and _has_alike(b[j], a, gap_a, all_b)
        if not by_chance:
            kept.append((i, j))
    return kept


def _gap(chain: Sequence[Span], place: int, side: int, size: int) -> range:
    """Return the places of the other side between the anchors around the place."""
    number = bisect_left(chain, place, key=lambda pair: pair[side])
    low = chain[number - 1][1 - side] + 1 if number else 0
    high = chain[number][1 - side] if number < len(chain) else size
    return range(low, high)


def _has_alike(text: str, others: Sequence[str], gap: range, known: set[str]) -> bool:
    near = (others[place] for place in gap[:_MAX_GAP])
    return any(
        other not in known and Indel.normalized_similarity(text, other) >= _MUCH_ALIKE for other in near
    )


@dataclass(frozen=True, slots=True)
class Units:
    """A side's sentences: their texts, and the number of the paragraph each stands in."""

    texts: Sequence[str]
    paragraphs: Sequence[int]


def moved_blocks(
    side_a: Units, side_b: Units, outside: Sequence[Span], taken_a: set[int], taken_b: set[int]
) -> list[Block]:
    """Grow each anchor outside the chain over equal, free neighbours; join blocks in sequence.

    Two blocks join over at most two changed sentences in the middle, and a block takes in a changed
    sentence beside it in its paragraph, so that a moved paragraph with an edit is one move with an edit.
    """
    a = side_a.texts
    used_a, used_b = set(taken_a), set(taken_b)
    blocks: list[Block] = []
    for i, j in outside:
        if i in used_a or j in used_b:
            continue
        low = 0
        while _free(side_a, side_b, (i - low, j - low), -1, used_a, used_b):
            low += 1
        high = 1
        while _free(side_a, side_b, (i + high - 1, j + high - 1), 1, used_a, used_b):
            high += 1
        used_a.update(range(i - low, i + high))
        used_b.update(range(j - low, j + high))
        blocks.append(Block((i - low, i + high), (j - low, j + high)))
    joined = _join(sorted(blocks, key=lambda block: block.a), used_a, used_b)
    long = [block for block in joined if _characters(a, block.a) >= MOVE_MIN_CHARACTERS]
    return [_with_edited_neighbours(block, side_a, side_b, used_a, used_b) for block in long]


def _with_edited_neighbours(block: Block, a: Units, b: Units, used_a: set[int], used_b: set[int]) -> Block:
    (low_a, high_a), (low_b, high_b) = block.a, block.b
    while _edited(a, b, (low_a, low_a - 1), (low_b, low_b - 1), used_a, used_b):
        low_a, low_b = low_a - 1, low_b - 1
    while _edited(a, b, (high_a - 1, high_a), (high_b - 1, high_b), used_a, used_b):
        high_a, high_b = high_a + 1, high_b + 1
    used_a.update(range(low_a, high_a))
    used_b.update(range(low_b, high_b))
    return Block((low_a, high_a), (low_b, high_b))


def _edited(a: Units, b: Units, step_a: Span, step_b: Span, used_a: set[int], used_b: set[int]) -> bool:
    """Tell whether the next sentence on both sides is free, in the same paragraph, and much alike."""
    (from_a, to_a), (from_b, to_b) = step_a, step_b
    inside = 0 <= to_a < len(a.texts) and 0 <= to_b < len(b.texts)
    if not inside or to_a in used_a or to_b in used_b:
        return False
    together = a.paragraphs[from_a] == a.paragraphs[to_a] and b.paragraphs[from_b] == b.paragraphs[to_b]
    return together and Indel.normalized_similarity(a.texts[to_a], b.texts[to_b]) >= _ALIKE


def _join(blocks: Sequence[Block], used_a: set[int], used_b: set[int]) -> list[Block]:
    joined: list[Block] = []
    for block in blocks:
        if joined and _close(joined[-1], block, used_a, used_b):
            last = joined.pop()
            joined.append(Block((last.a[0], block.a[1]), (last.b[0], block.b[1])))
        else:
            joined.append(block)
    return joined


def _close(left: Block, right: Block, used_a: set[int], used_b: set[int], most: int = 2) -> bool:
    gap_a, gap_b = range(left.a[1], right.a[0]), range(left.b[1], right.b[0])
    if right.b[0] < left.b[1] or len(gap_a) > most or len(gap_b) > most:
        return False
    return used_a.isdisjoint(gap_a) and used_b.isdisjoint(gap_b)


def _free(a: Units, b: Units, at: Span, step: int, used_a: set[int], used_b: set[int]) -> bool:
    """Tell whether the next sentences are equal, free, and of the same paragraph on a side or whole ones."""
    i, j = at[0] + step, at[1] + step
    inside = 0 <= i < len(a.texts) and 0 <= j < len(b.texts)
    if not inside or i in used_a or j in used_b or a.texts[i] != b.texts[j]:
        return False
    if a.paragraphs[i] == a.paragraphs[at[0]] or b.paragraphs[j] == b.paragraphs[at[1]]:
        return True
    return _alone(a.paragraphs, i) and _alone(b.paragraphs, j)


def _alone(paragraphs: Sequence[int], place: int) -> bool:
    """Tell whether the sentence is the whole of its paragraph."""
    return paragraphs[place] not in (
        *paragraphs[max(0, place - 1) : place],
        *paragraphs[place + 1 : place + 2],
    )


def _characters(units: Sequence[str], span: Span) -> int:
    return sum(len(units[place]) for place in range(*span))


def _weight(entry: tuple[int, int]) -> int:
    return entry[0]


def _prefix_max(tree: list[tuple[int, int]], place: int) -> tuple[int, int]:
    best = (0, -1)
    while place > 0:
        best = max(best, tree[place], key=_weight)
        place -= place & -place
    return best


def _raise(tree: list[tuple[int, int]], place: int, entry: tuple[int, int]) -> None:
    while place < len(tree):
        tree[place] = max(tree[place], entry, key=_weight)
        place += place & -place


def _walk_back(previous: Sequence[int], number: int) -> list[int]:
    chain = []
    while number >= 0:
        chain.append(number)
        number = previous[number]
    return chain[::-1]

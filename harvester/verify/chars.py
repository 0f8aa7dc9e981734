"""Character alignment of what lies between anchors: exact, by rapidfuzz's longest common subsequence.

A gap too large for the exact table is aligned in a band if it has few edits, else cut smaller: by equal
clauses, then by character shingles that are unique on both sides. If it is still too large, the gap is
reported as one change and the result carries a warning; nothing is approximated silently.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from rapidfuzz.distance import Indel, Levenshtein, Opcodes

from harvester.verify.anchors import anchor_pairs, heaviest_chain

MAX_CELLS = 400_000_000
"""Largest exact table in cells (one bit each: 50 MB), about 20 000 by 20 000 characters."""
_MAX_UNIT_CELLS = 400_000_000
_BAND = 40
_SHINGLE = 12
_SAMPLES = 64
_UNRELATED_BELOW = 0.3
_UNRELATED_FROM = 8
_SOLID_RUN = 3
_PIECE = re.compile(r"[^。!?;，,]*[。!?;，,]*")


class Change(NamedTuple):
    """`a[a0:a1]` stands where the other side has `b[b0:b1]`."""

    a0: int
    a1: int
    b0: int
    b1: int

    def shifted(self, a: int, b: int) -> Change:
        """Return the change with its offsets moved on."""
        return Change(self.a0 + a, self.a1 + a, self.b0 + b, self.b1 + b)


class Unaligned(NamedTuple):
    """A gap too large to align.

    Its lengths, and the share of shingles sampled from the shorter side that the other side has.
    """

    captured: int
    original: int
    alike: float


Overflow = Callable[[Unaligned], None]


def align(a: str, b: str, overflow: Overflow, max_cells: int = MAX_CELLS) -> list[Change]:
    """Return the changes that turn `a` into `b`, in order. `overflow` is told of a gap left whole."""
    prefix = common_prefix(a, b)
    suffix = common_suffix(a[prefix:], b[prefix:])
    a, b = a[prefix : len(a) - suffix], b[prefix : len(b) - suffix]
    return [change.shifted(prefix, prefix) for change in _align_core(a, b, overflow, max_cells)]


def _align_core(a: str, b: str, overflow: Overflow, max_cells: int) -> list[Change]:
    if not a or not b:
        return [Change(0, len(a), 0, len(b))] if a or b else []
    if len(a) * len(b) <= max_cells:
        return _exact(a, b)
    banded = _banded(a, b, max_cells)
    if banded is not None:
        return banded
    for cut in (_equal_pieces, _equal_shingles):
        runs = cut(a, b)
        if runs:
            return _between(a, b, runs, overflow, max_cells)
    overflow(Unaligned(len(a), len(b), _alike(a, b)))
    return [Change(0, len(a), 0, len(b))]


def _banded(a: str, b: str, max_cells: int) -> list[Change] | None:
    """Align two long texts with few edits exactly, in a band of diagonals; None if there are more edits."""
    band = _BAND * max_cells // max(len(a), len(b))
    distance = Levenshtein.distance(a, b, score_cutoff=band)
    if distance > band:
        return None
    return _merged(a, b, Levenshtein.opcodes(a, b, score_hint=distance))


def _exact(a: str, b: str) -> list[Change]:
    return _merged(a, b, Indel.opcodes(a, b))


def _merged(a: str, b: str, codes: Opcodes) -> list[Change]:
    """Join neighbouring operations, and show two passages that share hardly anything as they are."""
    changes: list[Change] = []
    solid = 0
    for code in codes:
        if code.tag == "equal":
            length = code.src_end - code.src_start
            solid += length if length >= _SOLID_RUN else 0
            continue
        change = Change(code.src_start, code.src_end, code.dest_start, code.dest_end)
        last = changes[-1] if changes else None
        if last is not None and last.a1 == change.a0 and last.b1 == change.b0:
            changes[-1] = Change(last.a0, change.a1, last.b0, change.b1)
        else:
            changes.append(change)
    smaller = min(len(a), len(b))
    if smaller >= _UNRELATED_FROM and len(changes) > 1 and solid < _UNRELATED_BELOW * smaller:
        # Two unrelated passages share stray characters; to show those as kept text would be confetti.
        return [Change(0, len(a), 0, len(b))]
    return changes


def _between(
    a: str, b: str, runs: list[tuple[int, int, int]], overflow: Overflow, max_cells: int
) -> list[Change]:
    changes: list[Change] = []
    at_a = at_b = 0
    for run_a, run_b, length in [*runs, (len(a), len(b), 0)]:
        gap_a, gap_b = a[at_a:run_a], b[at_b:run_b]
        if gap_a or gap_b:
            inner = align(gap_a, gap_b, overflow, max_cells)
            changes += [change.shifted(at_a, at_b) for change in inner]
        at_a, at_b = run_a + length, run_b + length
    return changes


def _equal_pieces(a: str, b: str) -> list[tuple[int, int, int]]:
    """Runs of equal clauses by their longest common subsequence; [] if there are none or too many."""
    pieces_a, pieces_b = list(_pieces(a)), list(_pieces(b))
    if len(pieces_a) * len(pieces_b) > _MAX_UNIT_CELLS:
        return []
    numbers: dict[str, int] = {}
    ids_a = [numbers.setdefault(piece, len(numbers)) for _, piece in pieces_a]
    ids_b = [numbers.setdefault(piece, len(numbers)) for _, piece in pieces_b]
    runs = []
    for code in Indel.opcodes(ids_a, ids_b):
        if code.tag == "equal":
            length = sum(len(piece) for _, piece in pieces_a[code.src_start : code.src_end])
            runs.append((pieces_a[code.src_start][0], pieces_b[code.dest_start][0], length))
    return [run for run in runs if run[2] >= _SHINGLE]


def _equal_shingles(a: str, b: str) -> list[tuple[int, int, int]]:
    """Runs around character shingles that are unique on both sides, taken at places the text chooses."""
    places_a, places_b = _chosen(a), _chosen(b)
    pairs = anchor_pairs(
        [a[i : i + _SHINGLE] for i in places_a],
        [b[i : i + _SHINGLE] for i in places_b],
    )
    at = sorted((places_a[i], places_b[j]) for i, j in pairs)
    runs: list[tuple[int, int, int]] = []
    for number in heaviest_chain(at, [1] * len(at)):
        i, j = at[number]
        if not runs or (i >= runs[-1][0] + runs[-1][2] and j >= runs[-1][1] + runs[-1][2]):
            runs.append((i, j, _SHINGLE))
    return runs


def _alike(a: str, b: str) -> float:
    short, long = sorted((a, b), key=len)
    step = max(1, (len(short) - _SHINGLE) // _SAMPLES)
    samples = [short[i : i + _SHINGLE] for i in range(0, max(1, len(short) - _SHINGLE + 1), step)]
    return sum(sample in long for sample in samples) / len(samples)


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    return ((m.start(), m[0]) for m in _PIECE.finditer(text) if m[0])


def _chosen(text: str) -> list[int]:
    # One place in eight on average, chosen by the characters themselves, so that both sides choose alike.
    last = len(text) - _SHINGLE
    return [i for i, char in enumerate(text) if i <= last and (ord(char) * 2654435761 >> 13) & 7 == 0]


def common_prefix(a: str, b: str) -> int:
    """Return the length of the common beginning."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def common_suffix(a: str, b: str) -> int:
    """Return the length of the common end."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[len(a) - middle : len(a) - low] == b[len(b) - middle : len(b) - low]:
            low = middle
        else:
            high = middle - 1
    return low

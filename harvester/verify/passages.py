"""Paragraphs and sentences of both sides that belong together: the same, split, merged, moved, cut, inserted.

Two units belong together if a good part of the smaller one stands in the other by the alignment. What hangs
together in that way is one passage.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harvester.verify.align import Run
from harvester.verify.chars import Change

Span = tuple[int, int]
_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Found:
    """A passage by unit numbers; `kind` as in `harvester.verify.result.Passage`, or `same`."""

    kind: str
    edited: bool
    moved: bool
    a: tuple[int, ...]
    b: tuple[int, ...]


def passages(
    units_a: Sequence[Span], units_b: Sequence[Span], runs: Sequence[Run], changes: Sequence[Change]
) -> list[Found]:
    """Group the units of both sides, in the captured side's order; what was cut comes last."""
    edges = _edges(units_a, units_b, runs)
    edited_a = _edited(units_a, [(change.a0, change.a1) for change in changes])
    edited_b = _edited(units_b, [(change.b0, change.b1) for change in changes])
    found = []
    for a, b, moved in _components(len(units_a), len(units_b), edges):
        edited = bool(a and b) and not (edited_a.isdisjoint(a) and edited_b.isdisjoint(b))
        found.append(Found(_kind(len(a), len(b), edited=edited, moved=moved), edited, moved, a, b))
    return sorted(found, key=lambda passage: (passage.a or (len(units_a),), passage.b))


def _kind(size_a: int, size_b: int, *, edited: bool, moved: bool) -> str:
    if not size_a or not size_b:
        return "inserted" if size_a else "cut"
    if size_a == size_b == 1:
        return "moved" if moved else ("changed" if edited else "same")
    if size_b == 1:
        return "split"
    return "merged" if size_a == 1 else "regrouped"


def _edges(units_a: Sequence[Span], units_b: Sequence[Span], runs: Sequence[Run]) -> dict[Span, bool]:
    """Pairs of units that share enough, and whether what they share was moved."""
    weights: dict[Span, list[int]] = {}
    starts_a, starts_b = [start for start, _ in units_a], [start for start, _ in units_b]
    for run in runs:
        for i, j, length in _pieces(run, units_a, units_b, starts_a, starts_b):
            entry = weights.setdefault((i, j), [0, 0])
            entry[0] += length
            entry[1] += length if run.moved else 0
    enough = {}
    for (i, j), (weight, moved) in weights.items():
        smaller = min(units_a[i][1] - units_a[i][0], units_b[j][1] - units_b[j][0])
        if weight >= _SHARE * smaller:
            enough[i, j] = 2 * moved > weight
    return enough


def _pieces(
    run: Run, units_a: Sequence[Span], units_b: Sequence[Span], starts_a: list[int], starts_b: list[int]
) -> Iterator[tuple[int, int, int]]:
    """Cut a run where a unit begins or ends on either side; what lies in no unit (frame) is passed over."""
    done = 0
    while done < run.length:
        i, until_a = _unit_at(units_a, starts_a, run.a + done)
        j, until_b = _unit_at(units_b, starts_b, run.b + done)
        step = min(until_a, until_b, run.length - done)
        if i >= 0 and j >= 0:
            yield i, j, step
        done += step


def _unit_at(units: Sequence[Span], starts: list[int], place: int) -> tuple[int, int]:
    """Return the unit that holds the place (-1: none) and how far it is to the next edge."""
    number = bisect_right(starts, place) - 1
    if number >= 0 and place < units[number][1]:
        return number, units[number][1] - place
    following = starts[number + 1] if number + 1 < len(starts) else place + (1 << 40)
    return -1, following - place


def _edited(units: Sequence[Span], spans: Sequence[Span]) -> set[int]:
    """Numbers of the units that a change lies in; an empty one at an edge lies in neither neighbour."""
    starts, ends = [start for start, _ in units], [end for _, end in units]
    found: set[int] = set()
    for low, high in spans:
        if low == high:
            number = bisect_left(starts, low) - 1
            found.update([number] if number >= 0 and low < ends[number] else [])
        else:
            found.update(range(bisect_right(ends, low), bisect_left(starts, high)))
    return found


def _components(
    size_a: int, size_b: int, edges: dict[Span, bool]
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], bool]]:
    """What hangs together, and whether any of it was moved; nodes are one side's units, then the other's."""
    parent = list(range(size_a + size_b))
    for i, j in edges:
        parent[_root(parent, i)] = _root(parent, size_a + j)
    moved = {_root(parent, i) for (i, _), flag in edges.items() if flag}
    groups: dict[int, tuple[list[int], list[int]]] = {}
    for node in range(size_a + size_b):
        sides = groups.setdefault(_root(parent, node), ([], []))
        sides[node >= size_a].append(node if node < size_a else node - size_a)
    return ((tuple(a), tuple(b), root in moved) for root, (a, b) in groups.items())


def _root(parent: list[int], node: int) -> int:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node

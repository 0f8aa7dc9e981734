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
) -> tuple[list[Found], int]:
    """Group the units of both sides; return what is not simply the same, and how many pairs are.

    Passages come in the captured side's order; what was cut comes last.
    """
    edited_a = _edited(units_a, [(change.a0, change.a1) for change in changes])
    edited_b = _edited(units_b, [(change.b0, change.b1) for change in changes])
    same_a, same_b = _plainly_same(units_a, units_b, runs, edited_a, edited_b)
    edges = _edges(units_a, units_b, runs, same_a)
    left_a = [i for i in range(len(units_a)) if i not in same_a]
    left_b = [j for j in range(len(units_b)) if j not in same_b]
    found, same = [], len(same_a)
    for a, b, moved in _components(left_a, left_b, edges):
        edited = bool(a and b) and not (edited_a.isdisjoint(a) and edited_b.isdisjoint(b))
        kind = _kind(len(a), len(b), edited=edited, moved=moved)
        if kind == "same":
            same += 1
        else:
            found.append(Found(kind, edited, moved, a, b))
    return sorted(found, key=lambda passage: (passage.a or (len(units_a),), passage.b)), same


def _plainly_same(
    units_a: Sequence[Span],
    units_b: Sequence[Span],
    runs: Sequence[Run],
    edited_a: set[int],
    edited_b: set[int],
) -> tuple[set[int], set[int]]:
    """Units that lie whole in an unmoved run, with the same edges on both sides and no edit inside."""
    starts_a, starts_b = [start for start, _ in units_a], [start for start, _ in units_b]
    same_a: set[int] = set()
    same_b: set[int] = set()
    for run in runs:
        low_a, low_b = bisect_left(starts_a, run.a), bisect_left(starts_b, run.b)
        high_a = bisect_left(starts_a, run.a + run.length)
        high_b = bisect_left(starts_b, run.b + run.length)
        if run.moved or high_a - low_a != high_b - low_b:
            continue
        inside_a, inside_b = units_a[low_a:high_a], units_b[low_b:high_b]
        if inside_a and inside_a[-1][1] > run.a + run.length:
            inside_a, inside_b = inside_a[:-1], inside_b[:-1]
        shift = run.b - run.a
        if [(start + shift, end + shift) for start, end in inside_a] == list(inside_b):
            plain = [
                n for n in range(len(inside_a)) if low_a + n not in edited_a and low_b + n not in edited_b
            ]
            same_a.update(low_a + n for n in plain)
            same_b.update(low_b + n for n in plain)
    return same_a, same_b


def _kind(size_a: int, size_b: int, *, edited: bool, moved: bool) -> str:
    if not size_a or not size_b:
        return "inserted" if size_a else "cut"
    if size_a == size_b == 1:
        return "moved" if moved else ("changed" if edited else "same")
    if size_b == 1:
        return "split"
    return "merged" if size_a == 1 else "regrouped"


def _edges(
    units_a: Sequence[Span], units_b: Sequence[Span], runs: Sequence[Run], done: set[int]
) -> dict[Span, bool]:
    """Pairs of units, but for those that are done, that share enough, and whether that was moved."""
    weights: dict[Span, list[int]] = {}
    starts_a, starts_b = [start for start, _ in units_a], [start for start, _ in units_b]
    for run in runs:
        for i, j, length in _pieces(run, units_a, units_b, starts_a, starts_b, done):
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
    run: Run,
    units_a: Sequence[Span],
    units_b: Sequence[Span],
    starts_a: list[int],
    starts_b: list[int],
    done: set[int],
) -> Iterator[tuple[int, int, int]]:
    """Cut a run where a unit begins or ends on either side; what lies in no unit (frame) is passed over."""
    past = 0
    while past < run.length:
        i, until_a = _unit_at(units_a, starts_a, run.a + past)
        while i in done and past + until_a < run.length:
            past += until_a
            i, until_a = _unit_at(units_a, starts_a, run.a + past)
        j, until_b = _unit_at(units_b, starts_b, run.b + past)
        step = min(until_a, until_b, run.length - past)
        if i >= 0 and j >= 0 and i not in done:
            yield i, j, step
        past += step


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
    left_a: Sequence[int], left_b: Sequence[int], edges: dict[Span, bool]
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], bool]]:
    """What hangs together, and whether any of it was moved; nodes are one side's units, then the other's."""
    nodes = {("a", i): n for n, i in enumerate(left_a)}
    nodes |= {("b", j): n for n, j in enumerate(left_b, len(left_a))}
    parent = list(range(len(nodes)))
    for i, j in edges:
        parent[_root(parent, nodes["a", i])] = _root(parent, nodes["b", j])
    moved = {_root(parent, nodes["a", i]) for (i, _), flag in edges.items() if flag}
    groups: dict[int, tuple[list[int], list[int]]] = {}
    for (side, unit), node in nodes.items():
        groups.setdefault(_root(parent, node), ([], []))[side == "b"].append(unit)
    return ((tuple(a), tuple(b), root in moved) for root, (a, b) in groups.items())


def _root(parent: list[int], node: int) -> int:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node

"""Two folded texts to changes and moves, all in folded offsets."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import NamedTuple

from harvester.verify.anchors import (
    Block,
    Units,
    anchor_pairs,
    heaviest_chain,
    moved_blocks,
    not_edited_twice,
)
from harvester.verify.chars import Change, Overflow, align
from harvester.verify.fold import Folded
from harvester.verify.tidy import tidy
from harvester.verify.units import sentences
from harvester.verify.view import View, view

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Alignment:
    """`changes` in the order of the captured side, those inside moves included; `moves` pair spans.

    `runs` are the stretches that both sides have, in the order of the captured side; `units_a` and `units_b`
    the sentences of both bodies.
    """

    changes: tuple[Change, ...]
    moves: tuple[tuple[Span, Span], ...]
    runs: tuple[Run, ...]
    units_a: list[Span]
    units_b: list[Span]


class Run(NamedTuple):
    """`length` characters from `a` on stand on the other side from `b` on; `moved`: in another order."""

    a: int
    b: int
    length: int
    moved: bool


@dataclass(frozen=True, slots=True)
class _Side:
    """A view and the sentences in it, as folded spans."""

    view: View
    units: Sequence[Span]

    def placed_units(self) -> Sequence[Span]:
        if self.view.is_whole:
            return self.units
        return [(self.view.place(start), self.view.place(end - 1) + 1) for start, end in self.units]


def align_texts(
    a: Folded, b: Folded, frame_a: Sequence[Span], frame_b: Sequence[Span], overflow: Overflow, max_cells: int
) -> Alignment:
    """Align the bodies: `frame_a` and `frame_b` are left out."""
    units_a, units_b = _body_units(a, frame_a), _body_units(b, frame_b)
    blocks, chain = _moves(a, b, units_a, units_b)
    moves = [(_span(units_a, block.a), _span(units_b, block.b)) for block in blocks]
    view_a = view(a, [*frame_a, *(move[0] for move in moves)])
    view_b = view(b, [*frame_b, *(move[1] for move in moves)])
    moved_a = {place for block in blocks for place in range(*block.a)}
    moved_b = {place for block in blocks for place in range(*block.b)}
    side_a = _Side(view_a, [unit for place, unit in enumerate(units_a) if place not in moved_a])
    side_b = _Side(view_b, [unit for place, unit in enumerate(units_b) if place not in moved_b])
    changes, runs = _view_changes(side_a, side_b, chain, overflow, max_cells)
    for block, (span_a, span_b) in zip(blocks, moves, strict=True):
        if a.text[slice(*span_a)] == b.text[slice(*span_b)]:
            runs.append(Run(span_a[0], span_b[0], span_a[1] - span_a[0], moved=True))
            continue
        inner_a = _Side(view(a, _outside(a, span_a)), units_a[slice(*block.a)])
        inner_b = _Side(view(b, _outside(b, span_b)), units_b[slice(*block.b)])
        more, inner_runs = _view_changes(inner_a, inner_b, None, overflow, max_cells)
        changes += more
        runs += [run._replace(moved=True) for run in inner_runs]
    changes = sorted(_without_line_end(a, b, change) for change in changes)
    return Alignment(tuple(changes), tuple(moves), tuple(sorted(runs)), units_a, units_b)


def _without_line_end(a: Folded, b: Folded, change: Change) -> Change:
    """Take off a line's end that folding keeps as a space between letters, where it stands alone."""
    if change.b1 - change.b0 > 1 and a.is_line_end(change.a0, change.a1):
        return change._replace(a0=change.a1)
    if change.a1 - change.a0 > 1 and b.is_line_end(change.b0, change.b1):
        return change._replace(b0=change.b1)
    return change


def _body_units(side: Folded, frame: Sequence[Span]) -> list[Span]:
    return [unit for unit in sentences(side) if not any(low <= unit[0] < high for low, high in frame)]


def _moves(
    a: Folded, b: Folded, units_a: Sequence[Span], units_b: Sequence[Span]
) -> tuple[list[Block], list[Span] | None]:
    """Return what was moved, and, if nothing was, the pairs of sentences that anchor the rest."""
    texts_a = [a.key[start:end] for start, end in units_a]
    texts_b = [b.key[start:end] for start, end in units_b]
    pairs = anchor_pairs(texts_a, texts_b)
    chain = heaviest_chain(pairs, [len(texts_a[i]) for i, _ in pairs])
    if len(chain) == len(pairs):
        return [], pairs
    kept = set(chain)
    outside = [pair for number, pair in enumerate(pairs) if number not in kept]
    outside = not_edited_twice(texts_a, texts_b, [pairs[number] for number in chain], outside)
    taken_a, taken_b = {pairs[n][0] for n in chain}, {pairs[n][1] for n in chain}
    side_a = Units(texts_a, [bisect_right(a.breaks, start) for start, _ in units_a])
    side_b = Units(texts_b, [bisect_right(b.breaks, start) for start, _ in units_b])
    return moved_blocks(side_a, side_b, outside, taken_a, taken_b), None


def _view_changes(
    a: _Side, b: _Side, chain: Sequence[Span] | None, overflow: Overflow, max_cells: int
) -> tuple[list[Change], list[Run]]:
    changes = tidy(_anchored(a, b, chain, overflow, max_cells), a.view, b.view)
    runs = list(_runs(a.view, b.view, changes))
    changes = sorted([*changes, *_script_changes(a.view, b.view, changes)])
    return [piece for change in changes for piece in _mapped(change, a.view, b.view)], runs


def _runs(a: View, b: View, changes: Sequence[Change]) -> Iterator[Run]:
    """What lies between the changes, in folded offsets; cut where a side leaves something out."""
    at_a = at_b = 0
    for change in [*changes, Change(len(a.key), 0, len(b.key), 0)]:
        spans_a, spans_b = (
            view.folded(low, high) if low < high else []
            for view, low, high in ((a, at_a, change.a0), (b, at_b, change.b0))
        )
        while spans_a and spans_b:
            (low_a, high_a), (low_b, high_b) = spans_a.pop(0), spans_b.pop(0)
            length = min(high_a - low_a, high_b - low_b)
            yield Run(low_a, low_b, length, moved=False)
            if low_a + length < high_a:
                spans_a.insert(0, (low_a + length, high_a))
            if low_b + length < high_b:
                spans_b.insert(0, (low_b + length, high_b))
        at_a, at_b = change.a1, change.b1


def _anchored(
    a: _Side, b: _Side, chain: Sequence[Span] | None, overflow: Overflow, max_cells: int
) -> list[Change]:
    units_a, units_b = a.placed_units(), b.placed_units()
    changes: list[Change] = []
    at_a = at_b = 0
    for i, j in _chain(a.view, b.view, units_a, units_b) if chain is None else chain:
        (start_a, end_a), (start_b, end_b) = units_a[i], units_b[j]
        if start_a > at_a or start_b > at_b:
            changes += _gap(a.view, b.view, (at_a, start_a), (at_b, start_b), overflow, max_cells)
        at_a, at_b = end_a, end_b
    gap_a, gap_b = (at_a, len(a.view.key)), (at_b, len(b.view.key))
    return changes + _gap(a.view, b.view, gap_a, gap_b, overflow, max_cells)


def _chain(a: View, b: View, units_a: Sequence[Span], units_b: Sequence[Span]) -> list[Span]:
    texts_a = [a.key[start:end] for start, end in units_a]
    texts_b = [b.key[start:end] for start, end in units_b]
    pairs = anchor_pairs(texts_a, texts_b)
    return [pairs[number] for number in heaviest_chain(pairs, [len(texts_a[i]) for i, _ in pairs])]


def _gap(
    view_a: View, view_b: View, gap_a: Span, gap_b: Span, overflow: Overflow, max_cells: int
) -> list[Change]:
    text_a, text_b = view_a.key[slice(*gap_a)], view_b.key[slice(*gap_b)]
    if text_a == text_b:
        return []
    found = align(text_a, text_b, overflow, max_cells)
    return [change.shifted(gap_a[0], gap_b[0]) for change in found]


def _script_changes(view_a: View, view_b: View, changes: Sequence[Change]) -> list[Change]:
    """Stretches that align by key but are written in other characters (traditional, simplified)."""
    if view_a.key == view_a.text and view_b.key == view_b.text:
        return []
    found: list[Change] = []
    at_a = at_b = 0
    for change in [*changes, Change(len(view_a.text), 0, len(view_b.text), 0)]:
        run_a, run_b = view_a.text[at_a : change.a0], view_b.text[at_b : change.b0]
        if run_a != run_b:
            found += [Change(at_a + i, at_a + j, at_b + i, at_b + j) for i, j in _unlike(run_a, run_b)]
        at_a, at_b = change.a1, change.b1
    return found


def _unlike(a: str, b: str) -> list[Span]:
    spans: list[Span] = []
    for place, (left, right) in enumerate(zip(a, b, strict=True)):
        if left != right:
            if spans and spans[-1][1] == place:
                spans[-1] = (spans[-1][0], place + 1)
            else:
                spans.append((place, place + 1))
    return spans


def _mapped(change: Change, view_a: View, view_b: View) -> list[Change]:
    spans_a, spans_b = view_a.folded(change.a0, change.a1), view_b.folded(change.b0, change.b1)
    last_a, last_b = spans_a[-1][1], spans_b[-1][1]
    return [
        Change(*(left or (last_a, last_a)), *(right or (last_b, last_b)))
        for left, right in zip_longest(spans_a, spans_b)
    ]


def _span(units: Sequence[Span], block: Span) -> Span:
    return units[block[0]][0], units[block[1] - 1][1]


def _outside(side: Folded, span: Span) -> list[Span]:
    return [(0, span[0]), (span[1], len(side.text))]

"""Which lines of both sides stand side by side: those that share text by the result's own alignment."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile
from typing import Final

from harvester.verify import Edit, Move, Result
from harvester.verify.fold import Folded, fold
from harvester.verify.view import View, view
from harvester.verify_report.segments import Line, Marks

Span = tuple[int, int]
_SHARE: Final = 0.3
"""How much of the shorter of two lines both must hold to stand side by side."""


@dataclass(frozen=True, slots=True)
class Row:
    """Lines that stand side by side; one side is empty where the other has no counterpart."""

    captured: tuple[Line, ...]
    original: tuple[Line, ...]

    @property
    def same(self) -> bool:
        """Whether nothing in the row is marked."""
        runs = (run for line in (*self.captured, *self.original) for run in line.runs)
        paired = bool(self.captured and self.original)
        return paired and all(run.edit is None and run.move is None and run.frame is None for run in runs)


class _Side:
    """One side in the coordinates of the alignment: folded, without frame and moved blocks."""

    def __init__(self, text: str, lines: Sequence[Line], marks: Marks) -> None:
        self._folded: Folded = fold(text)
        self._starts = range(len(self._folded.text) + 1)
        out = [(self.at(mark.start), self.at(mark.end)) for mark in (*marks.moves, *marks.frame)]
        self.view: View = view(self._folded, [span for span in out if span[0] < span[1]])
        self.lines = [self.span(line.start, line.end) for line in lines]

    def at(self, raw: int) -> int:
        """Return the first folded character that begins at or after a stored place."""
        return bisect_left(self._starts, raw, key=self._folded.start)

    def span(self, start: int, end: int) -> Span:
        return self.view.place(self.at(start)), self.view.place(self.at(end))


def rows(
    result: Result,
    captured: Sequence[Line],
    original: Sequence[Line],
    texts: tuple[str, str],
    marks: tuple[Marks, Marks],
) -> list[Row]:
    """Pair the lines of both sides. Down each column the rows hold every line once, in its order."""
    if result.level is None:  # nothing was compared
        return [Row(tuple(captured), tuple(original))]
    sides = (_Side(texts[0], captured, marks[0]), _Side(texts[1], original, marks[1]))
    found: list[Row] = []
    at_a = at_b = 0
    for (a0, a1), (b0, b1) in _groups(sides[0], sides[1], result):
        found += _alone(captured[at_a:a0], original[at_b:b0])
        found.append(Row(tuple(captured[a0:a1]), tuple(original[b0:b1])))
        at_a, at_b = a1, b1
    return [*found, *_alone(captured[at_a:], original[at_b:])]


def _alone(captured: Sequence[Line], original: Sequence[Line]) -> Iterator[Row]:
    """Yield rows for lines without a counterpart; leading frame lines of both sides share one."""
    head_a = tuple(takewhile(lambda line: line.is_frame, captured))
    head_b = tuple(takewhile(lambda line: line.is_frame, original))
    if head_a or head_b:
        yield Row(head_a, head_b)
    yield from (Row((), tuple(group)) for _, group in groupby(original[len(head_b) :], key=_marked_by))
    yield from (Row(tuple(group), ()) for _, group in groupby(captured[len(head_a) :], key=_marked_by))


def _marked_by(line: Line) -> tuple[tuple[int | None, int | None, bool], ...]:
    """Return what marks a line: lines that one edit or move takes away whole share a row."""
    found = ((run.edit, run.move, run.frame is None) for run in line.runs if run.text.strip())
    return tuple(dict.fromkeys(found))


def _groups(a: _Side, b: _Side, result: Result) -> list[tuple[Span, Span]]:
    """Return ranges of line numbers that belong together, rising on both sides."""
    groups: list[tuple[Span, Span]] = []
    for i, j in _links(a, b, result):
        (a0, a1), (b0, b1) = groups[-1] if groups else ((0, 0), (0, 0))
        if groups and (i < a1 or j < b1):
            groups[-1] = (a0, max(a1, i + 1)), (b0, max(b1, j + 1))
        else:
            groups.append(((i, i + 1), (j, j + 1)))
    return groups


def _links(a: _Side, b: _Side, result: Result) -> list[Span]:
    """Return pairs of lines that share enough, in order; every pair is at or behind the one before it."""
    shared: dict[Span, int] = defaultdict(int)
    at_a = at_b = 0
    for (a0, a1), (b0, b1) in [*_changes(a, b, result), ((len(a.view.key),) * 2, (len(b.view.key),) * 2)]:
        if a0 - at_a == b0 - at_b:  # else a fold of another version made the result: no pairing from here
            for i, j, length in _pieces(a.lines, b.lines, (at_a, a0), at_b):
                shared[i, j] += length
        if a0 < a1 and b0 < b1:
            for i, j, length in _replaced(a.lines, b.lines, (a0, a1), (b0, b1)):
                shared[i, j] += length
        at_a, at_b = a1, b1
    return sorted(pair for pair, length in shared.items() if length >= _SHARE * _shorter(a, b, pair))


def _shorter(a: _Side, b: _Side, pair: Span) -> int:
    (a0, a1), (b0, b1) = a.lines[pair[0]], b.lines[pair[1]]
    return min(a1 - a0, b1 - b0)


def _changes(a: _Side, b: _Side, result: Result) -> list[tuple[Span, Span]]:
    """Return the edits outside moved blocks, by place in what is aligned."""
    edits = [edit for edit in result.edits if not any(_inside(edit, move) for move in result.moves)]
    spans = [
        (a.span(edit.captured.start, edit.captured.end), b.span(edit.original.start, edit.original.end))
        for edit in edits
    ]
    return sorted(spans)


def _inside(edit: Edit, move: Move) -> bool:
    left = move.captured.start <= edit.captured.start and edit.captured.end <= move.captured.end
    return left and move.original.start <= edit.original.start and edit.original.end <= move.original.end


def _pieces(
    lines_a: list[Span], lines_b: list[Span], kept: Span, at_b: int
) -> Iterator[tuple[int, int, int]]:
    """Cut a kept stretch where a line begins or ends on either side."""
    shift = at_b - kept[0]
    i = bisect_right(lines_a, kept[0], key=_end)
    j = bisect_right(lines_b, at_b, key=_end)
    while i < len(lines_a) and j < len(lines_b) and lines_a[i][0] < kept[1]:
        low = max(lines_a[i][0], lines_b[j][0] - shift, kept[0])
        high = min(lines_a[i][1], lines_b[j][1] - shift, kept[1])
        if low < high:
            yield i, j, high - low
        if lines_a[i][1] <= lines_b[j][1] - shift:
            i += 1
        else:
            j += 1


def _replaced(
    lines_a: list[Span], lines_b: list[Span], span_a: Span, span_b: Span
) -> Iterator[tuple[int, int, int]]:
    """Pair the lines that one edit replaces: each with one, what is left over with the last."""
    low_a, high_a = bisect_right(lines_a, span_a[0], key=_end), bisect_left(lines_a, span_a[1], key=_start)
    low_b, high_b = bisect_right(lines_b, span_b[0], key=_end), bisect_left(lines_b, span_b[1], key=_start)
    for step in range(max(high_a - low_a, high_b - low_b) if low_a < high_a and low_b < high_b else 0):
        i, j = min(low_a + step, high_a - 1), min(low_b + step, high_b - 1)
        yield i, j, min(_overlap(lines_a[i], span_a), _overlap(lines_b[j], span_b))


def _overlap(line: Span, span: Span) -> int:
    return max(0, min(line[1], span[1]) - max(line[0], span[0]))


def _start(span: Span) -> int:
    return span[0]


def _end(span: Span) -> int:
    return span[1]

"""A side's stored text as lines of runs: what is plain, what is an edit, a move, a frame line.

Read downwards, the lines of a side are its whole stored text: nothing is left out but empty lines.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from harvester.verify import Result

SideName = Literal["captured", "original"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a stored text, in code points, and the place of what it stands for in its list."""

    start: int
    end: int
    number: int


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a line. `edit`, `move` and `frame` are places in the result's lists, None for neither.

    An empty run of an edit is the exact place where the other side has more. `first` tells the first run
    of its edit on this side, `opens_move` that of its move.
    """

    text: str
    edit: int | None = None
    move: int | None = None
    frame: int | None = None
    first: bool = False
    opens_move: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the stored text: `stored[start:end]`, without its end. `number` counts from 1."""

    number: int
    start: int
    end: int
    runs: tuple[Run, ...]

    @property
    def is_frame(self) -> bool:
        """Whether nothing of the line is counted."""
        return all(run.frame is not None or not run.text.strip() for run in self.runs)


@dataclass(frozen=True, slots=True)
class Marks:
    """What is marked on one side, each kind in order of place."""

    edits: tuple[Mark, ...]
    moves: tuple[Mark, ...]
    frame: tuple[Mark, ...]


def marks(result: Result, side: SideName) -> Marks:
    """Return what a result marks on one side."""
    spans = [(getattr(edit, side), number) for number, edit in enumerate(result.edits)]
    moved = [(getattr(move, side), number) for number, move in enumerate(result.moves)]
    frame = [(part, number) for number, part in enumerate(result.frame) if part.side == side]
    return Marks(
        *(_sorted(Mark(span.start, span.end, n) for span, n in found) for found in (spans, moved, frame))
    )


def _sorted(found: Iterator[Mark]) -> tuple[Mark, ...]:
    return tuple(sorted(found, key=lambda mark: (mark.start, mark.end, mark.number)))


def lines(text: str, marked: Marks) -> list[Line]:
    """Return the lines of a stored text that hold anything: characters that are seen, or a mark."""
    found: list[Line] = []
    seen_edits: set[int] = set()
    seen_moves: set[int] = set()
    start = 0
    for piece in text.split("\n"):
        end = start + len(piece)
        runs = _runs(text, start, end, marked, seen_edits, seen_moves)
        if piece.strip() or any(run.edit is not None for run in runs):
            found.append(Line(len(found) + 1, start, end, tuple(runs)))
        start = end + 1
    return found


def _runs(
    text: str, start: int, end: int, marked: Marks, seen_edits: set[int], seen_moves: set[int]
) -> list[Run]:
    touching = _within(marked.edits, start, end)
    moves, frame = _Cover(_within(marked.moves, start, end)), _Cover(_within(marked.frame, start, end))
    edits = _Cover(touching)
    edges = {start, end}
    points: dict[int, list[int]] = {}
    for mark in (*touching, *moves.marks, *frame.marks):
        edges.update(edge for edge in (mark.start, mark.end) if start <= edge <= end)
    for mark in touching:
        if not text[mark.start : mark.end].strip("\n"):  # nothing of it stands in any line
            points.setdefault(mark.start, []).append(mark.number)
    runs: list[Run] = []
    places = sorted(edges)
    for low, high in zip(places, [*places[1:], places[-1]], strict=True):
        for number in points.get(low, ()):
            if number not in seen_edits:
                seen_edits.add(number)
                runs.append(Run("", edit=number, move=moves.inside(low), first=True))
        if low < high:
            edit, move = edits.over(low), moves.over(low)
            first = edit is not None and edit not in seen_edits
            opens = move is not None and move not in seen_moves
            seen_edits.update(() if edit is None else (edit,))
            seen_moves.update(() if move is None else (move,))
            runs.append(Run(text[low:high], edit, move, frame.over(low), first, opens))
    return runs


def _within(found: Sequence[Mark], start: int, end: int) -> list[Mark]:
    """Return the marks that touch a line. Marks of one kind do not overlap, so ends rise with starts."""
    low = bisect_left(found, start, key=lambda mark: mark.end)
    high = bisect_right(found, end, key=lambda mark: mark.start)
    return list(found[low:high])


class _Cover:
    """Which mark covers a place of a line; empty ones cover nothing."""

    def __init__(self, touching: Sequence[Mark]) -> None:
        self.marks = [mark for mark in touching if mark.start < mark.end]
        self._starts = [mark.start for mark in self.marks]

    def over(self, place: int) -> int | None:
        """Return the mark that covers the character at a place."""
        number = bisect_right(self._starts, place) - 1
        return self.marks[number].number if number >= 0 and place < self.marks[number].end else None

    def inside(self, place: int) -> int | None:
        """Return the mark that a place lies strictly inside."""
        number = bisect_left(self._starts, place) - 1
        return self.marks[number].number if number >= 0 and place < self.marks[number].end else None

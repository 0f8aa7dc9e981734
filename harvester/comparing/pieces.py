"""The difference of two texts as pieces to look at: by lines first, then by characters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from rapidfuzz.distance import Indel

from harvester.comparing.result import Piece

_CONTEXT_CHARS: Final = 40
_MAX_LINES: Final = 4000
_MAX_CELLS: Final = 64_000_000
"""Characters of one side times those of the other that are compared: 8 MB of bits."""
_SHORT_CHARS: Final = 3
"""Equal runs shorter than this between two changes are read as part of them."""
_MAX_PIECE_CHARS: Final = 600
_MAX_PIECES: Final = 60

_T = TypeVar("_T", str, list[str])
_Run = tuple[str, str, str]  # what is equal, gone, new: one of the first, or one or both of the others


def pieces(old: str, new: str) -> tuple[Piece, ...]:
    """Return what is kept, gone and new, with a little around each change; very much of it is cut."""
    runs = list(_joined(_by_lines(old, new)))
    made = [piece for number, run in enumerate(runs) for piece in _shown(run, number, len(runs))]
    if len(made) <= _MAX_PIECES:
        return tuple(made)
    rest = sum(piece.characters for piece in made[_MAX_PIECES:])
    return (*made[:_MAX_PIECES], Piece(op="…", text="", characters=rest))


def _by_lines(old: str, new: str) -> Iterator[_Run]:
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    if max(len(before), len(after)) > _MAX_LINES:
        yield from _by_characters(old, new)
        return
    out = in_ = ""
    for gone, fresh, kept in _opcodes(before, after):
        out, in_ = out + "".join(gone), in_ + "".join(fresh)
        if kept:
            yield from _by_characters(out, in_)
            yield "".join(kept), "", ""
            out = in_ = ""
    yield from _by_characters(out, in_)


def _by_characters(old: str, new: str) -> Iterator[_Run]:
    if not old or not new or len(old) * len(new) > _MAX_CELLS:
        yield from [("", old, new)] if old or new else []
        return
    for gone, fresh, kept in _opcodes(old, new):
        yield "".join(kept), "".join(gone), "".join(fresh)


def _opcodes(old: _T, new: _T) -> Iterator[tuple[_T, _T, _T]]:
    for found in Indel.opcodes(old, new):
        gone, fresh = old[found.src_start : found.src_end], new[found.dest_start : found.dest_end]
        if found.tag == "equal":
            yield gone[:0], fresh[:0], gone
        else:
            yield gone, fresh, gone[:0]


def _joined(runs: Iterable[_Run]) -> Iterator[_Run]:
    """Join changes that stand next to each other, or with next to nothing between them."""
    gone = fresh = between = ""
    for kept, out, in_ in runs:
        if not kept:
            gone, fresh, between = gone + between + out, fresh + between + in_, ""
        elif (gone or fresh) and len(between + kept) < _SHORT_CHARS and "\n" not in kept:
            between += kept
        elif gone or fresh:
            yield "", gone, fresh
            yield between + kept, "", ""
            gone = fresh = between = ""
        else:
            yield kept, "", ""
    if gone or fresh:
        yield "", gone, fresh
    if between:
        yield between, "", ""


def _shown(run: _Run, number: int, count: int) -> Iterator[Piece]:
    kept, gone, fresh = run
    if not kept:
        yield from (_piece(op, text) for op, text in (("-", gone), ("+", fresh)) if text)
        return
    head = kept[:_CONTEXT_CHARS] if number else ""
    tail = kept[-_CONTEXT_CHARS:] if number < count - 1 else ""
    left_out = len(kept) - len(head) - len(tail)
    if left_out <= _CONTEXT_CHARS:
        yield _piece("=", kept)
        return
    yield from ([_piece("=", head)] if head else [])
    yield Piece(op="…", text="", characters=left_out)
    yield from ([_piece("=", tail)] if tail else [])


def _piece(op: str, text: str) -> Piece:
    if len(text) <= _MAX_PIECE_CHARS:
        return Piece(op=op, text=text, characters=len(text))
    return Piece(op=op, text=text[:_MAX_PIECE_CHARS] + "…", characters=len(text))

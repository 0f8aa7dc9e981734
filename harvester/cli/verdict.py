"""A verdict on the terminal: words, both sides, the edits in their context."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.words import counted
from harvester.cli.output import answer, cell, console, table, visible
from harvester.verify.words import name, remark

if TYPE_CHECKING:
    from rich.text import Text

    from harvester.verify import Result, Side, Span

_SHOWN_EDITS = 20
_SHOWN_MOVES = 5
_MOVED = 40
_CONTEXT = 12
WORDS = {
    "identical": ("the texts are identical", "green"),
    "same-text": ("the same text; only its format differs", "green"),
    "minor": ("the same text but for punctuation that carries no meaning", "green"),
    "excerpt": ("a faithful excerpt: a part of the original, unchanged", "green"),
    "altered": ("the text was altered", "red"),
    "excerpt-altered": ("an excerpt, and altered", "red"),
    "different": ("different texts", "red"),
    "cannot-verify": ("cannot tell", "yellow"),
}
"""A verdict in words, and its colour."""


def print_result(result: Result, captured: Side, original: Side) -> None:
    """Print a comparison for a person."""
    words, style = WORDS[result.verdict]
    answer(f"{result.verdict}: {words}", style=f"bold {style}")
    if result.reason:
        answer(f"  {result.reason}")
    for key in result.remarks:
        answer(f"  {remark(key, 'en') or key}")
    if result.required != "punctuation":
        asked, found = (name("level", level or "–", "en") for level in (result.required, result.level))
        answer(f"  asked for: {asked}; it is {found}")
    for which, side in (("captured", result.sides.captured), ("original", result.sides.original)):
        flag = "  (REHEARSAL: hosts mapped or added; not evidence)" if side.rehearsal else ""
        answer(f"  {which}: {side.label}  {side.title or ''}{flag}", style="yellow" if flag else None)
    share = result.coverage
    if result.level is not None:
        answer(f"  common: {share.captured:.1%} of the captured text, {share.original:.1%} of the original")
    _print_edits(result, captured, original)
    for move in result.moves[:_SHOWN_MOVES]:
        words = " ".join(move.captured.text.split())[:_MOVED]
        answer(f"  moved, at {move.captured.start} / {move.original.start}: {words}…", style="red")
    if len(result.moves) > _SHOWN_MOVES:
        answer(f"  and {counted(len(result.moves) - _SHOWN_MOVES, 'more move')} (--json lists all)")
    for part in result.frame:
        answer(f"  not counted ({part.role}, {part.side}): {' '.join(part.text.split())}", style="dim")
    for warning in result.warnings:
        answer(f"  note: {warning}", style="yellow")


def _print_edits(result: Result, captured: Side, original: Side) -> None:
    if not result.edits:
        return
    shown = table(None, "class", "matters", "captured", "original", "at")
    for edit in result.edits[:_SHOWN_EDITS]:
        place = f"{edit.captured.start} / {edit.original.start}"
        there, here = _in_context(captured.text, edit.captured), _in_context(original.text, edit.original)
        shown.add_row(cell(edit.class_), cell("yes" if edit.material else "no"), there, here, cell(place))
    console().print(shown)
    left = len(result.edits) - _SHOWN_EDITS
    if left > 0:
        answer(f"  and {counted(left, 'more edit')} (--json lists all)")


def _in_context(text: str, span: Span) -> Text:
    """Return an edit's words, marked, between a few characters of what stands around them."""
    from rich.text import Text

    before = text[max(0, span.start - _CONTEXT) : span.start].replace("\n", "¶")
    after = text[span.end : span.end + _CONTEXT].replace("\n", "¶")
    marked = span.text.replace("\n", "¶") or "∅"
    return Text.assemble(
        ("…" + visible(before), "dim"), (f"[{visible(marked)}]", "bold red"), (visible(after) + "…", "dim")
    )

"""`harvester verify`: is the captured text the original's?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harvester.cli.common import ArchiveOption, JsonOption, archive_directory, configuration
from harvester.errors import UsageError

if TYPE_CHECKING:
    from rich.text import Text

    from harvester.verify import Result, Side, Span

_SHOWN_EDITS = 20
_CONTEXT = 12

_SIDE = "An archive id or URL, or a file: document JSON, HTML, Markdown or text."
_WORDS = {
    "identical": ("the texts are identical", "green"),
    "same-text": ("the same text; only its format differs", "green"),
    "minor": ("the same text but for punctuation that carries no meaning", "green"),
    "excerpt": ("a faithful excerpt: a part of the original, unchanged", "green"),
    "altered": ("the text was altered", "red"),
    "excerpt-altered": ("an excerpt, and altered", "red"),
    "different": ("different texts", "red"),
    "cannot-verify": ("cannot tell", "yellow"),
}


def verify(
    captured: Annotated[str, typer.Argument(metavar="CAPTURED", help=_SIDE)],
    original: Annotated[str, typer.Argument(metavar="ORIGINAL", help="The same, for the original.")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> int:
    """Compare a captured text with its original: what is the same, and which edits there are.

    Exit 0: identical, same-text, minor, or a faithful excerpt. 1: altered, excerpt-altered or different.
    4: cannot-verify.
    """
    from harvester.cli.output import write_bytes
    from harvester.verify import compare, exit_code, to_bytes

    one, other = _side(captured, archive), _side(original, archive)
    result = compare(one, other)
    if as_json:
        write_bytes(to_bytes(result))
    else:
        _print(result, one, other)
    return exit_code(result)


def _side(name: str, archive: Path | None) -> Side:
    """Return a side: a file if there is one of that name, else a capture of the archive."""
    from harvester import pipeline
    from harvester.verify import load_side

    path = Path(name)
    if "://" not in name and path.exists():
        return load_side(path, extract=pipeline.extract)
    if "://" not in name and ("/" in name or path.suffix):
        raise UsageError(f"there is no file {name}")
    return _from_archive(name, archive)


def _from_archive(name: str, archive: Path | None) -> Side:
    import msgspec

    from harvester.cli.library import opened
    from harvester.document import PageState
    from harvester.verify import side_from_document, side_from_state

    directory = archive_directory(archive, configuration())
    with opened(directory) as (_, library):
        row = library.find(name)
        if row.page_state is None:
            return side_from_document(library.document(row), row.id)
    return side_from_state(msgspec.json.decode(row.page_state, type=PageState), row.id)


def _print(result: Result, captured: Side, original: Side) -> None:
    from harvester.cli.output import answer, cell, console, table

    words, style = _WORDS[result.verdict]
    answer(f"{result.verdict}: {words}", style=f"bold {style}")
    if result.reason:
        answer(f"  {result.reason}")
    for name, side in (("captured", result.sides.captured), ("original", result.sides.original)):
        flag = "  (REHEARSAL: hosts mapped or added; not evidence)" if side.rehearsal else ""
        answer(f"  {name}: {side.label}  {side.title or ''}{flag}", style="yellow" if flag else None)
    share = result.coverage
    answer(f"  common: {share.captured:.1%} of the captured text, {share.original:.1%} of the original")
    if result.edits:
        shown = table(None, "class", "matters", "captured", "original", "at")
        for edit in result.edits[:_SHOWN_EDITS]:
            place = f"{edit.captured.start} / {edit.original.start}"
            there, here = _in_context(captured.text, edit.captured), _in_context(original.text, edit.original)
            shown.add_row(cell(edit.class_), cell("yes" if edit.material else "no"), there, here, cell(place))
        console().print(shown)
    left = len(result.edits) - _SHOWN_EDITS
    if left > 0:
        answer(f"  and {left} more edits (--json lists all)")
    for part in result.frame:
        answer(f"  not counted ({part.role}, {part.side}): {' '.join(part.text.split())}", style="dim")
    for warning in result.warnings:
        answer(f"  note: {warning}", style="yellow")


def _in_context(text: str, span: Span) -> Text:
    """Return an edit's words, marked, between a few characters of what stands around them."""
    from rich.text import Text

    from harvester.cli.output import visible

    before = text[max(0, span.start - _CONTEXT) : span.start].replace("\n", "¶")
    after = text[span.end : span.end + _CONTEXT].replace("\n", "¶")
    marked = span.text.replace("\n", "¶") or "∅"
    return Text.assemble(
        ("…" + visible(before), "dim"), (f"[{visible(marked)}]", "bold red"), (visible(after) + "…", "dim")
    )

"""What was edited, located: the capture after an edit against the one before it (`harvester.verify`)."""

from __future__ import annotations

from typing import Final

from archive.words import counted, in_short
from harvester.document import Document
from harvester.errors import GiveUpError, UsageError
from harvester.library import Library
from harvester.verify import Result, compare, side_from_document
from harvester.watch.events import Compared

WIDTH: Final = 60
"""Characters shown of a passage."""


def diff_of(library: Library, before: str, after: str) -> Result | None:
    """Return how the texts of two captures (ids) differ, the earlier one being the original.

    None where a document is not there any more.
    """
    documents = [_document(library, name) for name in (before, after)]
    earlier, later = documents
    if earlier is None or later is None:
        return None
    return compare(side_from_document(later, after), side_from_document(earlier, before))


def edit_lines(result: Result, width: int = WIDTH) -> list[str]:
    """Return a line for each edit of a text: what stood there, and what stands there now."""
    lines = []
    for edit in result.edits:
        old, new = (in_short(side.text, width) for side in (edit.original, edit.captured))
        mark = "!" if edit.material else " "
        lines.append(f"{mark} {edit.class_}: {old or '(nothing)'} → {new or '(nothing)'}")
    return lines


def edits_in_words(result: Result) -> str:
    """Return how many edits of a text there are, and which of them can carry meaning."""
    material = [edit.class_ for edit in result.edits if edit.material]
    count = len(result.edits) + len(result.moves)
    said = counted(count, "edit")
    if not material and not result.moves:
        return f"{said}, none of them material"
    classes = dict.fromkeys([*material, *(["order"] if result.moves else [])])
    return f"{said}, {len(material) + len(result.moves)} material: {', '.join(classes)}"


def compared_lines(compared: Compared) -> list[str]:
    """Return what came of a comparison with an original: verdict, the original, the first difference."""
    edits = counted(compared.edits, "edit")
    said = (
        f"{compared.verdict}, {edits}, {compared.material} material" if compared.edits else compared.verdict
    )
    when = f"{compared.original_at:%Y-%m-%d %H:%M}" if compared.original_at else ""
    title = " ".join((compared.original_title or compared.original_url or "").split())
    lines = [
        said + (f", {compared.moves} moved" if compared.moves else ""),
        " ".join(filter(None, ("original:", title, when and f"(captured {when})"))),
        compared.original,
    ]
    if compared.first:
        class_, *sides = compared.first
        original, captured = (in_short(side, WIDTH) or "(nothing)" for side in sides)
        lines.append(f"! {class_}: {original} → {captured}")
    return lines


def _document(library: Library, name: str) -> Document | None:
    try:
        return library.document(library.find(name))
    except (GiveUpError, UsageError):
        return None

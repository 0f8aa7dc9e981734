"""What was edited, located: the capture after an edit against the one before it (`harvester.verify`)."""

from __future__ import annotations

from harvester.document import Document
from harvester.errors import GiveUpError, UsageError
from harvester.library import Library
from harvester.verify import Result, compare, side_from_document


def diff_of(library: Library, before: str, after: str) -> Result | None:
    """Return how the texts of two captures (ids) differ, the earlier one being the original.

    None where a document is not there any more.
    """
    documents = [_document(library, name) for name in (before, after)]
    earlier, later = documents
    if earlier is None or later is None:
        return None
    return compare(side_from_document(later, after), side_from_document(earlier, before))


def edit_lines(result: Result, width: int = 60) -> list[str]:
    """Return a line for each edit of a text: what stood there, and what stands there now."""
    lines = []
    for edit in result.edits:
        old, new = (_short(side.text, width) for side in (edit.original, edit.captured))
        mark = "!" if edit.material else " "
        lines.append(f"{mark} {edit.class_}: {old or '(nothing)'} → {new or '(nothing)'}")
    return lines


def _short(text: str, width: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"


def _document(library: Library, name: str) -> Document | None:
    try:
        return library.document(library.find(name))
    except (GiveUpError, UsageError):
        return None

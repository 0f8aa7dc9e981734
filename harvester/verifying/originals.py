"""A capture against an original that is not named: found, compared version by version, judged with care."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from archive import Archive
from harvester.finder import Candidate, Finder, Suggested
from harvester.library import Library, PageRow
from harvester.verify import Options, Result, Side, compare
from harvester.verify.compare import DEFAULT
from harvester.verifying.sides import side_of_row
from harvester.verifying.values import Verification, Version

NOT_FOUND: Final = "no original of it was found among the archived documents"
ABSENT: Final = Side(text="", label="–", problem=NOT_FOUND)
"""The other side where no original was found."""
UNLIKE: Final = (
    "the archived document most like it is another text, and nothing else says that it is the original"
)
_LIMIT: Final = 5
_NAMED: Final = frozenset({"link.source-url", "link.in-text"})
"""Reasons by which the captured page itself names a document as its original."""
_SAME_NAME: Final = frozenset({"title.same", "date.near"})
"""Reasons that together name it too: of that title, of those days."""
_NEARNESS: Final = {verdict: place for place, verdict in enumerate(
    ("identical", "same-text", "minor", "excerpt", "altered", "excerpt-altered", "different", "cannot-verify")
)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Compared:
    rows: Sequence[PageRow]
    result: Result

    @property
    def distance(self) -> tuple[int, int, int, float]:
        """How far a version is from the captured text; the nearest is the least."""
        edits = self.result.edits
        material = sum(edit.material for edit in edits) + len(self.result.moves)
        shared = self.result.coverage.captured + self.result.coverage.original
        return _NEARNESS[self.result.verdict], material, len(edits), -shared


def verification(
    archive: Archive, library: Library, captured: Side, finder: Finder, options: Options = DEFAULT
) -> Verification:
    """Find the original of a captured text in the archive and compare with each captured version of it.

    The verdict is that of the nearest version (of equally near ones the oldest). Where nothing was found,
    or only a document that is another text and that the captured page does not name, it is
    `cannot-verify`: a text is not "different" from an original that may not be here.
    """
    found = finder.search(captured, _LIMIT) if captured.problem is None else None
    candidates, suggested = (found.candidates, found.suggested) if found else ((), ())
    if not candidates:
        return _none(captured, suggested, options)
    best = candidates[0]
    compared = [
        _Compared(rows, compare(captured, side_of_row(archive, library, rows[0]), options))
        for rows in _versions(library, best)
    ]
    least = min(one.distance for one in compared)
    nearest = next(one for one in compared if one.distance == least)
    result = nearest.result if _is_named(best) else with_care(nearest.result)
    return Verification(
        captured=captured.label,
        original=nearest.rows[0].id,
        result=result,
        candidates=candidates,
        suggested=suggested,
        versions=tuple(_version(one, nearest=one.distance == least) for one in compared),
    )


def verify_capture(archive: Archive, library: Library, capture_id: str, options: Options = DEFAULT) -> Result:
    """Compare a capture of the archive with its original there; `verification` without all that leads to it.

    Raises `UsageError` for an id that is not there, `StorageError` where the finder's index fails.
    """
    side = side_of_row(archive, library, library.find(capture_id))
    with Finder.open(archive, library) as finder:
        return verification(archive, library, side, finder, options).result


def with_care(result: Result) -> Result:
    """Return a comparison with what nothing names as the original: another text is not "different"."""
    if result.verdict != "different":
        return result
    return msgspec.structs.replace(result, verdict="cannot-verify", reason=UNLIKE)


def _none(captured: Side, suggested: tuple[Suggested, ...], options: Options) -> Verification:
    result = compare(captured, ABSENT, options)
    if captured.problem is None and captured.text.strip():
        why = NOT_FOUND + ("; an address that the text gives could be fetched" if suggested else "")
        result = msgspec.structs.replace(result, reason=why)
    return Verification(captured=captured.label, original=None, result=result, suggested=suggested)


def _is_named(candidate: Candidate) -> bool:
    rules = {reason.rule for reason in candidate.reasons}
    return bool(rules & _NAMED) or rules >= _SAME_NAME


def _versions(library: Library, candidate: Candidate) -> list[list[PageRow]]:
    """Return the captures of an original by the text they hold, oldest text first."""
    by_text: dict[str | None, list[PageRow]] = {}
    rows = [library.find(name) for name in (candidate.id, *candidate.versions)]
    for row in sorted(rows, key=lambda row: (row.fetch_date, row.id)):
        by_text.setdefault(row.text_sha256, []).append(row)
    return list(by_text.values())


def _version(one: _Compared, *, nearest: bool) -> Version:
    first = one.rows[0]
    return Version(
        id=first.id,
        captures=tuple(row.id for row in one.rows),
        fetch_dates=tuple(row.fetch_date for row in one.rows),
        url=first.url,
        text_sha256=first.text_sha256 or "",
        verdict=one.result.verdict,
        edits=len(one.result.edits),
        material=sum(edit.material for edit in one.result.edits),
        nearest=nearest,
    )

"""From the kept comparisons of one article to its events: does it say what its original says? Pure.

`verified`: it does, or is a faithful part of it. `differs`: something that can carry meaning is not the same.
`original-edited`: after it was compared, its original was found edited; so it stands to the new version.
Where nothing could be told (`cannot-verify`) there is no event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

import msgspec

from harvester.library import PageRow, VerificationRow
from harvester.watch.events import DIFFERING, Compared, Event

METHOD: Final = "comparison"
"""Of an event that no visit told."""
_NOT_TOLD: Final = frozenset({"cannot-verify"})


def compared_events(
    rows: Iterable[VerificationRow], captures: Mapping[str, PageRow], originals: Mapping[str, PageRow]
) -> list[Event]:
    """Return what these comparisons, in order of time, tell of the article that they are of.

    Of two records that were compared again with the same outcome, by newer rules or at another level, there
    is one event, of the first time and record and as the last says: what is made again is no news.

    `captures` are the article's captures and `originals` those compared with, by their records.
    """
    events: list[Event] = []
    before: dict[str, list[PageRow]] = {}  # by the text that was compared, in whatever capture
    told_of: dict[tuple[str, str], int] = {}
    for row in rows:
        capture, original = captures.get(row.captured_record), originals.get(row.original_record)
        if capture is None or row.verdict in _NOT_TOLD:
            continue
        same = told_of.get((row.captured_record, row.original_record))
        outcome = _outcome(row.verdict)
        first = None if same is None else events[same]
        if same is not None and first and first.compared and _outcome(first.compared.verdict) == outcome:
            again = _event(first.kind, row, capture, original)
            events[same] = msgspec.structs.replace(again, at=first.at, record_id=first.record_id)
            continue
        told_of[row.captured_record, row.original_record] = len(events)
        earlier = before.setdefault(capture.text_sha256 or row.captured_record, [])
        edited = original is not None and _is_edit_of(original, earlier)
        events.append(_event("original-edited" if edited else outcome, row, capture, original))
        earlier += [original] if original else []
    return events


def _outcome(verdict: str) -> str:
    return "differs" if verdict in DIFFERING else "verified"


def _is_edit_of(original: PageRow, earlier: Iterable[PageRow]) -> bool:
    """Tell whether this is a later version, with another text, of what was compared with before."""
    same = [one for one in earlier if one.identity_key == original.identity_key]
    return bool(same) and all(
        one.fetch_date < original.fetch_date and one.text_sha256 != original.text_sha256 for one in same
    )


def _event(kind: str, row: VerificationRow, capture: PageRow, original: PageRow | None) -> Event:
    first = row.first_class and (row.first_class, row.first_original or "", row.first_captured or "")
    return Event(
        kind=kind,
        at=datetime.fromisoformat(row.at),
        url=capture.requested_url or capture.url or "",
        state=capture.state,
        id=capture.id,
        record_id=row.record_id,
        method=METHOD,
        compared=Compared(
            verdict=row.verdict,
            level=row.level,
            original=row.original,
            original_title=original.title if original else None,
            original_url=original.url if original else None,
            original_at=datetime.fromisoformat(original.fetch_date) if original else None,
            edits=row.edits,
            material=row.material,
            moves=row.moves,
            first=first or None,
        ),
    )

"""From kept comparisons to events: which are edits of the original, which differences, which nothing."""

from __future__ import annotations

from typing import Any

import msgspec

from harvester.library import PageRow, VerificationRow
from harvester.watch.comparisons import compared_events


def page(record: str, day: int, *, text: str, key: str) -> PageRow:
    told: dict[str, Any] = dict.fromkeys(PageRow.__struct_fields__)
    told |= {"id": record, "record_id": record, "site": "mfa", "state": "ok", "method": "live"}
    told |= {"fetch_date": f"2026-05-{day:02}T00:00:00Z", "text_sha256": text, "identity_key": key}
    return msgspec.convert({**told, "rehearsal": False, "url": "https://example.org/"}, PageRow)


REPOST, AGAIN = page("r1", 2, text="r", key="repost"), page("r2", 4, text="r", key="repost")
FIRST, SAME = page("o1", 1, text="o", key="original"), page("o2", 3, text="o", key="original")
EDITED = page("o3", 5, text="e", key="original")
OTHER = page("x", 6, text="x", key="another")


def kinds(*compared: tuple[PageRow, PageRow, str]) -> list[str]:
    """Return the kinds of event that these comparisons tell, kept one after the other."""
    rows = [
        VerificationRow(
            record_id=f"v{number}",
            at=f"2026-05-{number + 10}T00:00:00Z",
            captured=captured.id,
            captured_record=captured.record_id,
            original=original.id,
            original_record=original.record_id,
            verdict=verdict,
            level=None,
            edits=1,
            material=1,
            moves=0,
        )
        for number, (captured, original, verdict) in enumerate(compared)
    ]
    captures = {row.record_id: row for row in (REPOST, AGAIN)}
    originals = {row.record_id: row for row in (FIRST, SAME, EDITED, OTHER)}
    return [event.kind for event in compared_events(rows, captures, originals)]


def test_a_later_version_is_an_edit_of_the_original() -> None:
    """Also where the repost was captured again meanwhile, and whatever came of it."""
    assert kinds((REPOST, FIRST, "excerpt"), (AGAIN, EDITED, "altered")) == ["verified", "original-edited"]
    assert kinds((REPOST, FIRST, "altered"), (AGAIN, EDITED, "minor")) == ["differs", "original-edited"]


def test_an_equal_text_an_older_version_and_another_document_are_no_edit() -> None:
    """They are told as what came of them."""
    assert kinds((REPOST, FIRST, "altered"), (AGAIN, SAME, "altered")) == ["differs", "differs"]
    assert kinds((REPOST, EDITED, "altered"), (AGAIN, FIRST, "identical")) == ["differs", "verified"]
    assert kinds((REPOST, FIRST, "minor"), (REPOST, OTHER, "different")) == ["verified", "differs"]


def test_what_cannot_be_told_is_no_event() -> None:
    """Neither is a comparison of a capture that is not there."""
    assert kinds((REPOST, FIRST, "cannot-verify"), (OTHER, FIRST, "altered")) == []


def test_what_is_compared_again_is_no_news() -> None:
    """By newer rules with the same outcome it is one event still; another outcome is told."""
    assert kinds((REPOST, FIRST, "altered"), (REPOST, FIRST, "different")) == ["differs"]
    assert kinds((REPOST, FIRST, "minor"), (REPOST, FIRST, "altered")) == ["verified", "differs"]
    again = kinds((REPOST, FIRST, "minor"), (REPOST, EDITED, "altered"), (REPOST, EDITED, "different"))
    assert again == ["verified", "original-edited"]

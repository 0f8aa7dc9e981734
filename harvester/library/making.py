"""From what a record proved to be to its row in the library."""

from __future__ import annotations

from archive import Block, StoredRecord
from archive.digests import http_head
from harvester.capture.note import CaptureNote, note_from_bytes
from harvester.core import core_of, rules_of
from harvester.document import Document, PageState, to_bytes
from harvester.library.rows import AssetRow, FailureRow, PageRow
from harvester.roles import page_url
from harvester.times import utc_text


def requested_url(record: StoredRecord, note: CaptureNote | None) -> str | None:
    """Return the URL that was asked for, before any redirect."""
    return note.chain[0] if note and note.chain else page_url(record)


def page_row(
    found: Document | PageState, response: StoredRecord, requested_url: str | None, visit: str | None
) -> PageRow:
    """Return the row of a page."""
    document = found if isinstance(found, Document) else None
    head = http_head(Block.of(response.block)) if document is None else None
    return PageRow(
        id=found.id,
        record_id=response.record_id,
        site=found.site,
        kind=document.kind if document else None,
        state=found.state,
        url=found.url,
        requested_url=requested_url,
        title=document.title if document else None,
        source=document.source if document else None,
        date=document.date if document else None,
        published_at=document.published_at if document else None,
        fetch_date=utc_text(response.date),
        identity_key=found.identity.key if found.identity else None,
        text_sha256=document.text_sha256 if document else None,
        characters=len(document.text) if document else None,
        notice=None if isinstance(found, Document) else found.notice,
        rule=None if isinstance(found, Document) else found.rule,
        method=found.capture.method,
        rehearsal=found.capture.rehearsal is not None,
        page_state=None if isinstance(found, Document) else to_bytes(found).decode(),
        status=head.status if head else None,
        modified_at=document.modified_at if document else None,
        core=core_of(document).to_text() if document else None,
        core_rules=rules_of(document) if document else None,
        discovered_via=found.capture.discovered_via,
        visit=visit,
    )


def failure_row(record: StoredRecord, note: CaptureNote) -> FailureRow:
    """Return the row of an attempt that brought no response."""
    url = record.target_uri or ""
    return FailureRow(
        record_id=record.record_id,
        url=url,
        requested_url=note.chain[0] if note.chain else url,
        fetch_date=utc_text(record.date),
        reason=note.failure or "unknown",
        message=note.message,
        visit=note.visit,
    )


def failure_of(record: StoredRecord) -> FailureRow | None:
    """Return the row of a metadata record; None unless it is our note of an attempt at a page.

    Raises `IntegrityError` for a note of ours that cannot be read.
    """
    note = note_from_bytes(record.block)
    if note is None or note.failure is None or note.end != "failed" or note.role != "page":
        return None
    return failure_row(record, note)


def asset_row(response: StoredRecord, note: CaptureNote | None) -> AssetRow:
    """Return the row of an asset."""
    return AssetRow(
        record_id=response.record_id,
        url=note.chain[0] if note and note.chain else response.target_uri or "",
        via=note.via if note else None,
        state=(note and note.failure) or "ok",
        fetch_date=utc_text(response.date),
        role=(note and note.asset_role) or "image",
    )

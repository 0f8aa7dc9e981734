"""The trace of a capture in an archive: its stored document and its records, looked up."""

from __future__ import annotations

import msgspec

from archive import Archive, StoredRecord
from harvester.document import Document, PageState
from harvester.errors import GiveUpError, IntegrityError
from harvester.library import Library, PageRow
from harvester.library.store import note_of
from harvester.tracing.result import Trace
from harvester.tracing.trace import trace


def trace_capture(row: PageRow, archive: Archive, library: Library) -> Trace:
    """Return the trace of one capture, its document as it is stored.

    Raises `IntegrityError` where the record or the stored form is damaged, `GiveUpError` where it is gone.
    """
    entry = archive.entry(row.record_id)
    if entry is None:
        raise IntegrityError(
            f"the record {row.record_id} of {row.id} is in no WARC file; `harvester check` says more"
        )
    response = archive.resolved(archive.read(entry.location))
    payload = _payload(response, archive)
    return trace(_stored(row, library), response, note_of(archive, row.record_id), payload)


def _payload(response: StoredRecord, archive: Archive) -> StoredRecord | None:
    held = archive.entry(response.revisit.record_id) if response.revisit else None
    return archive.read(held.location) if held else None


def _stored(row: PageRow, library: Library) -> Document | PageState:
    if row.page_state is None:
        return library.document(row)
    try:
        return msgspec.json.decode(row.page_state.encode(), type=PageState)
    except msgspec.DecodeError as error:
        raise GiveUpError(
            f"the state of {row.id} is damaged or of another form ({error}); "
            "`harvester reindex` makes it again from the WARC files"
        ) from error

"""From an imported page to its WARC records: the note, then the `resource` it describes."""

from __future__ import annotations

from datetime import datetime

from archive import Block, Record, new_record_id
from harvester.capture.note import CONTENT_TYPE, CaptureNote, note_to_bytes
from harvester.imports.addresses import URN


def import_records(
    body: bytes, content_type: str, uri: str, when: datetime, note: CaptureNote, file_sha256: str
) -> tuple[Record, Record]:
    """Return a page's two records, to be appended as one group.

    A `resource` record is what the standard has for a page without its exchange (WARC 1.1 §6.4). The note
    stands under the URN of the imported file's digest, so that the index tells which files are held.
    """
    resource_id = new_record_id()
    metadata = Record(
        type="metadata",
        record_id=new_record_id(),
        date=when,
        block=Block.of(note_to_bytes(note)),
        content_type=CONTENT_TYPE,
        target_uri=URN + file_sha256,
        fields=(("WARC-Concurrent-To", resource_id),),
    )
    resource = Record(
        type="resource",
        record_id=resource_id,
        date=when,
        block=Block.of(body),
        content_type=content_type,
        target_uri=uri,
    )
    return metadata, resource

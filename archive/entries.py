"""What the index keeps of a record, from the fields and the block that are in the file."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Final

from archive.digests import head_and_body, http_head, is_http
from archive.fields import Fields, bare_uri, parse_date
from archive.http1 import Head
from archive.record import Block, IndexEntry, Location, StoredRecord
from archive.surt import surt

LISTED: Final = frozenset({"response", "revisit", "resource", "metadata"})
"""Record types that a CDXJ lists (cdxj-indexer's DEFAULT_RECORDS)."""

CAPTURES: Final = frozenset({"response", "revisit", "resource"})
"""Record types that answer for a URL at a time."""

_LABEL_END: Final = re.compile(r"[;\s]")


def entry_of(fields: Fields, block: Block, location: Location) -> IndexEntry:
    """Return what the index keeps of a record."""
    first: dict[str, str] = {}
    for name, value in fields:
        first.setdefault(name.lower(), value)
    record_type = first.get("warc-type", "")
    content_type, uri = first.get("content-type"), first.get("warc-target-uri")
    uri = None if uri is None else bare_uri(uri)
    head = None
    if record_type in {"response", "revisit"} and is_http(content_type, "response"):
        head = http_head(block)
        sent = None if head is None else head.get("Content-Type")
    else:
        sent = content_type
    return IndexEntry(
        record_id=first.get("warc-record-id", ""),
        type=record_type,
        date=parse_date(first.get("warc-date", "")),
        target_uri=uri,
        location=location,
        content_type=content_type,
        status=None if head is None else head.status,
        mime=_media_type(sent),
        block_digest=first.get("warc-block-digest"),
        payload_digest=first.get("warc-payload-digest"),
        truncated=first.get("warc-truncated"),
        refers_to=first.get("warc-refers-to"),
        concurrent_to=tuple(value for key, value in fields if key.lower() == "warc-concurrent-to"),
        cdx_mime=_cdx_mime(record_type, sent, head),
        surt=surt(uri) if uri is not None and record_type in CAPTURES else None,
    )


def _media_type(value: str | None) -> str | None:
    media = (value or "").partition(";")[0].strip().lower()
    return media or None


def _cdx_mime(record_type: str, sent: str | None, head: Head | None) -> str | None:
    if record_type == "revisit":
        return "warc/revisit"
    if record_type not in LISTED or sent is None or (record_type == "response" and head is None):
        return None
    return _LABEL_END.split(sent, maxsplit=1)[0]


def cdx_digest(record: StoredRecord) -> str | None:
    """Return the sha1 that warcio, and so cdxj-indexer, computes where a record states no payload digest.

    Transfer-coding is left in, as there. None for a revisit.
    """
    if record.type == "revisit":
        return None
    start = 0
    if record.type == "response" and is_http(record.content_type, "response"):
        _, start = head_and_body(Block.of(record.block)) or (None, 0)
    digest = hashlib.sha1(memoryview(record.block)[start:], usedforsecurity=False)
    return f"sha1:{base64.b32encode(digest.digest()).decode('ascii')}"

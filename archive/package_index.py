"""The line of a record in a package's index: CDXJ as cdxj-indexer 1.5 writes it."""

from __future__ import annotations

import json
import re
from datetime import UTC
from typing import Final

from archive.digests import http_head, is_http
from archive.record import Block, StoredRecord

_LISTED: Final = frozenset({"response", "resource", "metadata"})
_FIELDS_TYPE: Final = "application/warc-fields"
_MEDIA_END: Final = re.compile(r"[;\s]")


def index_line(record: StoredRecord, file: str) -> bytes | None:
    """Return the line (without a line feed) of a record at its location; None for one that is not listed.

    `SURT SP YYYYMMDDhhmmss SP JSON`, numbers as strings. Not listed are requests, warcinfo records, and
    `application/warc-fields`.
    """
    from surt import surt  # noqa: PLC0415  # it is slow to import

    if record.type not in _LISTED or record.target_uri is None:
        return None
    if record.type != "response" and record.content_type == _FIELDS_TYPE:
        return None
    status, media = _head_of(record)
    facts = {
        "url": record.target_uri,
        "mime": _MEDIA_END.split(media, maxsplit=1)[0] if media else None,
        "status": status,
        "digest": record.payload_digest,
        "length": str(record.location.length),
        "offset": str(record.location.offset),
        "filename": file,
    }
    stated = json.dumps({name: value for name, value in facts.items() if value})
    try:
        key = surt(record.target_uri)
    except Exception:  # noqa: BLE001  # as cdxj-indexer: a URL it cannot take apart is its own key
        key = record.target_uri
    return f"{key} {record.date.astimezone(UTC):%Y%m%d%H%M%S} {stated}".encode()


def _head_of(record: StoredRecord) -> tuple[str | None, str | None]:
    if not is_http(record.content_type, "response"):
        return None, record.content_type
    head = http_head(Block.of(record.block))
    if head is None:
        return None, None
    return (str(head.status) if head.status is not None else None), head.get("Content-Type")

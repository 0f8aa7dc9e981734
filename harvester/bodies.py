"""The body inside a record: framing and codings undone, under the caps of reading."""

from __future__ import annotations

from typing import NamedTuple

from archive import StoredRecord
from archive.codings import decode_body
from archive.http1 import parse_response
from harvester.errors import CodingError, HttpMessageError
from harvester.pipeline import DEFAULT_OPTIONS, ReadOptions


class Body(NamedTuple):
    """Decoded bytes and the media type that the server (or the import) gave them, None where it gave none."""

    data: bytes
    content_type: str | None


def body_of(record: StoredRecord, options: ReadOptions = DEFAULT_OPTIONS) -> Body | None:
    """Return the body of a response or resource record; None where it cannot be read."""
    if record.type == "resource":
        return Body(record.block, record.content_type)
    return body_of_response(record.block, options)


def body_of_response(block: bytes, options: ReadOptions = DEFAULT_OPTIONS) -> Body | None:
    """Return the body of an HTTP response; None where it cannot be read."""
    try:
        message = parse_response(block)
        data = decode_body(
            message.payload,
            message.head.get("Content-Encoding"),
            max_bytes=options.max_decoded_bytes,
            max_ratio=options.max_coding_ratio,
        )
    except (HttpMessageError, CodingError):
        return None
    return Body(data, message.head.get("Content-Type"))

"""What a record is to us: a page to be read, an image of one, or neither."""

from __future__ import annotations

from typing import Final

from archive import StoredRecord
from archive.http1 import parse_head
from harvester.capture.note import note_from_bytes
from harvester.errors import HttpMessageError

MARKDOWN_TYPE: Final = "text/markdown"  # RFC 7763
IMPORT_TYPES: Final = frozenset({"text/html", "application/xhtml+xml", MARKDOWN_TYPE})
"""Media types of the resource records that imports write."""


def is_page(record: StoredRecord, metadata: StoredRecord | None) -> bool:
    """Tell whether a record is a page: as the note beside it says, else (another tool's) by its media type.

    Raises `IntegrityError` for a note of ours that cannot be read.
    """
    note = note_from_bytes(metadata.block) if metadata else None
    if record.type == "resource":
        return note is not None and note.imported is not None
    if note is not None:
        return note.role == "page"
    if page_url(record) is None:
        return False
    try:
        kind = parse_head(record.block).get("Content-Type")
    except HttpMessageError:
        return False
    return kind is None or "html" in kind.lower()


def is_import(metadata: StoredRecord | None) -> bool:
    """Tell from its note whether a resource record is a page that was imported (harvester.imports)."""
    note = note_from_bytes(metadata.block) if metadata else None
    return note is not None and note.imported is not None


def page_url(record: StoredRecord) -> str | None:
    """Return the URL of a record's page; None for one of unknown URL, which stands under a URN."""
    uri = record.target_uri
    return uri if uri and uri.lower().startswith(("http://", "https://")) else None

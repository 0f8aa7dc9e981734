"""A capture as `show` gives it: the stored document, and where its records stand today.

File, offset and length change when WARC files are rolled, packed or merged, and an image may be held
by an earlier capture; so none of it is in the document, and all of it is looked up here.
"""

from __future__ import annotations

import json
from typing import Any, Final

from archive import Archive
from harvester.document import to_bytes
from harvester.intake import asset_url
from harvester.library import Library, PageRow

SHOWN: Final = "+records"
"""What the name of a stored form is followed by when this form of it is meant: `records` and each image's
`record` are in it beside what the stored form's schema describes.
"""


def joined(row: PageRow, archive: Archive, library: Library) -> dict[str, Any]:
    """Return the document (or page state) with `records`, and `record` for each image (`SHOWN`)."""
    found = library.document(row) if row.page_state is None else None
    value: dict[str, Any] = json.loads(to_bytes(found) if found else row.page_state or "{}")
    value["schema"] = value["schema"] + SHOWN
    provenance = value["provenance"]
    ids = {
        "response": provenance["record_id"],
        "payload": provenance.get("payload_record_id"),  # absent in documents of earlier versions
        "metadata": provenance["metadata_id"],
    }
    value["records"] = {name: _place(archive, record_id) for name, record_id in ids.items() if record_id}
    for image in value.get("images", ()):
        image["record"] = _asset_place(archive, library, image["url"])
    if found:
        files = {url: _asset_place(archive, library, url) for url in found.attachments}
        value["records"]["attachments"] = files
    return value


def _asset_place(archive: Archive, library: Library, url: str) -> dict[str, Any] | None:
    asset = library.asset(asset_url(url))
    return _place(archive, asset.record_id) if asset else None


def _place(archive: Archive, record_id: str) -> dict[str, Any] | None:
    entry = archive.entry(record_id)
    if entry is None:
        return None
    location = entry.location
    return {
        "record_id": record_id,
        "file": location.file,
        "offset": location.offset,
        "length": location.length,
    }

"""Fields that the pipeline adds to what a page says: from the record, the note beside it, or other fields."""

from __future__ import annotations

from typing import Final

import msgspec

from archive import Block, StoredRecord
from archive.digests import http_head
from harvester.assemble import page_id
from harvester.capture.note import note_from_bytes
from harvester.document import SCHEMA, STATE_SCHEMA, Document, PageState
from harvester.places import SHOWN_CHARS, Located, Place, at_url, computed
from harvester.roles import page_url
from harvester.sites import site_for_url
from harvester.times import http_date_text, utc_text
from harvester.tracing.digests import sha256

_OF_NOTE: Final = ("discovered_via", "vantage", "rehearsal")


def assembled(
    found: Document | PageState, response: StoredRecord, metadata: StoredRecord | None
) -> dict[str, Located]:
    """Return the places and values of those fields, by name."""
    is_article = isinstance(found, Document)
    recorded = utc_text(response.date)
    key = found.identity.key if found.identity else f"url:{found.url}"
    named = page_id(found.site, key, recorded, response.record_id)
    out = {
        "schema": Located((Place(kind="program"),), SCHEMA if is_article else STATE_SCHEMA),
        "id": Located((*computed("site", "identity.key", "url"), *_of_record("WARC-Date", response)), named),
        **_of_note(response, metadata),
    }
    out.setdefault("fetch_date", Located(_of_record("WARC-Date", response), recorded))
    date = _server_date(response)
    if date is not None:
        out["server_time"] = Located((Place(kind="header", name="Date", shown=date),), http_date_text(date))
    url = page_url(response)
    if url is not None and site_for_url(url).name == found.site:
        out["site"] = Located(at_url("host", url), found.site)
    if isinstance(found, Document):
        out["state"] = Located((Place(kind="program"),), "ok")
        out["text_sha256"] = Located(computed("text"), sha256(found.text))
        published = found.published_at
        out["date"] = Located(computed("published_at"), published[:10] if published else None)
        out["account.name"] = Located(computed("source"), found.source)
    return out


def _server_date(response: StoredRecord) -> str | None:
    own = response.revisit.record if response.revisit else response
    head = http_head(Block.of(own.block)) if own.type != "resource" else None
    return head.get("Date") if head else None


def _of_record(name: str, record: StoredRecord) -> tuple[Place, ...]:
    return (Place(kind="record", name=name, shown=(record.get(name) or "")[:SHOWN_CHARS]),)


def _of_note(response: StoredRecord, metadata: StoredRecord | None) -> dict[str, Located]:
    note = note_from_bytes(metadata.block) if metadata else None
    if note is None:
        return {"capture.method": Located((Place(kind="record", name=response.type),), "warc")}
    values = {name: getattr(note, name) for name in _OF_NOTE}
    out = {
        f"capture.{name}": Located((Place(kind="note", name=name),), msgspec.to_builtins(value))
        for name, value in values.items()
    }
    out["capture.method"] = Located((Place(kind="note", name="method"),), note.method)
    if note.imported is not None:
        place = Place(kind="note", name="imported.fetched", shown=note.imported.fetched)
        out["fetch_date"] = Located((place,), note.imported.fetched)
    return out

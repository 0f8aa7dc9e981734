"""The records of an export as gzip members, in the order in which they are written."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from archive import Archive, Block, Location, Record, StoredRecord
from archive.copying import new_member, stored_member
from archive.fields import RULES, format_date
from archive.writer import warcinfo_block
from harvester.capture.note import CONTENT_TYPE

Member = tuple[StoredRecord, bytes]
"""A record, and its octets as one gzip member."""

_NAMESPACE: Final = uuid.UUID("6f2b7c0e-53f5-5d0a-9c43-0d6b2a8f7f10")  # ours, for ids of derived records


def derived_id(what: str) -> str:
    """Return a WARC-Record-ID that the same input always gives (RFC 9562 version 5)."""
    return f"<urn:uuid:{uuid.uuid5(_NAMESPACE, what)}>"


def package_info(name: str, software: str, created: datetime, what: str) -> Member:
    """Return the warcinfo record that the files of an export begin with."""
    facts = {
        "description": (
            "an export: the records of chosen captures, octet for octet as they are stored; revisits are "
            "made responses again; reading views are Harvester's and not the publisher's"
        )
    }
    record = Record(
        type="warcinfo",
        record_id=derived_id(f"warcinfo {format_date(created)} {what}"),
        date=created,
        block=Block.of(warcinfo_block(software, facts)),
        content_type="application/warc-fields",
        target_uri=None,
        fields=(("WARC-Filename", name),),
    )
    return new_member(record, None)


def about(record_id: str, target_uri: str | None, date: datetime, facts: dict[str, str]) -> Record:
    """Return a metadata record of ours that tells something of another record."""
    return Record(
        type="metadata",
        record_id=derived_id(f"about {record_id}"),
        date=date,
        block=Block.of("".join(f"{name}: {value}\r\n" for name, value in facts.items()).encode()),
        content_type=CONTENT_TYPE,
        target_uri=target_uri,
        fields=(("WARC-Refers-To", record_id),),
    )


def stored_members(
    archive: Archive, places: Iterator[Location], software: str, info_id: str
) -> Iterator[Member]:
    """Yield stored records, each strictly read; a revisit becomes a response, and a record tells of it.

    Raises WarcError for a record that is damaged or a revisit that cannot be resolved.
    """
    for place in places:
        record = archive.read(place)
        if record.type != "revisit":
            yield record, stored_member(archive, place)
            continue
        response = archive.resolved(record)
        yield new_member(_as_new(response), record.get("WARC-Warcinfo-ID") or info_id)
        yield new_member(_materialised(response, software), info_id)


def _as_new(response: StoredRecord) -> Record:
    kept = tuple(
        (name, value)
        for name, value in response.fields
        if name.lower() not in _STATED and not (name.lower() in RULES and RULES[name.lower()].by_writer)
    )
    return Record(
        type=response.type,
        record_id=response.record_id,
        date=response.date,
        block=Block.of(response.block),
        content_type=response.content_type,
        target_uri=response.target_uri,
        fields=kept,
    )


_STATED: Final = frozenset({"warc-type", "warc-record-id", "warc-date", "warc-target-uri", "content-type"})


def _materialised(response: StoredRecord, software: str) -> Record:
    """Return the record that says of a response that it was stored as a revisit."""
    facts = {
        "software": software,
        "description": "stored as a revisit; made a response again for this export",
    }
    source = response.revisit
    if source is not None:
        facts["harvester-revisit-profile"] = source.profile
        facts["harvester-payload-of"] = source.record_id
        facts["harvester-payload-date"] = format_date(source.date)
        facts["harvester-payload-uri"] = source.target_uri or "unknown"
    return about(response.record_id, response.target_uri, response.date, facts)

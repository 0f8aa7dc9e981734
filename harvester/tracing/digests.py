"""Digests computed now, beside what records and documents state."""

from __future__ import annotations

import hashlib

from archive import StoredRecord
from archive.digests import hasher, states
from archive.http1 import parse_response
from harvester.document import Provenance
from harvester.errors import HttpMessageError
from harvester.tracing.result import DigestTrace


def digests_of(record: StoredRecord, provenance: Provenance | None) -> tuple[DigestTrace, ...]:
    """Return the digests of a record's block and payload, as it states them and as `provenance` does."""
    payload = _payload(record)
    told = [
        ("block", "record", record.block_digest, record.block),
        ("payload", "record", record.payload_digest, payload),
    ]
    if provenance is not None:
        told.append(("block", "document", provenance.block_digest, record.block))
        told.append(("payload", "document", provenance.payload_digest, payload))
    return tuple(_compared(of, by, stated, data) for of, by, stated, data in told if stated)


def body_digest(body: bytes, provenance: Provenance) -> DigestTrace:
    """Return the digest of a decoded body, and what the document states of it."""
    return _compared("body", "document", f"sha256:{provenance.body_sha256}", body)


def _payload(record: StoredRecord) -> bytes | None:
    """Return a record's payload, transfer-coding removed; None for a revisit, which holds none."""
    if record.type == "resource":
        return record.block
    if record.type != "response":
        return None
    try:
        return parse_response(record.block).payload
    except HttpMessageError:
        return None


def _compared(of: str, by: str, stated: str, data: bytes | None) -> DigestTrace:
    running = hasher(stated)
    if running is None or data is None:
        return DigestTrace(of=of, stated_by=by, stated=stated, computed=None, equal=None)
    running.update(data)
    equal = states(stated, running.digest())
    computed = stated if equal else f"{stated.partition(':')[0]}:{running.digest().hex()}"
    return DigestTrace(of=of, stated_by=by, stated=stated, computed=computed, equal=equal)


def sha256(text: str) -> str:
    """Return the digest that a document states of its text."""
    return hashlib.sha256(text.encode()).hexdigest()

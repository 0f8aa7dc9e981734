"""From an exchange to the WARC records that keep it.

One group an exchange, appended whole or not at all: the note (`metadata`) first, so that a reader
that streams has it before it meets the response, then `request`, then `response`, joined by
`WARC-Concurrent-To`. A certificate is a `resource` record, kept once an archive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from archive import Block, Record, new_record_id
from harvester.capture.exchange import Exchange, FailedAttempt
from harvester.capture.note import CONTENT_TYPE, CaptureNote, note_to_bytes
from harvester.capture.sniff import media_type_of

_TRUNCATED: Final = {
    "length": "length",
    "time": "time",
    "disconnect": "disconnect",
    "protocol": "unspecified",
}
"""Why a body is cut, in the words of WARC 1.1 §5.13."""

CERTIFICATE_URN: Final = "urn:x-harvester:certificate:sha256:"


def certificate_uri(der: bytes) -> str:
    """Return the target URI under which a certificate (DER) is kept."""
    return CERTIFICATE_URN + hashlib.sha256(der).hexdigest()


def certificate_record(der: bytes, when: datetime) -> Record:
    """Return the record of one certificate."""
    return Record(
        type="resource",
        record_id=new_record_id(),
        date=when,
        block=Block.of(der),
        content_type="application/pkix-cert",
        target_uri=certificate_uri(der),
    )


def exchange_records(exchange: Exchange, note: CaptureNote) -> tuple[Record, ...]:
    """Return note, request and response; a message's bytes are the wire's, untouched."""
    response_id = new_record_id()
    joined = ("WARC-Concurrent-To", response_id)
    address = [("WARC-IP-Address", exchange.peer_ip)] if exchange.peer_ip else []
    uri, date = exchange.url, exchange.started
    request = Record(
        type="request",
        record_id=new_record_id(),
        date=date,
        block=Block.of(exchange.request),
        content_type="application/http;msgtype=request",
        target_uri=uri,
        fields=(joined, *address),
    )
    response = Record(
        type="response",
        record_id=response_id,
        date=date,
        block=exchange.response,
        content_type="application/http;msgtype=response",
        target_uri=uri,
        fields=(*address, *_connection_fields(exchange), *_body_fields(exchange)),
    )
    return (_note_record(uri, date, note, (joined,)), request, response)


def failure_records(attempt: FailedAttempt, note: CaptureNote) -> tuple[Record, ...]:
    """Return the note of an attempt that brought no response, and its request if one was sent."""
    if not attempt.request:
        return (_note_record(attempt.url, attempt.started, note, ()),)
    request_id = new_record_id()
    request = Record(
        type="request",
        record_id=request_id,
        date=attempt.started,
        block=Block.of(attempt.request),
        content_type="application/http;msgtype=request",
        target_uri=attempt.url,
        fields=(("WARC-IP-Address", attempt.peer_ip),) if attempt.peer_ip else (),
    )
    joined = (("WARC-Concurrent-To", request_id),)
    return (_note_record(attempt.url, attempt.started, note, joined), request)


def _note_record(uri: str, date: datetime, note: CaptureNote, fields: Sequence[tuple[str, str]]) -> Record:
    return Record(
        type="metadata",
        record_id=new_record_id(),
        date=date,
        block=Block.of(note_to_bytes(note)),
        content_type=CONTENT_TYPE,
        target_uri=uri,
        fields=tuple(fields),
    )


def _connection_fields(exchange: Exchange) -> list[tuple[str, str]]:
    # WARC-Protocol and WARC-Cipher-Suite: proposals 42 and 86 of iipc/warc-specifications.
    protocol = exchange.head.protocol.lower() if exchange.head else "http/1.1"
    fields = [("WARC-Protocol", protocol)]
    if exchange.tls:
        fields.append(("WARC-Protocol", exchange.tls.version.lower().replace("tlsv", "tls/")))
        fields.append(("WARC-Cipher-Suite", exchange.tls.cipher))
    return fields


def _body_fields(exchange: Exchange) -> list[tuple[str, str]]:
    fields = []
    if exchange.end in _TRUNCATED:
        fields.append(("WARC-Truncated", _TRUNCATED[exchange.end]))
    kind = media_type_of(exchange.response) if exchange.head else None
    if kind:
        fields.append(("WARC-Identified-Payload-Type", kind))
    return fields

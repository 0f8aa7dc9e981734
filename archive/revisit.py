"""Revisit records (WARC/1.1 §6.7): how one is made of a response, and how it is made a response again.

Pure: records in, records out; where the referred record lies is for `Archive` and `archive.originals`.

Writing keeps every byte of the wire: a response becomes a revisit only if the head that stays and the
body that the referred record holds give the very octets that were received. A body framed by
Content-Length or by the end of the connection is the payload itself; the octets of a chunked body are
its framing too, so there the referred record must hold the same chunks.

Reading is wider, since other tools keep less: a revisit without a block takes the referred head, and a
head whose framing does not fit the payload is given one that does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Final

from archive import digests
from archive.errors import HttpMessageError, UnresolvedRevisitError
from archive.fields import Fields, bare_uri, format_date, parse_date
from archive.http1 import Message, parse_response
from archive.record import Block, Record, Revisited, StoredRecord

IDENTICAL_PAYLOAD: Final = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED: Final = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
MIN_PAYLOAD_BYTES: Final = 1024
"""Smaller payloads are kept again. Compressed, a revisit takes some 645 bytes and a response some 410
besides its payload; 1 KiB of prose is 660 more, 256 bytes as much as the reference that replaces it. Below
the floor little or nothing is saved, for a reference that can break."""

_PROFILE = re.compile(r"https?://netpreserve\.org/warc/[0-9.]+/(?:revisit/)?([a-z-]+)")
_KINDS: Final = {
    "identical-payload-digest": IDENTICAL_PAYLOAD,
    "uri-agnostic-identical-payload-digest": IDENTICAL_PAYLOAD,
    "server-not-modified": NOT_MODIFIED,
}
_RESPONSE_TYPE: Final = "application/http;msgtype=response"
_OF_THE_REVISIT: Final = frozenset(
    {
        "warc-profile",
        "warc-refers-to",
        "warc-refers-to-target-uri",
        "warc-refers-to-date",
        "warc-truncated",
        "warc-block-digest",
        "warc-payload-digest",
        "warc-type",
        "content-type",
        "content-length",
    }
)
"""Fields that say how the revisit is stored, and not what was received."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What a revisit says of the record it refers to; `profile` is one of ours, None for an unknown one."""

    profile: str | None
    record_id: str | None
    target_uri: str | None
    date: datetime | None
    payload_digest: str | None


def reference_of(revisit: StoredRecord) -> Reference:
    """Read what a revisit refers to; values that break their form are None."""
    date_text = revisit.get("WARC-Refers-To-Date")
    try:
        date = parse_date(date_text) if date_text else None
    except ValueError:
        date = None
    uri = revisit.get("WARC-Refers-To-Target-URI")
    return Reference(
        profile=profile_of(revisit.get("WARC-Profile") or ""),
        record_id=revisit.get("WARC-Refers-To"),
        target_uri=bare_uri(uri) if uri else None,
        date=date,
        payload_digest=revisit.payload_digest,
    )


def profile_of(uri: str) -> str | None:
    """Return the profile of WARC/1.1 that a URI names, None for another.

    Understood are also those of drafts and WARC/1.0, the `uri-agnostic-` one of some tools, and that
    of the standard's own example, without `revisit/` (erratum 36 of iipc/warc-specifications).
    """
    found = _PROFILE.fullmatch(uri.strip().strip("<>"))
    return _KINDS.get(found.group(1)) if found else None


def as_revisit(record: Record, original: StoredRecord) -> Record | None:
    """Return a response record as a revisit of a stored one; None where that would lose something.

    Something is lost if `original` is no whole response of status 200 with the same payload, or if the
    octets of the record's block do not follow from its head and `original`. Reads the block whole.
    """
    block = record.block.read()
    received, stored = _whole(block), _whole(original.block)
    if received is None or stored is None or not _serves(original, stored):
        return None
    if received.head.status != HTTPStatus.OK or len(received.payload) < MIN_PAYLOAD_BYTES:
        return None
    start = _body_offset(received)
    same = received.payload == stored.payload
    if received.framing == "chunked":
        same = stored.framing == "chunked" and block[start:] == original.block[_body_offset(stored) :]
    if not same or received.surplus or any(name == "WARC-Truncated" for name, _ in record.fields):
        return None
    # §6.7.2: the block is that of a response, cut, and `length` is said to be the reason.
    return _revisit(
        record, Block.of(block[:start]), IDENTICAL_PAYLOAD, original, (("WARC-Truncated", "length"),)
    )


def as_not_modified(record: Record, original: StoredRecord) -> Record | None:
    """Return the record of a 304 answer as a revisit of the response that it confirms; None for another."""
    if not confirms(record.block, original):
        return None
    return _revisit(record, record.block, NOT_MODIFIED, original, ())


def confirms(answer: Block, original: StoredRecord) -> bool:
    """Tell whether an answer is a 304 that can stand for a stored response, whose validators were sent.

    It cannot where that is not whole, not of status 200, or contradicted: by another ETag, or a body.
    """
    received, stored = _whole(answer.read()), _whole(original.block)
    if received is None or stored is None or not _serves(original, stored):
        return False
    if received.head.status != HTTPStatus.NOT_MODIFIED or received.surplus:
        return False
    now, before = received.head.get("ETag"), stored.head.get("ETag")
    return now is None or before is None or _opaque(now) == _opaque(before)


def resolve(revisit: StoredRecord, original: StoredRecord) -> StoredRecord:
    """Return the response that a revisit stands for, made of it and the record it refers to.

    The block of an identical-payload-digest revisit is its own head and the referred payload, that of a
    server-not-modified one the referred head and body. Record id, date, target URI and the fields that
    tell of the exchange are the revisit's. No digest vouches for the block as a whole: `block_digest` is
    None. Raises UnresolvedRevisitError where the two do not belong together.
    """
    reference = reference_of(revisit)
    if reference.profile is None:
        raise unresolved(revisit, f"its profile is unknown: {(revisit.get('WARC-Profile') or '')[:80]!r}")
    if original.type not in {"response", "resource"}:
        raise unresolved(revisit, f"{original.record_id} is a {original.type[:20]} record")
    if reference.profile == NOT_MODIFIED and original.type == "resource":
        raise unresolved(revisit, f"{original.record_id} has no HTTP head that could be unmodified")
    payload, body = _payload_of(revisit, original)
    digest = _checked_digest(revisit, reference, original, payload, body)
    whole = original.type == "response" and _takes_head(revisit, reference)
    source = original.revisit or Revisited(
        revisit, reference.profile, original.record_id, original.date, original.target_uri
    )
    return replace(
        revisit,
        type="response",
        content_type=_RESPONSE_TYPE,
        fields=_response_fields(revisit, original, digest),
        block=original.block if whole else _framed(revisit, payload, body),
        block_digest=None,
        payload_digest=digest,
        revisit=replace(source, record=revisit, profile=reference.profile),
    )


def _takes_head(revisit: StoredRecord, reference: Reference) -> bool:
    """Tell whether the referred head stands for the revisit's, which is a 304's or was not kept."""
    if reference.profile == NOT_MODIFIED or not revisit.block:
        return True
    head = digests.http_head(Block.of(revisit.block))
    return head is not None and head.status == HTTPStatus.NOT_MODIFIED


def _revisit(record: Record, block: Block, profile: str, original: StoredRecord, more: Fields) -> Record:
    refers = [
        ("WARC-Profile", profile),
        ("WARC-Refers-To", original.record_id),
        ("WARC-Refers-To-Date", format_date(original.date)),
    ]
    if original.target_uri is not None:
        refers.insert(2, ("WARC-Refers-To-Target-URI", original.target_uri))
    if original.payload_digest is not None:
        refers.append(("WARC-Payload-Digest", original.payload_digest))
    return replace(record, type="revisit", block=block, fields=(*record.fields, *refers, *more))


def _whole(block: bytes) -> Message | None:
    try:
        message = parse_response(block)
    except HttpMessageError:
        return None
    return message if message.complete else None


def _serves(original: StoredRecord, message: Message) -> bool:
    """Tell whether a stored record may be referred to: a whole response, itself no revisit."""
    return (
        original.type == "response"
        and original.revisit is None
        and original.payload_digest is not None
        and original.get("WARC-Truncated") is None
        and original.get("WARC-Segment-Number") is None
        and message.head.status == HTTPStatus.OK
    )


def _body_offset(message: Message) -> int:
    return message.head.size + sum(head.size for head in message.interim)


def _opaque(etag: str) -> str:
    return etag.strip().removeprefix("W/")  # the weak comparison of RFC 9110 §8.8.3.2


def _payload_of(revisit: StoredRecord, original: StoredRecord) -> tuple[bytes, bytes | None]:
    """Return a referred record's payload, and its chunked body as it was received (None: not chunked)."""
    if original.type == "resource":
        return original.block, None
    try:
        message = parse_response(original.block)
    except HttpMessageError as error:
        raise unresolved(revisit, f"{original.record_id} holds no HTTP response ({error})") from error
    body = original.block[_body_offset(message) :]
    return message.payload, body if message.framing == "chunked" else None


def _checked_digest(
    revisit: StoredRecord,
    reference: Reference,
    original: StoredRecord,
    payload: bytes,
    body: bytes | None,
) -> str | None:
    stated = reference.payload_digest
    if stated is None:
        if reference.profile == IDENTICAL_PAYLOAD:  # §6.7.2: it shall be there; nothing else proves identity
            raise unresolved(revisit, "it states no payload digest")
        return original.payload_digest
    # Some tools digest a chunked body with its framing, as the reader knows too.
    verdicts = [digests.matches(stated, data) for data in (payload, body) if data is not None]
    if True in verdicts:
        return stated
    if None in verdicts and stated == original.payload_digest:
        return stated  # an algorithm that is not known here; both records say the same
    raise unresolved(revisit, f"the payload of {original.record_id} is another: {stated[:80]} does not match")


def _framed(revisit: StoredRecord, payload: bytes, body: bytes | None) -> bytes:
    """Return the revisit's head with the payload behind it, framed as the head says if it can be."""
    head = revisit.block or b"HTTP/1.1 200 OK\r\n\r\n"
    for candidate in (body, payload):
        if candidate is None:
            continue
        message = _whole(head + candidate)
        if message is not None and message.payload == payload and not message.surplus:
            return head + candidate
    return _reframed(revisit, head, payload)


def _reframed(revisit: StoredRecord, head: bytes, payload: bytes) -> bytes:
    """Put a Content-Length in the place of a framing that does not fit: other tools store bodies decoded."""
    try:
        message = parse_response(head)
    except HttpMessageError as error:
        raise unresolved(revisit, f"its own HTTP head cannot be read ({error})") from error
    start = sum(each.size for each in message.interim)
    lines = head[start : start + message.head.size].replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")
    kept = [
        line
        for line in lines
        if line.partition(b":")[0].strip().lower() not in {b"content-length", b"transfer-encoding"}
    ]
    return b"\r\n".join([*kept, b"Content-Length: %d" % len(payload), b"", payload])


def _response_fields(revisit: StoredRecord, original: StoredRecord, digest: str | None) -> Fields:
    fields: list[tuple[str, str]] = [("WARC-Type", "response")]
    fields += [(name, value) for name, value in revisit.fields if name.lower() not in _OF_THE_REVISIT]
    truncated = original.get("WARC-Truncated")
    if truncated is not None:
        fields.append(("WARC-Truncated", truncated))
    if digest is not None:
        fields.append(("WARC-Payload-Digest", digest))
    fields.append(("Content-Type", _RESPONSE_TYPE))
    return tuple(fields)


def unresolved(revisit: StoredRecord, why: str) -> UnresolvedRevisitError:
    """Return the error that says why a revisit cannot be resolved."""
    return UnresolvedRevisitError(
        f"the revisit {revisit.record_id} of {(revisit.target_uri or 'no URI')[:200]} cannot be resolved: "
        f"{why} ({revisit.location.file}, byte {revisit.location.offset})",
        path=revisit.location.file,
        offset=revisit.location.offset,
        record_id=revisit.record_id,
    )

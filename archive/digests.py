"""Digests of blocks and payloads as WARC labels them (`sha256:` and hex; proposal 80), and of files."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Literal, Protocol

from archive.errors import HttpMessageError
from archive.http1 import MAX_HEAD_BYTES, MAX_INTERIM_HEADS, Framer, Head, parse_head
from archive.record import Block

ALGORITHMS = ("sha256", "sha1", "sha512", "md5")
"""Algorithms a stored digest is checked with; a label of another is kept but proves nothing."""
BLOCK_IS_PAYLOAD = frozenset({"resource", "conversion"})
"""Record types whose payload is their block (WARC/1.1 §6.4, §6.8)."""
_SIZES = {name: hashlib.new(name, usedforsecurity=False).digest_size for name in ALGORITHMS}
PayloadForm = Literal["sha256", "sha1-base32"]
"""How payload digests are written: `sha256:` and hex, or `sha1:` and Base32, by which older indexes join."""


_PIECE_BYTES = 256 * 1024  # stays in the processor's cache between the framing and the digest
_URL_SAFE = str.maketrans("-_", "+/")


def sha256_of(chunks: Iterable[bytes]) -> str:
    """Return the labelled sha256 of some bytes given in pieces."""
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return f"sha256:{digest.hexdigest()}"


def is_http(content_type: str | None, kind: str) -> bool:
    """Tell whether a record's Content-Type says its block is an HTTP message of that `kind`."""
    media, _, parameters = (content_type or "").lower().partition(";")
    said = parameters.replace(" ", "")
    return media.strip() == "application/http" and ("msgtype=" not in said or f"msgtype={kind}" in said)


def http_head(block: Block) -> Head | None:
    """Return the final head of the HTTP response a block begins with, None if it cannot be read."""
    found = head_and_body(block)
    return None if found is None else found[0]


def head_and_body(block: Block) -> tuple[Head, int] | None:
    """Return the final head of a block's HTTP response and where its body begins; None as `http_head`."""
    offset = 0
    try:
        for _ in range(MAX_INTERIM_HEADS + 1):
            head = parse_head(block.slice(offset, MAX_HEAD_BYTES))
            offset += head.size
            if not _is_interim(head):
                return head, offset
    except HttpMessageError:
        pass
    return None


def _is_interim(head: Head) -> bool:
    return (
        head.status is not None and head.status // 100 == 1 and head.status != HTTPStatus.SWITCHING_PROTOCOLS
    )


def labelled(running: Hasher, form: PayloadForm) -> str:
    """Return a finished digest as it is written in a record."""
    if form == "sha256":
        return f"sha256:{running.digest().hex()}"
    return f"sha1:{base64.b32encode(running.digest()).decode()}"


def payload_digest(
    record_type: str, content_type: str | None, block: Block, form: PayloadForm = "sha256"
) -> str | None:
    """Return the digest of a record's payload, None where it has none that we compute (WARC/1.1 §6).

    `response`: the body with transfer-encoding removed and content-encoding kept (§6.3.2; warc-
    specifications 22), None when the head cannot be read or its framing
    contradicts itself. `resource` and `conversion`: the block.
    """
    running: Hasher = hashlib.new(form.partition("-")[0], usedforsecurity=False)
    if record_type in BLOCK_IS_PAYLOAD:
        for piece in block.chunks(_PIECE_BYTES):
            running.update(piece)
        return labelled(running, form)
    if record_type != "response" or not is_http(content_type, "response"):
        return None
    framer = Framer(sink=running.update)
    for piece in block.chunks(_PIECE_BYTES):
        if framer.feed(piece) < len(piece):
            break
    framer.eof()
    if framer.head is None or not (framer.complete or "truncated" in framer.problems):
        return None  # where the payload begins and ends cannot be known
    return labelled(running, form)


class Hasher(Protocol):
    """A running digest."""

    def update(self, data: bytes | memoryview, /) -> object: ...

    def digest(self) -> bytes: ...

    def copy(self) -> Hasher: ...


def hasher(labelled: str) -> Hasher | None:
    """Return a fresh digest of a label's algorithm; None when that algorithm is not known to us."""
    algorithm = _algorithm(labelled)
    return hashlib.new(algorithm, usedforsecurity=False) if algorithm in ALGORITHMS else None


def _algorithm(labelled: str) -> str:
    return labelled.partition(":")[0].lower().replace("-", "")


def is_well_formed(labelled: str) -> bool | None:
    """Tell whether a label's value has the length of its algorithm; None when that is not known to us."""
    size = _SIZES.get(_algorithm(labelled))
    return None if size is None else _digest_bytes(labelled.partition(":")[2], size) is not None


def states(labelled: str, actual: bytes) -> bool | None:
    """Tell whether a labelled digest states `actual`; None when its form cannot be read.

    Base16 and Base32 in either case, and both forms of Base64, are understood: all are met in the field.
    """
    stored = _digest_bytes(labelled.partition(":")[2], len(actual))
    return None if stored is None else stored == actual


def matches(labelled: str, data: bytes | memoryview) -> bool | None:
    """Compare a labelled digest with bytes; None when its algorithm or form is not known to us."""
    running = hasher(labelled)
    if running is None:
        return None
    running.update(data)
    return states(labelled, running.digest())


def matches_payload(labelled: str, block: bytes) -> bool | None:
    """Compare a payload digest with the HTTP response in a block; None when nothing can be said.

    It may stand for the payload, or for the body as it lies in the block: that is wrong for a chunked body,
    but it is what warcio and Heritrix before its issue 770 write.
    """
    running = hasher(labelled)
    if running is None:
        return None
    framer = Framer(sink=running.update)
    for start in range(0, len(block), _PIECE_BYTES):
        if framer.feed(block[start : start + _PIECE_BYTES]) < _PIECE_BYTES:
            break
    framer.eof()
    if framer.body_offset is None:
        return None
    if states(labelled, running.digest()) is not False:
        return True
    return matches(labelled, memoryview(block)[framer.body_offset :])


def agree(one: str, other: str) -> bool | None:
    """Tell whether two labelled digests state the same, whatever form each has.

    None when their algorithms differ, or one cannot be read.
    """
    running = hasher(one)
    if running is None or one.partition(":")[0].lower() != other.partition(":")[0].lower():
        return None
    size = len(running.digest())
    stated = [_digest_bytes(label.partition(":")[2], size) for label in (one, other)]
    return None if None in stated else stated[0] == stated[1]


def _digest_bytes(value: str, size: int) -> bytes | None:
    try:
        if len(value) == size * 2:
            return bytes.fromhex(value)
        bare = value.rstrip("=")
        if len(bare) == -(-size * 8 // 6):  # the digits that Base64 takes; Base32 and Base16 take more
            return _exactly(
                base64.b64decode(bare.translate(_URL_SAFE) + "=" * (-len(bare) % 4), validate=True), size
            )
        padded = value.upper() + "=" * (-len(value) % 8)
        decoded = base64.b32decode(padded)
    except (ValueError, binascii.Error):
        return None
    return _exactly(decoded, size)


def _exactly(decoded: bytes, size: int) -> bytes | None:
    return decoded if len(decoded) == size else None


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of a whole file in hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

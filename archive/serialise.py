"""From a `Record` to the octets of a WARC/1.1 record: its fields decided here, its bytes by warcio.

warcio re-serialises HTTP heads, adds sha1 digests and reads ahead when it builds records itself; given
a finished header, no HTTP head and a raw stream, it writes the block verbatim, and that is all it is
asked to do here. Compression, order and durability are the writer's.
"""

from __future__ import annotations

from typing import Any, Protocol

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.digests import BLOCK_IS_PAYLOAD, PayloadForm, payload_digest, sha256_of
from archive.errors import UsageError
from archive.fields import RULES, Fields, format_date, problems
from archive.record import MAX_BLOCK_BYTES, MAX_HEADER_BYTES, Block, Record

PROTOCOL = "WARC/1.1"


class Output(Protocol):
    """Takes the octets of a record, in order."""

    def write(self, data: bytes) -> object: ...


class _FinishedWriter(WARCWriter):  # type: ignore[misc]  # warcio has no types
    """warcio's writer, trusted with a finished header: it must not add digests of its own."""

    def ensure_digest(self, record: Any, block: bool = True, payload: bool = True) -> None:  # noqa: FBT001, FBT002  # the signature is warcio's
        """Add nothing: the header already holds the digests there are to be."""


class _Stream:
    """A block as the readable stream warcio asks for."""

    def __init__(self, block: Block) -> None:
        self._block = block
        self._offset = 0
        self._piece_bytes = block.piece_bytes

    def read(self, size: int) -> bytes:
        """Return the next piece: of what is in memory all, whatever less warcio asks for at a time."""
        data = self._block.slice(self._offset, max(size, self._piece_bytes))
        self._offset += len(data)
        return data


class _Sink:
    """The file-like object warcio writes to; it flushes after each record, which must not reach the disk."""

    def __init__(self, output: Output) -> None:
        self.write = output.write

    def flush(self) -> None:
        """Do nothing: when bytes become durable is decided by whoever writes them."""


def finished_fields(record: Record, warcinfo_id: str | None, form: PayloadForm = "sha256") -> Fields:
    """Return all WARC fields of a record in the order they are written, digests computed.

    The block's digest is always sha256; `form` is the payload's.

    Reads the block once or twice. Raises UsageError, naming the record, for whatever the table in
    `archive.fields` does not allow; nothing has been written then.
    """
    _check_request(record)
    block_digest = sha256_of(record.block.chunks())
    fields: list[tuple[str, str]] = [
        ("WARC-Type", record.type),
        ("WARC-Record-ID", record.record_id),
        ("WARC-Date", format_date(record.date)),
    ]
    if record.target_uri is not None:
        fields.append(("WARC-Target-URI", record.target_uri))
    fields.extend(record.fields)
    if warcinfo_id is not None and record.type != "warcinfo":
        fields.append(("WARC-Warcinfo-ID", warcinfo_id))
    fields.append(("WARC-Block-Digest", block_digest))
    if form == "sha256" and record.type in BLOCK_IS_PAYLOAD:
        digest: str | None = block_digest
    else:
        digest = payload_digest(record.type, record.content_type, record.block, form)
    if digest is not None:
        fields.append(("WARC-Payload-Digest", digest))
    if record.content_type is not None:
        fields.append(("Content-Type", record.content_type))
    fields.append(("Content-Length", str(record.block.size)))
    _refuse(record, problems(record.type, fields))
    if sum(len(name) + len(value.encode()) + 4 for name, value in fields) + 12 > MAX_HEADER_BYTES:
        _refuse(record, [f"its header is longer than {MAX_HEADER_BYTES} bytes"])
    return tuple(fields)


def _check_request(record: Record) -> None:
    found = []
    if record.date.tzinfo is None:
        found.append("its date has no time zone")
    if record.block.size > MAX_BLOCK_BYTES:
        found.append(f"its block of {record.block.size} bytes is larger than {MAX_BLOCK_BYTES}")
    for name, _ in record.fields:
        rule = RULES.get(name.lower())
        if rule is None or not rule.by_writer:
            continue
        excepted = (record.type, rule.name) in {
            ("revisit", "WARC-Payload-Digest"),
            ("warcinfo", "WARC-Filename"),
        }
        if not excepted:
            found.append(f"{rule.name} is set by the writer, not by its caller")
    _refuse(record, found)


def _refuse(record: Record, found: list[str]) -> None:
    if found:
        name = f"{record.type[:20]!r} record {record.record_id[:80]!r}"
        raise UsageError(f"{name} cannot be written: {'; '.join(found)}")


def write_record(record: Record, fields: Fields, output: Output) -> None:
    """Write one record, uncompressed, with the header `fields` and the block verbatim."""
    header = StatusAndHeaders("", list(fields), protocol=PROTOCOL)
    # "resource" is a type that warcio writes whole; of a "revisit" it would leave the block out.
    finished = ArcWarcRecord(
        "warc", "resource", header, _Stream(record.block), None, record.content_type, record.block.size
    )
    _FinishedWriter(_Sink(output), gzip=False, warc_version="1.1").write_record(finished)

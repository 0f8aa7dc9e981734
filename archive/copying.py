"""Records on their way out of an archive: a stored record as one gzip member, octet for octet."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, BinaryIO

from archive.errors import WarcError
from archive.members import GZIP_MAGIC, Input, Source
from archive.record import CHUNK_BYTES, Location, Record, StoredRecord
from archive.zstd_members import ZSTD_MAGIC, ZstdMember, read_dictionary

if TYPE_CHECKING:
    from archive.store import Archive


def gzip_member(chunks: Iterable[bytes], expected_bytes: int = 0) -> bytes:
    """Return the octets of a record as one gzip member; the same octets give the same member."""
    from archive.gzip_writer import MemberWriter  # noqa: PLC0415  # codecs, only for who makes members

    parts: list[bytes] = []
    member = MemberWriter(lambda data: parts.append(bytes(data)), expected_bytes)
    for chunk in chunks:
        member.write(chunk)
    member.finish()
    return b"".join(parts)


def new_member(record: Record, warcinfo_id: str | None) -> tuple[StoredRecord, bytes]:
    """Return a record of our own as it will be read back, and as one gzip member.

    Its location is empty: where it will lie is for the writer of the file to say. Raises UsageError for a
    record that cannot be written.
    """
    from archive.serialise import finished_fields, write_record  # noqa: PLC0415  # warcio, only for a writer

    fields = finished_fields(record, warcinfo_id)
    octets = io.BytesIO()
    write_record(record, fields, octets)
    values = {name.lower(): value for name, value in fields}
    stored = StoredRecord(
        type=record.type,
        record_id=record.record_id,
        date=record.date,
        target_uri=record.target_uri,
        content_type=record.content_type,
        fields=fields,
        block=record.block.read(),
        block_digest=values.get("warc-block-digest"),
        payload_digest=values.get("warc-payload-digest"),
        location=Location("", 0, 0),
    )
    return stored, gzip_member((octets.getvalue(),), octets.tell())


def stored_member(archive: Archive, location: Location) -> bytes:
    """Return a record of an archive as one gzip member, its octets as they are stored.

    A gzip member is given as it lies; of other forms the octets are compressed. They are not judged here:
    read the record strictly first. Raises WarcError for what cannot be inflated, StorageError.
    """
    return archive.with_file(location.file, lambda file, path: _member(file, path, location))


def _member(file: BinaryIO, path: str, location: Location) -> bytes:
    source = Input(file, path, location.offset)
    magic = source.peek(len(ZSTD_MAGIC))
    if magic == ZSTD_MAGIC:
        source.seek(0)
        dictionary = read_dictionary(source)  # the file's first frame, if it has one
        source.seek(location.offset)
        return gzip_member(_pieces(ZstdMember(source, dictionary)))
    file.seek(location.offset)
    data = file.read(location.length)
    if len(data) < location.length:
        raise WarcError(f"{path}: the file is cut", path=path, offset=location.offset)
    return data if magic.startswith(GZIP_MAGIC) else gzip_member((data,), len(data))


def _pieces(source: Source) -> Iterable[bytes]:
    while data := source.read(CHUNK_BYTES):
        yield data

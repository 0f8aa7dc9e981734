"""The values of the archive: a record to be written, a record read back, and where it lies."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from archive.errors import StorageError

CHUNK_BYTES = 1024 * 1024
"""How much of a block is handled at a time."""
MAX_BLOCK_BYTES = 256 * 1024 * 1024
"""Largest block written, and by default read back; a block read back is held in memory once."""
MAX_HEADER_BYTES = 64 * 1024
"""Largest header of a record, from `WARC/` through the blank line."""


def new_record_id() -> str:
    """Return a fresh WARC-Record-ID, `<urn:uuid:…>` (random, RFC 9562 version 4)."""
    return f"<urn:uuid:{uuid.uuid4()}>"


class Block:
    """The octets of a record's block: in memory, or in a spooled file that stays open while in use.

    `size` counts bytes. The content may be read any number of times and must not change.
    """

    __slots__ = ("_data", "_file", "size")

    def __init__(self, data: bytes | None, file: BinaryIO | None, size: int) -> None:
        self._data = data
        self._file = file
        self.size = size

    @staticmethod
    def of(data: bytes) -> Block:
        """Return a block that holds `data`."""
        return Block(data, None, len(data))

    @staticmethod
    def from_file(file: BinaryIO, size: int) -> Block:
        """Return a block of the first `size` bytes of a seekable file, which is read when needed."""
        if size < 0:
            raise ValueError("a block's size cannot be negative")
        return Block(None, file, size)

    @property
    def piece_bytes(self) -> int:
        """How much is handed out at a time without a copy: all, if it is in memory; else a chunk."""
        return CHUNK_BYTES if self._data is None else self.size

    def chunks(self, chunk_bytes: int | None = None) -> Iterator[bytes]:
        """Yield the content in order, in pieces of `chunk_bytes` or else of `piece_bytes`.

        Raises StorageError if the spool is shorter than `size`.
        """
        offset = 0
        while offset < self.size:
            data = self.slice(offset, chunk_bytes or self.piece_bytes)
            yield data
            offset += len(data)

    def slice(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset`, fewer only at the end of the block.

        Raises StorageError if the spool cannot be read or ends early.
        """
        wanted = max(0, min(length, self.size - offset))
        if self._file is None:
            data = self._data or b""
            return data if wanted == len(data) else data[offset : offset + wanted]
        try:
            self._file.seek(offset)
            parts: list[bytes] = []
            while wanted and (part := self._file.read(wanted)):
                parts.append(part)
                wanted -= len(part)
        except (OSError, ValueError) as error:  # ValueError: the file was closed
            raise StorageError(f"the spooled block cannot be read back: {error}") from error
        if wanted:
            raise StorageError(f"the spooled block ends early: {wanted} of {self.size} bytes are missing")
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def read(self) -> bytes:
        """Return the whole content (the very object, if it is in memory)."""
        return self.slice(0, self.size)


@dataclass(frozen=True, slots=True)
class Record:
    """A record to be written.

    `type` is one of `archive.fields.RECORD_TYPES`; `record_id` has its angle brackets; `date` is aware
    and keeps its microseconds; `target_uri` is percent-encoded. `fields` are further WARC fields in
    order (WARC-Concurrent-To, WARC-IP-Address, …). WARC-Block-Digest, WARC-Payload-Digest (except on a
    revisit), Content-Length and WARC-Warcinfo-ID are the writer's business.
    """

    type: str
    record_id: str
    date: datetime
    block: Block
    content_type: str | None
    target_uri: str | None
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Location:
    """Where a record lies: `file` is the closed name inside the archive's `warc/`, numbers are bytes.

    `offset` and `length` are those of the whole stored record: its gzip member, or, in a plain file,
    from `WARC/` through the two line ends after the block.
    """

    file: str
    offset: int
    length: int


def _first(fields: tuple[tuple[str, str], ...], name: str) -> str | None:
    wanted = name.lower()
    return next((value for key, value in fields if key.lower() == wanted), None)


def _every(fields: tuple[tuple[str, str], ...], name: str) -> list[str]:
    wanted = name.lower()
    return [value for key, value in fields if key.lower() == wanted]


@dataclass(frozen=True, slots=True)
class Revisited:
    """How a response was made of a revisit: the revisit as it lies in the file, and what it refers to.

    `profile` is one of `archive.revisit`; `record_id`, `date` and `target_uri` are those of the record that
    holds the payload.
    """

    record: StoredRecord
    profile: str
    record_id: str
    date: datetime
    target_uri: str | None


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record read back, its digests verified. `fields` are all its WARC fields in file order.

    `revisit` is set only on a response that `Archive.resolved` made of a revisit.
    """

    type: str
    record_id: str
    date: datetime
    target_uri: str | None
    content_type: str | None
    fields: tuple[tuple[str, str], ...]
    block: bytes
    block_digest: str | None
    payload_digest: str | None
    location: Location
    revisit: Revisited | None = None

    def get(self, name: str) -> str | None:
        """Return the first WARC field of that name, in any case, or None."""
        return _first(self.fields, name)

    def get_all(self, name: str) -> list[str]:
        """Return every WARC field of that name, in any case, in file order."""
        return _every(self.fields, name)


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """What the index knows of one record, without its block.

    `status` and `mime` are those of the HTTP response inside a `response` or `revisit` record (None if
    there is none or its head cannot be read); for other records `mime` is the record's own media type.
    `concurrent_to` are the ids this record names; `truncated` is WARC-Truncated. `cdx_mime` is the media
    type as CDXJ states it, in the sender's case; `surt` the key of `target_uri`, of records that answer for
    a URL at a time.
    """

    record_id: str
    type: str
    date: datetime
    target_uri: str | None
    location: Location
    content_type: str | None
    status: int | None
    mime: str | None
    block_digest: str | None
    payload_digest: str | None
    truncated: str | None
    refers_to: str | None
    concurrent_to: tuple[str, ...]
    cdx_mime: str | None = None
    surt: str | None = None

"""The strict reader of WARC files: every record whole, every digest right, or a `WarcError`.

Rules: WARC/1.0 and 1.1 (and their last drafts); a header of at most 64 KiB with CRLF line ends; one
Content-Length of ASCII digits; CRLF CRLF after the block; one record per gzip member and nothing after it;
block digests, and payload digests where the payload is in the record, recomputed. Memory is bounded by one
block.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Self

import zstandard

from archive import digests
from archive.dictionaries import dictionary_of
from archive.disk import explain
from archive.errors import StorageError, WarcError
from archive.fields import RULES, Fields, is_token, parse_date
from archive.layout import OPEN_SUFFIX
from archive.members import GZIP_MAGIC, PLAIN_MAGIC, GzipMember, Input, PlainRecord, Source
from archive.record import MAX_BLOCK_BYTES, MAX_HEADER_BYTES, Location, StoredRecord
from archive.storage.places import place
from archive.zstd_members import DICTIONARY_MAGIC, ZSTD_MAGIC, ZstdMember, read_dictionary

if TYPE_CHECKING:
    from archive.storage.places import Place

_VERSIONS = (b"WARC/1.1", b"WARC/1.0", b"WARC/0.18", b"WARC/0.17")
"""The standard's, and the two drafts in which the Internet Archive wrote until 2009: the form is the same."""
_GZIP_START = b"\x1f\x8b\x08"  # magic and the one method there is (RFC 1952 §2.3.1)
_HEADER_READ = 8 * 1024
_JOINED_BYTES = 16 * 1024 * 1024
_PIECE_BYTES = 4 * 1024 * 1024
"""Asked for at a time of a block that is gathered: fewer pieces to join; no more is held than comes."""
_MANDATORY = ("warc-type", "warc-record-id", "warc-date", "content-length")


def read_warc(
    path: Place | str, *, offset: int = 0, max_block_bytes: int = MAX_BLOCK_BYTES
) -> Iterator[StoredRecord]:
    """Yield the records of a `.warc`, `.warc.gz` or `.warc.zst` file in order, from the one at `offset`.

    Raises WarcError (with path and offset) at the first damage, after every whole record before it was
    yielded, and StorageError if the file cannot be read. A cut exactly between two records leaves no
    trace in the file itself: the sidecar digest and the index tell of that.
    """
    path = place(path)
    try:
        file = path.open("rb")
    except OSError as error:
        raise StorageError(f"cannot open {path}: {explain(error)}") from error
    with file:
        yield from read_stream(file, path, offset=offset, max_block_bytes=max_block_bytes)


def next_member(path: Place, offset: int) -> int | None:
    """Return where, at or after `offset`, the next gzip or zstd member may begin; None if there is none.

    For going on behind damage: the place is a guess that strict reading must confirm.
    """
    with path.open("rb") as file:
        zstd = file.read(len(ZSTD_MAGIC)) in {ZSTD_MAGIC, DICTIONARY_MAGIC}
        start = ZSTD_MAGIC if zstd else _GZIP_START
        file.seek(offset)
        tail = b""
        while data := file.read(1 << 20):
            found = (tail + data).find(start)
            if found >= 0:
                return offset - len(tail) + found
            offset += len(data)
            tail = (tail + data)[-(len(start) - 1) :]
    return None


def read_stream(
    file: BinaryIO,
    path: Place | str,
    *,
    offset: int = 0,
    max_block_bytes: int = MAX_BLOCK_BYTES,
    name: str | None = None,
) -> Iterator[StoredRecord]:
    """As `read_warc`, from a file that is open already; `path` only names it, `name` does so in locations."""
    name = place(path).name.removesuffix(OPEN_SUFFIX) if name is None else name
    source = Input(file, str(path))
    if not source.peek(1):
        raise WarcError(f"{path}: the file is empty", path=str(path), offset=offset)
    members = _Members.of(source)  # at the file's start: a dictionary lies there
    if offset:
        source.seek(offset)
    while source.peek(1):
        if not source.peek(len(members.magic)).startswith(members.magic):
            raise _error(source, source.position, "holds bytes that do not begin a record")
        yield _read_one(source, name, members, max_block_bytes=max_block_bytes)


class _Members:
    """How the records of a file are wrapped."""

    def __init__(self, magic: bytes, dictionary: zstandard.ZstdCompressionDict | None = None) -> None:
        self.magic = magic
        self._dictionary = dictionary

    @classmethod
    def of(cls, source: Input) -> Self:
        """Tell it by the file's first bytes; reading stands behind a dictionary then."""
        start = source.peek(len(PLAIN_MAGIC))
        if start.startswith(GZIP_MAGIC):
            return cls(GZIP_MAGIC)
        if start.startswith((DICTIONARY_MAGIC, ZSTD_MAGIC)):
            return cls(ZSTD_MAGIC, read_dictionary(source))
        return cls(PLAIN_MAGIC)

    @property
    def compressed(self) -> bool:
        return self.magic != PLAIN_MAGIC

    def open(self, source: Input) -> Source:
        """Open the member or record that begins where the input stands."""
        if self.magic == GZIP_MAGIC:
            return GzipMember(source)
        return ZstdMember(source, self._dictionary) if self.compressed else PlainRecord(source)


def read_at(path: Place, location: Location, *, max_block_bytes: int = MAX_BLOCK_BYTES) -> StoredRecord:
    """Return the record at a location, checked as `read_warc` checks it, and of the length it should be.

    Raises WarcError for damage and OSError if the file cannot be opened.
    """
    with path.open("rb") as file:
        return read_in(file, str(path), location, max_block_bytes=max_block_bytes)


def read_in(
    file: BinaryIO, path: str, location: Location, *, max_block_bytes: int = MAX_BLOCK_BYTES
) -> StoredRecord:
    """As `read_at`, from a file that is open already; `path` only names it."""
    source = Input(file, path, location.offset)
    if source.peek(len(ZSTD_MAGIC)) == ZSTD_MAGIC:  # the file's dictionary lies at its start
        members = _Members(ZSTD_MAGIC, dictionary_of(source, file))
    else:
        members = _Members.of(source)
    if source.position != location.offset:
        source.seek(location.offset)
    record = _read_one(source, location.file, members, max_block_bytes=max_block_bytes)
    if record.location != location:
        raise _error(
            source,
            location.offset,
            f"holds a record of {record.location.length} bytes where {location.length} are expected; "
            "run `harvester reindex`",
        )
    return record


def _read_one(source: Input, name: str, members: _Members, *, max_block_bytes: int) -> StoredRecord:
    start = source.position
    member = members.open(source)
    parser = _Parser(member, source, start)
    header = parser.header()
    block = parser.block(header.length, max_block_bytes)
    if members.compressed and member.read(1):
        raise _error(source, start, "holds more than one record in a member")
    return _stored(parser, header, block, Location(name, start, source.position - start))


@dataclass(frozen=True, slots=True)
class _Header:
    version: bytes
    fields: Fields
    first: Mapping[str, str]  # the first field of each name, in lower case
    length: int

    def get(self, name: str) -> str | None:
        return self.first.get(name.lower())


class _Parser:
    """Reads one record's octets; knows where it stands for its messages."""

    def __init__(self, member: Source, source: Input, start: int) -> None:
        self._member = member
        self._source = source
        self._start = start
        self._kept = b""

    def error(self, what: str) -> WarcError:
        return _error(self._source, self._start, what)

    def _read(self, size: int) -> bytes:
        if self._kept:
            data, self._kept = self._kept[:size], self._kept[size:]
            return data
        return self._member.read(size)

    def header(self) -> _Header:
        """Read through the blank line; put back what came after it."""
        data = bytearray()
        end = -1
        while end < 0:
            if len(data) > MAX_HEADER_BYTES:
                raise self.error(f"has a header longer than {MAX_HEADER_BYTES} bytes")
            part = self._member.read(_HEADER_READ)
            if not part:
                raise self.error("ends inside its header: the file is cut")
            searched = max(0, len(data) - 3)
            data += part
            end = data.find(b"\r\n\r\n", searched)
        rest = bytes(data[end + 4 :])
        if isinstance(self._member, PlainRecord):
            self._source.unread(rest)
        else:
            self._kept = rest
        return self._parse_header(bytes(data[:end]))

    def _parse_header(self, data: bytes) -> _Header:
        if len(data) + 4 > MAX_HEADER_BYTES:
            raise self.error(f"has a header longer than {MAX_HEADER_BYTES} bytes")
        version, _, rest = data.partition(b"\r\n")
        if version not in _VERSIONS:
            raise self.error(f"does not begin with WARC/1.0 or WARC/1.1 but {version[:20]!r}")
        fields: list[tuple[str, str]] = []
        for line in rest.split(b"\r\n"):
            self._parse_line(line, fields)
        first: dict[str, str] = {}
        counts = dict.fromkeys(_MANDATORY, 0)
        for name, value in fields:
            key = name.lower()
            first.setdefault(key, value)
            if key in counts:
                counts[key] += 1
        for key, count in counts.items():
            if count != 1:
                raise self.error(f"has {RULES[key].name} {count} times; it must stand once")
        return _Header(version, tuple(fields), first, self._length(first["content-length"]))

    def _parse_line(self, line: bytes, fields: list[tuple[str, str]]) -> None:
        if b"\r" in line or b"\n" in line or b"\0" in line:
            raise self.error("has a stray CR, LF or NUL in its header")
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise self.error("has a header that is not UTF-8") from error
        if text[:1] in (" ", "\t") and fields:  # folding, which §4 allows; one space stands for it
            name, value = fields[-1]
            fields[-1] = (name, f"{value} {text.strip()}".strip())
            return
        name, colon, value = text.partition(":")
        if not colon or not (name.lower() in RULES or is_token(name)):
            raise self.error(f"has a header line that is no field: {line[:40]!r}")
        fields.append((name, value.strip(" \t")))

    def _length(self, text: str) -> int:
        if not RULES["content-length"].valid(text):
            raise self.error(f"has a Content-Length that is not a number of bytes: {text[:40]!r}")
        return int(text)

    def block(self, length: int, max_block_bytes: int) -> bytes:
        """Read exactly `length` bytes and the two line ends after them."""
        if length > max_block_bytes:
            raise self.error(f"has a block of {length} bytes; at most {max_block_bytes} are read")
        block = self._exactly(length, "block")
        if self._exactly(4, "end mark") != b"\r\n\r\n":
            raise self.error("is not followed by CRLF CRLF: its length or its block is wrong")
        if self._kept:
            raise self.error("holds more than one record in a member")
        return block

    def _exactly(self, length: int, what: str) -> bytes:
        if length <= _JOINED_BYTES:
            return b"".join(self._pieces(length, what))
        whole = io.BytesIO()  # slower, but hands out what it gathered without holding it twice
        whole.writelines(self._pieces(length, what))
        return whole.getvalue()

    def _pieces(self, length: int, what: str) -> Iterator[bytes]:
        missing = length
        while missing:
            part = self._read(min(missing, _PIECE_BYTES))
            if not part:
                raise self.error(f"ends inside its {what}: {missing} of {length} bytes are missing")
            yield part
            missing -= len(part)


def _stored(parser: _Parser, header: _Header, block: bytes, location: Location) -> StoredRecord:
    date_text = header.get("WARC-Date") or ""
    try:
        date = parse_date(date_text)
    except ValueError as error:
        raise parser.error(f"has a WARC-Date that is none: {date_text[:40]!r}") from error
    uri = header.get("WARC-Target-URI")
    if uri is not None and uri.startswith("<") and uri.endswith(">"):  # as WARC/1.0's grammar had it
        uri = uri[1:-1]
    record = StoredRecord(
        type=header.get("WARC-Type") or "",
        record_id=header.get("WARC-Record-ID") or "",
        date=date,
        target_uri=uri,
        content_type=header.get("Content-Type"),
        fields=header.fields,
        block=block,
        block_digest=header.get("WARC-Block-Digest"),
        payload_digest=header.get("WARC-Payload-Digest"),
        location=location,
    )
    _check_digests(parser, record)
    return record


def _check_digests(parser: _Parser, record: StoredRecord) -> None:
    if record.block_digest is not None and digests.matches(record.block_digest, record.block) is False:
        raise parser.error(f"does not match its block digest {record.block_digest[:80]}")
    if record.payload_digest is None or record.get("WARC-Segment-Number") is not None:
        return
    if record.type in {"resource", "conversion"}:
        agrees = digests.matches(record.payload_digest, record.block)
    elif record.type == "response" and digests.is_http(record.content_type, "response"):
        agrees = digests.matches_payload(record.payload_digest, record.block)
    else:
        return
    if agrees is False:
        raise parser.error(f"does not match its payload digest {record.payload_digest[:80]}")


def _error(source: Input, offset: int, what: str) -> WarcError:
    return WarcError(f"{source.path}: the record at byte {offset} {what}", path=source.path, offset=offset)

"""ARC, the Internet Archive's format of 1996: header lines of blank-separated values before each block.

Version 1 has five values a line (URL, IP address, date, type, length), version 2 ten. URLs with blanks are
met, so lines are taken apart from their end. Source: Burner and Kahle, "Arc File Format".
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from archive.errors import WarcError
from archive.fields import format_date
from archive.foreign.forms import Content, Form, content_of
from archive.http1 import Framer
from archive.members import Input, PlainRecord
from archive.octets import Octets
from archive.record import MAX_BLOCK_BYTES, Location, StoredRecord
from archive.words import counted

MAX_LINE_BYTES: Final = 64 * 1024
BLANKS: Final = b"\r\n"
SPACES: Final = b" \t\r\n\0"
"""What some tools leave between records and behind the last."""

_DIGITS = re.compile(r"[0-9]{1,18}")
_DATE = re.compile(r"[0-9]{8}(?:[0-9]{2}){0,3}")
_VALUES: Final = {1: 5, 2: 10}
_NAMESPACE: Final = uuid.UUID("5b0a2f5e-6c0d-5d7e-9a55-0d1d6c4f7a10")


@dataclass(frozen=True, slots=True)
class ArcHeader:
    """One header line. Values are as written; `length` is None when it is no number."""

    url: str
    ip: str
    date: str
    media_type: str
    length: int | None

    @property
    def is_version_block(self) -> bool:
        """Whether this is the file's own first record."""
        return self.url.startswith("filedesc:")

    def when(self) -> datetime | None:
        """Return the date (YYYYMMDD[hh[mm[ss]]], UTC), None if it is none."""
        if not _DATE.fullmatch(self.date):
            return None
        try:
            return datetime.strptime(self.date.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            return None


def parse_header(line: bytes, version: int = 1) -> ArcHeader | None:
    """Read a header line; None if it has too few values."""
    values = line.decode("utf-8", "backslashreplace").strip("\r\n").rsplit(" ", _VALUES[version] - 1)
    if len(values) != _VALUES[version]:
        return None
    length = int(values[-1]) if _DIGITS.fullmatch(values[-1]) else None
    return ArcHeader(values[0], values[1], values[2], values[3], length)


def version_of(block: bytes) -> int | None:
    """Return the version that a version block states (1 or 2), None if it states none."""
    number = block[:1]
    return int(number) if number in {b"1", b"2"} and block[1:2] == b" " else None


def read_arc(
    source: Input, form: Form, name: str, *, offset: int = 0, max_block_bytes: int = MAX_BLOCK_BYTES
) -> Iterator[StoredRecord]:
    """Yield the records of an ARC file as a WARC would have them: `response`, or `resource` without HTTP.

    They are those from `offset` on, where a record begins.

    Strict: raises WarcError at the first damage. Ids are made of file name, offset and header, so the same
    file gives the same ones. The version block is not a capture and is left out.
    """
    version = 1
    if offset:  # the version stands at the file's start
        start = source.position
        first = Octets(form.member(source) if form.compressed else PlainRecord(source), start)
        header, block = _read_one(first, source, start, version, max_block_bytes)
        version = version_of(block) or version if header.is_version_block else version
        source.seek(offset)
    plain = Octets(PlainRecord(source), source.position)
    while True:
        start = source.position if form.compressed else plain.position
        if form.compressed:
            if not source.peek(1):
                return
            if not source.peek(len(form.magic)).startswith(form.magic):
                raise _error(source, start, "holds bytes that do not begin a record")
            octets = Octets(form.member(source))
        else:
            octets = plain
        octets.skip_any(SPACES)
        start = start if form.compressed else octets.position
        while octets.peek(1):
            header, block = _read_one(octets, source, start, version, max_block_bytes)
            octets.skip_any(SPACES)
            end = source.position if form.compressed else octets.position
            if header.is_version_block:
                version = version_of(block) or version
            else:
                yield _mapped(header, block, Location(name, start, end - start))
            start = start if form.compressed else octets.position
        if not form.compressed:
            return


def _read_one(
    octets: Octets, source: Input, start: int, version: int, max_block_bytes: int
) -> tuple[ArcHeader, bytes]:
    line = octets.until((b"\n",), MAX_LINE_BYTES)
    header = None if line is None or content_of(line) is not Content.ARC else parse_header(line, version)
    if header is None or header.length is None:
        raise _error(source, start, "holds bytes that are no ARC header line")
    if header.length > max_block_bytes:
        raise _error(
            source, start, f"has a block of {header.length} bytes; at most {max_block_bytes} are read"
        )
    block = b"".join(octets.chunks(header.length))
    if len(block) < header.length and not _whole_message(block):
        raise _error(
            source,
            start,
            f"ends early: {counted(header.length - len(block), 'byte is missing', 'bytes are missing')}",
        )
    return header, block


def _whole_message(block: bytes) -> bool:
    """Tell whether a block that its file cut short is whole by the HTTP message in it.

    A length that was taken before line ends were changed is too long.
    """
    message = Framer()
    message.feed(block)
    return message.complete and message.framing == "length"


def _mapped(header: ArcHeader, block: bytes, location: Location) -> StoredRecord:
    is_http = block.startswith(b"HTTP/")
    kind = "response" if is_http else "resource"
    content_type = "application/http;msgtype=response" if is_http else header.media_type
    seed = f"{Path(location.file).name} {location.offset} {header.url} {header.date}"
    record_id = f"<urn:uuid:{uuid.uuid5(_NAMESPACE, seed)}>"
    when = header.when() or datetime.min.replace(tzinfo=UTC)
    fields = (
        ("WARC-Type", kind),
        ("WARC-Record-ID", record_id),
        ("WARC-Date", format_date(when)),
        ("WARC-Target-URI", header.url),
        ("WARC-IP-Address", header.ip),
        ("Content-Type", content_type),
        ("Content-Length", str(len(block))),
    )
    return StoredRecord(kind, record_id, when, header.url, content_type, fields, block, None, None, location)


def _error(source: Input, offset: int, what: str) -> WarcError:
    return WarcError(
        f"{source.path}: the ARC record at byte {offset} {what}", path=source.path, offset=offset
    )

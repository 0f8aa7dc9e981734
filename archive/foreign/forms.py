"""What form a file has, told by its first bytes and never by its name; and how its members open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from archive.errors import WarcError
from archive.members import GZIP_MAGIC, GzipMember, Input, PlainRecord, Source
from archive.zstd_members import DICTIONARY_MAGIC, ZSTD_MAGIC, ZstdMember, read_dictionary

ZIP_MAGIC = b"PK\x03\x04"
_ZIP_MAGICS = (ZIP_MAGIC, b"PK\x05\x06")
_GZIP_START = b"\x1f\x8b\x08"  # magic and the one method there is (RFC 1952 §2.3.1)
_PROBE_BYTES = 16


class Content(StrEnum):
    """What a file's records are."""

    WARC = "warc"
    ARC = "arc"
    ZIP = "zip"  # a WACZ, or no archive of the web at all
    EMPTY = "empty"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Form:
    """How to read a file: what is in it, and how its members are wrapped.

    `magic` begins every member (b"" in a plain file); `member` opens the one at the input's position.
    """

    content: Content
    magic: bytes
    member: Callable[[Input], Source]

    @property
    def compressed(self) -> bool:
        """Whether each record should be a member of its own."""
        return bool(self.magic)


def detect(source: Input) -> Form:
    """Tell a file's form from its first bytes, and leave `source` where its first member begins.

    Raises WarcError where a first member is damaged before it tells what it holds, StorageError.
    """
    start = source.peek(_PROBE_BYTES)
    if not start:
        return Form(Content.EMPTY, b"", PlainRecord)
    if start.startswith(_ZIP_MAGICS):
        return Form(Content.ZIP, b"", PlainRecord)
    if start.startswith(GZIP_MAGIC):
        return _probed(source, _GZIP_START, GzipMember)
    if start.startswith((DICTIONARY_MAGIC, ZSTD_MAGIC)):
        dictionary = read_dictionary(source)
        return _probed(source, ZSTD_MAGIC, lambda at: ZstdMember(at, dictionary))
    return Form(content_of(start), b"", PlainRecord)


def content_of(start: bytes) -> Content:
    """Tell what a member's first bytes begin: a WARC record, an ARC record, or neither."""
    if start[:5].upper() == b"WARC/":
        return Content.WARC
    scheme, colon, _ = start.partition(b":")
    if start.startswith(b"filedesc:") or (colon and scheme.lower() in {b"http", b"https", b"dns", b"ftp"}):
        return Content.ARC
    return Content.UNKNOWN


def _probed(source: Input, magic: bytes, member: Callable[[Input], Source]) -> Form:
    start = source.position
    try:
        first = member(source).read(_PROBE_BYTES)
    except WarcError:
        first = b"WARC/"  # damaged at once: for the reader of WARC members to say how
    source.seek(start)
    return Form(content_of(first) if first else Content.WARC, magic, member)

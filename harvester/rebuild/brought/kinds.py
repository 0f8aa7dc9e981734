"""What a file is, told by its first bytes and never by its name."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal, cast

import msgspec

from archive.disk import explain
from archive.members import GZIP_MAGIC, INFLATED_BYTES, GzipMember, Input, Source
from archive.zstd_members import ZSTD_MAGIC, ZstdMember
from harvester.errors import IntegrityError, StorageError

if TYPE_CHECKING:
    from archive.storage.places import Place

Kind = Literal["web", "parquet", "jsonl", "cdxj"]
PARQUET: Final = "parquet"
JSONL: Final = "jsonl"
CDXJ: Final = "cdxj"
SUFFIXES: Final = (".parquet", ".jsonl", ".ndjson", ".cdxj")
"""Names by which a folder's tables and selections could be known; they are read only when named outright."""

_PROBE_BYTES: Final = 64 * 1024
_PARQUET_MAGIC: Final = b"PAR1"
_CDXJ_LINE: Final = re.compile(rb"[^ \n]{1,8192} [0-9]{4,17} \{")
_META: Final = (b"!meta", b"!OpenWayback-CDXJ")
_BOM: Final = b"\xef\xbb\xbf"


def kind_of(path: Place) -> Kind:
    """Return what reads a file: `web` for a web archive and for whatever is not recognised.

    JSON lines and CDXJ may be packed with gzip or Zstandard. Raises `StorageError` for a file that cannot
    be read.
    """
    with _opened(path) as file:
        if file.read(len(_PARQUET_MAGIC)) == _PARQUET_MAGIC:
            return "parquet"
    start = b""
    with contextlib.suppress(IntegrityError), unpacked(path) as stream:
        # In small pieces: of a damaged file what comes before the damage tells enough.
        while len(start) < _PROBE_BYTES and (more := cast(io.BufferedReader, stream).read1(_PROBE_BYTES)):
            start += more
    start = start.removeprefix(_BOM).lstrip(b" \t\r\n")
    if start.startswith(b"{"):
        return "cdxj" if _names_records(start) else "jsonl"
    return "cdxj" if start.startswith(_META) or _CDXJ_LINE.match(start) else "web"


def _names_records(start: bytes) -> bool:
    """Tell the JSON lines of an index server, which hold places of records, from a table of pages."""
    try:
        first = msgspec.json.decode(start.split(b"\n", 1)[0])
    except (
        msgspec.DecodeError,
        ValueError,
        RecursionError,
    ):  # longer than what was looked at, so it holds a page
        return False
    return isinstance(first, dict) and first.keys() >= {"filename", "offset", "length"}


@contextmanager
def _opened(path: Place) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise StorageError(f"cannot read {path}: {explain(error)}") from error
    with file:
        yield file


@contextmanager
def unpacked(path: Place) -> Iterator[BinaryIO]:
    """Open a file of text for reading, gzip or Zstandard undone, of any number of members.

    Raises `IntegrityError`, also while reading, for packed bytes that are damaged or cut, `StorageError`.
    """
    with _opened(path) as file:
        start = file.read(len(ZSTD_MAGIC))
        file.seek(0)
        member = GzipMember if start.startswith(GZIP_MAGIC) else ZstdMember if start == ZSTD_MAGIC else None
        try:
            if member is None:
                yield file
            else:
                with io.BufferedReader(_Members(Input(file, str(path)), member), INFLATED_BYTES) as stream:
                    yield cast(BinaryIO, stream)
        except OSError as error:
            raise StorageError(f"cannot read {path}: {explain(error)}") from error


def position_of(stream: BinaryIO) -> int:
    """Return how many bytes of its file are behind a stream that `unpacked` opened."""
    raw = getattr(stream, "raw", None)
    return raw.position if isinstance(raw, _Members) else stream.tell()


class _Members(io.RawIOBase):
    """What the members of a packed file hold, one after the other; each is read to its proven end."""

    def __init__(self, source: Input, member: Callable[[Input], Source]) -> None:
        super().__init__()
        self._source = source
        self._open = member
        self._member: Source | None = None

    @property
    def position(self) -> int:
        return self._source.position

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while True:
            if self._member is None:
                if not self._source.peek(1):
                    return 0
                self._member = self._open(self._source)
            data = self._member.read(len(buffer))
            if data:
                buffer[: len(data)] = data
                return len(data)
            self._member = None

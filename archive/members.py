"""Strict reading of what surrounds a record in a file: one gzip member, or a stretch of a plain file.

A member must begin where the last one ended, inflate under its caps, and end with its own checksum
(RFC 1952); anything else is damage. Memory is bounded by the chunk, whatever the member claims.
"""

from __future__ import annotations

from typing import BinaryIO, Final, Protocol

from isal import isal_zlib

from archive.errors import StorageError, WarcError

GZIP_MAGIC = b"\x1f\x8b"
PLAIN_MAGIC = b"WARC/"
READ_BYTES = 64 * 1024
INFLATED_BYTES = 256 * 1024
"""How much of a record is best asked for at a time: what stays in the processor's cache."""
_GZIP_WINDOW = 31  # zlib's code for "a gzip header and trailer, both checked"
# What the inflater leaves over is copied: of a small member, and so of many, little should be.
_FIRST_READ_BYTES = 4 * 1024
_RESERVED_FLAGS: Final = 0xE0  # to be refused (RFC 1952 §2.3.1.2), which isal does not do
_INFLATE_ERROR: Final[type[Exception]] = isal_zlib.error  # type: ignore[assignment]  # for its stub an instance
_FLAGS_AT: Final = 3


class CutError(WarcError):
    """A file that ends before the thing it holds does."""


class Input:
    """A file read forwards, that can take back what was read too far.

    `position` is the offset in the file of the next byte that `read` returns.
    """

    def __init__(self, file: BinaryIO, path: str, offset: int = 0) -> None:
        self.path = path
        self.position = offset
        self._file = file
        self._buffer = b""
        self._at = 0  # in the buffer
        file.seek(offset)

    def read(self, size: int = READ_BYTES) -> bytes:
        """Return 1 to `size` bytes, or b"" at the end of the file. Raises StorageError."""
        if self._at == len(self._buffer):
            self._buffer, self._at = self._next(), 0
        data = self._buffer[self._at : self._at + size]
        self._at += len(data)
        self.position += len(data)
        return data

    def seek(self, offset: int) -> None:
        """Go to another place of the file. Raises StorageError."""
        self._buffer, self._at = b"", 0
        self.position = offset
        try:
            self._file.seek(offset)
        except OSError as error:
            raise StorageError(f"cannot read {self.path}: {error.strerror or error}") from error

    def unread(self, data: bytes) -> None:
        """Put back the last bytes that were read."""
        if len(data) <= self._at:
            self._at -= len(data)
        else:
            self._buffer, self._at = data + self._buffer[self._at :], 0
        self.position -= len(data)

    def peek(self, size: int) -> bytes:
        """Return the next `size` bytes, fewer only at the end of the file, without consuming them."""
        while len(self._buffer) - self._at < size and (more := self._next()):
            self._buffer, self._at = self._buffer[self._at :] + more, 0
        return self._buffer[self._at : self._at + size]

    def _next(self) -> bytes:
        try:
            return self._file.read(READ_BYTES)
        except OSError as error:
            raise StorageError(f"cannot read {self.path}: {error.strerror or error}") from error


class Source(Protocol):
    """The octets of one record, in order."""

    def read(self, size: int) -> bytes:
        """Return 1 to `size` bytes, or b"" at the end of the record's member (or of a plain file)."""
        ...


class GzipMember:
    """One gzip member, inflated piece by piece; raises WarcError for damage of any kind."""

    def __init__(self, source: Input) -> None:
        self._input = source
        self._start = source.position
        self._inflate = isal_zlib.decompressobj(_GZIP_WINDOW)
        self._pending = b""
        self._begun = False

    def read(self, size: int) -> bytes:
        """Return 1 to `size` inflated bytes, b"" only at the member's proven end."""
        while not self._ended():
            data = self._pending or self._next()
            try:
                out = self._inflate.decompress(data, size)
            except _INFLATE_ERROR as error:
                raise self._damage(f"does not inflate ({error})") from error
            self._pending = self._inflate.unconsumed_tail
            if self._ended():
                self._input.unread(self._inflate.unused_data)
            elif not data and not out:
                raise CutError(
                    f"{self._input.path}: the gzip member at byte {self._start} ends before its checksum: "
                    "the file is cut",
                    path=self._input.path,
                    offset=self._start,
                )
            if out:
                return out
        return b""

    def _next(self) -> bytes:
        if not self._begun:
            self._begun = True
            head = self._input.peek(_FLAGS_AT + 1)
            if len(head) > _FLAGS_AT and head[_FLAGS_AT] & _RESERVED_FLAGS:
                raise self._damage("does not inflate (it has reserved flags)")
            return self._input.read(_FIRST_READ_BYTES)
        return self._input.read()

    def _ended(self) -> bool:
        return self._inflate.eof

    def _damage(self, what: str) -> WarcError:
        return WarcError(
            f"{self._input.path}: the gzip member at byte {self._start} {what}",
            path=self._input.path,
            offset=self._start,
        )


class PlainRecord:
    """One record of an uncompressed file: the record's own length says where it ends."""

    def __init__(self, source: Input) -> None:
        self._input = source

    def read(self, size: int) -> bytes:
        """Return 1 to `size` bytes, b"" at the end of the file."""
        return self._input.read(size)

"""Strict reading of what surrounds a record in a file: one gzip member, or a stretch of a plain file.

A member must begin where the last one ended, inflate under its caps, and end with its own checksum
(RFC 1952); anything else is damage. Memory is bounded by the chunk, whatever the member claims.
"""

from __future__ import annotations

import zlib
from typing import BinaryIO, Protocol

from archive.errors import StorageError, WarcError

GZIP_MAGIC = b"\x1f\x8b"
PLAIN_MAGIC = b"WARC/"
READ_BYTES = 64 * 1024
_GZIP_WINDOW = 31  # zlib's code for "a gzip header and trailer, both checked"


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
        self._kept = b""
        file.seek(offset)

    def read(self, size: int = READ_BYTES) -> bytes:
        """Return 1 to `size` bytes, or b"" at the end of the file. Raises StorageError."""
        data, self._kept = self._kept, b""
        if not data:
            try:
                data = self._file.read(size)
            except OSError as error:
                raise StorageError(f"cannot read {self.path}: {error.strerror or error}") from error
        if len(data) > size:
            data, self._kept = data[:size], data[size:]
        self.position += len(data)
        return data

    def seek(self, offset: int) -> None:
        """Go to another place of the file. Raises StorageError."""
        self._kept = b""
        self.position = offset
        try:
            self._file.seek(offset)
        except OSError as error:
            raise StorageError(f"cannot read {self.path}: {error.strerror or error}") from error

    def unread(self, data: bytes) -> None:
        """Put back the last bytes that were read."""
        self._kept = data + self._kept
        self.position -= len(data)

    def peek(self, size: int) -> bytes:
        """Return the next `size` bytes, fewer only at the end of the file, without consuming them."""
        data = self.read(size)
        while data and len(data) < size:
            part = self.read(size - len(data))
            if not part:
                break
            data += part
        self.unread(data)
        return data


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
        self._inflate = zlib.decompressobj(_GZIP_WINDOW)
        self._pending = b""

    def read(self, size: int) -> bytes:
        """Return 1 to `size` inflated bytes, b"" only at the member's proven end."""
        while not self._ended():
            data = self._pending or self._input.read()
            try:
                out = self._inflate.decompress(data, size)
            except zlib.error as error:
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

"""Members of `.warc.zst` files: one Zstandard frame a record, with the file's dictionary if it has one.

Source: the IIPC proposal "Zstandard Compression for WARC Files 1.0". The dictionary lies in a skippable
frame of its own (magic 0x184D2A5D) at the file's start, raw or itself compressed.
"""

from __future__ import annotations

import struct

import zstandard

from archive.errors import WarcError
from archive.members import CutError, Input

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
DICTIONARY_MAGIC = b"\x5d\x2a\x4d\x18"
MAX_DICTIONARY_BYTES = 64 * 1024 * 1024
"""Largest dictionary read, inflated; those made of publishers' boilerplate have a few MB."""
MAX_WINDOW_BYTES = 64 * 1024 * 1024

_DICTIONARY_START = b"\x37\xa4\x30\xec"  # RFC 8878 §6: the magic of a dictionary in the standard format
_SLICE_BYTES = 512  # the binding has no output limit; four bytes of input can stand for a 128 KiB block
_HEAD_BYTES = 8


def read_dictionary(source: Input) -> zstandard.ZstdCompressionDict | None:
    """Read the dictionary frame the file begins with, None if there is none. Raises WarcError."""
    head = source.peek(_HEAD_BYTES)
    if not head.startswith(DICTIONARY_MAGIC):
        return None
    start = source.position
    if len(head) < _HEAD_BYTES:
        raise _cut(source, start)
    (size,) = struct.unpack("<I", head[4:])
    if size > MAX_DICTIONARY_BYTES:
        raise _damage(
            source, start, f"has a dictionary of {size} bytes; at most {MAX_DICTIONARY_BYTES} are read"
        )
    data = bytearray()
    while len(data) < _HEAD_BYTES + size:
        part = source.read(min(_HEAD_BYTES + size - len(data), 1 << 20))
        if not part:
            raise _cut(source, start)
        data += part
    content = bytes(data[_HEAD_BYTES:])
    try:
        if content.startswith(ZSTD_MAGIC):
            content = _inflate(content)
        if not content.startswith(_DICTIONARY_START):
            raise _damage(source, start, "holds a dictionary that is not in the standard format")
        dictionary = zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_FULLDICT)
        zstandard.ZstdDecompressor(dict_data=dictionary).decompressobj()  # only now is it looked into
    except zstandard.ZstdError as error:
        raise _damage(source, start, f"holds a dictionary that cannot be read ({error})") from error
    return dictionary


def _inflate(content: bytes) -> bytes:
    running = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW_BYTES).decompressobj()
    out = bytearray()
    for start in range(0, len(content), _SLICE_BYTES):
        out += running.decompress(content[start : start + _SLICE_BYTES])
        if running.eof or len(out) > MAX_DICTIONARY_BYTES:
            break
    if not running.eof or running.unused_data or len(out) > MAX_DICTIONARY_BYTES:
        raise zstandard.ZstdError("it is cut, too large, or followed by other bytes")
    return bytes(out)


class ZstdMember:
    """One Zstandard frame, inflated piece by piece; raises WarcError for damage of any kind."""

    def __init__(self, source: Input, dictionary: zstandard.ZstdCompressionDict | None = None) -> None:
        self._input = source
        self._start = source.position
        self._inflate = zstandard.ZstdDecompressor(
            dict_data=dictionary, max_window_size=MAX_WINDOW_BYTES
        ).decompressobj()
        self._ready = b""
        self._given = 0  # of `_ready`

    def read(self, size: int) -> bytes:
        """Return 1 to `size` inflated bytes, b"" only at the frame's proven end."""
        while self._given == len(self._ready) and not self._ended():
            data = self._input.read(_SLICE_BYTES)
            if not data:
                raise _cut(self._input, self._start)
            try:
                self._ready, self._given = self._inflate.decompress(data), 0
            except zstandard.ZstdError as error:
                raise _damage(self._input, self._start, f"does not inflate ({error})") from error
            if self._ended():
                self._input.unread(self._inflate.unused_data)
        out = self._ready[self._given : self._given + size]
        self._given += len(out)
        return out

    def _ended(self) -> bool:
        return self._inflate.eof


def _damage(source: Input, start: int, what: str) -> WarcError:
    return WarcError(f"{source.path}: the zstd frame at byte {start} {what}", path=source.path, offset=start)


def _cut(source: Input, start: int) -> CutError:
    return CutError(
        f"{source.path}: the zstd frame at byte {start} ends before its end: the file is cut",
        path=source.path,
        offset=start,
    )

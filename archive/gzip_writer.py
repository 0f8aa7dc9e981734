"""One record, one gzip member (WARC/1.1 Annex D.2): the only place where WARC bytes are gzipped.

A record of ordinary size is compressed in one call by libdeflate, several times faster than zlib for the
same size; what is larger streams through zlib itself, so that memory stays flat. What does not shrink
(images, sound) is stored. CRC-32 and length end every member; its header names no time.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Final

import deflate

ONE_SHOT_BYTES: Final = 16 * 1024 * 1024
"""Largest record compressed in one call; the record and its member are then in memory together."""
LEVEL: Final = 4
"""Of libdeflate: 1.03 times the size of zlib's level 9 on whole pages, in an eighth of its time."""
STREAM_LEVEL: Final = 6
"""Of zlib: its own default, 1.01 times the size in 0.4 of the time."""

_STORED: Final = 0
_SAMPLES: Final = 8
_SAMPLE_BYTES: Final = 4 * 1024
_SHRUNK: Final = 0.98
_GZIP_WINDOW: Final = 31  # zlib's code for "with a gzip header and trailer"
_PIECE_BYTES: Final = 1024 * 1024

Put = Callable[[bytes | bytearray], None]


class MemberWriter:
    """Compresses one record into one member, and hands that to `put`, whose errors pass through.

    `expected_bytes` is the record's size as far as it is known: a large one is then never gathered.
    """

    def __init__(self, put: Put, expected_bytes: int = 0) -> None:
        self._put = put
        self._parts: list[bytes] = []
        self._size = 0
        self._large = _Large(put) if expected_bytes > ONE_SHOT_BYTES else None

    def write(self, data: bytes) -> None:
        """Take the record's next octets."""
        self._size += len(data)
        if self._large is not None:
            self._large.write(data)
            return
        self._parts.append(data)
        if self._size > ONE_SHOT_BYTES:
            self._large = _Large(self._put)
            for part in self._parts:
                self._large.write(part)
            self._parts.clear()

    def finish(self) -> None:
        """End the member; nothing may be written to it afterwards."""
        if self._large is not None:
            self._large.finish()
            return
        data = b"".join(self._parts)
        self._parts.clear()
        self._put(deflate.gzip_compress(data, LEVEL if _shrinks(data) else _STORED))


class _Large:
    """A member whose record is not held whole."""

    def __init__(self, put: Put) -> None:
        self._put = put
        self._deflate = zlib.compressobj(STREAM_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
        self._ready = bytearray()

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        for start in range(0, len(data), _PIECE_BYTES):
            self._ready += self._deflate.compress(view[start : start + _PIECE_BYTES])
            if len(self._ready) >= _PIECE_BYTES:
                self._drain()

    def finish(self) -> None:
        self._ready += self._deflate.flush()
        self._drain()

    def _drain(self) -> None:
        self._put(self._ready)
        self._ready = bytearray()


def _shrinks(data: bytes) -> bool:
    """Tell, by samples from all over it, whether compressing is worth the time.

    A sample that shrinks by a fiftieth is enough: a wrong guess must cost time, not room.
    """
    step = len(data) // _SAMPLES
    if step < 2 * _SAMPLE_BYTES:
        return True
    view = memoryview(data)
    return any(
        len(deflate.deflate_compress(view[at : at + _SAMPLE_BYTES], 1)) < _SHRUNK * _SAMPLE_BYTES
        for at in range(step // 2, len(data), step)
    )

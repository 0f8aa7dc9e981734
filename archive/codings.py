"""Strict decoding of HTTP content-codings (RFC 9110 §8.4), with caps on size and ratio.

Stricter than HTTP clients, which pass a cut gzip stream, lose the second gzip member, or give an
empty body for a false `br` label: here a body decodes to its end, exactly, or raises `CodingError`.
Decoders are stopped at the cap, never asked for the whole output first.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

import brotli
import zstandard

from archive.errors import CodingError

MAX_CODINGS = 2
"""Stacked codings beyond this are refused: no publisher needs them, bombs do."""
MAX_RATIO = 100.0
"""Decoded over received size; real pages of script and markup stay below about 30."""
RATIO_FLOOR_BYTES = 8 * 1024 * 1024
"""The ratio is judged only past this output, so that small pages of any shape are fine."""

_STEP_BYTES = 256 * 1024  # output taken from a decoder at a time
_MIN_SLICE_BYTES = 1024
_MAX_SLICE_BYTES = 64 * 1024
_ZSTD_SLICE_BYTES = 256  # the library has no output limit; 4 bytes can stand for a 128 KiB block
_ZSTD_MAX_WINDOW_BYTES = 8 * 1024 * 1024  # RFC 9659: the largest window a decoder for HTTP accepts
_BOTH_ZLIB_FORMS = (zlib.MAX_WBITS, -zlib.MAX_WBITS)
_GZIP = 16 + zlib.MAX_WBITS


def codings_of(content_encoding: str | None) -> tuple[str, ...]:
    """Return the codings of a Content-Encoding value in the order applied: lower case, no `identity`."""
    tokens = (token.strip(" \t").lower() for token in (content_encoding or "").split(","))
    return tuple(token for token in tokens if token not in {"", "identity"})


def decode_body(
    payload: bytes, content_encoding: str | None, *, max_bytes: int, max_ratio: float = MAX_RATIO
) -> bytes:
    """Undo the codings declared for a payload (transfer-coding already removed).

    `max_bytes` caps every stage's output; `max_ratio` caps output over `len(payload)` once the output
    is past `RATIO_FLOOR_BYTES`. Raises `CodingError` for an unknown or third coding, damaged data,
    a stream without its end, bytes after its end, or a cap reached.
    """
    codings = codings_of(content_encoding)
    if len(codings) > MAX_CODINGS:
        raise CodingError(f"{len(codings)} content-codings are stacked; at most {MAX_CODINGS} are read")
    for coding in codings:
        if coding not in _DECODERS:
            raise CodingError(f"unknown content-coding {coding[:40]!r}", actual=coding[:40])
    body = payload
    for coding in reversed(codings):
        output = _Output(coding, len(payload), max_bytes, max_ratio)
        _DECODERS[coding](body, output)
        body = bytes(output.data)
    if len(body) > max_bytes:
        raise CodingError(f"the body has {len(body)} bytes, more than the cap of {max_bytes}")
    return body


class _CapError(CodingError):
    """A cap was reached: no other way of decoding may be tried."""


class _Output:
    """Collects decoded bytes and stops at the caps."""

    def __init__(self, coding: str, received: int, max_bytes: int, max_ratio: float) -> None:
        self.coding = coding
        self.data = bytearray()
        self._max_bytes = max_bytes
        self._ratio_bytes = max(RATIO_FLOOR_BYTES, int(received * max_ratio))
        self._received = received

    def add(self, chunk: bytes) -> None:
        self.data += chunk
        size = len(self.data)
        if size > self._max_bytes:
            raise _CapError(
                f"decoding {self.coding} exceeds the cap of {self._max_bytes} bytes "
                f"({self._received} bytes received)"
            )
        if size > self._ratio_bytes:
            raise _CapError(
                f"decoding {self.coding} expands {self._received} bytes to more than {self._ratio_bytes}: "
                "refused as a decompression bomb"
            )

    def error(self, what: str, at: int) -> CodingError:
        return CodingError(f"the body declared as {self.coding} {what} (byte {at})", offset=at)


def _zlib_stream(data: memoryview, start: int, wbits: int, output: _Output) -> int:
    """Decode one zlib-family stream at `start`; return where it ends.

    Input goes in as slices that start small, so that many tiny gzip members stay linear.
    """
    decoder = zlib.decompressobj(wbits)
    position, slice_bytes = start, _MIN_SLICE_BYTES
    while not decoder.eof:
        piece = data[position : position + slice_bytes]
        if not piece:
            raise output.error("ends before its end-of-stream mark", position)
        try:
            output.add(decoder.decompress(piece, _STEP_BYTES))
            while decoder.unconsumed_tail and not decoder.eof:
                output.add(decoder.decompress(decoder.unconsumed_tail, _STEP_BYTES))
        except zlib.error as error:
            raise output.error(f"is damaged or not of that coding: {error}", position) from error
        position += len(piece) - len(decoder.unused_data)
        slice_bytes = min(slice_bytes * 2, _MAX_SLICE_BYTES)
    return position


def _decode_gzip(payload: bytes, output: _Output) -> None:
    data, position = memoryview(payload), 0
    while position < len(data) or not position:
        if position and bytes(data[position : position + 2]) != b"\x1f\x8b":
            raise output.error("has bytes after its last member that are not gzip", position)
        position = _zlib_stream(data, position, _GZIP, output)


def _decode_deflate(payload: bytes, output: _Output) -> None:
    """RFC 9110 §8.4.1.2 means zlib; raw deflate is what some servers send under the same name."""
    first: CodingError | None = None
    for wbits in _BOTH_ZLIB_FORMS:
        output.data.clear()
        try:
            end = _zlib_stream(memoryview(payload), 0, wbits, output)
            if end != len(payload):
                raise output.error("has bytes after its end", end)
        except _CapError:
            raise
        except CodingError as error:
            first = first or error
        else:
            return
    raise first or output.error("cannot be read", 0)


def _decode_brotli(payload: bytes, output: _Output) -> None:
    decoder = brotli.Decompressor()
    data, position = memoryview(payload), 0
    try:
        while not decoder.is_finished():
            # Past the last input byte the decoder may still hold output: it is asked until it has none.
            accepts = decoder.can_accept_more_data()
            piece = bytes(data[position : position + _MAX_SLICE_BYTES]) if accepts else b""
            position += len(piece)
            chunk = decoder.process(piece, output_buffer_limit=_STEP_BYTES)
            output.add(chunk)
            if not piece and not chunk and not decoder.is_finished() and (accepts or position == len(data)):
                raise output.error("ends before its end-of-stream mark", position)
    except brotli.error as error:
        raise output.error("is damaged, not of that coding, or has bytes after its end", position) from error
    if position != len(data):
        raise output.error("has bytes after its end", position)


def _decode_zstd(payload: bytes, output: _Output) -> None:
    data, position = memoryview(payload), 0
    context = zstandard.ZstdDecompressor(max_window_size=_ZSTD_MAX_WINDOW_BYTES)
    while position < len(data) or not position:
        decoder = context.decompressobj()
        while not decoder.eof:
            piece = data[position : position + _ZSTD_SLICE_BYTES]
            if not piece:
                raise output.error("ends before its end-of-stream mark", position)
            try:
                output.add(decoder.decompress(piece))
            except zstandard.ZstdError as error:
                raise output.error(f"is damaged or not of that coding: {error}", position) from error
            position += len(piece) - len(decoder.unused_data)


_DECODERS: dict[str, Callable[[bytes, _Output], None]] = {
    "gzip": _decode_gzip,
    "x-gzip": _decode_gzip,
    "deflate": _decode_deflate,
    "br": _decode_brotli,
    "zstd": _decode_zstd,
}

"""One gzip member, as strictly read as zlib reads it, whatever inflates it."""

from __future__ import annotations

import gzip
import io
import os
import struct
import zlib

import deflate
import pytest

from archive.errors import WarcError
from archive.members import CutError, GzipMember, Input

TEXT = b"WARC/1.1\r\nWARC-Type: resource\r\n" * 20 + os.urandom(200) + bytes(range(256)) * 2
NEXT = b"\x1f\x8b\x08"


def raw(text: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(text) + packer.flush()


def with_header(flags: int, rest: bytes = b"", *, head_crc: int | None = None) -> bytes:
    head = b"\x1f\x8b\x08" + bytes([flags]) + bytes(5) + b"\xff" + rest
    if head_crc is not None:
        head += struct.pack("<H", (zlib.crc32(head) + head_crc) & 0xFFFF)
    return head + raw(TEXT) + struct.pack("<II", zlib.crc32(TEXT), len(TEXT))


MEMBERS = {
    "level 9": gzip.compress(TEXT, 9, mtime=0),
    "level 1": gzip.compress(TEXT, 1, mtime=0),
    "libdeflate": bytes(deflate.gzip_compress(TEXT, 4)),
    "stored": gzip.compress(TEXT, 0, mtime=0),
    "empty": gzip.compress(b"", 9, mtime=0),
    "a name": with_header(8, b"name\0"),
    "extra fields": with_header(4, b"\x08\0sl\x04\0\1\2\3\4"),
    "a comment": with_header(16, b"comment\0"),
    "a header checksum": with_header(2, head_crc=0),
}


def by_zlib(data: bytes) -> tuple[str, bytes, int]:
    inflate = zlib.decompressobj(31)
    try:
        out = inflate.decompress(data)
    except zlib.error:
        return "damaged", b"", 0
    return ("whole", out, len(data) - len(inflate.unused_data)) if inflate.eof else ("cut", b"", 0)


def by_us(data: bytes, size: int = 300) -> tuple[str, bytes, int]:
    source = Input(io.BytesIO(data), "x")
    member = GzipMember(source)
    out = b""
    try:
        while part := member.read(size):
            assert len(part) <= size
            out += part
    except CutError:
        return "cut", b"", 0
    except WarcError:
        return "damaged", b"", 0
    return "whole", out, source.position


@pytest.mark.parametrize("name", MEMBERS)
def test_a_whole_member_is_read_and_nothing_behind_it(name) -> None:
    """RFC 1952 §2.3: every optional part of the header; reading stands right behind the member."""
    whole = MEMBERS[name]
    assert by_us(whole) == by_zlib(whole)
    assert by_us(whole + NEXT)[2] == len(whole)


@pytest.mark.parametrize("name", MEMBERS)
def test_every_cut_is_told(name) -> None:
    """A member that ends early is cut, wherever."""
    whole = MEMBERS[name]
    for size in range(len(whole)):
        assert by_us(whole[:size])[0] == "cut", size


@pytest.mark.parametrize("name", MEMBERS)
def test_every_flipped_bit_is_judged_as_zlib_judges_it(name) -> None:
    """No flip passes that zlib would refuse, and none is refused that zlib would pass."""
    whole = MEMBERS[name]
    for index in range(len(whole)):
        for bit in range(8):
            damaged = bytearray(whole)
            damaged[index] ^= 1 << bit
            ours, theirs = by_us(damaged + NEXT), by_zlib(damaged + NEXT)
            assert (ours[0] == "whole") == (theirs[0] == "whole"), (index, bit)
            if ours[0] == "whole":
                assert ours == theirs, (index, bit)


@pytest.mark.parametrize("flag", [0x20, 0x40, 0x80])
def test_reserved_flags_are_refused(flag) -> None:
    """RFC 1952 §2.3.1.2: a reader must give an error for flags that it does not know."""
    assert by_us(with_header(flag)) == ("damaged", b"", 0)


@pytest.mark.parametrize("off", [1, 77])
def test_a_wrong_header_checksum_is_refused(off) -> None:
    """RFC 1952 §2.3.1 (FHCRC): the header's own checksum counts too."""
    assert by_us(with_header(2, head_crc=off))[0] == "damaged"


def test_an_input_takes_back_and_looks_ahead_across_its_buffer() -> None:
    """`peek` takes nothing, `unread` undoes, and the position is the file's own, wherever reads split."""
    data = bytes(range(256)) * 1200
    source = Input(io.BytesIO(data), "x", 5)
    assert source.peek(100_000) == data[5:100_005]
    assert source.read(7) == data[5:12]
    seen = bytearray(source.read())
    while len(seen) < 150_000:
        seen += source.read()
    assert bytes(seen) == data[12 : 12 + len(seen)]
    source.unread(bytes(seen[-100_000:]))
    assert source.position == 12 + len(seen) - 100_000
    assert source.read(3) == data[source.position - 3 : source.position]
    source.seek(len(data) - 2)
    assert source.peek(10) == data[-2:]
    assert (source.read(), source.read(), source.position) == (data[-2:], b"", len(data))

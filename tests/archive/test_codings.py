"""Strict decoding: the whole body or an error, within caps."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from archive.codings import decode_body
from archive.errors import CodingError


def raw_deflate(data: bytes) -> bytes:
    coder = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return coder.compress(data) + coder.flush()


def zstd_unsized(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_content_size=False).compress(data)


ENCODERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "deflate, zlib": ("deflate", zlib.compress),
    "deflate, raw": ("deflate", raw_deflate),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstandard.compress),
    "zstd, size not said": ("zstd", zstd_unsized),
}
CODERS = st.sampled_from(sorted(ENCODERS))
TEXT = "外交部发言人 said. ".encode() * 3000


@given(CODERS, st.binary(max_size=3000))
def test_round_trip(name: str, body: bytes) -> None:
    label, encode = ENCODERS[name]
    assert decode_body(encode(body), label, max_bytes=10_000) == body


@given(CODERS, CODERS, st.binary(max_size=500), st.sampled_from(["{}, {}", "{},{}", "identity, {} , , {}"]))
def test_two_stacked_codings(first: str, second: str, body: bytes, form: str) -> None:
    """Codings are undone in the opposite of the order named (RFC 9110 §8.4)."""
    (one, encode_one), (two, encode_two) = ENCODERS[first], ENCODERS[second]
    assert decode_body(encode_two(encode_one(body)), form.format(one, two), max_bytes=10_000) == body


@pytest.mark.parametrize("label", [None, "", "identity", "Identity", " , identity"])
def test_identity(label: str | None) -> None:
    assert decode_body(b"abc", label, max_bytes=3) == b"abc"
    with pytest.raises(CodingError, match="cap of 2"):
        decode_body(b"abc", label, max_bytes=2)


@pytest.mark.parametrize("label", ["GZIP", "X-GZip", "gZiP"])
def test_letter_case_does_not_matter(label: str) -> None:
    assert decode_body(gzip.compress(b"abc"), label, max_bytes=9) == b"abc"


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_several_members_or_frames_are_one_body(name: str) -> None:
    """RFC 1952 §2.2 and RFC 8878 §3: a stream is a series; HTTP clients lose all but the first."""
    label, encode = ENCODERS[name]
    assert decode_body(encode(TEXT) + encode(b"") + encode(b"end"), label, max_bytes=10**6) == TEXT + b"end"


@pytest.mark.parametrize("name", ENCODERS)
def test_every_cut_is_noticed(name: str) -> None:
    """No prefix of a body passes for a body."""
    label, encode = ENCODERS[name]
    whole = encode(TEXT[:500])
    for length in range(len(whole)):
        with pytest.raises(CodingError):
            decode_body(whole[:length], label, max_bytes=10**6)


@pytest.mark.parametrize(
    "junk", [b"\0", b"x", b"junk after the end", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", bytes(70_000)]
)
@pytest.mark.parametrize("name", ENCODERS)
def test_bytes_after_the_end_are_refused(name: str, junk: bytes) -> None:
    label, encode = ENCODERS[name]
    with pytest.raises(CodingError):
        decode_body(encode(TEXT) + junk, label, max_bytes=10**6)


@pytest.mark.parametrize("name", ENCODERS)
def test_a_plain_body_under_a_false_label_is_refused(name: str) -> None:
    with pytest.raises(CodingError, match=ENCODERS[name][0]):
        decode_body(b"<!DOCTYPE html><html><body>plain</body></html>", ENCODERS[name][0], max_bytes=10**6)


def test_a_damaged_checksum_is_refused() -> None:
    data = bytearray(gzip.compress(TEXT))
    data[-6] ^= 1
    with pytest.raises(CodingError):
        decode_body(bytes(data), "gzip", max_bytes=10**6)


@pytest.mark.parametrize("label", ["compress", "utf-8", "gzip; q=1", "none", "gzip, gzip, gzip", "br, foo"])
def test_unknown_or_too_many_codings_are_refused(label: str) -> None:
    with pytest.raises(CodingError):
        decode_body(gzip.compress(b""), label, max_bytes=10**6)


@pytest.mark.parametrize("name", [*ENCODERS])
def test_a_bomb_is_refused_in_bounded_memory(name: str) -> None:
    """50 MB of nothing in some kB: refused by its ratio, long before its end."""
    label, encode = ENCODERS[name]
    bomb = encode(bytes(50_000_000))
    assert len(bomb) < 60_000
    tracemalloc.start()
    with pytest.raises(CodingError, match="bomb"):
        decode_body(bomb, label, max_bytes=100_000_000)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 40_000_000


def test_a_bomb_in_a_bomb_is_refused() -> None:
    with pytest.raises(CodingError, match="bomb"):
        decode_body(gzip.compress(gzip.compress(bytes(50_000_000))), "gzip, gzip", max_bytes=10**9)


@pytest.mark.parametrize("name", ENCODERS)
def test_the_cap_is_exact(name: str) -> None:
    label, encode = ENCODERS[name]
    assert decode_body(encode(TEXT), label, max_bytes=len(TEXT)) == TEXT
    with pytest.raises(CodingError, match="cap"):
        decode_body(encode(TEXT), label, max_bytes=len(TEXT) - 1)


def test_a_small_page_may_have_any_ratio() -> None:
    page = b"<p> </p>" * 500_000
    assert len(page) / len(brotli.compress(page)) > 1000
    assert decode_body(brotli.compress(page), "br", max_bytes=10**7) == page


@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br"]))
def test_any_bytes_give_a_body_or_the_one_error(data: bytes, label: str) -> None:
    try:
        body = decode_body(data, label, max_bytes=10**6)
    except CodingError:
        return
    assert isinstance(body, bytes)

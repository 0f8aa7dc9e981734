"""The strict reader: every cut and flipped bit is noticed or proven harmless; nothing else is raised."""

from __future__ import annotations

import contextlib
import gzip
import tracemalloc
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import StoredRecord, read_warc
from archive.errors import HarvesterError, WarcError

GZIP_HARMLESS = range(4, 10)  # MTIME, XFL, OS (RFC 1952 §2.3): nothing depends on them


def _record(
    block: bytes = b"hello", *, length: bytes | None = None, extra: bytes = b"", head: bytes = b"WARC/1.1"
) -> bytes:
    size = str(len(block)).encode() if length is None else length
    return (
        head + b"\r\nWARC-Type: metadata\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
        b"WARC-Date: 2026-01-01T00:00:00Z\r\n"
        + extra
        + b"Content-Length: "
        + size
        + b"\r\n\r\n"
        + block
        + b"\r\n\r\n"
    )


def _read_all(path: Path) -> tuple[list[StoredRecord], WarcError | None]:
    """Return the records before the first damage, and the damage."""
    seen: list[StoredRecord] = []
    try:
        seen.extend(read_warc(path))
    except WarcError as error:
        return seen, error
    return seen, None


@pytest.fixture
def three(open_archive, warc_folder, response) -> Path:
    """A closed file of three records: warcinfo and two responses."""
    with open_archive() as archive:
        archive.append([response(b"one " * 9), response(bytes(range(200)))])
    (path,) = warc_folder.glob("*.warc.gz")
    return path


def test_a_cut_at_every_byte_is_noticed(three, tmp_path) -> None:
    """Rule R1: a file cut anywhere gives its whole records, then WarcError except at a record's end."""
    whole = list(read_warc(three))
    data = three.read_bytes()
    ends = [item.location.offset + item.location.length for item in whole]
    assert ends[-1] == len(data)
    path = tmp_path / three.name
    for size in range(len(data)):
        path.write_bytes(data[:size])
        seen, error = _read_all(path)
        assert seen == whole[: sum(end <= size for end in ends)]
        if size in ends:
            assert error is None
        else:
            assert error is not None
            start = max([end for end in ends if end <= size], default=0)
            assert (error.path, error.offset) == (str(path), start)


def test_a_flipped_bit_anywhere_is_noticed_or_harmless(three, tmp_path) -> None:
    """Rule R1: each bit of the middle member, flipped, gives WarcError or the very same record."""
    whole = list(read_warc(three))
    data = three.read_bytes()
    middle = whole[1].location
    path = tmp_path / three.name
    for index in range(middle.length):
        damaged = bytearray(data)
        damaged[middle.offset + index] ^= 1 << (index % 8)
        path.write_bytes(damaged)
        try:
            seen = list(read_warc(path))
        except WarcError:
            continue
        # Besides: the FTEXT hint (byte 3), and the unused bits after the last deflate block, which fill up
        # the byte before the eight of the trailer (RFC 1951 §3.2.3).
        assert index in GZIP_HARMLESS or index in (3, middle.length - 9), index
        assert seen == whole


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize(
    ("data", "says"),
    [
        (_record(length=b"4"), "CRLF CRLF"),
        (_record(length=b"6"), "CRLF CRLF|cut|missing"),
        (_record(length=b"+5"), "Content-Length"),
        (_record(length="٥".encode()), "Content-Length"),
        (_record(length=b"0_5"), "Content-Length"),
        (_record(length=b"-5"), "Content-Length"),
        (_record(length=b"1" + b"0" * 20), "Content-Length"),
        (_record(length=b"900000000000"), "at most"),
        (_record(extra=b"Content-Length: 5\r\n"), "2 times"),
        (_record(extra=b"WARC-Date: 2026\r\n"), "2 times"),
        (_record(extra=b"X: " + b"a" * 70000 + b"\r\n"), "longer than"),
        (_record(extra=b"no colon\r\n"), "no field"),
        (_record(extra=b"bad name: x\r\n"), "no field"),
        (_record(extra=b"X: a\rb\r\n"), "stray"),
        (_record(extra=b"X: \xff\r\n"), "UTF-8"),
        (_record(extra=b"WARC-Block-Digest: sha256:" + b"0" * 64 + b"\r\n"), "block digest"),
        (_record(extra=b"WARC-Block-Digest: sha1:" + b"A" * 32 + b"\r\n"), "block digest"),
        (_record(head=b"WARC/2.0"), "WARC/1"),
        (_record().replace(b"2026-01-01T00:00:00Z", b"yesterday"), "WARC-Date"),
        (_record().replace(b"WARC-Type: metadata\r\n", b""), "0 times"),
        (_record() + b"junk", "record"),
        (_record() + b"\r\n", "record"),
        (b"not a warc at all", "begin|cut"),
        (b"not a warc\r\n\r\n", "begin"),
    ],
)
def test_what_breaks_the_format_is_refused(tmp_path, zipped, data, says) -> None:
    """Rules R1 and R2: lengths are ASCII digits, headers are bounded, nothing follows a record."""
    path = tmp_path / "bad.warc"
    path.write_bytes(gzip.compress(data) if zipped else data)
    with pytest.raises(WarcError, match=rf"{says}|WARC/1"):
        list(read_warc(path))


def test_two_records_in_one_member_are_refused(tmp_path) -> None:
    """Rule R1 (WARC/1.1 Annex D): one record per gzip member."""
    path = tmp_path / "bad.warc.gz"
    path.write_bytes(gzip.compress(_record() + _record()))
    with pytest.raises(WarcError, match="more than one record"):
        list(read_warc(path))


def test_plain_files_foreign_digests_and_folded_fields_are_read(tmp_path) -> None:
    """WARC/1.0, Base32 sha1, folding (§4) and bracketed target URIs are what other writers leave."""
    path = tmp_path / "foreign.warc"
    extra = (
        b"WARC-Target-URI: <http://e.example/>\r\nX-Folded: one\r\n two\r\n"
        b"WARC-Block-Digest: sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N\r\n"  # of "hello"
    )
    path.write_bytes(_record(extra=extra, head=b"WARC/1.0") + _record(b""))
    first, second = read_warc(path)
    assert first.target_uri == "http://e.example/"
    assert first.get("x-folded") == "one two"
    assert (second.block, second.location.offset) == (b"", first.location.length)


def test_an_absent_or_empty_file_is_a_clear_error(tmp_path) -> None:
    """An empty file is no WARC, and neither is none."""
    (tmp_path / "empty.warc.gz").touch()
    for name, says in (("empty.warc.gz", "empty"), ("absent.warc.gz", "missing")):
        with pytest.raises(HarvesterError, match=says):
            list(read_warc(tmp_path / name))


def test_a_bomb_does_not_fill_memory(tmp_path) -> None:
    """Rule R2: a member that claims a small block but inflates to 200 MB is refused at its block's end."""
    packer = zlib.compressobj(9, wbits=31)
    data = packer.compress(_record(b"")) + packer.compress(bytes(200_000_000)) + packer.flush()
    path = tmp_path / "bomb.warc.gz"
    path.write_bytes(data)
    tracemalloc.start()
    try:
        with pytest.raises(WarcError, match="more than one record"):
            list(read_warc(path))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000


@settings(max_examples=300, deadline=None)
@given(
    data=st.one_of(st.binary(max_size=400), st.binary(max_size=300).map(lambda tail: _record()[:-7] + tail)),
    zipped=st.booleans(),
)
def test_any_bytes_give_records_or_a_listed_error(tmp_path_factory, data, zipped) -> None:
    """Rule R1: no input gives another exception than ours."""
    path = tmp_path_factory.getbasetemp() / "any.warc"
    path.write_bytes(gzip.compress(data) if zipped else data)
    with contextlib.suppress(HarvesterError):
        list(read_warc(path))

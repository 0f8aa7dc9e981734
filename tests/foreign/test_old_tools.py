"""What older tools left: drafts of the WARC standard, ARC files with blanks and lengths that are too long."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from archive.errors import WarcError
from archive.foreign import read_any, read_from

RECORD = (
    b"WARC/%s\r\nWARC-Type: resource\r\nWARC-Target-URI: http://a.example/\r\n"
    b"WARC-Date: 2008-04-30T20:48:25Z\r\nWARC-Record-ID: <urn:uuid:35f02b38-eb19-4f0d-86e4-bfe95815069c>\r\n"
    b"Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello\r\n\r\n"
)
VERSION = b"filedesc://a.arc 0.0.0.0 20140216050221 text/plain 20\n1 0 x\nURL IP-address\n"
HTTP = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
HEADER = b"http://a.example/ 1.2.3.4 20140216050221 text/html %d\n"


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("version", [b"0.17", b"0.18", b"1.0", b"1.1"])
def test_drafts_of_the_standard(version: bytes, packed: bool, tmp_path: Path) -> None:
    """WARC/0.17 and 0.18, in which the Internet Archive wrote until 2009, are read as 1.0 is."""
    path = tmp_path / "a.warc"
    data = RECORD % version
    path.write_bytes(b"".join(gzip.compress(data) if packed else data for _ in range(2)))
    found = list(read_any(path))
    assert [record.block for record in found] == [b"hello", b"hello"]
    assert read_from(path, found[1].location.offset) == found[1]


@pytest.mark.parametrize("version", [b"0.9", b"0.16", b"2.0", b"1.0 "])
def test_other_versions_are_refused(version: bytes, tmp_path: Path) -> None:
    """A version whose form is not known is damage, in words."""
    (tmp_path / "a.warc").write_bytes(RECORD % version)
    with pytest.raises(WarcError, match=r"does not begin with WARC/1\.0 or WARC/1\.1"):
        list(read_any(tmp_path / "a.warc"))


@pytest.mark.parametrize("blanks", [b"\n", b"\r\n \t\0\n", b"\n" * 100 + b" " * 300])
def test_blanks_in_arc_files(blanks: bytes, tmp_path: Path) -> None:
    """Blanks between ARC records and behind the last one are no record and no damage."""
    record = HEADER % len(HTTP) + HTTP
    (tmp_path / "a.arc").write_bytes(VERSION + blanks + record + blanks + record + blanks)
    found = list(read_any(tmp_path / "a.arc"))
    assert [item.block for item in found] == [HTTP, HTTP]
    assert read_from(tmp_path / "a.arc", found[1].location.offset).block == HTTP


def test_an_arc_length_that_is_too_long(tmp_path: Path) -> None:
    """A last record whose stated length passes the file's end counts if its HTTP message is whole."""
    path = tmp_path / "a.arc"
    path.write_bytes(VERSION + b"\n" + HEADER % (len(HTTP) + 12) + HTTP)
    (found,) = read_any(path)
    assert found.block == HTTP
    for cut in (HTTP[:-1], b"HTTP/1.1 200 OK\r\n\r\nhello", HTTP[:20], b"hello"):
        path.write_bytes(VERSION + b"\n" + HEADER % (len(HTTP) + 12) + cut)
        with pytest.raises(WarcError, match="ends early"):
            list(read_any(path))

"""What is written is what is read: by our reader, warcio and FastWARC."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from archive import Archive, Block, Record, WriterOptions, new_record_id, read_warc
from archive.errors import UsageError
from archive.fields import format_date, parse_date

RESPONSE = "application/http;msgtype=response"
NAMES = st.from_regex(r"X-[A-Za-z0-9]{1,12}", fullmatch=True)
VALUES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs"]), min_size=1, max_size=40)
BODIES = st.one_of(st.binary(max_size=2000), st.binary(max_size=40).map(lambda piece: piece * 3000))
DATES = st.datetimes(timezones=st.just(UTC))


@settings(max_examples=60, deadline=None)
@given(
    block=BODIES,
    date=DATES,
    fields=st.lists(st.tuples(NAMES, VALUES), max_size=4).map(tuple),
    spooled=st.booleans(),
)
def test_any_header_and_any_block_come_back_the_same(block, date, fields, spooled) -> None:
    """Rule W6: the block is verbatim, the fields are those given, the digest is sha256 in lower-case hex."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as spool:
        spool.write(block)
        source = Block.from_file(spool, len(block)) if spooled else Block.of(block)
        record = Record("resource", new_record_id(), date, source, "image/png", "https://e.example/", fields)
        with Archive.open(Path(folder) / "a", create=True, write=True, software="t/1") as archive:
            (location,) = archive.append([record])
            stored = archive.read(location)
        assert stored.block == block
        assert stored.date == date
        assert tuple(item for item in stored.fields if item[0].startswith("X-")) == fields
        assert stored.block_digest == stored.payload_digest == f"sha256:{hashlib.sha256(block).hexdigest()}"
        (path,) = (Path(folder) / "a" / "warc").glob("*.warc.gz")
        assert [item.record_id for item in read_warc(path)][1:] == [record.record_id]


@given(st.datetimes(timezones=st.just(UTC)))
def test_dates_keep_their_microseconds(moment) -> None:
    """WARC/1.1 §5.4: a date with a fraction reads back as the same instant."""
    assert parse_date(format_date(moment)) == moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026", "2026-01-01T00:00:00.000000Z"),
        ("2026-02-03", "2026-02-03T00:00:00.000000Z"),
        ("2026-02-03T04:05Z", "2026-02-03T04:05:00.000000Z"),
        ("2026-02-03T04:05:06.123456789Z", "2026-02-03T04:05:06.123456Z"),
        ("2026-02-03T04:05:06", None),
        ("2026-13-03T04:05:06Z", None),
        ("٢٠٢٦", None),
    ],
)
def test_dates_of_other_writers(text, expected) -> None:
    """WARC/1.1 §5.4: any W3C granularity is read; anything else is refused."""
    if expected is None:
        with pytest.raises(ValueError):
            parse_date(text)
    else:
        assert format_date(parse_date(text)) == expected


BLOCKS = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\ncontent-TYPE:text/html\r\nX:  odd \r\n\tfold\r\nX: a\r\nX: b\r\n\r\nabc",
    b"HTTP/1.1 404 Not Found\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08 not really",
    b"HTTP/1.0 200\r\n\r\n" + bytes(range(256)) * 5000,
    b"HTTP/1.1 204 No Content\r\n\r\n",
]
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nT: v\r\n\r\n"


def test_warcio_and_fastwarc_read_every_record_and_agree(
    open_archive: Callable[..., Archive], warc_folder: Path, metadata
) -> None:
    """Both peers read our files, find every block digest right, and agree on payload digests.

    Payload digests of chunked records are left out: both compute them over the chunk framing, so warcio
    raises on them and FastWARC answers False (their known defect).
    """
    records = [
        Record(
            "response",
            new_record_id(),
            parse_date("2026"),
            Block.of(block),
            RESPONSE,
            "https://e.example/%C3%BC",
        )
        for block in BLOCKS
    ]
    with open_archive() as archive:
        archive.append([*records, metadata(records[0])])
    (path,) = warc_folder.glob("*.warc.gz")
    ours = list(read_warc(path))
    with path.open("rb") as file:
        seen = []
        for peer in ArchiveIterator(file, check_digests="raise", verify_http=False):
            peer.raw_stream.read()
            seen.append(
                (
                    peer.rec_headers.get_header("WARC-Record-ID"),
                    peer.rec_headers.get_header("WARC-Block-Digest"),
                )
            )
        assert seen == [(item.record_id, item.block_digest) for item in ours]
    with path.open("rb") as file:
        verdicts = [peer.verify_block_digest() for peer in FastIterator(file, parse_http=False)]
    assert verdicts == [True] * len(ours)
    with path.open("rb") as file:
        verdicts = [peer.verify_payload_digest() for peer in FastIterator(file) if peer.is_http]
    assert verdicts == [True] * len(records)
    for item in ours:
        if item.type == "response":
            body = item.block.partition(b"\r\n\r\n")[2]
            assert item.payload_digest == f"sha256:{hashlib.sha256(body).hexdigest()}"


def test_payload_digest_of_a_chunked_response_is_of_its_dechunked_body(open_archive, response) -> None:
    """Rule W6 and warc-specifications 22: transfer-encoding removed before the payload digest."""
    with open_archive() as archive:
        (location,) = archive.append([response(head=CHUNKED, body=b"")])
        stored = archive.read(location)
    assert stored.block == CHUNKED
    assert stored.payload_digest == f"sha256:{hashlib.sha256(b'hello').hexdigest()}"


def test_a_response_whose_head_cannot_be_read_has_no_payload_digest(open_archive, response) -> None:
    """What has no readable HTTP head has no payload we could speak of; its bytes are kept all the same."""
    with open_archive() as archive:
        (location,) = archive.append([response(head=b"\x00garbage", body=b"")])
        stored = archive.read(location)
        assert (stored.block, stored.payload_digest) == (b"\x00garbage", None)
        assert archive.find("https://example.org/a")[0].status is None


def test_the_warcinfo_record_says_who_wrote(open_archive, warc_folder, response) -> None:
    """The first record names software, format and the run's facts; every other record points to it."""
    facts = {"operator": "Ministry archive 王", "isPartOf": "test", "rehearsal": "connect-to"}
    with open_archive(warcinfo=facts) as archive:
        archive.append([response()])
    (path,) = warc_folder.glob("*.warc.gz")
    info, record = read_warc(path)
    assert info.type == "warcinfo"
    assert info.get("WARC-Filename") == path.name
    lines = info.block.decode().split("\r\n")
    assert lines[0] == "software: test/1"
    assert "operator: Ministry archive 王" in lines
    assert "rehearsal: connect-to" in lines
    assert record.get("WARC-Warcinfo-ID") == info.record_id


@pytest.mark.parametrize(
    "facts",
    [
        {"operator": "a\r\nsoftware: other"},
        {"bad name": "x"},
        {"Software": "x"},
        {"operator": ""},
        {"a": "\u2028"},
    ],
)
def test_facts_that_would_break_the_warcinfo_record_are_refused(open_archive, facts) -> None:
    """Rule W7 holds for warc-fields values too."""
    with pytest.raises(UsageError):
        open_archive(warcinfo=facts)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"fields": (("WARC-IP-Address", "1.2.3.4\r\nX: y"),)}, "control"),
        ({"fields": (("Bad Name", "x"),)}, "token"),
        ({"fields": (("WARC-IP-Address", "localhost"),)}, "IP address"),
        ({"fields": (("WARC-IP-Address", "1.2.3.4"), ("warc-ip-address", "1.2.3.4"))}, "repeated"),
        ({"fields": (("WARC-Block-Digest", "sha256:00"),)}, "set by the writer"),
        ({"fields": (("Content-Length", "3"),)}, "set by the writer"),
        ({"fields": (("WARC-Refers-To", "<urn:x:1>"),)}, "does not belong"),
        ({"target_uri": "https://e.example/a b"}, "WARC-Target-URI"),
        ({"target_uri": None}, "missing"),
        ({"record_id": "urn:uuid:1"}, "angle brackets"),
        ({"type": "note"}, "record type"),
        ({"date": parse_date("2026").replace(tzinfo=None)}, "time zone"),
        ({"fields": (("X-Long", "x" * 70000),)}, "longer than"),
    ],
)
def test_a_record_that_breaks_the_field_table_is_refused(open_archive, response, change, says) -> None:
    """Rule W7 and WARC/1.1 §5: nothing of the group is written, and the message says what is wrong."""
    good = response()
    values = {name: getattr(good, name) for name in Record.__dataclass_fields__}
    with open_archive() as archive:
        with pytest.raises(UsageError, match=says):
            archive.append([good, Record(**(values | {"record_id": new_record_id()} | change))])
        assert list(archive.entries()) == []
        archive.append([good])
        assert archive.get(good.record_id) is not None


def test_warc_files_roll_at_their_size(open_archive, warc_folder, response) -> None:
    """Rule W1: a new file is begun when the old one has reached its size; serial numbers count up."""
    with open_archive(options=WriterOptions(prefix="T", roll_bytes=500)) as archive:
        records = [response() for _ in range(4)]
        for record in records:
            archive.append([record])
        assert all(archive.get(record.record_id) for record in records)
    names = sorted(path.name for path in warc_folder.glob("*.warc.gz"))
    assert [name.split("-")[2] for name in names] == ["00000", "00001", "00002", "00003"]
    for name in names:
        digest = hashlib.sha256((warc_folder / name).read_bytes()).hexdigest()
        assert (warc_folder / f"{name}.sha256").read_text() == f"{digest}  {name}\n"

"""Revisits: nothing of the wire is lost in writing one, and only what is proven is made of it in reading."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from archive import Archive, Block, Location, Record, StoredRecord, new_record_id
from archive.check import Check, Report
from archive.errors import UnresolvedRevisitError
from archive.http1 import parse_response
from archive.originals import Catalogue
from archive.revisit import (
    IDENTICAL_PAYLOAD,
    MIN_PAYLOAD_BYTES,
    NOT_MODIFIED,
    as_not_modified,
    as_revisit,
    profile_of,
    resolve,
)

START = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
HTTP = "application/http;msgtype=response"
TEXT = b"the same words again and again, " * 64
CHUNKS = st.lists(st.integers(1, 700), max_size=8)
PAYLOADS = st.binary(min_size=1, max_size=200).map(
    lambda piece: piece * (MIN_PAYLOAD_BYTES // len(piece) + 1)
)


def _chunked(payload: bytes, sizes: list[int], trailer: bytes = b"") -> bytes:
    pieces, rest = [], payload
    for size in [*sizes, len(payload)]:
        piece, rest = rest[:size], rest[size:]
        pieces += [b"%x\r\n%s\r\n" % (len(piece), piece)] if piece else []
    return b"".join([*pieces, b"0\r\n", trailer, b"\r\n"])


def _message(payload: bytes, framing: str, sizes: list[int] | None = None, extra: bytes = b"") -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" + extra
    if framing == "chunked":
        return head + b"Transfer-Encoding: chunked\r\n\r\n" + _chunked(payload, sizes or [])
    if framing == "length":
        return head + b"Content-Length: %d\r\n\r\n" % len(payload) + payload
    return head + b"\r\n" + payload


def _record(block: bytes, url: str = "https://e.example/a", seconds: int = 0) -> Record:
    when = START + timedelta(seconds=seconds)
    return Record("response", new_record_id(), when, Block.of(block), HTTP, url)


def _stored(archive: Archive, record: Record) -> StoredRecord:
    (location,) = archive.append([record])
    return archive.read(location)


@pytest.fixture
def archive(open_archive):
    with open_archive() as opened:
        yield opened


FRAMINGS = st.sampled_from(["length", "close", "chunked"])


@settings(max_examples=80, deadline=None)
@given(
    payload=PAYLOADS,
    framings=st.tuples(FRAMINGS, FRAMINGS),
    sizes=st.tuples(CHUNKS, CHUNKS),
    interim=st.booleans(),
)
def test_what_is_written_as_a_revisit_comes_back_octet_for_octet(payload, framings, sizes, interim) -> None:
    """Either the wire's octets follow from head and original, however framed, or there is no revisit."""
    first = _message(payload, framings[0], sizes[0])
    second = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * interim + _message(
        payload, framings[1], sizes[1], b"X-Visit: 2\r\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "a"
        with Archive.open(root, create=True, write=True, software="t/1") as archive:
            original = _stored(archive, _record(first))
            response = _record(second, "https://other.example/b", 60)
            revisit = as_revisit(response, original)
            if framings[1] == "chunked":
                assert (revisit is not None) == (
                    first.split(b"\r\n\r\n", 1)[1] == _chunked(payload, sizes[1])
                )
            if revisit is None:
                assert framings[1] == "chunked"
                return
            stored = _stored(archive, revisit)
            whole = archive.resolved(stored)
        assert stored.type == "revisit"
        assert second == stored.block + second[len(stored.block) :]
        assert whole.block == second
        assert (whole.type, whole.record_id, whole.date) == ("response", response.record_id, response.date)
        assert whole.target_uri == response.target_uri
        assert whole.payload_digest == original.payload_digest
        assert not [name for name, _ in whole.fields if "Refers" in name or "Profile" in name]
        assert whole.get("WARC-Truncated") is None
        assert whole.revisit is not None
        assert whole.revisit.record == stored
        assert whole.revisit.record_id == original.record_id
        assert _errors(root) == []


def _errors(root: Path) -> list[str]:
    report = Report()
    with Check(report) as check:
        check.path(root)
    return [f"{found.code} {found.detail}" for found in report.findings if found.code[0] in "EW"]


def test_the_fields_are_those_of_the_standard(archive) -> None:
    """WARC/1.1 §6.7.2: profile, refers-to, its URI and date, payload digest, and the reason of the cut."""
    original = _stored(archive, _record(_message(TEXT, "length")))
    revisit = _stored(
        archive, as_revisit(_record(_message(TEXT, "length"), "https://e.example/b", 9), original)
    )
    assert (
        dict(revisit.fields).items()
        >= {
            "WARC-Type": "revisit",
            "WARC-Profile": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
            "WARC-Refers-To": original.record_id,
            "WARC-Refers-To-Target-URI": "https://e.example/a",
            "WARC-Refers-To-Date": "2026-01-02T03:04:05.678901Z",
            "WARC-Payload-Digest": original.payload_digest,
            "WARC-Truncated": "length",
            "Content-Type": "application/http;msgtype=response",
        }.items()
    )
    assert revisit.block.endswith(b"\r\n\r\n")
    entry = archive.entry(revisit.record_id)
    assert (entry.status, entry.mime, entry.refers_to) == (200, "text/plain", original.record_id)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (_message(TEXT, "length"), _message(TEXT + b"!", "length")),
        (_message(TEXT, "length").replace(b"200 OK", b"404 No"), _message(TEXT, "length")),
        (_message(TEXT, "length"), _message(TEXT, "length").replace(b"200 OK", b"404 No")),
        (_message(TEXT, "length"), _message(TEXT, "length")[:-1]),
        (_message(TEXT, "length")[:-1], _message(TEXT, "length")),
        (_message(b"small", "length"), _message(b"small", "length")),
        (_message(TEXT, "chunked", [64]), _message(TEXT, "chunked", [65])),
        (_message(TEXT, "length"), _message(TEXT, "length") + b"surplus"),
        (_message(TEXT, "length"), b"not HTTP"),
    ],
)
def test_what_is_not_whole_and_the_same_is_kept_whole(archive, first, second) -> None:
    """No revisit of another payload, status, cut message or framing, nor of what is too small to save on."""
    assert as_revisit(_record(second), _stored(archive, _record(first))) is None


def test_a_revisit_never_refers_to_a_revisit(archive) -> None:
    """§6.7: the record referred to holds the payload itself; neither a revisit nor a resolved one does."""
    original = _stored(archive, _record(_message(TEXT, "length")))
    revisit = _stored(archive, as_revisit(_record(_message(TEXT, "length")), original))
    assert as_revisit(_record(_message(TEXT, "length")), revisit) is None
    assert as_revisit(_record(_message(TEXT, "length")), archive.resolved(revisit)) is None


NOT_CHANGED = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'


def test_a_304_stands_for_the_response_it_confirms(archive) -> None:
    """§6.7.3: the profile is server-not-modified, the block the 304, the reading the response it names."""
    original = _stored(archive, _record(_message(TEXT, "chunked", [64], b'ETag: W/"1"\r\n')))
    record = as_not_modified(_record(NOT_CHANGED, seconds=5), original)
    revisit = _stored(archive, record)
    whole = archive.resolved(revisit)
    assert revisit.get("WARC-Profile") == NOT_MODIFIED
    assert revisit.get("WARC-Truncated") is None
    assert revisit.block == NOT_CHANGED
    assert whole.block == original.block
    assert whole.date == START + timedelta(seconds=5)


@pytest.mark.parametrize(
    "answer",
    [
        NOT_CHANGED.replace(b'"1"', b'"2"'),
        NOT_CHANGED.replace(b"304", b"200"),
        NOT_CHANGED + b"body",
        b"",
    ],
)
def test_a_304_that_contradicts_what_is_held_is_kept_as_it_is(archive, answer) -> None:
    """Another ETag, another status, or octets behind it: no revisit is made of that."""
    original = _stored(archive, _record(_message(TEXT, "length", extra=b'ETag: "1"\r\n')))
    assert as_not_modified(_record(answer), original) is None


def test_revisits_are_resolved_across_files_with_and_without_an_index(open_archive, warc_folder) -> None:
    """The referred record lies in another WARC; without it the error names it."""
    with open_archive() as archive:
        original = _stored(archive, _record(_message(TEXT, "length")))
    with open_archive() as archive:
        revisit = _stored(
            archive, as_revisit(_record(_message(TEXT, "close"), "https://b.example/"), original)
        )
        with_index = archive.resolved(revisit)
    with Catalogue() as catalogue:
        catalogue.add(warc_folder / original.location.file, original)
        catalogue.add(warc_folder / revisit.location.file, revisit)
        assert catalogue.resolved(revisit) == with_index
        assert catalogue.resolved(original) is original
    assert original.location.file != revisit.location.file
    with Catalogue() as empty, pytest.raises(UnresolvedRevisitError, match=original.record_id):
        empty.resolved(revisit)
    (warc_folder / original.location.file).unlink()
    with open_archive() as archive, pytest.raises(UnresolvedRevisitError, match=original.location.file):
        archive.resolved(revisit)


def _foreign(
    original: StoredRecord, block: bytes, *fields: tuple[str, str], digest: str | None = ""
) -> StoredRecord:
    stated = original.payload_digest if digest == "" else digest
    return StoredRecord(
        "revisit",
        "<urn:uuid:0>",
        START + timedelta(days=1),
        "https://other.example/",
        HTTP,
        (("WARC-Profile", IDENTICAL_PAYLOAD), *fields),
        block,
        None,
        stated,
        Location("foreign.warc.gz", 0, 1),
    )


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nX-A: b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\nServer: bare\n\n",
        NOT_CHANGED,
    ],
)
@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_heads_of_other_tools_get_a_framing_that_fits(archive, head, framing) -> None:
    """The resolved payload is the referred one, whatever the kept head says of its framing."""
    original = _stored(archive, _record(_message(TEXT, framing, [100])))
    message = parse_response(resolve(_foreign(original, head), original).block)
    assert message.complete
    assert not message.surplus
    assert message.payload == TEXT


def test_other_tools_name_the_original_in_other_ways(archive) -> None:
    """By URI and date to the second (warcio, browsertrix), or by nothing but the payload's digest."""
    original = _stored(archive, _record(_message(TEXT, "length")))
    named = (
        ("WARC-Refers-To-Target-URI", "https://e.example/a"),
        ("WARC-Refers-To-Date", "2026-01-02T03:04:05Z"),
    )
    for fields in (named, (), (("WARC-Refers-To", "<urn:uuid:gone>"),)):
        whole = archive.resolved(_foreign(original, b"", *fields))
        assert whole.revisit.record_id == original.record_id
    dated = replace(_foreign(original, b"", *named), payload_digest=None)
    with pytest.raises(UnresolvedRevisitError, match="no payload digest"):
        archive.resolved(dated)


def test_a_digest_that_does_not_match_is_never_resolved(archive) -> None:
    """The record is there, but its payload is another: no response is made of that."""
    original = _stored(archive, _record(_message(TEXT, "length")))
    other = _foreign(original, b"", ("WARC-Refers-To", original.record_id), digest="sha256:" + "0" * 64)
    with pytest.raises(UnresolvedRevisitError, match="is another"):
        archive.resolved(other)


def test_profiles_of_older_standards_are_known() -> None:
    """Drafts, WARC/1.0, and the standard's own misprint name the same two profiles; others are unknown."""
    base = "http://netpreserve.org/warc/"
    assert profile_of(base + "1.0/revisit/identical-payload-digest") == IDENTICAL_PAYLOAD
    assert profile_of(base + "0.18/revisit/server-not-modified") == NOT_MODIFIED
    assert profile_of(base + "1.0/revisit/uri-agnostic-identical-payload-digest") == IDENTICAL_PAYLOAD
    assert profile_of(base + "1.1/server-not-modified") == NOT_MODIFIED
    assert profile_of(base + "1.1/revisit/other") is None


def test_a_revisit_at_the_floor_is_smaller_than_what_it_stands_for(open_archive, warc_folder) -> None:
    """MIN_PAYLOAD_BYTES of ordinary text: the compressed revisit takes less room than the response would."""
    words = " ".join(f"{number * 7919 % 10007:x}" for number in range(400)).encode()[:MIN_PAYLOAD_BYTES]
    with open_archive() as archive:
        original = _stored(archive, _record(_message(words, "length")))
        (place,) = archive.append([as_revisit(_record(_message(words, "length")), original)])
    assert place.length < original.location.length


def test_peers_read_our_revisits(open_archive, warc_folder) -> None:
    """warcio and FastWARC see a revisit with the profile, the references and the HTTP head."""
    with open_archive() as archive:
        original = _stored(archive, _record(_message(TEXT, "length")))
        archive.append([as_revisit(_record(_message(TEXT, "length"), "https://b.example/"), original)])
    (path,) = warc_folder.glob("*.warc.gz")
    with path.open("rb") as file:
        theirs = [
            record for record in ArchiveIterator(file, check_digests=True) if record.rec_type == "revisit"
        ]
    assert [record.http_headers.get_statuscode() for record in theirs] == ["200"]
    assert theirs[0].rec_headers.get_header("WARC-Refers-To") == original.record_id
    with path.open("rb") as file:
        fast = [record for record in FastIterator(file) if record.headers.get("WARC-Type") == "revisit"]
    assert [record.headers.get("WARC-Profile") for record in fast] == [IDENTICAL_PAYLOAD]

"""Conversion records: the text as WARC/1.1 has derived records, for the field's own readers."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.warcwriter import WARCWriter

import harvester
from archive import Location, StoredRecord
from archive.check import Check, Report
from archive.disk import SystemDisk
from archive.errors import StorageError
from archive.foreign import read_any
from archive.serialise import finished_fields
from harvester.document import Document
from harvester.pipeline import derive
from harvester.rebuild.conversion import ConversionSink, conversion_record
from harvester.rebuild.languages import iso_639_3
from harvester.tables import CaptureRow

GOLDEN = Path(__file__).parents[2] / "fixtures/golden"
PAGES = sorted(GOLDEN.glob("*/*/page.html"))
START = datetime(2026, 5, 8, 1, 2, 3, 4, UTC)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A WARC file of the golden pages, made by warcio."""
    path = tmp_path_factory.mktemp("warc") / "source.warc.gz"
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True, warc_version="1.1")
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "another"}))
        for number, page in enumerate(PAGES):
            body = page.read_bytes()
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n"
            url = f"https://a.example/{page.parent.name}"
            writer.write_record(
                writer.create_warc_record(
                    url,
                    "response",
                    payload=stream_of(head.encode() + body),
                    length=len(head) + len(body),
                    warc_headers_dict={"WARC-Date": when(number)},
                )
            )
    return path


def stream_of(data: bytes) -> Any:
    import io

    return io.BytesIO(data)


def when(number: int) -> str:
    return (START + timedelta(seconds=number)).isoformat().replace("+00:00", "Z")


def converted(source: Path, folder: Path, unit: str = "u1", disk: SystemDisk | None = None) -> list[Path]:
    sink = ConversionSink(folder, unit, disk or SystemDisk())
    try:
        for record in read_any(source):
            if record.type == "response":
                found = derive(record, None)
                sink.put(CaptureRow.of(record, found=found), found, record)
        done = sink.close()
    except BaseException:
        sink.abort()
        raise
    paths = [folder / one.path for one in done]
    assert [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths] == [one.sha256 for one in done]
    return paths


def articles(source: Path) -> dict[str, Document]:
    """Return the documents of a file by the id of their record."""
    found = {
        record.record_id: derive(record, None) for record in read_any(source) if record.type == "response"
    }
    return {name: item for name, item in found.items() if isinstance(item, Document)}


def test_the_fields_readers_find_the_texts(source: Path, tmp_path: Path) -> None:
    """warcio and FastWARC read a conversion record for each article: its text, URL, date, source."""
    (path,) = converted(source, tmp_path)
    assert path == tmp_path / "conversion/part-u1.warc.gz"
    expected = articles(source)
    assert len(expected) > 10
    with path.open("rb") as stream:
        records = [
            (item.rec_type, item.rec_headers, item.content_stream().read())
            for item in ArchiveIterator(stream)
        ]
    assert [kind for kind, *_ in records] == ["warcinfo"] + ["conversion"] * len(expected)
    for _, headers, text in records[1:]:
        document = expected[headers["WARC-Refers-To"]]
        assert text.decode() == document.text
        assert headers["WARC-Payload-Digest"] == f"sha256:{document.text_sha256}"
        assert headers["WARC-Block-Digest"] == f"sha256:{document.text_sha256}"
        assert headers["WARC-Date"] == document.fetch_date
        assert headers["WARC-Target-URI"].startswith("https://a.example/")
        assert headers["Content-Type"] == "text/plain"
        assert headers["WARC-Identified-Content-Language"] == iso_639_3(document.language)
    with path.open("rb") as stream:
        for record in FastIterator(stream, parse_http=False):
            assert record.verify_block_digest()


def test_check_has_nothing_to_say(source: Path, tmp_path: Path) -> None:
    """With its source a file of conversions has no finding; alone only that its sources are elsewhere."""
    paths = converted(source, tmp_path)
    alone, together = Report(), Report()
    for report, inputs in ((alone, paths), (together, [source, *paths])):
        with Check(report) as check:
            for path in inputs:
                check.path(path)
    assert {finding.code for finding in alone.findings} == {"W051"}
    assert {finding.code for finding in together.findings if finding.file == paths[0].name} == set()


def test_the_same_source_gives_the_same_bytes(source: Path, tmp_path: Path) -> None:
    """A file of conversions is a function of its unit's records; another unit has the same records."""
    one, again, other = (
        converted(source, tmp_path / name, unit)[0].read_bytes()
        for name, unit in (("a", "u1"), ("b", "u1"), ("c", "u2"))
    )
    assert one == again != other
    ids = [
        [item.record_id for item in read_any(tmp_path / f"{name}/conversion/part-{unit}.warc.gz")]
        for name, unit in (("a", "u1"), ("c", "u2"))
    ]
    assert ids[0][1:] == ids[1][1:]
    assert ids[0][0] != ids[1][0]


def test_a_repeated_record_is_converted_once(source: Path, tmp_path: Path) -> None:
    """A source that holds a record twice gives one conversion of it: ids stay unique in the file."""
    twice = tmp_path / "twice.warc.gz"
    twice.write_bytes(source.read_bytes() * 2)
    (path,) = converted(twice, tmp_path)
    ids = [item.record_id for item in read_any(path)]
    assert len(ids) == len(set(ids)) == 1 + len(articles(source))


def test_without_an_article_there_is_no_file(tmp_path: Path) -> None:
    """A unit without an article leaves neither file nor folder."""
    sink = ConversionSink(tmp_path, "u1")
    sink.put(CaptureRow(file="a", type="response", outcome="asset"), None, None)
    assert sink.close() == []
    assert list(tmp_path.iterdir()) == []


class FullDisk(SystemDisk):
    """A disk that is full after so many writes."""

    def __init__(self, writes: int) -> None:
        self.left = writes

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        self.left -= 1
        if self.left < 0:
            raise OSError(28, "No space left on device")
        return super().write(descriptor, data)


@pytest.mark.parametrize("writes", [0, 1, 5])
def test_a_full_disk_leaves_no_file(writes: int, source: Path, tmp_path: Path) -> None:
    """On a full disk the sink says so with the cure, and leaves no part of a file."""
    with pytest.raises(StorageError, match="make room"):
        converted(source, tmp_path, disk=FullDisk(writes))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


DOCUMENT = harvester.extract((GOLDEN / "generic/json-ld/page.html").read_bytes(), url="https://a.example/")


def stored(record_id: str, uri: str | None) -> StoredRecord:
    return StoredRecord("response", record_id, START, uri, None, (), b"", None, None, Location("a", 0, 1))


@settings(deadline=None)
@given(st.text(max_size=50), st.none() | st.text(max_size=80))
def test_whatever_a_foreign_record_is_named(record_id: str, uri: str | None) -> None:
    """A source with any id and any URL gives a record that WARC/1.1 allows."""
    assert isinstance(DOCUMENT, Document)
    record = conversion_record(DOCUMENT, stored(record_id, uri))
    finished_fields(record, None)
    assert hashlib.sha256(record.block.read()).hexdigest() == DOCUMENT.text_sha256


@pytest.mark.parametrize(
    ("uri", "written"),
    [
        ("https://a.example/", "https://a.example/"),
        ("<https://a.example/a b>", "https://a.example/a%20b"),
        ("https://a.example/文?q=%20|<>", "https://a.example/%E6%96%87?q=%20%7C%3C%3E"),
        ("no address", "urn:uuid:1"),
        (None, "urn:uuid:1"),
    ],
)
def test_urls_are_written_as_the_standard_has_them(uri: str | None, written: str) -> None:
    """Brackets go, what a URI cannot hold is percent-encoded; without a URL the source's URN stands."""
    assert isinstance(DOCUMENT, Document)
    record = conversion_record(DOCUMENT, stored("urn:uuid:1", uri))
    assert record.target_uri == written
    assert ("WARC-Refers-To", "<urn:uuid:1>") in record.fields


@pytest.mark.parametrize(
    ("tag", "code"), [("zh", "zho"), ("zh-Hant", "zho"), ("EN", "eng"), ("qq", None), (None, None)]
)
def test_languages_in_three_letters(tag: str | None, code: str | None) -> None:
    """A language is stated in ISO 639-3, as in WET files; one that is not known is left out."""
    assert iso_639_3(tag) == code

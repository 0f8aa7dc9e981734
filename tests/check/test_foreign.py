"""Archives of other tools, read in place: forms, packages with bad intentions, caps."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest

from archive import read_warc
from archive.errors import HarvesterError, WarcError
from archive.foreign import read_any
from archive.reader import read_at
from fixtures.conformance import cases
from fixtures.conformance.parts import arc, gz, http, info, package, response, zipped, zst


def _write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_forms_are_told_by_content_and_never_by_name(tmp_path) -> None:
    """A `.warc` that is Zstandard, a `.gz` that is plain, a WACZ without its suffix: all are read."""
    for name in ("good/plain.warc", "good/gzip.warc.gz", "good/dictionary.warc.zst", "good/package.wacz"):
        path = _write(tmp_path / "anything.bin", cases()[name])
        assert [record.type for record in read_any(path)] == ["warcinfo", "response"]


def test_zstandard_records_are_reached_directly(tmp_path) -> None:
    """A record behind a dictionary is read at its place, as from any other file."""
    path = _write(tmp_path / "d.warc.zst", cases()["good/dictionary.warc.zst"])
    for record in read_warc(path):
        assert read_at(path, record.location) == record


def test_arc_records_read_as_responses(tmp_path) -> None:
    """An ARC record is a response of that URL and time; its id is the same each time it is read."""
    path = _write(
        tmp_path / "a.arc", arc(("http://e.example/a b", http(b"one")), ("http://e.example/c", b"raw"))
    )
    first, second = read_any(path)
    assert (first.type, first.target_uri, first.get("WARC-IP-Address")) == (
        "response",
        "http://e.example/a b",
        "192.0.2.1",
    )
    assert first.date.isoformat() == "2026-01-02T03:04:05+00:00"
    assert first.block == http(b"one")
    assert (second.type, second.content_type, second.block) == ("resource", "text/html", b"raw")
    assert [record.record_id for record in read_any(path)] == [first.record_id, second.record_id]
    assert first.record_id != second.record_id
    data = path.read_bytes()
    assert data[first.location.offset :].startswith(b"http://e.example/a b ")


@pytest.mark.parametrize(
    "data",
    [
        arc(("http://e.example/", http()))[:-9],
        arc(("http://e.example/", http())) + b"pebbles\n",
        arc(("http://e.example/", http())).replace(b"text/html 1", b"text/html x"),
        gz(arc())[:-2],
        b"not an archive",
        zipped({"archive/data.warc": b"pebbles"}),
        zst(info())[:-1],
    ],
)
def test_what_is_torn_is_refused(tmp_path, data) -> None:
    """Reading is strict: WarcError, never a part given as the whole."""
    with pytest.raises(WarcError):
        list(read_any(_write(tmp_path / "x", data)))


def test_no_name_leads_out_of_a_package(tmp_path, checked, monkeypatch) -> None:
    """Members with names of other places are told and left alone; nothing is written anywhere."""
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)
    odd = ("../up.warc", "/abs.warc", "a/../../b.warc", "C:/x.warc", "a\\b.warc", "bell\x07.warc")
    data = package({"archive/data.warc.gz": gz(info())}, extra={name: response() for name in odd})
    report = checked(_write(place / "odd.wacz", data))
    assert report.counts["W092"] == len(odd)
    assert report.records == 1
    assert sorted(place.iterdir()) == [place / "odd.wacz"]
    assert not (tmp_path / "up.warc").exists()


def test_a_repeated_name_is_read_once(tmp_path, checked) -> None:
    """The first of two members of one name counts; the second is told."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("archive/data.warc", response())
        with pytest.warns(UserWarning, match="Duplicate"):
            made.writestr("archive/data.warc", b"another")
    assert checked(_write(tmp_path / "twice.wacz", out.getvalue())).counts["W092"] == 1


def test_a_package_with_a_giant_directory_is_refused(tmp_path, checked) -> None:
    """The directory's size is capped before it is parsed."""
    data = bytearray(zipped({"archive/data.warc": response()}))
    struct.pack_into("<I", data, data.rfind(b"PK\x05\x06") + 12, 900_000_000)
    report = checked(_write(tmp_path / "giant.wacz", bytes(data)))
    assert set(report.counts) == {"E090"}
    assert "at most" in report.findings[0].detail


def test_a_package_in_a_package_is_not_read(tmp_path, checked) -> None:
    """Packages do not nest."""
    inner = zipped({"archive/data.warc": response()})
    report = checked(_write(tmp_path / "outer.wacz", package({"archive/inner.warc": inner})))
    assert "E002" in report.counts
    assert report.records == 0
    with pytest.raises(HarvesterError):
        list(read_any(tmp_path / "outer.wacz"))


def test_records_in_a_package_say_where_they_lie(tmp_path) -> None:
    """`location.file` names package and member."""
    path = _write(tmp_path / "p.wacz", package({"archive/data.warc.gz": gz(info(), response())}))
    assert {record.location.file for record in read_any(path)} == {"p.wacz!archive/data.warc.gz"}

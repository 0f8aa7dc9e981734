"""CDXJ selections: the records that lines name, and nothing else of the files."""

from __future__ import annotations

import gzip
import io
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.warcwriter import WARCWriter

from archive.cdxj import write_cdxj
from archive.foreign import read_any
from archive.record import StoredRecord
from harvester.rebuild.brought import Selected, kind_of, selected

ARC = (
    b"filedesc://a.arc 0.0.0.0 20200101000000 text/plain 20\n1 0 x\nURL IP-address\n"
    b"\nhttp://a.example/1 1.2.3.4 20200101000001 text/html 5\nhello"
    b"\nhttp://a.example/2 1.2.3.4 20200101000002 text/html 5\nworld\n"
)


def warc(path: Path, count: int, *, packed: bool = True) -> Path:
    """Write responses by another tool's hand."""
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=packed)
        for number in range(count):
            body = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>{path.name} {number}".encode()
            url = f"https://a.example/{path.name}/{number}?q=a b"
            record = writer.create_warc_record(url, "response", io.BytesIO(body), length=len(body))
            writer.write_record(record)
    return path


def index(*paths: Path) -> list[dict[str, Any]]:
    out = io.BytesIO()
    write_cdxj(paths, out)
    return [json.loads(line[line.index(b"{") :]) for line in out.getvalue().splitlines()]


def cdxj(path: Path, *paths: Path) -> Path:
    with path.open("wb") as stream:
        write_cdxj(paths, stream)
    return path


def records(*paths: Path) -> list[StoredRecord]:
    return [record for path in paths for record in read_any(path) if record.type != "warcinfo"]


@pytest.mark.parametrize("form", ["gz", "plain", "arc", "arc.gz"])
def test_each_line_gives_its_record(form: str, tmp_path: Path) -> None:
    """A line leads to the very record that reading the whole file gives; in the order of their places."""
    if form == "arc":
        path = tmp_path / "a.arc"
        path.write_bytes(ARC)
    elif form == "arc.gz":
        path = tmp_path / "a.arc.gz"
        first, *others = ARC.split(b"\nhttp:")
        path.write_bytes(
            b"".join(map(gzip.compress, [first + b"\n", *(b"http:" + x + b"\n" for x in others)]))
        )
    else:
        path = warc(tmp_path / "a.warc", 5, packed=form == "gz")
    found = list(selected(cdxj(tmp_path / "a.cdxj", path)))
    assert [item.problem for item in found] == [None] * len(found)
    assert [item.record for item in found] == records(path)
    assert len(found) >= 2


def test_only_what_is_selected(tmp_path: Path) -> None:
    """Of several files only the named records are read, in any order of lines, each once."""
    one, two = warc(tmp_path / "b.warc.gz", 5), warc(tmp_path / "a.warc.gz", 5)
    lines = index(one, two)
    chosen = [lines[number] for number in (7, 1, 4, 7)]
    random.Random(5).shuffle(chosen)
    path = tmp_path / "some.json"
    path.write_text("".join(json.dumps(line) + "\n" for line in chosen), encoding="utf-8")
    assert kind_of(path) == "cdxj"
    found = [(item.file, item.offset) for item in selected(path)]
    expected = {(line["filename"], int(line["offset"])) for line in chosen}
    assert found == sorted(expected)
    assert len(found) == 3


def test_where_files_are_looked_for(tmp_path: Path) -> None:
    """A file is beside the CDXJ or below the root, under the name of the line or its last part alone."""
    root = tmp_path / "store"
    (root / "deep").mkdir(parents=True)
    path = warc(root / "deep/a.warc.gz", 1)
    (line,) = index(path)
    where = tmp_path / "x.cdxj"
    for name, base, there in [
        ("deep/a.warc.gz", root, True),
        ("crawl-data/CC/a.warc.gz", root / "deep", True),
        ("a.warc.gz", root / "deep", True),
        (str(path), root, True),
        ("store/deep/a.warc.gz", None, True),
        ("a.warc.gz", root, False),
    ]:
        where.write_text("x 20200101000000 " + json.dumps(line | {"filename": name}), encoding="utf-8")
        (found,) = selected(where, base)
        assert (found.record is not None) == there, name
        if not there:
            assert found.problem == "a.warc.gz is not below store: say where the files are with --warc-root"


def test_lines_that_lead_nowhere(tmp_path: Path) -> None:
    """A line that is unreadable, wrong or outdated has a problem in words; the others are read."""
    path = warc(tmp_path / "a.warc.gz", 2)
    good, other = index(path)
    bad = [
        ("nothing", "no JSON object"),
        ("x 2020 {", "cannot be read"),
        ("x 2020 {}", "must be numbers"),
        (json.dumps(good | {"offset": -1}), "must be numbers"),
        (json.dumps(good | {"offset": "9" * 30}), "must be numbers"),
        (json.dumps(good | {"offset": "²"}), "must be numbers"),
        (json.dumps(good | {"filename": 5}), "names no file"),
        (json.dumps(good | {"filename": "a\0b"}), "names no file"),
        (json.dumps(good | {"offset": 10**9}), "no record begins at byte"),
        (json.dumps(good | {"offset": 3}), "do not begin a record"),
        (json.dumps(good | {"length": 5}), "the line says 5"),
        (json.dumps(good | {"url": "https://b.example/"}), "not https://b.example/"),
        (json.dumps(good | {"filename": "no.warc"}), "say where the files are"),
    ]
    where = tmp_path / "x.cdxj"
    for line, why in bad:
        where.write_text(f"!meta {{}}\n{line}\nx 2020 {json.dumps(other)}\n", encoding="utf-8")
        found = sorted(selected(where), key=lambda item: item.line)
        assert [item.line for item in found] == [1, 2], line
        assert why in (found[0].problem or ""), line
        assert found[0].record is None
        assert found[1].record is not None


def test_a_file_that_is_no_archive(tmp_path: Path) -> None:
    """A line may name any file: one that is no web archive is told so, a folder is not there."""
    (tmp_path / "a.warc.gz").write_bytes(b"plain words")
    (tmp_path / "folder").mkdir()
    where = tmp_path / "x.cdxj"
    for name, why in (("a.warc.gz", "no WARC or ARC file by its content"), ("folder", "is not below")):
        where.write_text(json.dumps({"filename": name, "offset": 0, "length": 5}), encoding="utf-8")
        (found,) = selected(where)
        assert why in (found.problem or "")


@pytest.fixture(scope="module")
def some(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cdxj")
    warc(folder / "a.warc.gz", 3)
    return folder


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes(some: Path, data: bytes) -> None:
    """Any bytes as a CDXJ give lines with problems, never an error."""
    path = some / "any.cdxj"
    path.write_bytes(data)
    kind_of(path)
    if not data.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")):
        assert all(isinstance(item, Selected) for item in selected(path))

"""Tables that people bring: every row is read, or says why not."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

import harvester
from harvester.document import Document
from harvester.errors import IntegrityError, StorageError, UsageError
from harvester.rebuild.brought import Columns, columns_of, kind_of, look, rows_of
from harvester.rebuild.brought.headers import headers_of
from harvester.rebuild.brought.rows import Row
from harvester.tables import CaptureRow

GOLDEN = Path(__file__).parents[2] / "fixtures/golden"
PAGES = [
    (page.read_bytes(), f"https://a.example/{page.parent.name}")
    for page in sorted(GOLDEN.glob("*/*/page.html"))
]
WRITERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda data: data,
    "gzip": gzip.compress,
    "two gzip members": lambda data: gzip.compress(data[:1000]) + gzip.compress(data[1000:]),
    "zstd": lambda data: zstandard.ZstdCompressor().compress(data),
}


def lines(*items: object) -> bytes:
    return b"".join(json.dumps(item, ensure_ascii=False).encode() + b"\n" for item in items)


def saved(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def read(path: Path, **named: str) -> list[tuple[CaptureRow, Any]]:
    kind = kind_of(path)
    return [look(row, path.name) for row in rows_of(path, kind, columns_of(path, kind, **named))]


@pytest.mark.parametrize("packed", WRITERS)
def test_lines_are_read_as_extract_reads(packed: str, tmp_path: Path) -> None:
    """A line gives what `extract` gives for its HTML and URL; each has one row, numbered from 0."""
    data = lines(*({"url": url, "html": html.decode()} for html, url in PAGES))
    path = saved(tmp_path / "pages", WRITERS[packed](data))
    assert kind_of(path) == "jsonl"
    found = read(path)
    assert [item for _, item in found] == [harvester.extract(html, url=url) for html, url in PAGES]
    assert [row.row for row, _ in found] == list(range(len(PAGES)))
    for row, item in found:
        assert (row.file, row.type, row.record_id, row.offset) == ("pages", "row", None, None)
        assert (row.outcome, row.id) == (item.state, item.id)
    assert {isinstance(item, Document) for _, item in found} == {True, False}


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.string(), pa.large_string()])
def test_parquet_is_read_as_extract_reads(kind: pa.DataType, tmp_path: Path) -> None:
    """HTML may be text or bytes in Parquet, of either size; columns that are not needed are left alone."""
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    table = pa.table(
        {
            "warc_target_uri": [url for _, url in PAGES],
            "other": pa.array([{"x": [1]}] * len(PAGES)),
            "Raw-HTML": pa.array([html.decode() if text else html for html, _ in PAGES], kind),
        }
    )
    pq.write_table(table, tmp_path / "p", row_group_size=7)
    assert kind_of(tmp_path / "p") == "parquet"
    found = read(tmp_path / "p")
    assert [item for _, item in found] == [harvester.extract(html, url=url) for html, url in PAGES]


def test_the_charset_of_the_headers_counts(tmp_path: Path) -> None:
    """Where the page does not say its charset the headers' counts, in whatever form they stand."""
    html = "<html><body><p>" + "海湾小学阅览室今天开门。" * 40 + "</p></body></html>"
    headers = pa.array([[("content-type", "text/html; charset=gbk")]], pa.map_(pa.string(), pa.string()))
    table = pa.table({"html": [html.encode("gbk")], "url": ["https://a.example/"], "headers": headers})
    pq.write_table(table, tmp_path / "p")
    ((_, found),) = read(tmp_path / "p")
    assert "海湾小学阅览室" in found.text


BAD = {
    "null": ({"html": None, "url": "https://a.example/"}, "the column html is null"),
    "number": ({"html": 5, "url": None}, "the column html holds int, not text"),
    "no html": ({"url": "https://a.example/"}, "the column html is null"),
    "url": ({"html": "<p>x", "url": 5}, "the column url holds int, not text"),
    "headers": ({"html": "<p>x", "headers": [5]}, "the headers in headers cannot be read"),
    "a list": ([1], "the line is no JSON object"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_line_costs_only_itself(name: str, tmp_path: Path) -> None:
    """A line without usable HTML is a row with the outcome failed and why; the lines around it are read."""
    good = {"url": "https://a.example/", "html": PAGES[0][0].decode(), "headers": None}
    item, why = BAD[name]
    found = read(saved(tmp_path / "x", lines(good, item, good)))
    assert [row.outcome == "failed" for row, _ in found] == [False, True, False]
    assert why in (found[1][0].detail or "")
    assert found[0][1] == found[2][1]


@pytest.mark.parametrize(
    "bad", [b"{\n", b'{"html": "\xff"}\n', b"[" * 5000 + b"\n", b'{"html": "\\ud800"}\n', b"nothing\n"]
)
def test_a_line_that_is_no_json(bad: bytes, tmp_path: Path) -> None:
    """What cannot be decoded is told of by line; blank lines and a byte order mark do not count."""
    good = lines({"html": "<p>x"})
    found = read(saved(tmp_path / "x", b"\xef\xbb\xbf" + good + bad + b"\n  \n" + good.rstrip()))
    assert [row.row for row, _ in found] == [0, 1, 2]
    assert [row.outcome for row, _ in found] == ["unknown", "failed", "unknown"]
    assert "the line is no JSON" in (found[1][0].detail or "")


@pytest.mark.parametrize("cut", [10, 300, -1])
@pytest.mark.parametrize("packed", ["gzip", "zstd"])
def test_a_cut_file_is_damage(packed: str, cut: int, tmp_path: Path) -> None:
    """Packed lines that end early raise after the lines before; kind and columns never give a traceback."""
    noise = random.Random(1).randbytes(20_000).hex()  # so that there are many blocks
    data = WRITERS[packed](lines(*({"html": html.decode(), noise: noise} for html, _ in PAGES)))
    path = saved(tmp_path / "x", data[:cut])
    if kind_of(path) == "web":  # not recognised: the reader of web archives says what is wrong
        assert cut == 10 or (packed, cut) == ("zstd", 300)  # no block is whole
        return
    found = []
    with pytest.raises(IntegrityError, match=r"is cut|ends before"):
        found.extend(row for row in rows_of(path, "jsonl", Columns("html")))
    with pytest.raises(IntegrityError, match=r"is cut|ends before"):
        columns_of(path, "jsonl")


def test_damaged_parquet(tmp_path: Path) -> None:
    """A Parquet file that is cut or changed anywhere is damage in one line, or reads as far as it goes."""
    pq.write_table(pa.table({"html": [html for html, _ in PAGES]}), tmp_path / "p", row_group_size=5)
    data = (tmp_path / "p").read_bytes()
    for cut in (4, 8, len(data) // 2, len(data) - 1):
        with pytest.raises(IntegrityError, match="damaged Parquet"):
            list(rows_of(saved(tmp_path / "cut", data[:cut]), "parquet", Columns("html")))
    told = 0
    for at in range(4, len(data), len(data) // 40):
        changed = bytearray(data)
        changed[at] ^= 0xFF
        try:
            list(rows_of(saved(tmp_path / "changed", bytes(changed)), "parquet", Columns("html")))
        except IntegrityError:
            told += 1
    assert told > 0


def test_columns_are_guessed_or_named(tmp_path: Path) -> None:
    """Known names are taken, the most telling first; what is named wins; what is not there is refused."""
    path = saved(tmp_path / "x", lines({"content": "a", "HTML": "b", "link": "c", "my": "d"}))
    assert columns_of(path, "jsonl") == Columns("HTML", "link", None)
    assert columns_of(path, "jsonl", html="my", url="content") == Columns("my", "content", None)
    with pytest.raises(UsageError, match="no column 'nix' for the URL: it has 'content', 'HTML'"):
        columns_of(path, "jsonl", url="nix")
    with pytest.raises(UsageError, match="say --html-column"):
        columns_of(saved(tmp_path / "y", lines({"title": "a"})), "jsonl")


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    """A file that is not there is a storage error that names it."""
    for call in (kind_of, lambda path: columns_of(path, "parquet"), lambda path: columns_of(path, "jsonl")):
        with pytest.raises(StorageError, match="nowhere"):
            call(tmp_path / "nowhere")


HEADERS = (("Content-Type", "text/html"), ("X", "1"))


@pytest.mark.parametrize(
    "value",
    [
        {"Content-Type": "text/html", "X": 1},
        {"Content-Type": ["text/html"], "X": ["1"]},
        [["Content-Type", "text/html"], ["X", "1"]],
        [("Content-Type", b"text/html"), ("X", 1)],
        [{"name": "Content-Type", "value": "text/html"}, {"key": "X", "Value": "1"}],
        '{"Content-Type": "text/html", "X": "1"}',
        '[["Content-Type", "text/html"], ["X", "1"]]',
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX: 1\r\n\r\n",
        b"Content-Type: text/html\nX:1\n",
    ],
)
def test_headers_in_every_form(value: object) -> None:
    """Headers are understood as mappings, pairs, objects, JSON of these, and lines."""
    assert headers_of(value) == HEADERS


@settings(deadline=None)
@given(st.recursive(st.none() | st.text() | st.binary() | st.integers(), st.lists))
def test_any_headers(value: object) -> None:
    """Whatever stands there is pairs of text or a ValueError."""
    try:
        found = headers_of(value)
    except ValueError:
        return
    assert all(isinstance(name, str) and isinstance(text, str) for name, text in found)


@settings(deadline=None)
@given(html=st.text() | st.binary(), url=st.none() | st.text(), headers=st.none() | st.text())
def test_any_row_has_an_outcome(html: str | bytes, url: str | None, headers: str | None) -> None:
    """A row with any HTML, URL and headers is looked at without an error, and its row can be written."""
    try:
        pairs = headers_of(headers)
    except ValueError:
        pairs = ()
    row, found = look(Row(0, html, url, pairs), "x")
    assert found is not None
    assert row.outcome == found.state
    msgspec.json.encode(row)

"""Tables, selections and lists as inputs of `harvester rebuild`: outcomes as of web archives."""

from __future__ import annotations

import io
import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from warcio.warcwriter import WARCWriter

from archive.cdxj import write_cdxj
from harvester.cli.app import run

Rebuild = Callable[..., Any]
Pages = dict[str, bytes]


def jsonl(path: Path, pages: Pages, html: str = "html", *more: object) -> Path:
    items = [*({"url": url, html: body.decode()} for url, body in pages.items()), *more]
    path.write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf-8")
    return path


def parquet(path: Path, pages: Pages) -> Path:
    table = pa.table({"url": list(pages), "html": pa.array(list(pages.values()), pa.binary())})
    pq.write_table(table, path, row_group_size=10)
    return path


def warc(path: Path, pages: Pages) -> Path:
    """Write each page, and the first three once more as revisits."""
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True, warc_version="1.1")
        for number, (url, body) in enumerate(pages.items()):
            data = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body
            first = writer.create_warc_record(
                url,
                "response",
                payload=io.BytesIO(data),
                length=len(data),
                warc_headers_dict={"WARC-Date": "2026-05-08T01:02:03Z"},
            )
            writer.write_record(first)
            if number < 3:
                digest = first.rec_headers["WARC-Payload-Digest"]
                again = writer.create_revisit_record(
                    url + "&again", digest, url, "2026-05-08T01:02:03Z", http_headers=None
                )
                writer.write_record(again)
    return path


def cdxj(path: Path, *warcs: Path) -> Path:
    with path.open("wb") as stream:
        write_cdxj(warcs, stream)
    return path


@pytest.mark.parametrize("make", [jsonl, parquet])
def test_tables(
    make: Callable[[Path, Pages], Path], pages: Pages, texts: dict[str, str], rebuild: Rebuild, tmp_path: Path
) -> None:
    """A table gives the text of every article in it, and a row of captures for each of its rows."""
    found = rebuild(make(tmp_path / "pages", pages))
    assert found.code == 0
    assert found.texts == Counter(texts.values())
    assert sorted(row["row"] for row in found.rows) == list(range(len(pages)))
    assert {row["type"] for row in found.rows} == {"row"}
    assert found.report["records"] == {"row": len(pages)}
    assert all(document["capture"]["method"] == "file" for document in found.documents)


def test_rows_that_cannot_be_read(pages: Pages, rebuild: Rebuild, tmp_path: Path) -> None:
    """Bad rows are outcomes, a damaged file is told of, the rest is read; exit 1."""
    bad = jsonl(tmp_path / "bad.jsonl", pages, "html", {"html": None}, [1])
    cut = parquet(tmp_path / "cut.parquet", pages)
    cut.write_bytes(cut.read_bytes()[:-9])
    found = rebuild(bad, cut)
    assert found.code == 1
    assert found.report["outcomes"]["failed"] == 2
    assert found.report["responses"] == len(pages) + 2
    assert [line.startswith("cut.parquet: damaged Parquet") for line in found.report["damaged"]] == [True]
    assert str(tmp_path) not in json.dumps(found.report)


@pytest.mark.parametrize("form", ["json", "parquet"])
def test_a_selection(form: str, pages: Pages, rebuild: Rebuild, tmp_path: Path) -> None:
    """A CDXJ of all records gives what the files themselves give, revisits too; a part of it gives a part."""
    (tmp_path / "w").mkdir()
    halves = [dict(list(pages.items())[::2]), dict(list(pages.items())[1::2])]
    warcs = [warc(tmp_path / f"w/{name}.warc.gz", half) for name, half in zip("ab", halves, strict=True)]
    index = cdxj(tmp_path / "all.cdxj", *warcs)
    whole = rebuild(*warcs, "--format", form)
    assert whole.report["records"]["revisit"] == 6
    chosen = rebuild(index, "--warc-root", tmp_path / "w", "--format", form)
    assert chosen.code == whole.code == 0
    key = [(row["file"], row["offset"], row["outcome"], row["id"]) for row in whole.rows]
    assert sorted((row["file"], row["offset"], row["outcome"], row["id"]) for row in chosen.rows) == sorted(
        key
    )
    by_id = {document["id"]: document for document in whole.documents}
    assert {document["id"]: document for document in chosen.documents} == by_id
    lines = index.read_bytes().splitlines(keepends=True)
    (tmp_path / "w/some.cdxj").write_bytes(b"".join(lines[:5]) + b"no line\n")
    some = rebuild(tmp_path / "w/some.cdxj", "--format", form)
    assert some.code == 1
    assert some.report["responses"] == 6
    (odd,) = (row for row in some.rows if row["type"] == "unread")
    assert (odd["file"], odd["row"], odd["outcome"]) == ("some.cdxj", 5, "failed")


def test_files_that_are_missing_and_come(pages: Pages, outputs: Path, tmp_path: Path) -> None:
    """A selection is read anew in each run: what was missing may be there now."""
    path = warc(tmp_path / "a.warc.gz", dict(list(pages.items())[:4]))
    index = cdxj(tmp_path / "a.cdxj", path)
    path.rename(tmp_path / "away")
    command = ["rebuild", str(index), "--output", str(outputs / "o"), "--workers", "1"]
    assert run(command) == 1
    (tmp_path / "away").rename(path)
    assert run(command) == 0


def test_lists_and_patterns(
    pages: Pages, texts: dict[str, str], rebuild: Rebuild, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inputs come from the command line, from lists and from standard input; patterns name tables too."""
    names = list(pages)
    parquet(tmp_path / "one.parquet", {name: pages[name] for name in names[:20]})
    jsonl(tmp_path / "two.jsonl", {name: pages[name] for name in names[20:40]})
    warc(tmp_path / "three.warc.gz", {name: pages[name] for name in names[40:]})
    (tmp_path / "list").write_text(f"{tmp_path}/two.jsonl\n{tmp_path}/*.parquet\n", encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"{tmp_path}/three.warc.gz\n".encode())))
    found = rebuild("--files-from", tmp_path / "list", "--files-from", "-")
    assert set(found.texts) == set(texts.values())
    assert found.report["files"] == 3


def test_two_workers(pages: Pages, rebuild: Rebuild, tmp_path: Path) -> None:
    """Tables are read in worker processes as in this one."""
    inputs = [parquet(tmp_path / "a.parquet", pages), jsonl(tmp_path / "b.jsonl", pages)]
    one = rebuild(*inputs, "--format", "parquet")
    two = rebuild(*inputs, "--format", "parquet", "--workers", "2")
    assert (one.rows, one.documents, one.report) == (two.rows, two.documents, two.report)


def test_other_columns_are_another_input(pages: Pages, outputs: Path, tmp_path: Path) -> None:
    """A second run does what is missing: nothing with the same columns, the unit with others."""
    few = dict(list(pages.items())[:3])
    items = [{"url": url, "html": body.decode(), "other": "<p>no words"} for url, body in few.items()]
    path = tmp_path / "x.jsonl"
    path.write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf-8")
    command = ["rebuild", str(path), "--output", str(outputs / "o"), "--workers", "1", "--format", "jsonl"]

    def done(*options: str) -> tuple[int, bytes]:
        assert run([*command, *options]) == 0
        (part,) = (outputs / "o/captures").iterdir()
        return part.stat().st_ino, part.read_bytes()

    first = done()
    assert done() == first
    other = done("--html-column", "other")
    assert other[1] != first[1]
    assert done()[1] == first[1]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["x.jsonl", "--html-column", "nix"], "has no column 'nix' for the HTML"),
        (["x.jsonl", "--url-column", "nix"], "has no column 'nix' for the URL"),
        (["none.jsonl"], "say --html-column"),
        (["x.cdxj", "--warc-root", "nowhere"], "nowhere is no folder"),
        (["--files-from", "nowhere"], "cannot read nowhere"),
        ([], "no input: name archives or files"),
        (["nowhere.parquet"], "does not exist"),
    ],
)
def test_what_is_refused(
    options: list[str],
    why: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Columns, files and folders that are not there are refused in one line before anything is written."""
    monkeypatch.chdir(tmp_path)
    Path("x.jsonl").write_text('{"html": "<p>x"}\n', encoding="utf-8")
    Path("none.jsonl").write_text('{"title": "x"}\n', encoding="utf-8")
    Path("x.cdxj").write_text('{"filename": "a", "offset": 1, "length": 1}\n', encoding="utf-8")
    assert run(["rebuild", *options, "--output", "o"]) == 2
    err = capfd.readouterr().err
    assert why in " ".join(err.split())
    assert "Traceback" not in err
    assert not Path("o").exists()


def test_since_and_site(pages: Pages, rebuild: Rebuild, tmp_path: Path) -> None:
    """Rows have no date: --since leaves them out, counted; --site leaves out what other rules read."""
    path = jsonl(tmp_path / "x.jsonl", pages, "html", {"html": None})
    found = rebuild(path, "--since", "2020-01-01")
    assert found.report["left_out"] == found.report["responses"] == len(pages) + 1
    found = rebuild(path, "--site", "mfa")
    assert {row["site"] for row in found.rows} == {"mfa", None}
    assert 0 < found.report["left_out"] < len(pages)

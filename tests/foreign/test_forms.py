"""The forms that a rebuild writes, by the command line: the same rows in each; conversion records."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from warcio.warcwriter import WARCWriter

from archive.foreign import read_any

Rebuild = Callable[..., Any]


@pytest.fixture
def archives(pages: dict[str, bytes], tmp_path: Path) -> list[Path]:
    """The golden pages in two WARC files, a picture and a page that cannot be read in the second."""
    bodies = [(url, "text/html", body) for url, body in pages.items()]
    odd = [("http://a.example/1.png", "image/png", b"\x89PNG"), ("http://a.example/", "text/html", b"")]
    found = []
    for name, part in (("a.warc.gz", bodies[::2]), ("b.warc.gz", [*bodies[1::2], *odd])):
        found.append(tmp_path / name)
        with found[-1].open("wb") as stream:
            writer = WARCWriter(stream, gzip=True)
            for url, kind, body in part:
                data = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n".encode() + body
                made = writer.create_warc_record(
                    url,
                    "response",
                    payload=io.BytesIO(data),
                    length=len(data),
                    warc_headers_dict={"WARC-Date": "2026-05-08T01:02:03Z"},
                )
                writer.write_record(made)
    return found


def test_every_form_has_the_same_rows(
    archives: list[Path], texts: dict[str, str], rebuild: Rebuild, capfd: pytest.CaptureFixture[str]
) -> None:
    """JSON, JSON lines and Parquet hold the same captures and documents; the report is the same."""
    forms = {form: rebuild(*archives, "--format", form) for form in ("json", "jsonl", "parquet")}
    one = forms["json"]
    assert one.texts == Counter(texts.values())
    assert one.report["outcomes"]["asset"] == 1
    for found in forms.values():
        assert found.report == one.report
        assert found.code == one.code == 0
        assert by_id(found.rows, "record_id") == by_id(one.rows, "record_id")
        assert found.texts == one.texts
        for document in found.documents:
            (other,) = (item for item in one.documents if item["id"] == document["id"])
            shared = set(document) & set(other) - NESTED
            assert {name: document[name] for name in shared} == {name: other[name] for name in shared}


NESTED = {
    *("account", "original_account", "declared", "edits", "frame", "questions", "hidden", "identity"),
    *("capture", "provenance", "albums", "attachments", "images"),
}


def by_id(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return sorted(
        ({key: str(value) for key, value in row.items()} for row in rows), key=lambda row: row[name]
    )


@pytest.mark.parametrize("form", ["json", "parquet"])
def test_conversion_records(form: str, archives: list[Path], texts: dict[str, str], rebuild: Rebuild) -> None:
    """With --write-warc each unit's texts are conversion records too; a rebuild passes over those."""
    found = rebuild(*archives, "--format", form, "--write-warc")
    files = sorted(found.output.glob("conversion/*.warc.gz"))
    assert len(files) == 2
    records = [record for path in files for record in read_any(path) if record.type == "conversion"]
    assert Counter(record.block.decode() for record in records) == Counter(texts.values())
    assert {record.get("WARC-Refers-To") for record in records} == {
        row["record_id"] for row in found.rows if row["outcome"] == "ok"
    }
    again = rebuild(found.output / "conversion")
    assert again.report["responses"] == 0
    assert again.code == 0


def test_another_form_replaces_the_first(archives: list[Path], outputs: Path) -> None:
    """A second run with another form leaves nothing of the first: one output has one form."""
    from harvester.cli.app import run

    output = outputs / "out"
    for options in (["--format", "parquet", "--write-warc"], ["--format", "jsonl"]):
        assert run(["rebuild", *map(str, archives), "--output", str(output), "--workers", "1", *options]) == 0
    assert {path.suffix for path in output.glob("*/part-*")} == {".jsonl"}


def test_a_form_that_there_is_not(
    archives: list[Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """An unknown form is a matter of usage; nothing is written."""
    from harvester.cli.app import run

    code = run(["rebuild", str(archives[0]), "--output", str(tmp_path / "o"), "--format", "csv"])
    assert code == 2
    assert "json, jsonl, parquet" in capfd.readouterr().err
    assert not (tmp_path / "o").exists()

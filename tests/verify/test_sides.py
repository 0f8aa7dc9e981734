"""Sides from files, results as bytes, bounds."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import jsonschema
import pytest

from harvester.document import Capture, Clocks, Document, FrameLine, Identity, PageState, Provenance
from harvester.document import to_bytes as document_bytes
from harvester.errors import UsageError
from harvester.verify import (
    EXIT_CODES,
    VERDICTS,
    Options,
    Side,
    compare,
    exit_code,
    json_schema,
    load_side,
    result_from_bytes,
    side_from_bytes,
    side_from_state,
    to_bytes,
)

TEXT = "北岚共和国外交部发言人就界河水位发表谈话。\n\n双方将保持通报。\n\n来源：界河观察"
CAPTURE = Capture(
    method="live", vantage=None, discovered_via=None, rehearsal={"connect_to": ["x:443:127.0.0.1:8443"]}
)
PROVENANCE = Provenance(
    record_id="<urn:uuid:1>",
    metadata_id=None,
    block_digest=None,
    payload_digest="sha256:00",
    body_sha256="00",
    clocks=Clocks(harvester=None, server=None, page=None),
    truncated=None,
    redirected_from=(),
    software={"harvester": "0"},
    rules={},
    options={},
    fields={},
)


def document() -> Document:
    start = TEXT.index("来源")
    empty = dict.fromkeys(
        [
            "url",
            "date",
            "fetch_date",
            "published_at",
            "modified_at",
            "event_date",
            "author",
            "account",
            "original_source",
            "original_account",
            "source_url",
            "section",
            "subtitle",
            "language",
            "note",
            "declared",
            "edits",
        ]
    )
    lists = dict.fromkeys(["images", "attachments", "albums", "hidden", "questions"], ())
    return Document(
        title="谈话",
        source="界河观察",
        schema="s",
        id="i",
        site="wechat",
        kind="article",
        state="ok",
        text=TEXT,
        markdown=TEXT,
        frame=(FrameLine(role="source", start=start, end=len(TEXT), value="界河观察"),),
        preview=False,
        identity=Identity(key="url:0"),
        text_sha256=hashlib.sha256(TEXT.encode()).hexdigest(),
        capture=CAPTURE,
        provenance=PROVENANCE,
        **empty,
        **lists,
    )


def state() -> PageState:
    return PageState(
        state="deleted",
        notice="该内容已被发布者删除",
        evidence=(),
        schema="s",
        id="i",
        site="wechat",
        url=None,
        fetch_date=None,
        rule=None,
        details={},
        identity=None,
        links=(),
        next_url=None,
        capture=CAPTURE,
        provenance=PROVENANCE,
    )


def test_a_document_json_file(tmp_path: Path) -> None:
    """Text, title and frame come from the document; the result names its record and rehearsal."""
    path = tmp_path / "a.json.gz"
    path.write_bytes(gzip.compress(document_bytes(document())))
    side = load_side(path)
    assert (side.text, side.title) == (TEXT, "谈话")
    result = compare(side, Side(text=TEXT.split("\n\n来源", maxsplit=1)[0], label="b"))
    assert result.verdict == "same-text"
    assert result.sides.captured.record_id == "<urn:uuid:1>"
    assert result.sides.captured.rehearsal == CAPTURE.rehearsal


def test_markdown_with_front_matter() -> None:
    """Front matter gives the title; markup is stripped, words stay."""
    front = "---\ntitle: 联合声明\nurl: https://a.invalid/x\n---\n\n"
    body = "# 联合声明\n\n![图](a.png)\n\n**双方**同意[设立](b)小组，见 \\*注\\*。\n\n> *原文来源：外交部*\n"
    side = side_from_bytes((front + body).encode(), "a.md")
    assert side.title == "联合声明"
    assert side.text == "联合声明\n\n双方同意设立小组，见 *注*。\n\n原文来源：外交部"


def test_plain_text_keeps_every_character() -> None:
    """Plain text is stored as it is; a byte-order mark is the encoding's, not the text's, and so is the end
    of the last line."""
    assert side_from_bytes("\ufeff甲 *乙*\r\n".encode(), "a.txt").text == "甲 *乙*"
    assert side_from_bytes("双方同意".encode("gb18030"), "a.txt").text == "双方同意"


def test_html_goes_through_the_extractor() -> None:
    """HTML is told by content or suffix; a page that is not an article says why it cannot be verified."""
    seen: list[bytes] = []

    def extract(data: bytes, url: str | None) -> Document | PageState:
        seen.append(data)
        return document() if b"ok" in data else state()

    assert side_from_bytes(b"<!DOCTYPE html><p>ok", "saved", extract).text == TEXT
    gone = side_from_bytes(b"<p>gone", "b.html", extract)
    result = compare(gone, Side(text=TEXT, label="o"))
    assert (result.verdict, exit_code(result)) == ("cannot-verify", 4)
    assert "deleted" in (result.reason or "")
    assert len(seen) == 2
    with pytest.raises(UsageError, match="no extractor"):
        side_from_bytes(b"<html>", "a")


def test_a_page_state_json_is_a_side_without_text() -> None:
    """The same for the stored form of a page state, and for the value itself."""
    for side in (side_from_bytes(document_bytes(state()), "s.json"), side_from_state(state(), "s")):
        assert compare(Side(text=TEXT, label="c"), side).verdict == "cannot-verify"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"{", "a.json"),
        (b'{"a": 1}', "a.json"),
        (b"[1]", "a.json"),
        (b"\x1f\x8bxx", "a.gz"),
        (b"\xff\xff\xff", "a.txt"),
        (b"a\x00b", "a.txt"),
        (b"[" * 100_000, "a.json"),
        (gzip.compress(b"x" * 100, mtime=0)[:-9], "a.gz"),
    ],
)
def test_bad_files_are_usage_errors(data: bytes, name: str) -> None:
    """One clear line naming the file, never a traceback."""
    with pytest.raises(UsageError, match=name.removesuffix(".gz")):
        side_from_bytes(data, name)


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    """So is one that is not there."""
    with pytest.raises(UsageError, match="cannot read"):
        load_side(tmp_path / "none.txt")


@pytest.mark.parametrize(
    "captured", [TEXT, TEXT.replace("将", "不将"), "", "青屏岛的渔船今晨返航，渔获颇丰，船主们都很高兴。"]
)
def test_results_conform_to_their_schema(captured: str) -> None:
    """Deterministic bytes that validate and read back."""
    result = compare(Side(text=captured, label="a"), Side(text=TEXT, label="b"))
    data = to_bytes(result)
    assert data.endswith(b"}\n")
    assert data == to_bytes(compare(Side(text=captured, label="a"), Side(text=TEXT, label="b")))
    jsonschema.validate(json.loads(data), json_schema())
    assert result_from_bytes(data) == result
    assert set(EXIT_CODES) == set(VERDICTS)


def test_a_bound_that_is_hit_is_said() -> None:
    """A gap beyond the bound is one edit with a warning; the verdict stands on true edits."""
    original = "".join(chr(0x4E00 + n) for n in range(300))
    captured = "".join(chr(0x4E00 + n) for n in range(299, -1, -1))
    result = compare(Side(text=captured, label="a"), Side(text=original, label="b"), Options(max_cells=100))
    assert "beyond the bound" in " ".join(result.warnings)
    assert compare(Side(text=captured, label="a"), Side(text=original, label="b")).warnings == ()


def test_too_long_and_too_short_texts_cannot_be_verified() -> None:
    """Nothing is said of what was not compared."""
    assert compare(Side(text=TEXT, label="a"), Side(text="同意", label="b")).verdict == "cannot-verify"
    long = compare(Side(text=TEXT, label="a"), Side(text=TEXT + "。", label="b"), Options(max_characters=9))
    assert "more than the bound" in (long.reason or "")
    with pytest.raises(UsageError):
        Options(max_cells=0)


def test_one_final_newline_is_the_file_s_and_not_the_text_s() -> None:
    """A text file that we wrote holds the document's text; a second newline is a difference."""
    side = side_from_bytes(document_bytes(document()), "a.json")
    assert compare(side, side_from_bytes(f"{TEXT}\n".encode(), "a.txt")).verdict == "identical"
    assert compare(side, side_from_bytes(f"{TEXT}\r\n".encode(), "a.txt")).verdict == "identical"
    assert compare(side, side_from_bytes(f"{TEXT}\n\n".encode(), "a.txt")).verdict == "same-text"


def test_a_document_that_was_altered_is_told_of() -> None:
    """A text that does not fit the document's own digest gives a warning, whatever the verdict."""
    altered = document_bytes(document()).replace("水位".encode(), "水量".encode())
    whole = side_from_bytes(document_bytes(document()), "a.json")
    for other in (whole, side_from_bytes(altered, "b.json")):
        result = compare(side_from_bytes(altered, "b.json"), other)
        assert [line for line in result.warnings if "b.json: its text does not fit" in line]
    assert not compare(whole, whole).warnings

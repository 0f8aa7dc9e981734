"""Hard cases by hand: each directory holds both texts and the whole expected answer."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from harvester.verify import Side, compare, exit_code

CASES = sorted(path for path in (Path(__file__).parent / "golden").iterdir() if path.is_dir())
FIELDS = ("class", "material", "rule", "captured", "original")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_golden_case(case: Path) -> None:
    """Verdict, level, edits with offsets, moves, paragraphs, frame and remarks are those written down."""
    expected = json.loads((case / "expected.json").read_text("utf-8"))
    captured = (case / "captured.txt").read_bytes().decode("utf-8")
    original = (case / "original.txt").read_bytes().decode("utf-8")
    sides = (
        Side(text=captured, label="captured", title=expected["title"]),
        Side(text=original, label="original"),
    )
    result = compare(*sides)
    raw = json.loads(msgspec.json.encode(result))
    assert result.verdict == expected["verdict"]
    assert exit_code(result) == expected["exit"]
    assert result.level == expected["level"]
    assert list(result.format) == expected["format"]
    assert [{key: edit[key] for key in FIELDS} for edit in raw["edits"]] == expected["edits"]
    assert list(raw["moves"]) == expected["moves"]
    assert list(raw["paragraphs"]) == expected["paragraphs"]
    assert list(result.remarks) == expected["remarks"]
    frame = [{key: part[key] for key in ("side", "role", "text")} for part in raw["frame"]]
    assert frame == expected["frame"]
    assert (result.reason is not None) == (result.verdict in ("cannot-verify", "different"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_offsets_are_code_points_into_the_stored_text(case: Path) -> None:
    """Every span cut out of the stored text is the span's text."""
    captured = (case / "captured.txt").read_bytes().decode("utf-8")
    original = (case / "original.txt").read_bytes().decode("utf-8")
    result = compare(Side(text=captured, label="a"), Side(text=original, label="b"))
    for item in (*result.edits, *result.moves):
        assert captured[item.captured.start : item.captured.end] == item.captured.text
        assert original[item.original.start : item.original.end] == item.original.text
    for part in result.frame:
        stored = captured if part.side == "captured" else original
        assert stored[part.start : part.end] == part.text

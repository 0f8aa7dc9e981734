"""Texts to compare as people save them: UTF-16 of Windows programs, standard input."""

from __future__ import annotations

import io
from typing import Any

import pytest

from harvester.errors import UsageError
from harvester.verify.sides import side_from_bytes

TEXT = "双方决定建立联合观测站，首批建设20座，必须在年底前完成。"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_with_its_mark_is_read(encoding: str) -> None:
    """Either byte order, told by the mark; the mark is no part of the text."""
    assert side_from_bytes(f"\ufeff{TEXT}\r\n".encode(encoding), "a.txt").text == TEXT


def test_what_only_begins_as_utf_16_is_refused() -> None:
    """A unit cut in half, or half of a pair: said as what it is, with what to do."""
    for data in (b"\xff\xfea", b"\xff\xfe\x00\xd8a\x00"):
        with pytest.raises(UsageError, match=r"begins as UTF-16 but is not .*save it as UTF-8"):
            side_from_bytes(data, "a.txt")
    with pytest.raises(UsageError, match="if it is UTF-16, save it as UTF-8"):
        side_from_bytes("abc".encode("utf-16-le"), "a.txt")


def test_a_side_from_standard_input(harvester: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` is read as a file without a suffix, once; two of them, or --fetch with it, are refused."""
    (tmp_path / "original.txt").write_text(TEXT, encoding="utf-8")
    changed = TEXT.replace("必须", "可以").encode("utf-16")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(changed)))
    answer = harvester("verify", "-", "original.txt", "--json")
    assert (answer.code, answer.json["verdict"]) == (1, "altered")
    assert answer.json["sides"]["captured"]["label"] == "standard input"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(changed)))
    twice = harvester("verify", "-", "-")
    assert (twice.code, "only one side can be -" in twice.err) == (2, True)
    assert harvester("verify", "-", "--fetch").code == 2

"""`harvester verify` as a user has it: sides by name, the report, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

ORIGINAL = "双方决定建立联合观测站，首批建设20座，必须在年底前完成。\n"


@pytest.fixture
def held(harvester: Any, world: Any) -> Any:
    """An archive with the demonstration's repost and its original."""
    pages, origin = world
    harvester("fetch", pages.repost_url, pages.original_url, "--archive", "a", "--no-images", *origin.options)
    return pages


@pytest.fixture
def files(tmp_path: Path) -> None:
    (tmp_path / "captured.txt").write_text(ORIGINAL.replace("20", "30"), encoding="utf-8")
    (tmp_path / "original.txt").write_text(ORIGINAL, encoding="utf-8")


def test_a_report_names_the_records_of_both_sides(harvester: Any, held: Any, tmp_path: Path) -> None:
    """The page tells of both sides the URL, record, place, digests and connection, and of a rehearsal."""
    options = ("--archive", "a", "--report", "out.html", "--lang", "en", "--json")
    answer = harvester("verify", held.repost_url, held.original_url, *options)
    assert answer.code == 1
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    for side in answer.json["sides"].values():
        assert side["record_id"].strip("<>") in page
        assert side["payload_digest"] in page
        assert side["origin"]["tls"] in page
    assert page.count(".warc.gz") == 2
    assert held.original_url in page
    assert "A rehearsal, not evidence" in page
    assert "外交部" in page


def test_the_same_report_twice(harvester: Any, held: Any, tmp_path: Path) -> None:
    """The same sides give the same bytes, so writing them again is no overwriting."""
    command = ("verify", held.repost_url, held.original_url, "--archive", "a", "--report", "out.html")
    assert harvester(*command).code == 1
    first = (tmp_path / "out.html").read_bytes()
    assert harvester(*command).code == 1
    assert (tmp_path / "out.html").read_bytes() == first


def test_a_capture_by_url_and_time(harvester: Any, held: Any) -> None:
    """URL@TIME names the capture nearest to a time, on either side."""
    answer = harvester("verify", f"{held.original_url}@2020", held.original_url, "--archive", "a", "--json")
    assert (answer.code, answer.json["verdict"]) == (0, "identical")


def test_a_file_is_never_replaced_unasked(harvester: Any, files: None, tmp_path: Path) -> None:
    """A report does not replace a file that holds something else, but with --force."""
    (tmp_path / "out.html").write_text("mine", encoding="utf-8")
    answer = harvester("verify", "captured.txt", "original.txt", "--report", "out.html")
    assert answer.code == 2
    assert "--force" in answer.err
    assert (tmp_path / "out.html").read_text(encoding="utf-8") == "mine"
    assert harvester("verify", "captured.txt", "original.txt", "--report", "out.html", "--force").code == 1
    assert "文本核对报告" in (tmp_path / "out.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--lang", "fr"), "--lang is one of zh, en"),
        (("--level", "same"), "identical, format, punctuation"),
        (("--report", "out.txt"), "ends in .html"),
        (("--report", "no/out.html"), "there is no folder no"),
    ],
)
def test_options_that_cannot_be_met(
    harvester: Any, files: None, options: tuple[str, ...], words: str
) -> None:
    """What cannot be done is said before anything is compared: exit 2."""
    answer = harvester("verify", "captured.txt", "original.txt", *options)
    assert answer.code == 2
    assert words in answer.err


def test_a_level_that_is_asked_for(harvester: Any, tmp_path: Path) -> None:
    """--level makes the exit code stricter and changes no verdict."""
    (tmp_path / "a.txt").write_text("双方 决定建立联合观测站，首批建设二十座。", encoding="utf-8")
    (tmp_path / "b.txt").write_text("双方决定建立联合观测站，首批建设二十座。", encoding="utf-8")
    for level, code in (("punctuation", 0), ("format", 0), ("identical", 1)):
        answer = harvester("verify", "a.txt", "b.txt", "--level", level, "--json")
        assert (answer.code, answer.json["verdict"]) == (code, "same-text")


def test_a_withdrawn_side_is_refused_with_its_reason(harvester: Any, held: Any) -> None:
    """A capture that was withdrawn is no side; the answer says that it was, and why."""
    ids = [row["id"] for row in harvester("list", "--archive", "a", "--json").json]
    repost = next(one for one in ids if one.startswith("wechat"))
    assert harvester("withdraw", repost, "--reason", "a mistake", "--archive", "a").code == 0
    answer = harvester("verify", repost, held.original_url, "--archive", "a")
    assert answer.code == 2
    assert "withdrawn" in answer.err
    assert "a mistake" in answer.err

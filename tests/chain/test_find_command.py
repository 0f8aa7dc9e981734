"""`harvester find`, as a user has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fixtures.pages.mfa import zh_b_page
from fixtures.pages.notices import deleted_page
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article, statement_original, statement_repost

ORIGINAL, REPOST = statement_original(), statement_repost()


@pytest.fixture
def captured(harvester: Any, tmp_path: Path) -> Any:
    """An archive of a statement, its repost and another article, all imported."""
    layout = Recent(era=2026, script_bytes=20_000, nonce="1")
    pages = {
        "original.html": zh_b_page(ORIGINAL),
        "repost.html": article_page(REPOST, layout),
        "other.html": article_page(lighthouse_article(), layout),
    }
    for name, page in pages.items():
        (tmp_path / name).write_bytes(page)
    assert harvester("import", *pages, "--archive", "a").code == 0
    listed = harvester("list", "--archive", "a", "--json").json
    rows = {
        "original": next(row["id"] for row in listed if row["site"] == "mfa"),
        "repost": next(
            row["id"] for row in listed if row["site"] == "wechat" and row["title"] == REPOST.title
        ),
        "other": next(row["id"] for row in listed if row["title"] == lighthouse_article().title),
    }
    return lambda *arguments: harvester(*arguments, "--archive", "a"), rows


def test_a_repost_finds_its_original(captured: Any) -> None:
    """By id or by file: the same original, with reasons; as a table and as JSON."""
    command, rows = captured
    answer = command("find", rows["repost"], "--json")
    assert answer.code == 0
    best = answer.json["candidates"][0]
    assert best["id"] == rows["original"]
    assert "text.shared" in [reason["rule"] for reason in best["reasons"]]
    file = command("find", "repost.html", "--json")
    assert file.json["candidates"][0]["id"] == best["id"]
    shown = command("find", "repost.html")
    assert best["id"] in shown.out
    assert "of the captured text" in shown.out


def test_where_there_is_none_the_answer_is_no(captured: Any) -> None:
    """Exit 1, in words and as JSON."""
    command, rows = captured
    assert command("find", rows["other"], "--json").json["candidates"] == []
    answer = command("find", rows["other"])
    assert answer.code == 1
    assert "no original" in answer.out


def test_reindex_makes_the_index_anew(captured: Any, harvester: Any, tmp_path: Path) -> None:
    """Also one that is damaged; and `check` takes it for no stranger."""
    command, rows = captured
    (tmp_path / "a/library/finder.sqlite").write_bytes(b"no database" * 1000)
    assert command("reindex").code == 0
    assert command("find", rows["repost"], "--json").code == 0
    assert harvester("check", "a").code == 0


def test_bad_input_is_one_line_and_exit_2(captured: Any, tmp_path: Path) -> None:
    """A file that is not there, a page that is no article, what is no text: the message says what to do."""
    command, _ = captured
    (tmp_path / "deleted.html").write_bytes(deleted_page())
    (tmp_path / "empty.json").write_text("{}")
    for name, words in {
        "nothing.html": "there is no file",
        "0123": "no capture",
        "deleted.html": "not an article",
        "empty.json": "document",
        ".": "irectory",
    }.items():
        answer = command("find", name)
        assert answer.code == 2
        assert words in answer.err
        assert len(answer.err.strip().splitlines()) == 1

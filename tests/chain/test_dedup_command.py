"""`harvester dedup`, as a user has it."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import Any

import pytest

from benchmarks.shelf import document, prose, shelf

from fixtures.pages.mfa import zh_b_page  # isort: skip
from fixtures.pages.wechat_article import Recent, article_page  # isort: skip
from fixtures.stories import lighthouse_article, statement_original, statement_repost  # isort: skip


@pytest.fixture
def captured(harvester: Any, tmp_path: Path) -> Any:
    """An archive of a statement, its repost, and another article captured twice."""
    layouts = [Recent(era=2026, script_bytes=20_000, nonce=nonce) for nonce in ("1", "2")]
    pages = {
        "original.html": zh_b_page(statement_original()),
        "repost.html": article_page(statement_repost(), layouts[0]),
        "one.html": article_page(lighthouse_article(), layouts[0]),
        "two.html": article_page(lighthouse_article(), layouts[1]),
    }
    for name, page in pages.items():
        (tmp_path / name).write_bytes(page)
    assert harvester("import", *pages, "--archive", "a").code == 0
    return harvester


def test_an_archive_and_its_rebuilt_forms_give_one_answer(captured: Any, tmp_path: Path) -> None:
    """From the library, from JSON lines and Parquet: the same clusters; what is found is true."""
    answer = captured("dedup", "--archive", "a", "--json")
    assert answer.code == 0
    kinds = {relation["kind"] for relation in answer.json["relations"]}
    assert kinds == {"same-article", "near-text", "repost"}
    ids = {row["site"]: row["id"] for row in captured("list", "--archive", "a", "--json").json}
    ministry = next(cluster for cluster in answer.json["clusters"] if ids["mfa"] in cluster["members"])
    assert (ministry["canonical"], ministry["why"]) == (ids["mfa"], "publisher")
    for form in ("jsonl", "parquet"):
        assert captured("rebuild", "a", "--output", form, "--format", form).code == 0
        again = captured("dedup", form, "--json")
        assert again.code == 0, again.err
        assert again.json["clusters"] == answer.json["clusters"]
    # The same documents from three places are the same documents.
    every = captured("dedup", "a", "jsonl", "parquet", "--json")
    assert every.json == answer.json
    del tmp_path


def test_tables_and_words(captured: Any, tmp_path: Path) -> None:
    """A line for each cluster and relation; a spreadsheet's table; words on the terminal."""
    shown = captured("dedup", "--archive", "a", "--jsonl", "out.jsonl", "--csv", "out.csv")
    assert shown.code == 0
    assert "documents: 4; clusters of related ones: 2" in shown.out
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [line.get("kind", "cluster") for line in lines] == [
        "cluster",
        "cluster",
        "near-text",
        "repost",
        "same-article",
    ]
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["cluster"] for row in rows} == {line["id"] for line in lines[:2]}
    assert captured("dedup", "--archive", "a", "--csv", "out.csv").code == 2
    assert captured("dedup", "--archive", "a", "--csv", "out.csv", "--force").code == 0


def test_bad_input(captured: Any, tmp_path: Path) -> None:
    """What is not there or holds no documents is exit 2; one damaged document is told, the rest related."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "words.txt").write_text("x")
    for arguments in (["nowhere"], ["empty"], ["words.txt"], ["a", "nowhere"], ["a", "--archive", "a"]):
        answer = captured("dedup", *arguments)
        assert answer.code == 2, arguments
        assert len(answer.err.strip().splitlines()) == 1
    assert captured("rebuild", "a", "--output", "r").code == 0
    damaged = next(iter(sorted((tmp_path / "r/documents").rglob("*.json"))))
    damaged.write_bytes(damaged.read_bytes()[:100])
    (tmp_path / "r/documents/x.parquet").write_bytes(b"PAR1 no")
    answer = captured("dedup", "r", "--json")
    assert answer.code == 1
    assert answer.json["documents"] == 3
    assert len(answer.json["skipped"]) == 2
    assert "not read" in answer.err


def test_a_larger_archive(harvester: Any, tmp_path: Path) -> None:
    """Reposts of the Ministry's texts that name it are related to their originals by the finder."""
    chance = random.Random(6)
    originals = [document(prose(chance, 500), key=f"mfa:t{n}", title=f"声明之{n}") for n in range(10)]
    reposts = [
        document(found.text[:200], site="wechat", key=f"wechat:MzA=:{n}:1", original_source="外交部")
        for n, found in enumerate(originals)
    ]
    with shelf(tmp_path / "a") as made:
        made.put_many(iter([*originals, *reposts]))
    answer = harvester("dedup", "--archive", "a", "--json")
    assert {(relation["a"], relation["b"]) for relation in answer.json["relations"]} == {
        (repost.id, original.id) for repost, original in zip(reposts, originals, strict=True)
    }

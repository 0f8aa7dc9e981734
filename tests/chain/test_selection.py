"""A CDXJ of an archive as input of a rebuild: the very documents, and nothing that was withdrawn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article, statement_repost


def test_a_selection_from_an_archive(harvester: Any, tmp_path: Path) -> None:
    """Notes count as in the archive, so documents are the same bytes; a withdrawn capture stays hidden."""
    for number, article in enumerate((lighthouse_article(), statement_repost())):
        page = tmp_path / f"{number}.html"
        page.write_bytes(article_page(article, Recent(era=2026, script_bytes=20_000, nonce="1")))
        assert harvester("import", page, "--archive", "a").code == 0
    assert harvester("index", "a", "--output", "all.cdxj").code == 0
    command = ("rebuild", "all.cdxj", "--warc-root", "a/warc", "--workers", 1, "--output")
    assert harvester(*command, "one").code == 0
    kept = {path.name: path.read_bytes() for path in Path("a").glob("documents/**/*.json")}
    made = {path.name: path.read_bytes() for path in Path("one").glob("documents/**/*.json")}
    assert made == kept
    assert len(kept) == 2
    name = min(kept).removesuffix(".json")
    assert harvester("withdraw", name, "--reason", "a test", "--archive", "a").code == 0
    assert harvester(*command, "two").code == 0
    rows = [json.loads(line) for line in Path("two/captures.jsonl").read_bytes().splitlines()]
    assert sorted(row["outcome"] for row in rows) == ["ok", "withdrawn"]

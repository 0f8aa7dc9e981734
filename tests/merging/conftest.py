"""Archives to be merged, made by importing pages that we wrote."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article


def page(number: int) -> bytes:
    """Return one of many different articles as a page."""
    story = lighthouse_article()
    article = replace(story, title=f"{story.title}（{number}）", mid=2247500000 + number, sn=f"{number:032x}")
    return article_page(article, Recent(era=2026, script_bytes=3_000, nonce="1"))


@pytest.fixture
def made(harvester: Any, tmp_path: Path) -> Callable[..., Path]:
    """Make an archive, or add to it: one WARC file for each page number."""

    def make(name: str, *numbers: int) -> Path:
        for number in numbers:
            path = tmp_path / f"page-{number}.html"
            path.write_bytes(page(number))
            assert harvester("import", path, "--archive", name).code == 0
        return tmp_path / name

    return make


def contents(root: Path) -> dict[str, tuple[int, str]]:
    """Return each file of a directory with its time of change and digest: what must stay as it is."""
    return {
        str(path.relative_to(root)): (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in root.rglob("*")
        if path.is_file()
    }


def evidence(root: Path) -> dict[str, str]:
    """Return the closed WARC files of an archive, with their digests."""
    names = (path for path in (root / "warc").iterdir() if path.name.endswith((".gz", ".zst", ".warc")))
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in names}

"""The capture that the project started from, and the scan over real pages. Needs the shared folder."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harvester.imports.secrets import clean
from harvester.intake import secret_params

SHARED = Path(__file__).parents[3] / "shared"
CORPUS = Path(os.environ.get("HARVESTER_CORPUS") or SHARED / "corpus")
SEED = CORPUS.parent / "seed"


@pytest.mark.corpus
@pytest.mark.skipif(not SEED.is_dir(), reason=f"the seed is not at {SEED}")
def test_the_seed_gives_its_clean_text(harvester: Callable[..., Any]) -> None:
    """Title line, the body from first word to last, the attribution: nothing else (seed/README.md)."""
    answer = harvester("import", SEED, "--json")
    assert answer.code == 0
    (result,) = [r for r in answer.json["results"] if r["state"] == "ok"]
    value = harvester("show", result["id"]).json
    title, *body, attribution = value["text"].split("\n\n")
    assert title == value["title"]
    assert body[0].startswith("应法兰西共和国总统")
    assert body[-1].endswith("劳动者造成的风险。")
    assert attribution == "原文来源：外交部"
    (seed,) = SEED.glob("*.txt")
    source = seed.read_text(encoding="utf-8")
    start, end = source.index(body[0]), source.index(body[-1]) + len(body[-1])
    assert "".join("".join(body).split()) == "".join(source[start:end].split())
    assert value["original_source"] == "外交部"
    assert (value["site"], value["kind"], value["date"]) == ("wechat", "article", "2024-05-08")
    assert [image["role"] for image in value["images"]] == ["cover", "body", "body"]


PAGES = sorted(CORPUS.glob("*/*.html.gz"))


@pytest.mark.corpus
@pytest.mark.skipif(not PAGES, reason=f"the corpus is not at {CORPUS}")
def test_real_pages_without_session_values_are_left_alone() -> None:
    """Pages whose values were removed before: megabytes of programs, and nothing taken for a value."""
    names = secret_params()
    found = {path.name: clean(gzip.decompress(path.read_bytes()), names).names for path in PAGES}
    assert {name: what for name, what in found.items() if what} == {}

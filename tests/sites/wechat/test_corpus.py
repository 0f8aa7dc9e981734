"""Every saved WeChat page: state, kind, fields, images and text against what a browser saw."""

# ruff: noqa: E501 - markup and tables read best unbroken
from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rapidfuzz.distance import LCSseq

from harvester.document import STATES
from harvester.reading import Article, NotArticle, Page
from harvester.sites.wechat import SITE

# Pages whose expected images are arguable, and why. Nothing else is excused.
ARGUABLE_IMAGES = {
    "vore-app-omnivore-packages-readabilityjs-test-test-pages-wechat-source": (
        "the page was saved after its video player had been drawn: two of the expected images are the "
        "player's own icons, inline data: addresses, one of them undisplayed"
    ),
}


@dataclass(frozen=True)
class Row:
    """One page's outcome."""

    slug: str
    wanted: str
    found: str
    recall: float
    precision: float
    wrong: tuple[str, ...]


def bare(text: str) -> str:
    return "".join(text.split())


def overlap(expected: str, actual: str) -> tuple[float, float]:
    """Recall and precision by the longest common subsequence of white-space-free text."""
    common = LCSseq.similarity(expected, actual)
    return (common / len(expected) if expected else 1.0), (common / len(actual) if actual else 1.0)


def _second(moment: Any) -> str | None:
    return None if moment is None else str(int(moment.timestamp()))


def wrong_fields(article: Article, gold: dict[str, Any]) -> tuple[str, ...]:
    actual = {
        "title": article.title,
        "account": article.source,
        "user_name": article.identity.account_id,
        "author": article.author,
        "published": _second(article.published_at),
        "modify_time": _second(article.modified_at),
        "svr_time": _second(article.page_time),
        "biz": article.identity.biz,
        "mid": article.identity.mid,
        "idx": article.identity.idx,
        "sn": article.identity.sn,
        "source_url": article.source_url,
    }
    return tuple(
        f"{name}: {gold[name]!r} != {value!r}"
        for name, value in actual.items()
        if gold.get(name) not in (None, "") and str(gold[name]).replace("&amp;", "&") != str(value)
    )


def wrong_images(slug: str, article: Article, gold: dict[str, Any]) -> tuple[str, ...]:
    if article.preview and gold.get("sel") == "cgiDataNew":
        return ()  # the card that readers saw has no pictures; ours are the original's
    expected = [url.replace("&amp;", "&") for url in gold.get("image_urls", [])]
    if slug in ARGUABLE_IMAGES:
        expected = [url for url in expected if not url.startswith("data:")]
    actual = [image.url for image in article.images if image.role == "body"]
    return () if expected == actual else (f"images: {len(expected)} expected, {len(actual)} found",)


def examine(folder: Path, entry: dict[str, Any]) -> Row:
    body = gzip.decompress((folder / entry["file"]).read_bytes())
    found = SITE.read(Page(body=body, url=entry["page_url"]))
    if isinstance(found, NotArticle):
        assert found.state in STATES
        return Row(entry["slug"], entry["state"], found.state, 1.0, 1.0, ())
    gold = entry.get("gold") or {}
    expected = (folder / gold["text_file"]).read_text("utf-8") if "text_file" in gold else ""
    recall, precision = overlap(bare(expected), bare(found.text))
    wrong = wrong_fields(found, gold) + wrong_images(entry["slug"], found, gold)
    return Row(entry["slug"], entry["state"], f"ok/{found.kind}", recall, precision, wrong)


@pytest.mark.corpus
def test_every_saved_page(corpus, show):
    """Every article is read whole with every field; every failure page has its state; none is taken for the other."""
    manifest = json.loads((corpus / "manifest.json").read_text("utf-8"))
    rows = [examine(corpus, entry) for entry in manifest if entry["category"] == "wechat"]
    show(
        "\n".join(
            (
                f"{'page':72} {'state/kind':20} recall precision wrong",
                *(
                    f"{row.slug[:72]:72} {row.found:20} {row.recall:.4f} {row.precision:.4f}    {'; '.join(row.wrong)}"
                    for row in rows
                ),
            )
        )
    )
    assert rows
    assert [row for row in rows if row.found.split("/")[0] != row.wanted] == []
    assert [row for row in rows if row.recall < 1 or row.precision < 1] == []
    assert [row for row in rows if row.wrong] == []
    assert {row.slug for row in rows} >= set(ARGUABLE_IMAGES)


@pytest.mark.corpus
def test_the_publisher_recognises_its_own(corpus):
    """Every saved page of WeChat is recognised by its bytes, except an escaped copy; no ministry page is."""
    manifest = json.loads((corpus / "manifest.json").read_text("utf-8"))
    bodies = {
        (entry["category"], entry["slug"], entry["state"]): gzip.decompress(
            (corpus / entry["file"]).read_bytes()
        )
        for entry in manifest
        if entry["category"] in {"wechat", "mfa"}
    }
    for (category, slug, _), body in bodies.items():
        assert SITE.recognises(Page(body=body)) is (category == "wechat"), slug

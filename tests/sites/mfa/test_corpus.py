"""Saved pages of the Foreign Ministry: everything exact."""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from harvester.reading import Article, NotArticle, Page
from harvester.sites.mfa import SITE

CORPUS = Path(os.environ.get("HARVESTER_CORPUS") or Path(__file__).resolve().parents[4] / "shared" / "corpus")
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(
        not (CORPUS / "manifest.json").is_file(), reason=f"no folder of saved pages at {CORPUS}"
    ),
]


def entries() -> list[dict[str, Any]]:
    everything = json.loads((CORPUS / "manifest.json").read_text(encoding="utf-8"))
    return [entry for entry in everything if entry["category"] == "mfa"]


def squeezed(text: str) -> str:
    return "".join(text.split())


def page_of(entry: dict[str, Any], *, with_url: bool) -> Page:
    url = (entry["page_url"] or "").split(" (")[0] or None
    return Page(body=gzip.decompress((CORPUS / entry["file"]).read_bytes()), url=url if with_url else None)


def recall_precision(text: str, gold: str) -> tuple[float, float]:
    common = sum((Counter(text) & Counter(gold)).values())
    return common / max(1, len(gold)), common / max(1, len(text))


@pytest.mark.parametrize("with_url", [True, False])
def test_every_page_is_read_exactly(with_url: bool, show: Callable[[str], None]) -> None:
    """Title, subtitle, day, images, text equal the gold, with the URL and without; listings are listings."""
    lines, faults = [], []
    for entry in entries():
        page = page_of(entry, with_url=with_url)
        seen = SITE.read(page)
        if entry["state"] != "ok":
            lines.append(f"{entry['slug']:45} {seen.state if isinstance(seen, NotArticle) else 'ok'}")
            if not isinstance(seen, NotArticle) or seen.state != entry["state"]:
                faults.append(entry["slug"])
            continue
        if not isinstance(seen, Article):
            faults.append(f"{entry['slug']}: {seen.state}")
            continue
        gold = entry["gold"]
        text = squeezed((CORPUS / gold["text_file"]).read_text(encoding="utf-8"))
        mine = squeezed(seen.text)
        recall, precision = recall_precision(mine, text)
        exact = {
            "title": seen.title == gold["title"],
            "subtitle": seen.subtitle == gold.get("subtitle"),
            "day": seen.published_at is not None
            and seen.published_at.date().isoformat() == gold["published"],
            "images": [image.url for image in seen.images]
            == [urljoin(_base(page, seen), u) for u in gold["image_urls"]],
            "text": mine == text,
            "source": not set(seen.original_source or "") & set("（）()供"),
            "kind": seen.kind == "article" and seen.questions == (),
        }
        wrong = [name for name, equal in exact.items() if not equal]
        lines.append(
            f"{entry['slug']:45} r {recall:.3f} p {precision:.3f} {seen.identity.key:14} {wrong or 'exact'}"
        )
        faults += [f"{entry['slug']}: {name}" for name in wrong]
    show("\n".join(lines))
    assert faults == []


def _base(page: Page, seen: Article) -> str:
    return page.url or seen.canonical_url or ""


def test_only_their_own_pages_are_recognised() -> None:
    """All saved pages of the ministry are; none of WeChat or other publishers is."""
    for file in sorted(CORPUS.glob("*/*.html.gz")):
        body = gzip.decompress(file.read_bytes())
        assert SITE.recognises(Page(body=body)) == (file.parent.name == "mfa"), file.name

"""Saved pages of other publishers: a sane article from each, level with trafilatura's own text."""

from __future__ import annotations

import gzip
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import trafilatura

from harvester.reading import Article, Page
from harvester.sites.generic import SITE

CORPUS = Path(os.environ.get("HARVESTER_CORPUS") or Path(__file__).resolve().parents[4] / "shared" / "corpus")
FILES = sorted([*CORPUS.glob("gov/*.html.gz"), *CORPUS.glob("bench/*.html.gz")])
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILES, reason=f"no folder of saved pages at {CORPUS}"),
]


def squeezed(text: str) -> Counter[str]:
    return Counter("".join(text.split()))


def test_every_page_is_read_level_with_trafilatura(show: Callable[[str], None]) -> None:
    """Every page is read without an exception; where trafilatura finds text, ours is that text: recall of
    at least 0.98 (what is missing are its list markers), precision of at least 0.999."""
    lines, faults = [], []
    for file in FILES:
        body = gzip.decompress(file.read_bytes())
        seen = SITE.read(Page(body=body))
        if b"<body" not in body.lower():  # of a fragment it finds nothing
            body = b"<html><body>" + body + b"</body></html>"
        theirs = squeezed(trafilatura.extract(body, include_comments=False) or "")
        if not isinstance(seen, Article):
            lines.append(f"{file.name[:60]:60} {seen.state}")
            if theirs.total():
                faults.append(file.name)
            continue
        mine = squeezed(seen.text)
        common = (mine & theirs).total()
        recall, precision = common / max(1, theirs.total()), common / max(1, mine.total())
        lines.append(f"{file.name[:60]:60} {mine.total():6} r {recall:.3f} p {precision:.3f} {seen.title}")
        if recall < 0.98 or precision < 0.999 or "\n\n\n" in seen.text:
            faults.append(file.name)
    show("\n".join(lines))
    assert faults == []


def test_every_article_page_of_other_publishers_has_text() -> None:
    """The pages in `gov` are all articles."""
    for file in CORPUS.glob("gov/*.html.gz"):
        seen = SITE.read(Page(body=gzip.decompress(file.read_bytes())))
        assert isinstance(seen, Article), file.name
        assert len(seen.text) > 100, file.name

"""The page of a comparison: alone in its file, inert, and readable without a script."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
from selectolax.lexbor import LexborHTMLParser

from harvester.comparing import compare, html_page, opened

from .sides import articles, changed, written

HOSTILE = '"><script>alert(1)</script><img src=x onerror=y>\u202e</del></article>'


def page(tmp_path: Path) -> LexborHTMLParser:
    document = articles()[0]
    old = changed(document, title=HOSTILE, text=document.text.replace("。", HOSTILE, 1), url="javascript:1")
    new = msgspec.structs.replace(document, url="javascript:1")
    sides = [written(tmp_path / name, "json", [one]) for name, one in (("old", old), ("new", new))]
    return LexborHTMLParser(html_page(compare(*map(opened, sides), tmp_path / "scratch")))


def test_nothing_is_loaded_and_nothing_runs(tmp_path: Path) -> None:
    """No script, no handler, no address that a browser would fetch; a policy that forbids all of it."""
    tree = page(tmp_path)
    assert not tree.css("script, img, link, iframe, object, form, [onerror], [src]")
    assert all(re.match(r"https?://|#", node.attributes["href"] or "") for node in tree.css("a[href]"))
    policy = tree.css_first("meta[http-equiv=Content-Security-Policy]")
    assert policy is not None
    assert "default-src 'none'" in (policy.attributes["content"] or "")
    assert "url(" not in (tree.css_first("style").text() or "")  # type: ignore[union-attr]


def test_words_of_pages_are_shown_as_text(tmp_path: Path) -> None:
    """Markup and marks that turn the direction of writing stand in the page as what they are."""
    tree = page(tmp_path)
    shown = " ".join(node.text(deep=True) for node in tree.css("del"))
    assert "<script>alert(1)</script>" in shown
    assert "\u202e" not in (tree.html or "")
    assert "U+202E" in shown


def test_every_field_is_reached_by_its_link(tmp_path: Path) -> None:
    """The table of fields leads to the differences of each."""
    tree = page(tmp_path)
    links = [node.attributes["href"] or "" for node in tree.css("table a[href^='#']")]
    assert len(links) >= 2
    assert all(tree.css_first(f"[id='{link[1:]}']") is not None for link in links)

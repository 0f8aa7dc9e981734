"""What was exported is seen again: in pywb and in ReplayWeb.page, by a browser, on a screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fixtures.stories import STATEMENT_ARTICLES, STATEMENT_TITLE, lighthouse_article

ARTICLE = lighthouse_article()
WORDS = "声音比光走得远"
BODY_IMAGES = 2


def shows_article(seen: dict[str, Any]) -> bool:
    """Title, text and body images are there, and a reader sees them."""
    root = " ".join(seen["root"])
    drawn = [image for image in seen["images"] if image["width"] > 0 and image["visible"]]
    return ARTICLE.title in " ".join(seen["headings"]) and WORDS in root and len(drawn) >= BODY_IMAGES


def check_reading(seen: dict[str, Any]) -> None:
    """The reading view says what it is, and every image in it is drawn."""
    assert "not the publisher's page" in seen["label"][0]
    assert len(seen["images"]) == BODY_IMAGES
    assert all(image["width"] > 0 and image["visible"] for image in seen["images"])
    assert "未存档" not in seen["text"]


def test_the_reading_view_replays_in_pywb(browser: Any, pywb: str, package: Any) -> None:
    """pywb, having taken in the package, shows title, text and images of the reading view."""
    url = package.reading(ARTICLE.title)
    seen = browser.look(f"{pywb}/{url}", url, shows_article)
    browser.picture("pywb-reading")
    check_reading(seen)


def test_the_reading_view_replays_in_replaywebpage(
    browser: Any, replayweb: Callable[[str, str], str], package: Any
) -> None:
    """ReplayWeb.page, reading the package itself by ranges, shows the same."""
    url = package.reading(ARTICLE.title)
    seen = browser.look(replayweb(url, ""), url, shows_article)
    browser.picture("replaywebpage-reading")
    check_reading(seen)


def check_original(seen: dict[str, Any]) -> None:
    """The publisher's page itself: its program ran, so that the hidden body and the lazy images are seen."""
    assert not seen["label"]
    lazy = [image for image in seen["images"] if "fixturelight" in image["src"]]
    assert len(lazy) == BODY_IMAGES
    assert all(image["width"] > 0 and image["visible"] for image in lazy)


def test_the_original_replays_in_pywb(browser: Any, pywb_in_browser: str, package: Any) -> None:
    """pywb shows the publisher's page, with its own styles and scripts, from what `fetch` kept."""
    url = package.article_url
    seen = browser.look(f"{pywb_in_browser}/{url}", url, shows_article)
    browser.picture("pywb-original")
    check_original(seen)


def test_pywb_at_the_server_shows_the_statement(browser: Any, pywb: str, package: Any) -> None:
    """The Ministry's page, whose scripts are of the old kind, replays with server-side rewriting too."""
    url = package.original_url
    seen = browser.look(f"{pywb}/{url}", url, lambda seen: STATEMENT_TITLE in seen["text"])
    browser.picture("pywb-statement")
    assert STATEMENT_ARTICLES[0] in seen["text"]


def test_the_original_replays_in_replaywebpage(
    browser: Any, replayweb: Callable[[str, str], str], package: Any
) -> None:
    """ReplayWeb.page shows the same."""
    url = package.article_url
    seen = browser.look(replayweb(url, ""), url, shows_article)
    browser.picture("replaywebpage-original")
    check_original(seen)


def test_a_page_that_misses_its_program_is_not_taken_for_seen(browser: Any, pywb: str, package: Any) -> None:
    """These tests can fail: pywb at the server breaks module scripts (webrecorder/pywb issue 771), the
    body of the same page stays hidden, and that is told from one that is seen.
    """
    url = package.article_url
    seen = browser.look(f"{pywb}/{url}", url, lambda seen: ARTICLE.title in " ".join(seen["headings"]))
    browser.picture("pywb-hidden")
    assert not shows_article(seen)

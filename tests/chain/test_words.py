"""What a person reads about a page that is no article, and about a server that bends HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fixtures import Origin
from fixtures.behaviours import plain
from fixtures.misbehaviours import length_and_chunked, surplus, truncated_length
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article

ARTICLE = lighthouse_article()
PAGE = article_page(ARTICLE, Recent(era=2026, script_bytes=20_000, nonce="1"))
URL = ARTICLE.short_url
Serve = Callable[..., Origin]


def fetch(harvester: Any, origin: Origin) -> tuple[dict[str, Any], str, dict[str, Any]]:
    answer = harvester(
        "fetch", URL, "--archive", "a", "--json", "--no-images", "--no-requisites", *origin.options
    )
    return answer.json["results"][0], answer.err, harvester("show", URL, "--archive", "a").json


def test_a_page_cut_short_says_how_much_of_it_came(harvester: Any, serve: Serve) -> None:
    """The words name bytes got and declared; WARC's own word for it is in the evidence behind them."""
    origin = serve({URL: truncated_length(PAGE, 100)})
    result, err, shown = fetch(harvester, origin)
    words = f"the connection broke off after {len(PAGE) - 100} of {len(PAGE)} bytes"
    assert (result["state"], result["message"]) == ("partial", words)
    assert words in err
    assert shown["evidence"] == [words, "WARC-Truncated: disconnect"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "the page is empty"),
        (b" \n", "the page is empty"),
        (b"<html><body><p>x</p></body></html>", "please report it"),
    ],
)
def test_an_unknown_page_says_what_to_do(harvester: Any, serve: Serve, body: bytes, words: str) -> None:
    """No version of a table of rules stands first in what a person reads."""
    result, err, _ = fetch(harvester, serve({URL: plain(body)}))
    assert result["state"] == "unknown"
    assert words in result["message"]
    assert words in err


BENT = {
    "chunks beside a length": (length_and_chunked(PAGE), "Content-Length beside a chunked body"),
    "surplus": (surplus(PAGE, b"x" * 23), "23 bytes came after the response's declared end"),
}


@pytest.mark.parametrize("name", BENT)
def test_a_server_that_bends_http_is_told_of(harvester: Any, serve: Serve, name: str) -> None:
    """What was survived stands in the note, the document's warnings and the output; a rebuild too."""
    behaviour, words = BENT[name]
    result, err, shown = fetch(harvester, serve({URL: behaviour}))
    assert result["state"] == "ok"
    assert any(words in line for line in result["warnings"])
    assert words in err
    assert any(words in line for line in shown["provenance"]["warnings"])
    harvester("rebuild", "a", "--output", "again")
    from pathlib import Path

    names = sorted(path.relative_to("again") for path in Path("again/documents").rglob("*.json"))
    assert names
    for file in names:
        assert Path("again", file).read_bytes() == Path("a", file).read_bytes()


def test_what_show_prints_is_named_as_what_it_is(harvester: Any, serve: Serve) -> None:
    """The joined form holds more than the stored form's schema allows, so it carries another name."""
    _, _, shown = fetch(harvester, serve({URL: plain(PAGE)}))
    assert shown["schema"] == "https://harvester.invalid/schema/document/1+records"
    _, _, shown = fetch(harvester, serve({URL: plain(b"")}))
    assert shown["schema"] == "https://harvester.invalid/schema/page-state/1+records"

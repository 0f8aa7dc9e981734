"""What the text of an article leads to: links to publishers that are known, by the article's own Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from markdown_it.token import Token

from harvester.commonmark import parser
from harvester.document import Document
from harvester.reading import Lead
from harvester.sites import all_sites, site_for_url
from harvester.urls import parts_of

_MAX_MARKDOWN_CHARS: Final = 2_000_000
_MAX_LINKS: Final = 2_000
_MAX_HEADING_CHARS: Final = 30
_MIN_PROSE_CHARS: Final = 60
"""A block without links of this length ends what a heading opened: it is text again."""


class TextLink(NamedTuple):
    """A link of an article's text: where to, its words, whether it stands under a heading that was sought."""

    url: str
    words: str | None
    headed: bool


def text_links(markdown: str, is_heading: Callable[[str], bool] = lambda _line: False) -> list[TextLink]:
    """Return the links of an article's Markdown, in order, each URL once.

    A short line without links of which `is_heading` says so is the heading of the links that follow, until a
    block of prose.
    """
    found: dict[str, TextLink] = {}
    headed = False
    if "](" not in markdown:
        return []
    for block in parser(html=True).parse(markdown[:_MAX_MARKDOWN_CHARS]):
        if block.type != "inline":
            continue
        links = list(_links_of(block.children or []))
        if not links:
            line = _words_of(block.children or [])
            if len(line) <= _MAX_HEADING_CHARS and is_heading(line):
                headed = True
            elif len(line) >= _MIN_PROSE_CHARS:
                headed = False
        for url, words in links:
            found.setdefault(url, TextLink(url, words or None, headed))
    return list(found.values())[:_MAX_LINKS]


def body_leads(document: Document, headed: Callable[[str], bool] = lambda _line: False) -> tuple[Lead, ...]:
    """Return what a text links to that a publisher's folder knows: articles and listings.

    Links under a heading of which `headed` says so are `past-issues`.
    """
    leads = (
        lead_of(link.url, "past-issues" if link.headed else "article-link", title=link.words)
        for link in text_links(document.markdown, headed)
    )
    return tuple(lead for lead in leads if lead is not None)


def lead_of(url: str, route: str, *, title: str | None = None) -> Lead | None:
    """Return a lead to a known publisher's article or listing, None for any other URL."""
    site = site_for_url(url)
    parts = parts_of(url)
    if site is all_sites()[-1] or parts is None or not parts[1].strip("/"):
        return None  # anybody's page, or a front page
    if site.identity_key(url) is not None:
        return Lead(url=url, route=route, title=title)
    if site.listing_url(url) is not None:
        return Lead(url=url, route=route, kind="listing", title=title)
    return None


def _links_of(tokens: list[Token]) -> Iterator[tuple[str, str]]:
    """Yield the links of a line with their words."""
    url, words = "", ""
    for token in tokens:
        if token.type == "link_open":
            url, words = str(token.attrs.get("href", "")), ""
        elif token.type == "link_close":
            if url.startswith(("http://", "https://")):
                yield url, " ".join(words.split())
            url = ""
        elif url and token.type in {"text", "code_inline"}:
            words += token.content
        elif url and token.type in {"softbreak", "hardbreak"}:
            words += " "


def _words_of(tokens: list[Token]) -> str:
    return "".join(token.content for token in tokens if token.type in {"text", "code_inline"}).strip()

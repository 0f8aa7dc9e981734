"""From any page to an article of kind `page`, or to "unknown"."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Final
from urllib.parse import urldefrag, urljoin, urlsplit

from harvester.document import Account, Identity, Image
from harvester.extraction import media
from harvester.extraction.blocks import BodyRules, read_body
from harvester.extraction.body import Body
from harvester.extraction.ending import is_open_ended, opens_document
from harvester.extraction.language import language_by_script
from harvester.extraction.metas import folded, read_metas
from harvester.extraction.render import render
from harvester.extraction.tree import Tree, parse_html
from harvester.reading import Article, Found, NotArticle, Page
from harvester.sites.generic import adapter, metadata
from harvester.sites.generic.judge import Verdict, not_an_article

SITE: Final = "generic"
_MAX_HEADINGS: Final = 50
_MAX_NOTICE_CHARS: Final = 500
_INTERFACE: Final = ("nav", "header", "footer", "aside", "form", "button", "select", "[role=navigation]")


def read(page: Page) -> Article | NotArticle:
    """Read one page. Pure; raises `HostileInputError` for one too expensive to parse."""
    if not page.complete:
        return NotArticle(site=SITE, state="partial", rule="generic.partial", evidence=("the body was cut",))
    tree = parse_html(page.body, page.header("Content-Type"))
    if is_open_ended(tree.data) and not _has_known_length(page):
        evidence = ("the page opens its document and ends before </html>",)
        return NotArticle(site=SITE, state="partial", rule="generic.partial", evidence=evidence)
    headings = [text for node in tree.root.css("h1, h2")[:_MAX_HEADINGS] if (text := folded(node.text()))]
    metas = read_metas(tree.root)
    told = metadata.declared(metas, page.url, headings)
    identity = identity_of(told.url, page.body)
    links = partial(absolute, told.url)
    body, finder = adapter.extract(_as_document(tree), links, lambda: whole_body(tree, links)) or (
        Body(()),
        "",
    )
    rendered = render(body)
    declared = told.published is not None
    verdict = not_an_article(rendered.text, metas.title or told.title, tree.root, is_dated=declared)
    if verdict is not None:
        return NotArticle(
            site=SITE,
            state=verdict.state,
            rule=verdict.rule,
            notice=_notice(verdict, rendered.text),
            evidence=(verdict.evidence,),
            details={"title": told.title} if told.title else {},
            identity=identity,
            canonical_url=told.url and urldefrag(told.url).url,
            links=tuple((url, words, None) for raw, words in verdict.links if (url := links(raw))),
        )
    language = told.language or language_by_script(rendered.text)
    found = {**told.found, "text": Found(source=finder)}
    if language and not told.language:
        found["language"] = Found(source="text")
    cover = metas.first("og:image")
    cover_url = absolute(told.url, cover[1]) if cover else None
    return Article(
        site=SITE,
        kind="page",
        title=told.title,
        account=Account(name=told.source) if told.source else None,
        source=told.source,
        author=told.author,
        published_at=told.published.when if told.published else None,
        published_precision=told.published.precision if told.published else None,
        modified_at=told.modified.when if told.modified else None,
        section=told.section,
        original_source=told.original_source,
        canonical_url=told.url and urldefrag(told.url).url,
        identity=identity,
        language=language,
        text=rendered.text,
        markdown=rendered.markdown,
        images=(Image(url=cover_url, position=None, role="cover"),) if cover_url else (),
        warnings=(
            "the text was found by a general extractor, not by rules for this publisher",
            *media.not_fetched(media.in_page(tree.root)),
        ),
        found=found,
    )


def _has_known_length(page: Page) -> bool:
    """Tell whether a page came by a transfer that says where it ends: a whole one ends as it was sent."""
    return page.header("Content-Length") is not None or page.header("Transfer-Encoding") is not None


def _as_document(tree: Tree) -> str:
    """Return a page for trafilatura, which finds nothing in a fragment: put into a document's body."""
    if opens_document(tree.data):
        return tree.html
    return f"<html><body>{tree.html}</body></html>"


def whole_body(tree: Tree, links: adapter.Link) -> Body:
    """Return all words of a page's body but its interface's."""
    body = tree.root.css_first("body")
    if body is None:
        return Body(())
    rules = BodyRules(drop=_INTERFACE, image_attributes=(), image_url=links, link_url=links)
    return read_body(body, rules)


def _notice(verdict: Verdict, text: str) -> str | None:
    return text[:_MAX_NOTICE_CHARS].strip() or None if verdict.state == "unknown" else None


def identity_of(url: str | None, body: bytes) -> Identity:
    if url is None:
        return Identity(key=f"page:{hashlib.sha256(body).hexdigest()}")
    plain = urldefrag(url).url
    return Identity(key=f"url:{hashlib.sha256(plain.encode()).hexdigest()}", long_url=plain)


def absolute(base: str | None, reference: str) -> str | None:
    """Return a reference as an absolute URL, None for one that leads nowhere."""
    reference = reference.strip()
    if not reference or reference.startswith("#"):
        return None
    try:
        url = urljoin(base or "", reference)
        scheme = urlsplit(url).scheme
    except ValueError:
        return None
    return url if scheme in {"http", "https", ""} else None

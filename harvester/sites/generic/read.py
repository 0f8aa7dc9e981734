"""From any page to an article of kind `page`, or to "unknown"."""

from __future__ import annotations

import hashlib
from typing import Final
from urllib.parse import urldefrag, urljoin, urlsplit

from harvester.document import Account, Identity, Image
from harvester.extract.language import language_by_script
from harvester.extract.metas import folded, read_metas
from harvester.extract.render import render
from harvester.extract.tree import parse_html
from harvester.reading import Article, Found, NotArticle, Page
from harvester.sites.generic import adapter, metadata

SITE: Final = "generic"
_MAX_HEADINGS: Final = 50
_MIN_TEXT_CHARS: Final = 10  # it returns a lone link's word as a text


def read(page: Page) -> Article | NotArticle:
    """Read one page. Pure; raises `HostileInputError` for one too expensive to parse."""
    if not page.complete:
        return NotArticle(site=SITE, state="partial", rule="generic.partial", evidence=("the body was cut",))
    tree = parse_html(page.body, page.header("Content-Type"))
    headings = [text for node in tree.root.css("h1, h2")[:_MAX_HEADINGS] if (text := folded(node.text()))]
    metas = read_metas(tree.root)
    told = metadata.declared(metas, page.url, headings)
    identity = _identity(told.url, page.body)
    body = adapter.extract(tree.html, lambda reference: _absolute(told.url, reference))
    rendered = render(body) if body is not None else None
    if rendered is None or len(rendered.text) < _MIN_TEXT_CHARS:
        return NotArticle(
            site=SITE,
            state="unknown",
            rule="generic.no-text",
            notice=rendered.text or None if rendered else None,
            evidence=(f"trafilatura found no main text of {_MIN_TEXT_CHARS} characters or more",),
            details={"title": told.title} if told.title else {},
            identity=identity,
            canonical_url=told.url and urldefrag(told.url).url,
        )
    language = told.language or language_by_script(rendered.text)
    found = {**told.found, "text": Found(source="trafilatura")}
    if language and not told.language:
        found["language"] = Found(source="text")
    cover = metas.first("og:image")
    cover_url = _absolute(told.url, cover[1]) if cover else None
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
        warnings=("the text was found by a general extractor, not by rules for this publisher",),
        found=found,
    )


def _identity(url: str | None, body: bytes) -> Identity:
    if url is None:
        return Identity(key=f"page:{hashlib.sha256(body).hexdigest()}")
    plain = urldefrag(url).url
    return Identity(key=f"url:{hashlib.sha256(plain.encode()).hexdigest()}", long_url=plain)


def _absolute(base: str | None, reference: str) -> str | None:
    reference = reference.strip()
    if not reference or reference.startswith("#"):
        return None
    try:
        url = urljoin(base or "", reference)
        scheme = urlsplit(url).scheme
    except ValueError:
        return None
    return url if scheme in {"http", "https", ""} else None

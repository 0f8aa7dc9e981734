"""What a page declares about itself: the metas of Chinese government sites, JSON-LD, OpenGraph.

Only declarations count. A date that merely stands somewhere on the page is not taken for the day of
publication: unknown stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from harvester.document import Candidate
from harvester.extraction.dates import Moment, find_moment
from harvester.extraction.metas import Metas, folded
from harvester.reading import Found

# The government form is GB/T-like practice of the ministry of the State Council's site survey:
# ArticleTitle, PubDate, ContentSource, ColumnName, SiteName, Author, Url.
_TITLE: Final = ("ArticleTitle", "og:title", "twitter:title")
_POSTED: Final = (
    "PubDate",
    "publishdate",
    "article:published_time",
    "og:published_time",
    "og:article:published_time",
    "datePublished",
    "article:create_at",
    "DC.date.issued",
    "weibo:article:create_at",
)
_MODIFIED: Final = ("article:modified_time", "og:updated_time", "og:modified_time", "dateModified")
_SITE: Final = ("SiteName", "og:site_name", "application-name")
_SOURCE: Final = ("ContentSource", "source", "article:source")
_AUTHOR: Final = ("Author", "article:author", "og:article:author")
_SECTION: Final = ("ColumnName", "article:section", "og:article:section")
_SEPARATORS: Final = ("_", "|", "-", "—", "–", "－", "·", "»", ">", ":", "：")
_MIN_HEADING_CHARS: Final = 4
_ARTICLES: Final = frozenset(
    ("NewsArticle", "Article", "ReportageNewsArticle", "BlogPosting", "WebPage", "Report")
)


@dataclass(frozen=True, slots=True)
class Declared:
    """A page's declarations as fields; each name in `found` tells where the value came from."""

    title: str | None
    source: str | None
    author: str | None
    original_source: str | None
    section: str | None
    language: str | None
    published: Moment | None
    modified: Moment | None
    url: str | None
    found: Mapping[str, Found]


def declared(metas: Metas, url: str | None, headings: Sequence[str] = ()) -> Declared:
    """Read the declarations of a page whose URL is `url` (None if unknown).

    `headings` are the words of its top headings: one that the window's title begins with is the title
    without the site's name.
    """
    found: dict[str, Found] = {}
    article = article_of(metas.json_ld)

    def text(field: str, names: Iterable[str], *more: tuple[str, str | None]) -> str | None:
        first = metas.first(*names)
        candidates = [first] if first else []
        candidates += [(where, value) for where, value in more if value]
        found[field] = _found(candidates)
        return candidates[0][1] if candidates else None

    def moment(field: str, names: Iterable[str], json_name: str) -> Moment | None:
        candidates: list[tuple[str, Moment]] = []
        for name in names:
            hit = metas.first(name)
            if hit and (when := find_moment(hit[1])):
                candidates.append((hit[0], when))
        when = find_moment(string(article.get(json_name)))
        if when:
            candidates.append((f"json-ld:{json_name}", when))
        found[field] = _found([(where, when.text) for where, when in candidates])
        return candidates[0][1] if candidates else None

    host = urlsplit(url).hostname if url else None
    return Declared(
        title=text(
            "title",
            _TITLE,
            ("json-ld:headline", string(article.get("headline"))),
            _heading(metas.title, headings),
            ("title", metas.title),
        ),
        source=text(
            "source", _SITE, ("json-ld:publisher", name_of(article.get("publisher"))), ("url:host", host)
        ),
        author=person(text("author", _AUTHOR, ("json-ld:author", name_of(article.get("author"))))),
        original_source=text("original_source", _SOURCE),
        section=text("section", _SECTION, ("json-ld:articleSection", string(article.get("articleSection")))),
        language=text(
            "language",
            (),
            ("html[lang]", metas.language),
            ("json-ld:inLanguage", string(article.get("inLanguage"))),
        ),
        published=moment("published_at", _POSTED, "datePublished"),
        modified=moment("modified_at", _MODIFIED, "dateModified"),
        url=own_url(metas, url),
        found=found,
    )


def _heading(window: str | None, headings: Sequence[str]) -> tuple[str, str | None]:
    """Return the longest heading that the window's title begins with, or has between separators."""
    inside = [text for text in headings if len(text) >= _MIN_HEADING_CHARS and _is_part(text, window or "")]
    return "heading", max(inside, key=len, default=None)


def _is_part(heading: str, window: str) -> bool:
    if window.startswith(heading):
        return True
    before, found, after = window.partition(heading)
    return (
        bool(found)
        and before.rstrip().endswith(_SEPARATORS)
        and after.lstrip().startswith((*_SEPARATORS, ""))
    )


def _found(candidates: list[tuple[str, str]]) -> Found:
    if not candidates:
        return Found(source=None, reason="absent")
    source, value = candidates[0]
    others = tuple(Candidate(source=where, value=text) for where, text in candidates[1:] if text != value)
    return Found(source=source, others=others)


def own_url(metas: Metas, url: str | None) -> str | None:
    """The page's URL: as fetched; for a file, as the page declares it."""
    if url is not None:
        return url
    hit = metas.first("Url", "og:url")
    wanted = metas.canonical or (hit[1] if hit else None)
    if wanted is None:
        return None
    try:
        parts = urlsplit(urljoin("https:", wanted))
    except ValueError:
        return None
    return parts.geturl() if parts.scheme in {"http", "https"} and parts.hostname else None


def _types(item: Mapping[str, Any]) -> frozenset[str]:
    kind = item.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return frozenset(name for name in kinds if isinstance(name, str))


def article_of(json_ld: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the first object of schema.org that is an article, an empty one if none is."""
    return next((item for item in json_ld if _types(item) & _ARTICLES), {})


def string(value: object) -> str | None:
    """Return a value of JSON-LD as one line of text, None if it is none."""
    if isinstance(value, list) and value:
        value = value[0]
    return folded(value) if isinstance(value, str) else None


def name_of(value: object) -> str | None:
    """Return the name of a person or organisation of JSON-LD."""
    if isinstance(value, list):
        value = value[0] if value else None
    return string(value.get("name")) if isinstance(value, dict) else string(value)


def person(value: str | None) -> str | None:
    """An author's page is not an author's name."""
    return None if value and value.startswith(("http://", "https://")) else value

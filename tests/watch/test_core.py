"""What of a document counts as the same."""

from __future__ import annotations

import dataclasses

import msgspec
import pytest

import harvester
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article
from harvester.core import Core, changed, core_of, rules_of
from harvester.document import Document

ARTICLE = lighthouse_article()


def read(article: object = ARTICLE, nonce: str = "1", **layout: object) -> Document:
    page = article_page(article, Recent(era=2026, script_bytes=5_000, nonce=nonce, **layout))  # type: ignore[arg-type]
    found = harvester.extract(page, url=ARTICLE.short_url)
    assert isinstance(found, Document)
    return found


def test_nonces_and_clocks_are_not_of_the_core() -> None:
    """Two answers of the server for one article have other bytes and one core."""
    later = dataclasses.replace(ARTICLE, served=ARTICLE.served + 86_400)
    first, second = read(nonce="1"), read(later, nonce="2")
    assert first.provenance.body_sha256 != second.provenance.body_sha256
    assert core_of(first) == core_of(second)
    assert rules_of(first) == rules_of(second)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"title": "Another title"}, "title"),
        ({"author": "Somebody else"}, "account"),
        ({"source_url": "https://example.org/elsewhere"}, "source"),
        ({"published": ARTICLE.published + 60}, "published_at"),
        ({"original": not ARTICLE.original}, "labels"),
    ],
)
def test_what_is_said_is_of_the_core(change: dict[str, object], part: str) -> None:
    """A change of what publisher or author say is a change of that part."""
    other = core_of(read(dataclasses.replace(ARTICLE, **change)))  # type: ignore[arg-type]
    assert part in changed(core_of(read()), other)


def test_a_picture_of_another_size_is_the_same() -> None:
    """Host, size and parameters of an image's address are not of the core; which image it is, is."""
    document = read()
    assert document.images
    image = next(image for image in document.images if image.role == "body")
    smaller = msgspec.structs.replace(
        image, url=image.url.replace("/640", "/0").replace("mmbiz.", "mmecoa.") + "&tp=webp"
    )
    other = msgspec.structs.replace(image, url=image.url.replace("/640", "x/640"))
    base = core_of(msgspec.structs.replace(document, images=(image,)))
    assert core_of(msgspec.structs.replace(document, images=(smaller,))) == base
    assert changed(base, core_of(msgspec.structs.replace(document, images=(other,)))) == ("images",)


def test_the_library_keeps_a_core_as_text() -> None:
    """A core is read back as it was."""
    core = core_of(read())
    assert Core.from_text(core.to_text()) == core

"""The pages that the embedded origin serves, read by the rules: two hands wrote them, they must agree."""

from __future__ import annotations

import pytest

from fixtures.golden import cases
from harvester.reading import Article, NotArticle, Page
from harvester.sites.wechat import SITE

CASES = {case.slug: case for case in cases("wechat")}


def bare(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("slug", sorted(CASES))
def test_a_golden_page_reads_as_its_facts_say(slug):
    """State, fields, images, hidden words and text are those that the page's builder put in."""
    case = CASES[slug]
    facts = case.facts
    found = SITE.read(Page(body=case.small_body(), url=case.url, status=200, headers=case.headers))
    if isinstance(found, NotArticle):
        assert found.state == facts["state"]
        assert bare(facts.get("notice_contains", "")) in bare(found.notice or "")
        assert found.details.get("target_url") == facts.get("target_url", found.details.get("target_url"))
        return
    assert facts["state"] == "ok"
    check_fields(found, facts)
    check_content(found, facts)


def check_fields(found: Article, facts: dict) -> None:
    for name in ("title", "source", "author", "source_url", "note", "preview", "original_source"):
        if name in facts:
            assert getattr(found, name) == facts[name], name
    for name in ("published_at", "modified_at", "page_time"):
        if facts.get(name):
            assert getattr(found, name).isoformat() == facts[name], name
    for part in ("account", "identity", "original_account"):
        for name, value in (facts.get(part) or {}).items():
            assert getattr(getattr(found, part), name) == value, (part, name)


def check_content(found: Article, facts: dict) -> None:
    if "images" in facts:
        assert [image.url for image in found.images if image.role != "cover"] == facts["images"]
    if "hidden" in facts:
        assert [one.text for one in found.hidden] == facts["hidden"]
    if "paragraphs" in facts:
        assert bare(found.text) == bare("".join(facts["paragraphs"]))
    if "copyright" in facts:
        assert found.declared.copyright == facts["copyright"]
    if "title_is_users" in facts:
        assert found.declared.title_is_users == facts["title_is_users"]

"""Pages of other publishers: what they declare, what trafilatura finds, and what is left unknown."""

from __future__ import annotations

import json
import subprocess
import sys

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.reading import Article, NotArticle, Page
from harvester.sites.generic import SITE

SENTENCE = "这是为试验写的一句话，说的是一件并不存在的事情，长度足够让正文被认出来。"
BODY = "".join(f"<p>第{n}段：{SENTENCE}{SENTENCE}</p>" for n in ("一", "二", "三"))
FRAME = '<div class="nav"><a href="/">首页</a><a href="/a">频道</a></div>{}<div class="footer">版权所有</div>'
METAS = """<meta name="SiteName" content="某市人民政府">
<meta name="ArticleTitle" content="关于虚构事项的公告">
<meta name="PubDate" content="2031-05-08 09:30"><meta name="ContentSource" content="某市办公室">
<meta name="ColumnName" content="公告"><meta name="Author" content="某甲">
<meta property="og:image" content="/i/a.jpg">"""


def read(head: str, body: str = BODY, url: str | None = "https://www.example.gov.cn/a/1.html#x") -> Article:
    framed = FRAME.format(f"<article>{body}</article>")
    html = f"<html><head><meta charset=utf-8>{head}</head><body>{framed}</body></html>"
    seen = SITE.read(Page(body=html.encode(), url=url))
    assert isinstance(seen, Article), seen
    return seen


def test_metas_of_government_sites_are_the_metadata() -> None:
    """ArticleTitle, PubDate, ContentSource, ColumnName, SiteName: each with its source."""
    seen = read(METAS + "<title>关于虚构事项的公告_某市人民政府</title>")
    assert (seen.kind, seen.title, seen.source) == ("page", "关于虚构事项的公告", "某市人民政府")
    assert (seen.original_source, seen.section, seen.author) == ("某市办公室", "公告", "某甲")
    assert seen.published_at is not None
    assert (seen.published_at.isoformat(), seen.published_precision) == (
        "2031-05-08T09:30:00+08:00",
        "minute",
    )
    assert seen.found["published_at"].source == "meta[PubDate]"
    assert seen.found["title"].others[0].value == "关于虚构事项的公告_某市人民政府"
    assert [(image.url, image.role) for image in seen.images] == [
        ("https://www.example.gov.cn/i/a.jpg", "cover")
    ]


def test_json_ld_is_read_where_there_are_no_metas() -> None:
    """schema.org NewsArticle, also inside @graph; a broken block is passed over."""
    data = {
        "@graph": [
            {"@type": "Organization", "name": "别的"},
            {
                "@type": ["NewsArticle"],
                "headline": "某标题",
                "datePublished": "2031-05-08T01:00:00Z",
                "dateModified": "2031-05-09",
                "author": [{"name": "某乙"}],
                "publisher": {"name": "某报"},
            },
        ]
    }
    block = '<script type="application/ld+json">{}</script>'
    head = block.format("{broken") + block.format(json.dumps(data))
    seen = read(head)
    assert (seen.title, seen.author, seen.source) == ("某标题", "某乙", "某报")
    assert seen.published_at is not None
    assert seen.published_at.isoformat() == "2031-05-08T01:00:00+00:00"
    assert seen.found["published_at"].source == "json-ld:datePublished"
    assert seen.modified_at is not None
    assert seen.modified_at.date().isoformat() == "2031-05-09"


def test_what_is_not_declared_is_unknown() -> None:
    """A date in the text is not the day of publication; the site is at least its host."""
    seen = read("<title>一个标题</title>", BODY + "<p>2030年1月1日</p>")
    assert (seen.published_at, seen.found["published_at"].reason) == (None, "absent")
    assert (seen.source, seen.found["source"].source) == ("www.example.gov.cn", "url:host")
    assert (seen.language, seen.found["language"].source) == ("zh", "text")


def test_a_heading_that_begins_the_window_title_is_the_title() -> None:
    """The site's name behind it is left out."""
    assert read("<title>某事件的经过-某网</title>", "<h1>某事件的经过</h1>" + BODY).title == "某事件的经过"


def test_text_is_paragraphs_without_list_markers_and_table_rules() -> None:
    """Paragraphs are separated by one blank line; lists keep their words only."""
    seen = read("", BODY + f"<ul><li>甲项{SENTENCE}</li><li>乙项{SENTENCE}</li></ul>")
    paragraphs = seen.text.split("\n\n")
    assert paragraphs[0] == f"第一段：{SENTENCE}{SENTENCE}"
    assert f"乙项{SENTENCE}" in paragraphs
    assert "\n\n\n" not in seen.text
    assert "首页" not in seen.text


def test_the_same_page_gives_the_same_article_again() -> None:
    """No memory of earlier pages: trafilatura's duplicate filter is off."""
    assert [read(METAS) == read(METAS) for _ in range(3)] == [True, True, True]


def test_a_page_without_text_is_unknown() -> None:
    """Nothing found: no article."""
    seen = SITE.read(Page(body=b"<html><body><a href=/>x</a></body></html>", url="https://example.org/"))
    assert isinstance(seen, NotArticle)
    assert (seen.state, seen.rule, seen.canonical_url) == (
        "unknown",
        "generic.no-text",
        "https://example.org/",
    )
    cut = SITE.read(Page(body=BODY.encode(), complete=False))
    assert isinstance(cut, NotArticle)
    assert cut.state == "partial"


def test_identity_is_the_url_without_fragment_or_else_the_bytes() -> None:
    """Two fragments, one page."""
    first, second = read("", url="https://example.org/a#1"), read("", url="https://example.org/a#2")
    assert first.identity.key == second.identity.key
    assert first.identity.key.startswith("url:")
    assert read("", url=None).identity.key.startswith("page:")


def test_importing_the_site_imports_no_extractor() -> None:
    """trafilatura and the parser load when the first page is read."""
    code = (
        "import sys, harvester.sites.generic, harvester.sites.mfa;"
        "sys.exit(any(name in sys.modules for name in ('trafilatura', 'selectolax', 'lxml', 'tomllib')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(st.binary(max_size=600))
def test_any_bytes_get_a_reading(body: bytes) -> None:
    """NULs, control characters, broken markup: never an exception."""
    assert SITE.read(Page(body=b"<html><body><p>" + body + BODY.encode())).site == "generic"

"""Pages of the Foreign Ministry's layouts, written for these tests: true structure, invented content."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harvester.reading import Article, NotArticle, Page
from harvester.sites.mfa import SITE

FRAME = """<div class="header"><a href="/"><img src="/web/images/logo.png"></a>
<a href="/eng/">English</a></div>
<div class="naver"><ul><li><a href="/web/wjb_673085/">外交部</a></li></ul></div>"""


@pytest.fixture
def page() -> Callable[..., Page]:
    """Build a page from HTML."""

    def build(html: str, url: str | None = None, **more: object) -> Page:
        return Page(
            body=html.encode(), url=url, headers=(("Content-Type", "text/html; charset=utf-8"),), **more
        )  # type: ignore[arg-type] # test helper

    return build


@pytest.fixture
def article(page: Callable[..., Page]) -> Callable[..., Article]:
    """Read HTML that must be an article."""

    def read(html: str, url: str | None = None) -> Article:
        reading = SITE.read(page(html, url))
        assert isinstance(reading, Article), reading
        return reading

    return read


@pytest.fixture
def other(page: Callable[..., Page]) -> Callable[..., NotArticle]:
    """Read HTML that must not be an article."""

    def read(html: str, url: str | None = None, **more: object) -> NotArticle:
        reading = SITE.read(page(html, url, **more))
        assert isinstance(reading, NotArticle), reading
        return reading

    return read


@pytest.fixture
def zh_b() -> Callable[..., str]:
    """A page of the Chinese layout since 2022."""

    def build(
        *,
        metas: str = "",
        time: str = "2031-05-08 20:30",
        body: str = "<p>甲。</p><p>乙。</p>",
        title: str = "测试会见",
    ) -> str:
        return f"""<!DOCTYPE html><html><head><meta charset="utf-8">
<meta name="SiteName" content="中华人民共和国外交部"><meta name="SiteDomain" content="www.mfa.gov.cn">
<meta name="SiteIDCode" content="bm02000004">{metas}<title>{title}_中华人民共和国外交部</title></head>
<body><script>(function () {{ document.cookie = "HOY_TR=X; path=/"; }})()</script>
<script src="/_ws_sbu/sbu_hc.js"></script>
{FRAME}<div class="wrapper"><div class="break"><a href="/">首页</a>&gt;<a href="../">外交部长活动</a></div>
<div class="news-details"><div class="news-title"><h1>{title}</h1>
<p class="time"><span></span><span>{time}</span></p></div>
<div class="news-main" id="News_Body_Txt_A"><div class="TRS_UEDITOR trs_paper_default">{body}</div></div>
<div class="news-foot"><a href="javascript:window.print()">打印</a></div></div></div></body></html>"""

    return build

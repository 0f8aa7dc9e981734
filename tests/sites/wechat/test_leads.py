"""What an article leads to, by route: albums, neighbours, past issues, a repost's original, links in its text."""

# ruff: noqa: E501 - markup reads best unbroken
from __future__ import annotations

import harvester
from fixtures.content import Album, Heading, Link, Paragraph, para
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import INSTITUTE, OBSERVER, declared_repost, lighthouse_article
from harvester.document import Document
from harvester.reading import Lead, Page
from harvester.sites.wechat import SITE

SMALL = Recent(era=2026, script_bytes=2_000)
OTHER = "https://mp.weixin.qq.com/s?__biz=%s&mid=%d&idx=1&sn=%s"


def leads(html: bytes, url: str | None = None) -> list[Lead]:
    document = harvester.extract(html, url=url)
    assert isinstance(document, Document), document.state
    return list(SITE.leads(Page(body=html, url=url), document))


def test_an_album_and_the_article_before() -> None:
    """The page's data name both; they are the account's own."""
    from dataclasses import replace

    album = Album("3000000000000000001", "雾港记", OBSERVER)
    before = replace(lighthouse_article(), mid=77, title="上一篇")
    for era in (2025, 2026):
        article = replace(lighthouse_article(), account=OBSERVER, album=album, before=before)
        found = leads(article_page(article, Recent(era=era, script_bytes=2_000)))
        assert [(one.route, one.kind, one.url, one.title) for one in found if "album" in one.route] == [
            ("album", "listing", album.url, "雾港记"),
            ("album-neighbour", "page", before.long_url, "上一篇"),
        ]
        assert {(one.account, one.account_id) for one in found if "album" in one.route} == {
            (OBSERVER.name, OBSERVER.biz)
        }


def test_albums_of_older_pages_stand_in_their_tags(pages) -> None:  # type: ignore[no-untyped-def]
    """Without a data literal the elements of the tags tell, with or without a link."""
    tag = (
        '<div class="article-tags"><div class="article-tag__item-wrp js_tag" data-url="https://mp.weixin.qq.com/mp/'
        'appmsgalbum?__biz=MzkwMDAwMDAwMg==&amp;action=getalbum&amp;album_id=247#wechat_redirect" data-album_id="247">'
        '<span class="article-tag__item">#利器</span> <span class="article-tag__item-num">38</span></div></div>'
    )
    found = leads(pages.globals().replace("</div></div>", f"</div>{tag}</div>", 1).encode())
    assert [(one.url, one.title) for one in found] == [
        (
            "https://mp.weixin.qq.com/mp/appmsgalbum?__biz=MzkwMDAwMDAwMg==&action=getalbum&album_id=247",
            "利器",
        )
    ]


def test_links_under_a_heading_are_past_issues_until_prose_comes() -> None:
    """Links in the text before and after are not; whose each is says its own address."""
    from dataclasses import replace

    own = [OTHER % (OBSERVER.biz, number, "a" * 32) for number in (1, 2, 3)]
    foreign = OTHER % (INSTITUTE.biz, 9, "d" * 32)
    short = "https://mp.weixin.qq.com/s/FixtureArticle00000099"
    blocks = (
        Paragraph(("参见", Link("旧文", own[0] + "&chksm=1&scene=21#wechat_redirect"), "。")),
        Heading("— 往期推荐 —"),
        Paragraph((Link("甲", own[1]),)),
        Paragraph((Link("乙", foreign),)),
        Paragraph((Link("丙", short),)),
        para("雾港观测站记录潮汐、灯塔与旧船，" * 6),
        Paragraph(("又见", Link("丁", own[2]), Link("别处", "https://elsewhere.example/"))),
        Paragraph((Link("部", "https://www.mfa.gov.cn/web/zyxw/202605/t20260507_99900001.shtml"),)),
    )
    article = replace(lighthouse_article(), account=OBSERVER, blocks=blocks)
    found = leads(article_page(article, SMALL))
    assert [(one.route, one.title, one.account_id, one.account) for one in found] == [
        ("article-link", "旧文", OBSERVER.biz, OBSERVER.name),
        ("past-issues", "甲", OBSERVER.biz, OBSERVER.name),
        ("past-issues", "乙", INSTITUTE.biz, None),
        ("past-issues", "丙", None, None),
        ("article-link", "丁", OBSERVER.biz, OBSERVER.name),
        ("article-link", "部", None, None),
    ]


def test_the_original_of_a_repost() -> None:
    """Its link or its numbers, and whose it is, as the platform states them."""
    for style in (0, 2):
        repost = declared_repost(style)
        assert repost.reprint is not None
        found = leads(article_page(repost, SMALL))
        first = next(one for one in found if one.route == "repost-source")
        assert (first.account, first.account_id) == (repost.reprint.account, repost.reprint.biz)
        assert f"mid={repost.reprint.mid}" in first.url

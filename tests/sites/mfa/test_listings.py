"""Listing pages in every form: containers, dates, paging; and articles with lists of others beside them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harvester.reading import Article, NotArticle

Other = Callable[..., NotArticle]
BASE = "https://www.mfa.gov.cn/web/zyxw/"

CONTAINERS = {
    "mfa.zh-b-list": '<div class="newsBd"><ul class="list1">{}</ul></div>',
    "mfa.zh-a-list": '<div class="rebox_news"><ul>{}</ul></div>',
    "mfa.en-a-list": '<div class="newsLst_mod"><ul>{}</ul></div>',
    "mfa.en-b-list": '<div class="news_list"><ul>{}</ul></div>',
    "mfa.mission-list": '<ul id="docMore">{}</ul>',
}
ITEMS = {
    "in the words": '<li><a href="./203104/t2031040{n}_9{n}.shtml">题{n}（2031-04-0{n}）</a></li>',
    "in ASCII brackets": '<li><a href="./203104/t2031040{n}_9{n}.shtml">题{n}</a> (2031-04-0{n})</li>',
    "beside": '<li><a href="./203104/t2031040{n}_9{n}.shtml">题{n}</a><span>2031-04-0{n}</span></li>',
    "before": '<li><span>[2031/04/0{n}]</span><a href="./203104/t2031040{n}_9{n}.shtml">题{n}</a></li>',
    "English": '<li><a href="./203104/t2031040{n}_9{n}.shtml">题{n} (April 0{n}, 2031)</a></li>',
    "with its time": '<li><a href="./203104/t2031040{n}_9{n}.shtml">题{n}（2031-04-0{n} 10:20）</a></li>',
    "cut": '<li><a href="./203104/t2031040{n}_9{n}.shtml" title="题{n}">题…</a>（2031-04-0{n}）</li>',
    "picture first": '<li><a href="./203104/t2031040{n}_9{n}.shtml"><img src="W.jpg"></a>'
    '<a href="./203104/t2031040{n}_9{n}.shtml">题{n}</a>（2031-04-0{n}）</li>',
}


@pytest.mark.parametrize("rule", CONTAINERS)
@pytest.mark.parametrize("item", ITEMS)
def test_links_titles_and_dates(other: Other, rule: str, item: str) -> None:
    """Every container with every place for the date: the title is free of it, order is the page's."""
    html = CONTAINERS[rule].format("".join(ITEMS[item].format(n=n) for n in (3, 2, 1)))
    seen = other(f"<html><body>{html}</body></html>", BASE)
    assert (seen.state, seen.rule) == ("listing", rule)
    assert seen.links == tuple(
        (f"{BASE}203104/t2031040{n}_9{n}.shtml", f"题{n}", f"2031-04-0{n}") for n in (3, 2, 1)
    )


def test_a_date_in_a_headline_stays_in_it(other: Other) -> None:
    """2031年4月1日 at the end of a title is the title's; the item's own date wins."""
    item = '<li><a href="./t2031040{n}_9{n}.shtml">联合声明（2031年3月2日）</a>（2031-04-0{n}）</li>'
    html = CONTAINERS["mfa.zh-b-list"].format("".join(item.format(n=n) for n in (1, 2)))
    assert other(html, BASE).links[0][1:] == ("联合声明（2031年3月2日）", "2031-04-01")


@pytest.mark.parametrize(
    ("paging", "url", "following"),
    [
        ("<script>var currentPage = 0;var countPage = 29</script>", "", "index_1.shtml"),
        ("<script>var countPage = 29</script>", "index_4.shtml", "index_5.shtml"),
        ("<script>var countPage = '3', currentPage='1'</script>", "index_1.shtml", "index_2.shtml"),
        ("<script>var countPage = 3</script>", "index_2.shtml", None),
        ("<script>var countPage = 1</script>", "", None),
        ('<script>createPageHTML(143,0,"index","html");</script>', "", "index_1.html"),
        (
            "<script>createPageHTML(143, 141, 'index', 'htm', 2860);</script>",
            "index_141.htm",
            "index_142.htm",
        ),
        ('<script>createPageHTML(143, 142, "index", "htm");</script>', "index_142.htm", None),
        (
            '<div class="page"><a href="index_1.html">2</a><a href="index_9.html">10</a></div>',
            "",
            "index_1.html",
        ),
        ('<a href="index.html">1</a><a href="./index_3.html">Next</a>', "index_2.html", "index_3.html"),
        ('<a href="../other/index_1.html">Other</a>', "", None),
        ("", "default_2.shtml", None),
    ],
)
def test_the_next_page(other: Other, paging: str, url: str, following: str | None) -> None:
    """countPage, createPageHTML, or a link to the next number in the same folder; None on the last page."""
    items = "".join(ITEMS["beside"].format(n=n) for n in (2, 1))
    seen = other(CONTAINERS["mfa.en-b-list"].format(items) + paging, BASE + url)
    assert seen.next_url == (BASE + following if following else None)


@pytest.mark.parametrize("url", [None, "http://zz.china-embassy.gov.cn/chn/notice.htm"])
def test_an_article_with_a_list_beside_it_is_an_article(
    article: Callable[..., Article], zh_b: Callable[..., str], url: str | None
) -> None:
    """A saved page of unknown URL, or one with an unusual name: a headline and a text decide."""
    items = "".join(ITEMS["beside"].format(n=n) for n in (3, 2, 1))
    html = zh_b().replace("</body>", CONTAINERS["mfa.zh-a-list"].format(items) + "</body>")
    assert article(html, url).text == "甲。\n\n乙。"


def test_a_listing_with_an_editors_words_is_a_listing(other: Other, zh_b: Callable[..., str]) -> None:
    """The address of a listing is believed."""
    items = "".join(ITEMS["beside"].format(n=n) for n in (3, 2, 1))
    html = zh_b().replace("</body>", CONTAINERS["mfa.zh-a-list"].format(items) + "</body>")
    assert other(html, BASE + "index_2.shtml").state == "listing"

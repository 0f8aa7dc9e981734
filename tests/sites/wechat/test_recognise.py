"""Whose page it is, by markup where the platform writes it, and by the words of a mere notice."""

from __future__ import annotations

import pytest

from harvester.document import PageState
from harvester.pipeline import extract
from harvester.reading import Page
from harvester.sites.wechat import SITE


def known(html: str, url: str | None = None) -> bool:
    return SITE.recognises(Page(body=html.encode(), url=url))


@pytest.mark.parametrize(
    "html",
    [
        "<div class=a id=js_content >x</div>",
        "<div data-a='1' id = \"js_article\">x</div>",
        "<script>\nvar PAGE_MID='mmbizwap:secitptpage/verify.html';</script>",
        "<script>window.cgiDataNew = {a: 1}</script>",
        '<link href="//res.wx.qq.com/mmbizwap/a.css">',
        '<body class="wx_wap_page"><div class="weui-msg"><h2 class="weui-msg__title">x</h2></div>',
        '<div class="weui-msg__text-area"></div><div id="js_a11y_comma" class="weui-a11y_ref"></div>',
        '<ul class="page_profile_info"></ul>',
    ],
)
def test_the_platforms_own_markup_is_known(html: str) -> None:
    """Containers, requisites, data; two marks of the interface, as a save without scripts still has them."""
    assert known(html)


@pytest.mark.parametrize(
    "html",
    [
        '<pre>window.cgiDataNew = {}; &lt;div id="js_content"&gt;</pre>',
        '<p>id="js_content" res.wx.qq.com/mmbizwap mmbizwap:</p>',
        '<div class="rich_media_content"><img data-src="https://mmbiz.qpic.cn/a"></div>',
        '<div class="weui-msg__title">x</div>',
        '<div id="js_content_list"></div><div id="my_js_content"></div>',
        '<script src="https://res.wx.qq.com/open/js/jweixin-1.6.0.js"></script>',
    ],
)
def test_what_others_have_too_is_not_enough(html: str) -> None:
    """Quoted code, a pasted class, the widget library, the sharing script."""
    assert not known(html)


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ('<h2 class="weui-msg__title">该内容已被发布者删除</h2>', "deleted"),
        ("<p>环境异常</p><p>完成验证后即可继续访问</p><a>去验证</a>", "verification"),
        ("此帐号已被屏蔽, 内容无法查看", "banned"),
    ],
)
def test_a_page_that_is_nothing_but_a_notice_gets_its_state(words: str, state: str) -> None:
    """However little markup is left of it; with or without a frame, in any encoding."""
    for html in (words, f"<html><head><meta charset=utf-8></head><body>{words}</body></html>"):
        for body in (html.encode(), html.encode("utf-16")):
            seen = extract(body)
            assert isinstance(seen, PageState)
            assert (seen.site, seen.state) == ("wechat", state)


def test_an_article_that_quotes_a_notice_is_not_a_notice() -> None:
    """More words than a notice has; or the same words on a known host."""
    quoted = "<p>该内容已被发布者删除。</p>" + "<p>这是一句虚构的话，说的是这样一个提示。</p>" * 20
    assert not known(quoted)
    assert not known("<p>该内容已被发布者删除</p>", "https://www.example.org/")
    assert not known("<p>页面不存在</p>")  # anybody's words

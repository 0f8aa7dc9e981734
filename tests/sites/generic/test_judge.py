"""What is no article although words were found: notices, error pages, lists of links, mere words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.extraction.tree import parse_html
from harvester.reading import Article, NotArticle, Page
from harvester.sites.generic import SITE
from harvester.sites.generic.judge import not_an_article

SENTENCE = "这是为试验写的一句话，说的是一件并不存在的事情，长度足够让正文被认出来。"
BODY = "".join(f"<p>第{n}段：{SENTENCE}{SENTENCE}</p>" for n in "一二三")
PAGE = "<html><head><meta charset=utf-8><title>{}</title>{}</head><body>{}</body></html>"


def read(html: str, **more: object) -> Article | NotArticle:
    return SITE.read(Page(body=html.encode(), **more))  # type: ignore[arg-type] # test helper


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("404 Not Found", "<center><h1>404 Not Found</h1></center><hr><center>nginx</center>"),
        ("502 Bad Gateway", "<h1>502 Bad Gateway</h1><p>The server returned an invalid response.</p>"),
        ("某网", "<p>您访问的页面不存在或已被删除，请返回首页。</p>"),
        ("某搜索", "<p>我们的系统检测到您的网络中存在异常访问请求，请输入验证码以继续。</p>"),
        ("Just a moment...", "<p>Checking your browser before accessing this site. Please wait.</p>"),
        ("提示", "<p>访问过于频繁，请稍后再试。</p>"),
        ("提示", "<p>该文章已被作者隐藏，您可以看看别的内容。</p>"),
    ],
)
def test_a_short_page_that_says_it_is_none_is_unknown(title: str, body: str) -> None:
    """Servers' error pages, demands to prove oneself, pages that are gone."""
    seen = read(PAGE.format(title, "", body))
    assert isinstance(seen, NotArticle)
    assert (seen.state, seen.rule) == ("unknown", "generic.notice")


def test_an_article_may_speak_of_them() -> None:
    """A long text, or a short one that declares its day of publication, is no notice."""
    told = "<p>记者打开这个网站时，看到的是“页面不存在”和一个验证码。</p>"
    long = "".join(f"<p>第{number}段说的是另一件并不存在的事情，也有足够的长度。</p>" for number in range(20))
    assert isinstance(read(PAGE.format("虚构的报道", "", BODY + told + long)), Article)
    dated = '<meta name="PubDate" content="2031-05-08">'
    notice = "<article><p>因系统维护，本网站将于下周暂停服务两小时。特此公告。</p></article>"
    assert isinstance(read(PAGE.format("虚构的公告", dated, notice)), Article)


def test_words_without_a_sentence_are_unknown() -> None:
    """The names of languages above a page whose text is missing; a page of signs alone."""
    names = read(PAGE.format("x", "", "<p>English Français Español Русский عربي</p>"))
    assert isinstance(names, NotArticle)
    assert (names.state, names.rule) == ("unknown", "generic.no-sentence")
    signs = read(PAGE.format("x", "", "<p>" + "— · — · " * 40 + "</p>"))
    assert isinstance(signs, NotArticle)
    assert signs.rule == "generic.no-text"


def test_a_text_of_links_is_a_listing() -> None:
    """With the links in order; dates beside them are no words of its own."""
    items = "".join(
        f'<li><a href="./203105/t203105{n:02}_1.html">Report number {n} of an invented meeting</a>'
        f" (2031-05-{n:02})</li>"
        for n in range(1, 15)
    )
    seen = read(
        PAGE.format("Reports", "", f"<div class=l><ul>{items}</ul></div>"), url="https://x.example.org/l/"
    )
    assert isinstance(seen, NotArticle)
    assert (seen.state, seen.rule) == ("listing", "generic.links")
    assert seen.links[0] == (
        "https://x.example.org/l/203105/t20310501_1.html",
        "Report number 1 of an invented meeting",
        None,
    )


def test_an_article_with_links_in_and_under_its_text_is_no_listing() -> None:
    """Its own words outweigh them."""
    related = "".join(f'<li><a href="/{n}">另一篇虚构的消息之{n}</a></li>' for n in range(8))
    linked = BODY.replace("试验", '<a href="/x">试验</a>')
    assert isinstance(
        read(PAGE.format("虚构", "", f"<article>{linked}</article><ul>{related}</ul>")), Article
    )


def test_a_cut_page_is_partial() -> None:
    """A file that opens `<html>` and has no end; not one whose transfer says that it came whole."""
    cut = PAGE.format("虚构的消息", "", f"<article>{BODY}</article>").removesuffix("</body></html>")
    seen = read(cut)
    assert isinstance(seen, NotArticle)
    assert (seen.state, seen.rule) == ("partial", "generic.partial")
    for header in (("Content-Length", "1"), ("Transfer-Encoding", "chunked")):
        assert isinstance(read(cut, status=200, headers=(header,)), Article)
    closed = read(cut, status=200, headers=(("Connection", "close"),))
    assert isinstance(closed, NotArticle)
    assert closed.state == "partial"


def test_a_fragment_is_read() -> None:
    """Without `html`, `head` and `body`: as the inside of a body."""
    seen = read(f"<div>{BODY}</div>")
    assert isinstance(seen, Article)
    assert seen.text.count("第") == 3


def test_words_stay_whole_where_an_editor_marked_parts_of_them() -> None:
    """Where only all words of the page are found, inline tags add no space and blocks part paragraphs."""
    marked = "五月八日，<b>某部</b>发<span>言</span>人<font>某甲</font>说：好。"
    body = f"<div>会议简报</div><div><p>{marked}</p><p>完。</p></div>"
    seen = read(PAGE.format("会议简报", "", body))
    assert isinstance(seen, Article)
    assert "五月八日，某部发言人某甲说：好。" in seen.text.split("\n\n")
    assert seen.found["text"].source == "body"


@pytest.mark.parametrize(
    ("window", "title"),
    [
        ("某网 - 频道 - 关于一件虚构事情的报道", "关于一件虚构事情的报道"),
        ("某网_关于一件虚构事情的报道_频道", "关于一件虚构事情的报道"),
        ("关于一件虚构事情的报道-某网", "关于一件虚构事情的报道"),
        ("评关于一件虚构事情的报道的评论", "评关于一件虚构事情的报道的评论"),
    ],
)
def test_the_heading_between_separators_is_the_title(window: str, title: str) -> None:
    """The site's and the section's names may stand before it, too."""
    seen = read(PAGE.format(window, "", f"<article><h1>关于一件虚构事情的报道</h1>{BODY}</article>"))
    assert seen.title == title if isinstance(seen, Article) else pytest.fail(str(seen))


@given(st.text(max_size=400), st.booleans())
def test_any_text_is_judged(text: str, dated: bool) -> None:
    """Never an exception; fewer letters than the least are never an article."""
    root = parse_html(b"<a href=x>words of a link</a>").root
    verdict = not_an_article(text, None, root, is_dated=dated)
    if sum(char.isalnum() for char in text) < 10:
        assert verdict is not None

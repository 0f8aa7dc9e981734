"""Pages that end too early, bodies that hold nothing, and where a body ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harvester.pipeline import extract
from harvester.reading import Article, NotArticle

Read = Callable[..., Article]
Other = Callable[..., NotArticle]
Build = Callable[..., str]
URL = "https://www.mfa.gov.cn/web/zyxw/203105/t20310508_5.shtml"
ENGLISH_URL = "https://www.mfa.gov.cn/eng/xw/203105/t20310508_6.html"
ENGLISH = """<html><head><title>A visit</title></head><body><h1 class="news_header_title">A visit</h1>
<p class="xltime">May 8, 2031 19:20</p><div class="content_text">{}</div></body></html>"""
LONG = "<p>" + "In this invented paragraph the two sides speak of an invented matter at length. " * 3 + "</p>"


def test_a_page_cut_within_its_text_is_partial(zh_b: Build) -> None:
    """Wherever the cut is, with and without a URL, also within a tag: never a part as the article."""
    html = zh_b(body="".join(f"<p>第{n}段，虚构的话。</p>" for n in range(40)))
    start, end = html.index("第1段"), html.index("第39段")
    for at in range(start, end, 37):
        for url in (URL, None):
            seen = extract(html[:at], url)
            assert (seen.site, seen.state) == ("mfa", "partial"), html[at - 20 : at]


def test_a_page_cut_before_its_text_is_no_article(zh_b: Build) -> None:
    """What is there of the frame is no text."""
    html = zh_b()
    for at in range(20, html.index("甲"), 23):
        for url in (URL, None):
            assert extract(html[:at], url).state != "ok", html[at - 20 : at]


def test_a_page_cut_behind_its_text_is_whole_and_says_so(article: Read, zh_b: Build) -> None:
    """Once the body's own end tag is there nothing of the text can be missing."""
    html = zh_b()
    cut = html[: html.index('<div class="news-foot">')]
    seen = article(cut, URL)
    assert seen.text == article(html, URL).text
    assert [warning for warning in seen.warnings if "</html>" in warning]
    assert not article(html, URL).warnings


def test_a_body_between_two_marks_needs_the_second(article: Read, other: Other) -> None:
    """In the oldest system's pages."""
    start, end = '<meta name="TRSWCM.ContStart">', '<meta name="TRSWCM.ContEnd">'
    html = f"<html><body>{start}<p>Invented words.</p>{end}<p>Print</p>"
    url = "https://www.mfa.gov.cn/eng/xwfw/t75151.htm"
    assert article(html, url).text == "Invented words."
    assert other(html.partition('<meta name="TRSWCM.ContEnd">')[0], url).state == "partial"


def test_an_empty_body_is_no_article(article: Read, other: Other, zh_b: Build) -> None:
    """Without words, pictures, films and files it is unknown; any one of them makes it an article."""
    for empty in ("", "<p>&nbsp;</p>", '<p style="display:none"></p>'):
        seen = other(zh_b(body=empty), URL)
        assert (seen.state, seen.rule) == ("unknown", "mfa.empty-body")
        assert seen.identity is not None
        assert seen.identity.number == "5"
    for held in (
        '<img src="a.jpg">',
        '<video src="a.mp4"></video>',
        '<a href="./P020310508000000000001.pdf"></a>',
    ):
        assert article(zh_b(body=held), URL).text == ""


def test_a_clearing_div_in_mid_text_does_not_end_it(article: Read) -> None:
    """Editors put one behind a floating picture."""
    body = f'<p>First.</p><div style="clear:both"></div>{LONG * 4}'
    seen = article(ENGLISH.format(body), ENGLISH_URL)
    assert seen.text.startswith("First.\n\nIn this")
    assert seen.text.count("\n\n") == 4
    assert seen.warnings == ()


@pytest.mark.parametrize(
    "after",
    [
        '<div class="links">Suggest to a Friend Print</div>',
        '<p><a href="/a">A related piece of news</a> <a href="/b">Another one</a></p>',
        "<p>[Print] [Close]</p>",
        "",
    ],
)
def test_a_clearing_div_before_links_and_interface_ends_it(article: Read, after: str) -> None:
    """Nothing of an article follows it."""
    body = f'<div class="TRS_UEDITOR"><p>The text.</p></div><div style="clear:both"></div>{after}'
    assert article(ENGLISH.format(body), ENGLISH_URL).text == "The text."


def test_much_that_is_left_out_after_the_end_is_warned_of(article: Read) -> None:
    """More than a hundred characters: the reader is told how many, and what they stand behind."""
    body = f'<p>The text.</p><div class="news-foot">x</div>{LONG}'
    seen = article(ENGLISH.format(body), ENGLISH_URL)
    assert seen.text == "The text."
    assert [warning for warning in seen.warnings if ".news-foot" in warning]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('<p>甲。</p><p><img src="./W1.jpg"></p><p>乙。</p><p>【打印】【关闭】</p>', "甲。\n\n乙。"),
        ('<p>甲。</p><div><p>乙。</p><p><img src="./W1.jpg"></p><p>【打印】</p></div>', "甲。\n\n乙。"),
        ('<p>甲。</p><p>【打印】</p><p><img src="./W1.jpg"></p>', "甲。\n\n【打印】"),
    ],
)
def test_a_picture_in_the_wrapper_hides_no_interface(
    article: Read, zh_b: Build, body: str, text: str
) -> None:
    """Only a line with a picture of its own ends the search; a container with one is looked into."""
    seen = article(zh_b(body=body), URL)
    assert seen.text == text
    assert len(seen.images) == 1

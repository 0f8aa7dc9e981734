"""Random input for the reader of literals, the rules of states, the block reader and `extract` as a whole."""

# ruff: noqa: E501 - tables read best unbroken
from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from harvester.document import STATES, Document, PageState, to_bytes
from harvester.errors import HostileInputError
from harvester.extraction.blocks import BodyRules, read_body
from harvester.extraction.render import render
from harvester.extraction.tree import parse_html
from harvester.pipeline import extract
from harvester.reading import Page
from harvester.sites.wechat import SITE, states
from harvester.sites.wechat.literal import LiteralError, members, parse
from harvester.sites.wechat.source import Source

MAX_S = 3.0
URL = "https://mp.weixin.qq.com/s/FixtureArticle00000001"

LITERAL_PIECES = st.sampled_from(
    [
        *"{}[]()'\"`\\,:;?*!=&|+-./ \n\0", "a", "0", "1e9", "0x", "'x'", "JsDecode(", ".html(false)", " * 1", "||", "==",
        "\\x3c", "\\u{110000}", "\\ud800", "/*", "*/", "//", "cgiDataNew", "null", "NaN", "雾", "\ufeff", "__proto__:",
        ".replace(/", "/g,", "parseInt(", "${", "\u2028", "function", "9" * 400, "1e99999",
    ]
)  # fmt: skip
MARKUP_PIECES = st.sampled_from(
    [
        "<p>", "</p>", '<section style="display:none">', "</section>", "<span style='color:rgba(0,0,0,0)'>", "</span>",
        "<span style='font-size:0;visibility:hidden'>", "<b>", "</b>", "<br>", "<ul>", "<li>", "</ul>", "<ol start=-5>",
        "<table>", "<tr>", "<td colspan=99999999999>", "</table>", "<pre class=code-snippet__fix>", "<code>", "</code>",
        "</pre>", "<h1>", "</h9>", "<img data-src=x>", "<img src='https://mmbiz.qpic.cn/a\0'>", "<a href='javascript:1'>",
        "<a href=//[>", "</a>", "<svg style='background-image:url(a;b)'>", "</svg>", "<math>", "<blockquote>",
        "<mp-weapp data-weapp-title=a>", "<iframe class=video_iframe>", "<mpvoice>", "<template>", "</template>", "字",
        " ", "\n", "\u3000", "\0", "&#0;", "&#xd800;", "&nbsp;", "<!--", "-->", "<script>", "</script>", "<style>",
        "</style>", "<figure>", "<figcaption>", "<hr>", "<div id=js_content>", "</div>", "<div id=js_article>", "😀",
        "<ruby>a<rt>b", "<details>", "<select><option>", "<div class=weui-msg>", "<h2 class=weui-msg__title>", "<body>",
        "<title>", "<meta property=og:title content='a'>", "<em class=rich_media_meta>", "<p class=share_notice>",
        "<div id=app>", "<div id=js_share_content>", "<script id=content_tpl type=text/html>", "<noscript>", "</html>",
        "<svg><foreignObject>", "<span data-formula='x^2'>", "<marquee>", "<plaintext>", "<frameset>", "<font a=1>",
    ]
)  # fmt: skip
SCRIPT_PIECES = st.sampled_from(
    [
        "<script>\n", "</script>", "window.cgiDataNew = {", "};", "title: ", "'a',\n", "JsDecode('\\x3cp\\x3e'),\n",
        "item_show_type: '", "' * 1,\n", "0", "5", "8", "10", "17", "picture_page_info_list: [", "{cdn_url: ", "},", "],",
        "content_noencode: ", "text_page_info: {content: ", "copyright_info: {reprint_style: 2,", '\nvar ct = "',
        "1780000000", "99999999999999999999", '";', "\nvar PAGE_MID = ", "'mmbizwap:secitptpage/verify.html';",
        "\nd.title = xml ? getXmlValue('a') : ", "\nvar msg_title = '", "'.html(false);", "\nwindow.cgiData = {",
        "svr_time: '-1' * 1,", "ip_wording: {country_name: ", "is_pay_subscribe: 1,", "modify_detail: {list: [{",
        "index_for_underline: 1e400, diff_length: -1}]},", "document.write('", "');", "bizuin: 'MzkwMDAwMDAwMg==',",
        "create_time: '2026-02-31 25:61',", "modify_time: 1e30,", "link: 'https://[',", "mid: '²',", "ori_create_time: '٣',",
    ]
)  # fmt: skip


def timed(start: float) -> None:
    assert time.perf_counter() - start < MAX_S


@settings(max_examples=400, deadline=None)
@given(st.lists(LITERAL_PIECES, max_size=60), st.sampled_from([1, 1, 1, 500]))
def test_literals(pieces: list[str], times: int) -> None:
    """Any text is a value or a LiteralError."""
    text = "".join(pieces) * times
    start = time.perf_counter()
    for reader in (lambda: parse(text), lambda: members(text, 0), lambda: members("{" + text, 0)):
        position = 0
        try:
            reader()
        except LiteralError as error:
            position = error.position
        assert 0 <= position <= len(text) + 1
    timed(start)


@settings(max_examples=200, deadline=None)
@given(st.lists(MARKUP_PIECES, max_size=60), st.booleans())
def test_blocks(pieces: list[str], keep_lines: bool) -> None:
    """Any tree has a body, and a body renders; text never gains a character that UTF-8 cannot carry."""
    parser = LexborHTMLParser("".join(pieces))
    root = parser.root
    if root is None:
        return
    start = time.perf_counter()
    rendered = render(read_body(root, BodyRules(keep_lines=keep_lines)))
    rendered.text.encode()
    rendered.markdown.encode()
    assert all(
        image.position is None or 0 <= image.position <= len(rendered.text) for image in rendered.images
    )
    timed(start)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.one_of(MARKUP_PIECES, SCRIPT_PIECES), max_size=50),
    st.sampled_from([None, URL, "https://[", ""]),
)
def test_states(pieces: list[str], url: str | None) -> None:
    """The rules give one of the known states for any page."""
    try:
        source = Source(parse_html("".join(pieces).encode()), url)
    except HostileInputError:
        return
    start = time.perf_counter()
    for verdict in (states.by_address(source, "mmbizwap:x"), states.by_structure(source, None)):
        assert verdict is None or verdict.state in STATES
    timed(start)


@settings(max_examples=250, deadline=None)
@given(
    st.lists(st.one_of(SCRIPT_PIECES, SCRIPT_PIECES, MARKUP_PIECES), max_size=80),
    st.sampled_from([None, URL]),
)
def test_pages(pieces: list[str], url: str | None) -> None:
    """Any page has a document or a state that can be written, and the same one twice."""
    page = b'<html><div id="js_article">' + "".join(pieces).encode()
    start = time.perf_counter()
    found = extract(page, url)
    timed(start)
    assert isinstance(found, Document | PageState)
    assert to_bytes(found) == to_bytes(extract(page, url))


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(st.binary(max_size=400), st.text(max_size=200)),
    st.sampled_from([None, URL, "x", "https://www.mfa.gov.cn/a/t1_2.shtml"]),
    st.sampled_from([None, "text/html; charset=gbk", "text/html; charset=utf-16", "charset=punycode", "\0"]),
)
def test_bytes(data: bytes | str, url: str | None, content_type: str | None) -> None:
    """Any bytes and any text, under any label, have an answer."""
    headers = [("Content-Type", content_type)] if content_type is not None else []
    to_bytes(extract(data, url, headers))


@pytest.mark.slow
@settings(max_examples=20_000, deadline=None)
@given(st.lists(st.one_of(SCRIPT_PIECES, MARKUP_PIECES, LITERAL_PIECES), max_size=120))
def test_many_pages(pieces: list[str]) -> None:
    """The long form: the publisher's reader raises nothing but a refusal."""
    page = Page(body=("<html><div id=js_article>" + "".join(pieces)).encode(), url=URL)
    try:
        SITE.read(page)
    except HostileInputError:
        return

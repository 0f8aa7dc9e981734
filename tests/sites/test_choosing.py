"""Who reads a page: by its URL, by what a saver or an archive says of it, by its markup."""

from __future__ import annotations

import pytest

from harvester.document import Document, PageState
from harvester.pipeline import extract
from harvester.reading import Page
from harvester.sites import site_for_page

SENTENCE = "这是为试验写的一句话，说的是一件并不存在的事情，长度足够让正文被认出来。"
WORDS = "".join(f"<p>第{n}段：{SENTENCE}{SENTENCE}</p>" for n in "一二三")
FOREIGN = "https://news.example.org/a/1.html"
ARTICLE_URL = "https://mp.weixin.qq.com/s/AbCdEf_0"


def foreign(extra: str = "", words: str = WORDS) -> str:
    return (
        f"<html><head><meta charset=utf-8><title>虚构的消息</title></head><body><h1>虚构的消息</h1>"
        f"<article>{words}</article>{extra}</body></html>"
    )


def wechat(title: str = "试验的标题", carrier: str = "js_content") -> str:
    return f"""<html><head><meta charset=utf-8><title></title><meta property="og:title" content="{title}">
<link href="//res.wx.qq.com/mmbizwap/x.css"></head><body><h1 id="activity-name">{title}</h1>
<a id="js_name">某号</a><div class="rich_media_content" id="{carrier}">{WORDS}</div><script>
var ct = "1938700800";
var biz = "MzAwMDAwMDAwMA==";
var mid = "1";
var idx = "1";
var sn = "0123456789abcdef0123456789abcdef";
</script></body></html>"""


@pytest.mark.parametrize(
    "extra",
    [
        '<p class="rich_media_content">x</p>',
        '<div id="js_content"></div>',
        '<script src="https://res.wx.qq.com/mmbizwap/x.js"></script>',
        '<img src="https://res.wx.qq.com/mpres/a.png">',
        "<pre>window.cgiDataNew = {</pre>",
        '<div class="weui-msg__title" style="display:none"></div><a href="https://mp.weixin.qq.com/s/x">x</a>',
        '<div id="News_Body_Txt_A"></div>',
        '<div id="News_Body_Title"></div><div id="News_Body_Txt_A"></div>',
    ],
)
def test_pasted_markup_does_not_change_the_publisher(extra: str) -> None:
    """A page of another host with a platform's markup in it is read as that host's."""
    plain, pasted = extract(foreign(), FOREIGN), extract(foreign(extra), FOREIGN)
    assert isinstance(plain, Document)
    assert isinstance(pasted, Document), pasted
    assert (pasted.site, pasted.title) == ("generic", plain.title)
    assert pasted.text.startswith(plain.text)  # what the markup itself shows may follow


@pytest.mark.parametrize("around", ['<div id="js_content">{}</div>', '<div id="News_Body_Txt_A">{}</div>'])
def test_a_text_pasted_with_its_container_is_still_of_its_host(around: str) -> None:
    """The platform's container around the text makes no page of the platform."""
    seen = extract(foreign(words=around.format(WORDS)), FOREIGN)
    assert isinstance(seen, Document)
    assert (seen.site, seen.title) == ("generic", "虚构的消息")


@pytest.mark.parametrize(
    "url",
    [
        FOREIGN,
        "http://127.0.0.1:8000/page.html",
        "http://localhost/page.html",
        "https://web.example.org/20310508/https://mp.weixin.qq.com/s/AbCdEf_0",
        None,
    ],
)
def test_a_copy_of_the_platforms_page_is_read_by_its_rules(url: str | None) -> None:
    """A whole page of the platform on a mirror, an archive or one's own machine."""
    seen = extract(wechat(), url)
    assert isinstance(seen, Document)
    assert (seen.site, seen.title, seen.identity.mid) == ("wechat", "试验的标题", "1")


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8000/p", "https://web.example.org/20310508/https://mp.weixin.qq.com/s/AbCdEf_0", None],
)
def test_a_page_that_the_platforms_reader_does_not_know_is_no_page_of_anybody(url: str | None) -> None:
    """Without a foreign host, its `unknown` stands: the general reader would make an article of it."""
    seen = extract(wechat(carrier="js_body_of_tomorrow").replace("<title></title>", "<title>x</title>"), url)
    assert seen.site == "wechat"


def test_what_a_saver_wrote_tells_the_publisher() -> None:
    """A save without scripts and requisites; the same comment in UTF-16."""
    comment = f"<!--\n Page saved with SingleFile \n url: {ARTICLE_URL} \n-->"
    html = f"<html>{comment}<body><p>一个提示</p></body></html>"
    for body in (html.encode(), html.encode("utf-16")):
        assert site_for_page(Page(body=body)).name == "wechat"
        seen = extract(body.decode("utf-8") if body is html.encode() else body)
        assert isinstance(seen, PageState)
        assert (seen.site, seen.state) == ("wechat", "unknown")


def test_a_save_from_another_host_is_that_hosts() -> None:
    """The comment counts as the page's URL, also where it speaks against a publisher."""
    head = f"<!-- saved from url=(0033){FOREIGN} -->"
    seen = extract(head + foreign('<div id="js_content"></div>'))
    assert isinstance(seen, Document)
    assert seen.site == "generic"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "gb18030"])
def test_the_encoding_does_not_hide_the_publisher(encoding: str) -> None:
    """Marks are looked for in the page as decoded."""
    body = wechat().replace("charset=utf-8", f"charset={encoding}").encode(encoding)
    if encoding == "utf-16-le":
        body = b"\xff\xfe" + body
    seen = extract(body)
    assert isinstance(seen, Document)
    assert (seen.site, seen.title) == ("wechat", "试验的标题")

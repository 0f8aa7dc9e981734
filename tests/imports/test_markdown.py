"""Markdown captures: the interface goes by its place in the sequence, the author's words stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.imports import markdown
from harvester.reading import Article, NotArticle, Page
from harvester.sites import site_for_url

URL = "https://mp.weixin.qq.com/s?__biz=MzkwMDAwMDAwMg==&mid=2650000123&idx=2&sn=0123456789abcdef0123456789abcdef"
Capture = Callable[..., bytes]


def reading(data: bytes, url: str = URL) -> Article | NotArticle:
    return markdown.read(site_for_url(url), Page(body=data, url=url))


def article(data: bytes, url: str = URL) -> Article:
    found = reading(data, url)
    assert isinstance(found, Article), found
    return found


def test_a_whole_page_gives_its_body(capture: Capture, capture_text: str) -> None:
    """Heading, cover, account lines and the interface below go; the author's words stay, to the letter."""
    found = article(capture())
    assert found.text == capture_text
    assert found.title == "灯塔夜间值守的三条办法"
    assert (found.source, found.author, found.kind, found.site) == (
        "雾港观测站",
        "守塔人老魏",
        "article",
        "wechat",
    )
    assert found.original_source == "雾港灯塔管理处"
    assert found.text[found.frame[0].start : found.frame[0].end] == "原文来源：雾港灯塔管理处"
    assert found.identity.key == "wechat:MzkwMDAwMDAwMg==:2650000123:2"
    assert [(image.role, image.position) for image in found.images] == [("cover", None), ("body", 0)]
    assert found.found["title"].source == "front-matter.title"
    assert found.found["date"].source == "front-matter.date"
    assert found.published_precision == "day"


def test_every_removed_line_is_listed(capture: Capture) -> None:
    """The removal log and the body together are the file: no line disappears unsaid."""
    data = capture()
    source = data.decode().split("\n")
    removed = {}
    for entry in article(data).removed:
        place, _, words = entry.container.partition("): ")
        number = int(place.removeprefix("line ").partition(" ")[0])
        assert source[number - 1].strip() == words
        assert entry.characters == len(words)
        removed[number] = place
    first, last = source.index("雾港观测站") + 2, source.index("预览时标签不可点")
    left = [n for n, line in enumerate(source[8:], 9) if line.strip() and n not in removed]
    assert all(first <= n <= last for n in left)


WORDS_OF_THE_INTERFACE = [
    "微信扫一扫",
    "关注该公众号",
    "预览时标签不可点",
    "阅读原文",
    "知道了",
    "取消",
    "允许",
    "×",
    "分析",
    "：",
    "，",
    "。",
    "视频",
    "小程序",
    "赞",
    "在看",
    "分享",
    "听过",
    "雾港观测站",
    "灯塔夜间值守的三条办法",
    "原创",
    "2026-05-08",
]


@given(st.lists(st.sampled_from(WORDS_OF_THE_INTERFACE), max_size=12))
def test_words_of_the_interface_inside_the_body_stay(inner: list[str]) -> None:
    """Between its first and last paragraph an article may say anything that the interface says."""
    title = "灯塔夜间值守的三条办法"
    head = f"---\ntitle: {title}\nsource: 雾港观测站\n---\n\n# {title}\n\n雾港观测站\n\n"
    paragraphs = ["潮水退了，人们开始说话。", *inner, "最后一句是作者的话。"]
    tail = "预览时标签不可点\n\n微信扫一扫\n关注该公众号\n\n向上滑动看下一个\n\n知道了\n\n取消\n允许\n"
    found = article((head + "\n\n".join(paragraphs) + "\n\n" + tail).encode())
    assert found.text == "\n\n".join(paragraphs)
    assert len(found.removed) == 9


def test_an_article_may_end_in_such_words(capture: Capture) -> None:
    """Without the page's sequence below, an author's own call to scan a code is not interface."""
    found = article(capture(tail="微信扫一扫\n关注该公众号\n"))
    assert found.text.endswith("微信扫一扫\n关注该公众号")


def test_the_authors_last_words_above_the_interface_stay(capture: Capture, capture_text: str) -> None:
    """The interface begins with its own first word; the same words above it are the author's."""
    found = article(capture(body="尾声。\n\n微信扫一扫\n关注该公众号\n\n阅读原文\n"))
    assert found.text == "尾声。\n\n微信扫一扫\n关注该公众号\n\n阅读原文"


def test_words_in_one_line_are_taken_word_by_word(capture: Capture, capture_text: str) -> None:
    """A tool that joins lines writes the same sequence."""
    joined = "预览时标签不可点\n\n微信扫一扫 关注该公众号\n\n知道了\n\n微信扫一扫 使用小程序\n\n取消 允许"
    assert article(capture(tail=joined)).text == capture_text


def test_the_older_interface(capture: Capture, capture_text: str) -> None:
    """Pages of 2018-2020 have another sequence below the body."""
    tail = '阅读原文\n\n阅读\n\n投诉\n\n![]()\n\n微信扫一扫\n关注该公众号\n\n即将打开""小程序\n\n取消\n打开\n'
    assert article(capture(tail=tail)).text == capture_text


def test_account_lines_with_badge_date_and_region(capture: Capture) -> None:
    """What the page shows between heading and body goes, and only to the first line that is none of it."""
    front = "---\ntitle: 题\nsource: 雾港观测站\n---\n# 题\n\n"
    head = front + "原创\n\n老魏\n\n[雾港观测站](javascript:void(0);)\n\n2026年5月8日 14:04\n\n湖南\n\n"
    found = article(capture(head=head, body="2026年5月8日\n\n湖南的朋友来了。\n"))
    assert found.text == "湖南的朋友来了。"
    assert found.author == "老魏"
    found = article(capture(head=head, body="湖南的朋友来了。\n\n2026年5月8日\n"))
    assert found.text == "湖南的朋友来了。\n\n2026年5月8日"


def test_the_older_profile_card(capture: Capture, capture_text: str) -> None:
    """Pages of 2017-2020 have the account's card between heading and body: labels, each above its value."""
    card = "微信号\n\nfog-harbour\n\n功能介绍\n\n记录潮汐、灯塔与旧船，也记录人。\n\n"
    head = capture(body="", tail="").decode()
    assert article(capture(head=head + card)).text == capture_text


def test_our_own_markdown_has_placeholders(capture: Capture) -> None:
    """Widgets stand in our Markdown as words in brackets; only there are they left out."""
    ours = "---\ntitle: 题\ntext_sha256: 00\n---\n"
    assert (
        article(capture(head=ours, body="甲\n\n[视频] 潮\n\n\\[视频\\] 乙\n", tail="")).text
        == "甲\n\n[视频] 乙"
    )
    theirs = "---\ntitle: 题\n---\n"
    assert article(capture(head=theirs, body="甲\n\n[视频]\n", tail="")).text == "甲\n\n[视频]"


def test_without_the_accounts_name_nothing_is_taken_for_its_lines(capture: Capture) -> None:
    """Short first lines are body unless the account's name closes them."""
    found = article(capture(head="---\ntitle: 题\nsource: 雾港观测站\n---\n# 题\n\n序\n\n海风\n\n"))
    assert found.text.startswith("序\n\n海风\n\n")
    assert found.author is None


def test_a_repost_notice_is_metadata(capture: Capture, capture_text: str) -> None:
    """The platform's notice of a repost names the original account, and is not text."""
    notice = "以下文章来源于潮汐周刊\n\n，作者林舟\n\n![](http://wx.qlogo.cn/mmhead/x/0)\n\n潮汐周刊\n\n.\n\n记录海的周刊。\n\n"
    head = capture(body="", tail="").decode()
    found = article(capture(head=head + notice))
    assert found.text == capture_text
    assert found.kind == "repost"
    assert found.original_account is not None
    assert (found.original_account.name, found.original_account.author) == ("潮汐周刊", "林舟")


@pytest.mark.parametrize(
    ("markdown_body", "text"),
    [
        ("1. 甲\n\n2. 乙", "1. 甲\n\n2. 乙"),  # paragraphs that begin with their number
        ("1. 甲\n2. 乙", "甲\n\n乙"),  # a list: its markers are no text
        ("甲\n乙", "甲\n乙"),  # a line end is a line end
        ("a <b>x</b> & 1 < 2", "a <b>x</b> & 1 < 2"),  # HTML is words
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("| 时 | 潮 |\n| --- | --- |\n| 6 | 高 |", "时\t潮\n6\t高"),
        ("那**什么样的？**来看看，**“引号”**也算", "那什么样的？来看看，“引号”也算"),  # no blanks in Chinese
        ("2 * 3 * 4，a*b", "2 * 3 * 4，a*b"),
        ("x<sup>2</sup> 与 H<sub>2</sub>O<br>水", "x2 与 H2O\n水"),
        ("**重**要 `码` ~~旧~~ [站](https://a.example/)", "重要 码 旧 站"),
    ],
)
def test_markdown_is_read_as_text(capture: Capture, markdown_body: str, text: str) -> None:
    """Markup goes, words stay."""
    assert article(capture(body=markdown_body)).text == text


def test_a_notice_is_no_article(capture: Capture) -> None:
    """An older tool saved failure pages too: the publisher's reader is asked about a few lone words."""
    found = reading(capture(head="---\ntitle: 页面\nsource:\n---\n", body="该内容已被发布者删除\n", tail=""))
    assert isinstance(found, NotArticle)
    assert (found.state, found.identity and found.identity.mid) == ("deleted", "2650000123")


def test_an_article_that_quotes_a_notice_is_one(capture: Capture) -> None:
    """With the account's lines above it, the same words are an article's."""
    assert article(capture(body="该内容已被发布者删除\n")).text == "该内容已被发布者删除"


def test_only_interface_is_unknown(capture: Capture) -> None:
    """A capture without a body is no article."""
    found = reading(capture(body=""))
    assert isinstance(found, NotArticle)
    assert (found.state, found.rule) == ("unknown", "markdown.no-text")


def test_other_fields_are_kept_as_they_are(capture: Capture) -> None:
    """Front matter that a document has no field for is in the provenance."""
    found = article(capture(head="---\ntitle: 题\ntags: [海, 灯]\n---\n"))
    assert found.found["front-matter.tags"].others[0].value == "[海, 灯]"
    assert found.found["source"].reason == "absent"
    assert found.source is None


def test_gb18030_is_read(capture: Capture, capture_text: str) -> None:
    """Older files on Windows are not UTF-8."""
    assert article(capture().decode().encode("gb18030")).text == capture_text


def test_a_page_of_the_ministry(capture: Capture) -> None:
    """The publisher goes by the URL; no interface is known there, so only the repeated title goes."""
    url = "https://www.mfa.gov.cn/web/zyxw/202605/t20260508_11301234.shtml"
    found = article(
        "---\ntitle: 例行记者会\ndate: 2026-05-08\n---\n# 例行记者会\n\n答：不是。\n".encode(), url
    )
    assert (found.site, found.text, found.identity.key) == ("mfa", "答：不是。", "mfa:t11301234")


@given(st.text(max_size=400))
def test_no_text_raises(body: str) -> None:
    """Whatever stands below the front matter, the answer is an article or a state."""
    found = reading(f"---\ntitle: x\nsource: y\n---\n{body}".encode("utf-8", "replace"))
    assert isinstance(found, Article | NotArticle)


@pytest.mark.parametrize(
    "body", ["> " * 5000, "[" * 50_000, "*a " * 30_000, "- " * 3000 + "x", "`" * 60_000, "![](" * 20_000]
)
def test_hostile_markdown_ends(body: str) -> None:
    """Nesting and unclosed marks are answered, not suffered."""
    assert isinstance(reading(f"---\ntitle: x\n---\n{body}".encode()), Article | NotArticle)


def test_pure(capture: Capture) -> None:
    """The same bytes and URL give the same reading."""
    first: Any = article(capture())
    assert first == article(capture())

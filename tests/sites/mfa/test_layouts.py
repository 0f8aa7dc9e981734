"""Every layout of article pages: title, body, times, source; also those of which no saved page is at hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harvester.reading import Article

Read = Callable[..., Article]

ZH_A = """<!DOCTYPE html><html><head><meta charset="UTF-8"><title>某馆办活动 — 中华人民共和国外交部</title>
</head><body>
<div class="nav"><a href="./../">首页</a>&nbsp;&gt;&nbsp;<a href="./">驻外活动</a></div>
<div class="vibox"><div class="title" id="News_Body_Title">某馆办活动</div>
<div class="futitle" id="News_Body_subitle">——一个虚构的副题</div>
<div class="time"><span id="News_Body_source">来源：
<span id="myDocsource1" style="display:none">驻某地使馆</span>
<span id="myDocsource2">（<a href="http://example.org">驻某地使馆</a>供稿）</span></span>
<span id="News_Body_Time">2031-02-03</span></div>
<div class="info"><a onclick="doPrint()" href="javascript:void(0);">打印本页</a></div>
<div id="News_Body_Txt_A" class="content"><p>　　第一段，<span>断</span><font>开</font>的<b>词</b>。</p>
<p align="center"><img src="./W020310203500305921398.jpg"></p><p>　　第二段。</p></div>
<div class="news" id="appendix_list"><div class="news_top">附件</div>
<ul><li><a href="./P020310203535012030290.pdf">附件一</a></li></ul></div>
<div class="news" id="relnews_list"><ul><li><a href="./t1700970.shtml">旧闻甲</a>(2030-09-23)</li>
<li><a href="./t1644621.shtml">旧闻乙</a>(2030-03-11)</li></ul></div></div></body></html>"""


def test_chinese_old_layout(article: Read) -> None:
    """ZH-A: subtitle apart, source from the placeholder that has it, attachments, images absolute."""
    seen = article(ZH_A, "http://www.fmprc.gov.cn/web/zwbd_673032/t1722968.shtml?from=x#top")
    assert (seen.title, seen.subtitle) == ("某馆办活动", "——一个虚构的副题")
    assert seen.text == "第一段，断开的词。\n\n第二段。"
    assert (seen.original_source, seen.section, seen.source, seen.language) == (
        "驻某地使馆",
        "驻外活动",
        "外交部",
        "zh",
    )
    assert seen.published_at is not None
    assert seen.published_at.isoformat() == "2031-02-03T00:00:00+08:00"
    assert seen.published_precision == "day"
    base = "/web/zwbd_673032/"
    assert seen.images[0].url == f"http://www.fmprc.gov.cn{base}W020310203500305921398.jpg"
    assert seen.attachments == (f"http://www.fmprc.gov.cn{base}P020310203535012030290.pdf",)
    assert seen.canonical_url == f"https://www.fmprc.gov.cn{base}t1722968.shtml"
    assert (seen.identity.key, seen.identity.number) == ("mfa:t1722968", "1722968")


def test_an_empty_source_placeholder_is_unknown_with_the_reason(article: Read) -> None:
    """Pages of 2019-20 often leave 来源 empty: null, `empty`."""
    seen = article(ZH_A.replace("驻某地使馆", ""))
    assert seen.original_source is None
    assert seen.found["original_source"].reason == "empty"


def test_the_page_names_itself_where_no_url_is_given(article: Read) -> None:
    """A saved file: the identity comes from the link that reports errors on this page."""
    link = '<a id="jiucuo_url" href="http://example.org/j.html?site_code=x&amp;url=https://www.fmprc.gov.cn/web/a/t1722968.shtml">x</a>'
    seen = article(ZH_A.replace("</body>", link + "</body>"))
    assert seen.identity.key == "mfa:t1722968"
    assert seen.found["identity"].source == "#jiucuo_url:url"


def test_chinese_new_layout(article: Read, zh_b: Callable[..., str]) -> None:
    """ZH-B: the declared time refines the shown day; the declared source, column and author are read."""
    metas = (
        '<meta name="ArticleTitle" content="测试会见"><meta name="PubDate" content="2031-05-08 20:30:11">'
        '<meta name="ContentSource" content="新闻司"><meta name="ColumnName" content="部长活动">'
        '<meta name="Author" content="">'
    )
    url = "https://www.mfa.gov.cn/web/wjbzhd/203105/t20310508_99900002.shtml"
    seen = article(zh_b(metas=metas), url)
    assert (seen.title, seen.text, seen.kind) == ("测试会见", "甲。\n\n乙。", "article")
    assert seen.published_at is not None
    assert seen.published_at.isoformat() == "2031-05-08T20:30:11+08:00"
    assert (seen.published_precision, seen.found["published_at"].source) == ("second", "meta[PubDate]")
    assert (seen.original_source, seen.section, seen.author) == ("新闻司", "部长活动", None)
    assert (seen.identity.key, seen.canonical_url) == ("mfa:t99900002", url)


def test_three_dates_are_kept_apart(article: Read, zh_b: Callable[..., str]) -> None:
    """The headline's date is the event's, the shown one the posting's, the name's a third."""
    html = zh_b(title="2031年4月1日外交部发言人主持例行记者会", time="2031-04-02 09:00")
    seen = article(
        html, "https://www.mfa.gov.cn/web/fyrbt_673021/jzhsl_673025/203104/t20310403_99900003.shtml"
    )
    assert seen.kind == "press_conference"
    assert seen.event_date == "2031-04-01"
    assert seen.published_at is not None
    assert seen.published_at.isoformat() == "2031-04-02T09:00:00+08:00"
    assert {(c.source, c.value) for c in seen.found["published_at"].others} == {("url:name", "2031-04-03")}
    assert {c.value for c in seen.found["event_date"].others} == {"2031-04-02", "2031-04-03"}


def test_questions_and_answers_stay_in_order(article: Read, zh_b: Callable[..., str]) -> None:
    """A press conference keeps its questions (bold) and answers as they stand."""
    body = "<p><strong>某社记者：</strong><strong>问题一？</strong></p><p>发言人：答一。</p><p>答一续。</p>"
    seen = article(zh_b(body=body, title="例行记者会"))
    assert seen.text == "某社记者：问题一？\n\n发言人：答一。\n\n答一续。"
    assert "**某社记者：问题一？**" in seen.markdown


EN_B = """<html><head><meta charset="utf-8">
<meta name="SiteName" content="Ministry of Foreign Affairs of the People's Republic of China">
<title>A Made-up Remark_Ministry of Foreign Affairs of the People's Republic of China</title></head>
<body><div class="content"><div class="news_header">
<div class="news_header_title">A Made-up Remark on May 7, 2031</div>
<div class="xltime">Updated: May 08, 2031 17:26</div></div>
<div class="content_text"><div class="TRS_UEDITOR"><p>First <span>para</span>graph.</p>
<div style="clear:both"></div><p>Second.</p></div>
<div style="clear:both"></div><div class="news-foot">[Print] [Close]</div>
<div class="links">Suggest to a friend</div>loose words</div>
</div></body></html>"""


def test_english_new_layout_ends_at_the_clearing_element(article: Read) -> None:
    """EN-B: what follows the closing child of the body is removed and counted; deeper ones are text."""
    seen = article(EN_B, "https://www.mfa.gov.cn/eng/xw/fyrbt/lxjzh/203105/t20310508_99900004.html")
    assert seen.text == "First paragraph.\n\nSecond."
    assert (seen.title, seen.language, seen.kind) == (
        "A Made-up Remark on May 7, 2031",
        "en",
        "press_conference",
    )
    assert (seen.event_date, seen.published_precision) == ("2031-05-07", "minute")
    assert sum(item.characters for item in seen.removed) == len("[Print][Close]Suggesttoafriendloosewords")


def test_english_old_layout_without_a_time(article: Read) -> None:
    """EN-A: some pages show no time at all; the name's date remains, or nothing."""
    html = """<html><head><title>x</title></head><body><div class="content_mod">
    <h2 class="title">Old English Page</h2>
    <div class="content"><p>Words.</p></div></div></body></html>"""
    seen = article(
        html, "https://www.fmprc.gov.cn/mfa_eng/xwfw_665399/s2510_665401/2511_665403/t1722001.shtml"
    )
    assert (seen.title, seen.text, seen.language, seen.kind) == (
        "Old English Page",
        "Words.",
        "en",
        "press_conference",
    )
    assert seen.published_at is None
    assert seen.found["published_at"].reason == "absent"
    dated = article(html, "https://www.fmprc.gov.cn/mfa_eng/xw/203105/t20310508_17.shtml")
    assert (dated.published_at, dated.found["published_at"].source) != (None, None)


@pytest.mark.parametrize("names", [("TRSWCM.ContStart", "TRSWCM.ContEnd"), ("ContentStart", "ContentEnd")])
def test_oldest_layout_between_two_metas(article: Read, names: tuple[str, str]) -> None:
    """The oldest system: title from the window, date in the cell before, body between two metas."""
    html = f"""<html><head><title>Remarks of Old</title></head><body><table>
    <tr><td class="tt">Remarks of Old</td></tr>
    <tr><td>2001/12/30</td></tr><tr><td><meta name="{names[0]}"><p>One.</p>
    <p>Two.</p><meta name="{names[1]}"></td></tr><tr><td>Copyright</td></tr></table></body></html>"""
    seen = article(html, "http://www.fmprc.gov.cn/eng/xwfw/s2510/2511/t14561.htm")
    assert (seen.title, seen.text) == ("Remarks of Old", "One.\n\nTwo.")
    assert seen.published_at is not None
    assert seen.published_at.date().isoformat() == "2001-12-30"


@pytest.mark.parametrize(
    ("folder", "language", "title", "container"),
    [
        ("eng", "en", '<div class="bigtitle">An Embassy Notice</div>', '<div class="TRS_Editor">{}</div>'),
        ("chn", "zh", '<div class="title">使馆通知</div>', '<div class="TRS_UEDITOR">{}</div>'),
        ("fra", "fr", '<h2 class="title">Avis</h2>', '<div class="trs_editor_view">{}</div>'),
        ("jpn", "ja", '<div class="news-title">お知らせ</div>', '<div id="News_Body_Txt_A">{}</div>'),
        ("kor", "ko", '<div class="bigtitle">알림</div>', '<div class="TRS_Editor">{}</div>'),
    ],
)
def test_missions_in_five_languages(
    article: Read, folder: str, language: str, title: str, container: str
) -> None:
    """Embassies: three title classes, four containers, the date of the name, the language of the folder."""
    body = container.format("<p>A.</p><p>B.</p>")
    html = f"<html><head><title>x</title></head><body>{title}{body}</body></html>"
    seen = article(html, f"http://zz.china-embassy.gov.cn/{folder}/news/203105/t20310508_99900005.htm")
    assert (seen.text, seen.language) == ("A.\n\nB.", language)
    assert seen.title is not None
    assert seen.title in title
    assert seen.published_at is not None
    assert seen.published_at.date().isoformat() == "2031-05-08"
    assert (seen.source, seen.found["source"].source) == ("zz.china-embassy.gov.cn", "url:host")


def test_interface_in_the_body_is_known_by_what_it_does(article: Read, zh_b: Callable[..., str]) -> None:
    """【打印】【关闭】 go with their brackets when they print and close; the same words in a text stay."""
    body = (
        "<p>他说：请按【打印】【关闭】。</p>"
        '<p>【<a href="javascript:window.print()">打印</a>】'
        '【<a href="javascript:window.close();">关闭</a>】</p>'
    )
    seen = article(zh_b(body=body))
    assert seen.text == "他说：请按【打印】【关闭】。"
    assert seen.removed[0].characters == len("【打印】【关闭】")


def test_a_body_of_pictures_is_an_article_and_says_so(article: Read, zh_b: Callable[..., str]) -> None:
    """No article is refused for having no words."""
    seen = article(
        zh_b(body='<p><img src="./W020310508.jpg"></p>'), "https://www.mfa.gov.cn/web/tp/t20310508_5.shtml"
    )
    assert (seen.text, len(seen.images), seen.warnings) == ("", 1, ("the body has no words",))


def test_gb_pages_are_read(article: Read) -> None:
    """Old pages are GB 2312."""
    from harvester.reading import Page
    from harvester.sites.mfa import SITE

    html = ZH_A.replace('charset="UTF-8"', 'charset="gb2312"').encode("gb18030")
    seen = SITE.read(Page(body=html))
    assert isinstance(seen, Article)
    assert seen.title == "某馆办活动"
    assert SITE.recognises(Page(body=html))

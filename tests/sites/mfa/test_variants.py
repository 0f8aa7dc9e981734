"""What pages of one layout differ in: nesting, noise at the end, subtitles, dates, tables, broken markup."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harvester.reading import Article

Read = Callable[..., Article]
URL = "https://www.mfa.gov.cn/web/wjbzhd/203105/t20310508_99900002.shtml"


@pytest.mark.parametrize(
    "nest",
    [
        '<div id="News_Body_Txt_A"><div class="TRS_UEDITOR trs_paper_default">{}</div></div>',
        '<div class="TRS_UEDITOR"><div id="News_Body_Txt_A">{}</div></div>',
        '<div id="News_Body_Txt_A">{}</div>',
        '<div class="news-main"><div class="trs_editor_view TRS_UEDITOR">{}</div></div>',
        '<div id="News_Body_Txt_A"></div><div class="news-main"><div class="TRS_Editor">{}</div></div>',
    ],
)
@pytest.mark.parametrize("end", ["</div></div></body></html>", ""])
def test_chinese_new_layout_in_every_nesting(article: Read, nest: str, end: str) -> None:
    """ZH-B: the editor inside the body, the body inside the editor, either alone; `</html>` or not."""
    head = '<html><meta name="PubDate" content="2031-05-08 20:30"><div class="news-details">'
    title = '<div class="news-title"><h1>某部长<br>会见某人</h1><p class="time"><span>来源</span></p></div>'
    seen = article(head + title + nest.format("<p>甲<b>乙</b>丙。</p><p>丁。</p>") + end, URL)
    assert (seen.title, seen.text) == ("某部长 会见某人", "甲乙丙。\n\n丁。")
    assert seen.published_at is not None
    assert seen.published_at.isoformat() == "2031-05-08T20:30:00+08:00"


@pytest.mark.parametrize(
    "spans",
    [
        "<span>2031-05-08 20:30</span>",
        "<span>来源：</span><span>外交部</span><span>2031-05-08 20:30</span>",
        "<span>2031-05-07</span><span>2031-05-08 20:30</span><span></span>",
        "<span>发布时间：</span><span>2031年05月08日 20:30</span>",
    ],
)
def test_the_last_span_with_a_time_is_the_posting(article: Read, spans: str) -> None:
    """`.news-title .time span`, the last that holds one."""
    html = f"""<html><body><div class="news-details"><div class="news-title"><h1>甲</h1>
    <p class="time">{spans}</p></div><div id="News_Body_Txt_A"><p>乙。</p></div></div></body></html>"""
    seen = article(html, URL)
    assert seen.published_at is not None
    assert seen.published_at.isoformat() == "2031-05-08T20:30:00+08:00"


@pytest.mark.parametrize(
    ("tail", "characters"),
    [
        ("<p>【打印】【关闭】</p>", 8),
        ("<p>【打印】 <span>【关闭】</span></p><p>&nbsp;</p>", 8),
        ("<div><div>[<a href='#' onclick='window.print();'>Print</a>]</div><div>[Close]</div></div>", 14),
        ("<center>[Print] [Close]</center>", 14),
        ("<div>分享到：<a href='#'></a></div>", 4),
        ("<table><tr><td>【推荐给朋友】</td><td>【打印本页】【关闭窗口】</td></tr></table>", 19),
        ("<br>【大 中 小】【打印】", 9),
        ("<p>【<a href='javascript:doPrint()'>打印</a>】【<a onclick='window.close()'>关闭</a>】</p>", 8),
        ("<div class='bdsharebuttonbox'>分享到：<a>微博</a></div>", 6),
    ],
)
def test_noise_at_the_end_is_removed_and_counted(
    article: Read, zh_b: Callable[..., str], tail: str, characters: int
) -> None:
    """Lines after the text that hold nothing but the interface's words in brackets."""
    seen = article(zh_b(body=f"<p>甲。</p><p>乙。</p>{tail}"), URL)
    assert seen.text == "甲。\n\n乙。"
    assert sum(item.characters for item in seen.removed) == characters


@pytest.mark.parametrize(
    "last",
    [
        "请按<b>【关闭】</b>",
        "打印",
        "Close",
        "他要求分享到：",
        "【打印】后【交回】",
        "（大）",
        "甲（中）",
        "（ ）",
        "【关闭】<img src='W1.jpg'>乙",
    ],
)
def test_an_articles_own_last_words_stay(article: Read, zh_b: Callable[..., str], last: str) -> None:
    """A line with any other word, or without brackets, is text; so is a bracket at the end of a sentence."""
    seen = article(zh_b(body=f"<p>【打印】</p><p>甲。</p><p>{last}</p>"), URL)
    plain = last.replace("<b>", "").replace("</b>", "").replace("<img src='W1.jpg'>", "")
    assert seen.text == f"【打印】\n\n甲。\n\n{plain}"


@pytest.mark.parametrize(
    ("markup", "subtitle"),
    [
        ('<div class="futitle" id="News_Body_subitle">——副题</div>', "——副题"),
        ('<div id="News_Body_subtitle">副题</div>', "副题"),
        ('<div id="News_Body_subitle"> </div>', None),
        ("", None),
    ],
)
def test_subtitles_of_the_old_layout(article: Read, markup: str, subtitle: str | None) -> None:
    """The misspelt id, the right one, an empty one, none: never part of title or text."""
    html = f"""<html><body><div class="vibox"><div class="title" id="News_Body_Title">主题</div>{markup}
    <div class="time"><span id="News_Body_Time">2020-02-27</span></div>
    <div id="News_Body_Txt_A" class="content"><p>甲。</p></div></div></body></html>"""
    seen = article(html, "https://www.fmprc.gov.cn/web/x/t1700001.shtml")
    assert (seen.title, seen.subtitle, seen.text) == ("主题", subtitle, "甲。")
    assert seen.found["subtitle"].reason == (None if subtitle else "empty" if markup else "absent")


@pytest.mark.parametrize(
    ("markup", "source"),
    [
        ('来源：<span id="myDocsource2">（供稿）</span> <span id="myDocsourcewg">（供稿）</span>', None),
        ('来源：<span id="myDocsource2">（驻某地使馆供稿）</span>', "驻某地使馆"),
        ('来源：<span id="myDocsource2">（<a href="#">驻某地使馆</a>供稿）</span>', "驻某地使馆"),
        ("来源：驻某地使馆", "驻某地使馆"),
        ("", None),
    ],
)
def test_sources_of_the_old_layout(article: Read, markup: str, source: str | None) -> None:
    """The placeholder holds brackets and 供稿 even where it names nobody."""
    html = f"""<html><body><div class="vibox"><div id="News_Body_Title">主题</div>
    <div class="time"><span id="News_Body_source">{markup}</span></div>
    <div id="News_Body_Txt_A" class="content"><p>甲。</p></div></div></body></html>"""
    seen = article(html, "https://www.fmprc.gov.cn/web/x/t1700001.shtml")
    assert seen.original_source == source
    assert seen.found["original_source"].others == ()
    assert source is not None or seen.found["original_source"].reason == "empty"


def test_tables_images_and_attachments(article: Read, zh_b: Callable[..., str]) -> None:
    """A table of data keeps rows and cells; every relative form of an address becomes absolute."""
    body = (
        "<table><tr><td>国</td><td>期</td></tr><tr><td>甲</td><td>30天</td></tr></table>"
        '<p><img src="W1.jpg"><img src="./W2.png"><img src="../W3.jpg"><img src="/web/W4.gif">'
        '<img src="//www.mfa.gov.cn/W5.jpg"></p>'
        '<p>见<a href="./P020310508535012030290.pdf">附件</a>、<a href="P020310508535012030291.DOCX">二</a>、'
        '<a href="./t20310508_1.shtml">旧文</a></p>'
    )
    seen = article(zh_b(body=body), URL)
    assert seen.text == "国\t期\n甲\t30天\n\n见附件、二、旧文"
    here = "https://www.mfa.gov.cn/web/wjbzhd/203105"
    assert [image.url for image in seen.images] == [
        f"{here}/W1.jpg",
        f"{here}/W2.png",
        "https://www.mfa.gov.cn/web/wjbzhd/W3.jpg",
        "https://www.mfa.gov.cn/web/W4.gif",
        "https://www.mfa.gov.cn/W5.jpg",
    ]
    assert seen.attachments == (f"{here}/P020310508535012030290.pdf", f"{here}/P020310508535012030291.DOCX")


def test_the_set_of_metas(article: Read, zh_b: Callable[..., str]) -> None:
    """All metas of the publishing system, with capitals as it pleases; empty ones are unknown."""
    values = {
        "ArticleTitle": "测试会见",
        "PubDate": "2031-05-08 20:30:59",
        "ContentSource": "驻某国使馆",
        "Keywords": "甲;乙",
        "Description": "丙",
        "ColumnName": "部长活动",
        "ColumnType": "新闻",
        "Author": "丁",
        "Url": URL,
    }
    metas = "".join(f'<META NAME="{k.lower()}" CONTENT="{v}">' for k, v in values.items())
    seen = article(zh_b(metas=metas))
    assert (seen.identity.key, seen.canonical_url) == ("mfa:t99900002", URL)
    assert (seen.original_source, seen.section, seen.author) == ("驻某国使馆", "部长活动", "丁")
    assert seen.published_at is not None
    assert seen.published_at.isoformat() == "2031-05-08T20:30:59+08:00"


def test_words_that_a_reader_does_not_see_are_kept_apart(article: Read, zh_b: Callable[..., str]) -> None:
    """Hidden words are in `hidden`, with the reason, and not in the text."""
    seen = article(zh_b(body='<p>甲<span style="display:none">乙</span>。</p>'), URL)
    assert seen.text == "甲。"
    assert [(item.text, item.reason) for item in seen.hidden] == [("乙", "display-none")]


DATES = {
    "eng": ("Remarks on 7 May 2031", "2031-05-07"),
    "chn": ("大使2031年5月7日出席活动", "2031-05-07"),
    "fra": ("Conférence de presse du 7 mai 2031", "2031-05-07"),
    "jpn": ("大使の挨拶（2031年5月7日）", "2031-05-07"),
    "kor": ("대사 연설(2031년 5월 7일)", "2031-05-07"),
    "esp": ("Rueda de prensa del 1 de mayo de 2031", "2031-05-01"),
    "rus": ("Пресс-конференция 7 мая 2031 года", "2031-05-07"),
}


@pytest.mark.parametrize("folder", DATES)
def test_the_event_is_dated_by_the_headline_in_every_language(article: Read, folder: str) -> None:
    """Embassy: event by the headline, posting by the name of the page, each in its own field."""
    headline, day = DATES[folder]
    html = f'<html><body><div class="bigtitle">{headline}</div><div class="TRS_Editor"><p>A.</p></div>'
    seen = article(html, f"http://zz.china-embassy.gov.cn/{folder}/news/t20310509_99900005.htm")
    assert seen.event_date == day
    assert seen.published_at is not None
    assert seen.published_at.date().isoformat() == "2031-05-09"
    assert seen.found["published_at"].source == "url:name"


def test_the_event_may_stand_in_the_second_line(article: Read) -> None:
    """A speech: place and day below the headline; a headline without a date has no event date of its own."""
    html = """<html><body><div class="vibox"><div id="News_Body_Title">某部长的演讲</div>
    <div id="News_Body_subitle">（2031年5月1日，某地）</div>
    <div class="time"><span id="News_Body_Time">2031-05-03</span></div>
    <div id="News_Body_Txt_A"><p>2031年5月2日，甲。</p></div></div></body></html>"""
    seen = article(html, "https://www.fmprc.gov.cn/web/x/t20310504_1700001.shtml")
    assert (seen.event_date, seen.found["event_date"].source) == ("2031-05-01", "subtitle")
    assert seen.published_at is not None
    assert seen.published_at.date().isoformat() == "2031-05-03"
    assert [(c.source, c.value) for c in seen.found["published_at"].others] == [("url:name", "2031-05-04")]
    plain = article(
        html.replace("（2031年5月1日，某地）", ""), "https://www.fmprc.gov.cn/web/x/t1700001.shtml"
    )
    assert (plain.event_date, plain.found["event_date"].reason) == (None, "absent")


def test_a_column_heading_of_the_same_class_is_not_the_headline(article: Read) -> None:
    """Embassy pages use `title` for columns too: the declared one is taken."""
    html = """<html><head><title>使馆举行活动_中华人民共和国驻某国大使馆</title></head><body>
    <div class="title">最新消息</div><div class="title">使馆举行活动</div>
    <div class="TRS_UEDITOR"><p>甲。</p></div></body></html>"""
    assert article(html, "http://zz.china-embassy.gov.cn/chn/t20310509_5.htm").title == "使馆举行活动"


def test_a_body_without_a_known_headline_is_still_an_article(article: Read) -> None:
    """Under an article's address the editor's container suffices; the title is the window's."""
    html = """<html><head><title>Notice_Embassy of the People's Republic of China in Zed</title></head>
    <body><table><tr><td><div class="trs_editor_view TRS_UEDITOR"><p>A.</p></div></td></tr></table></body>"""
    seen = article(html, "http://zz.china-embassy.gov.cn/eng/t20310509_5.htm")
    assert (seen.title, seen.text, seen.language) == ("Notice", "A.", "en")


@pytest.mark.parametrize(
    "kind", ['<h2 class="title" id="News_Body_Title">{}</h2>', '<h2 class="title">{}</h2>']
)
def test_old_english_pages_with_a_time_and_interface(article: Read, kind: str) -> None:
    """EN-A: the time in its element, the title inside the content or before it, links at the end."""
    html = f"""<html><head><title>x</title></head><body><div class="content_mod">{kind.format("A Visit")}
    <div class="time" id="News_Body_Time">2013/09/05</div><div class="content">
    <p>Wo<span>rd</span>s.</p><p>[Print] [Close]</p><div class="links">Related:</div></div></div></body>"""
    seen = article(html, "https://www.fmprc.gov.cn/mfa_eng/zxxx_662805/t1073754.shtml")
    assert (seen.title, seen.text, seen.language) == ("A Visit", "Words.", "en")
    assert seen.published_at is not None
    assert seen.published_at.date().isoformat() == "2013-09-05"


@pytest.mark.parametrize(
    "quote",
    [
        "404 Not Found，您访问的页面不存在，已被删除",
        "访问被拒绝：请完成验证 HMF_CI /_ws_sbu/sbu_hc.js HOY_TR HBB_HC",
        "&lt;script&gt;document.cookie=&quot;HBB_HC=1&quot;&lt;/script&gt; /web/system/index_17321.shtml",
    ],
)
def test_an_article_may_speak_of_failures_and_firewalls(
    article: Read, zh_b: Callable[..., str], quote: str
) -> None:
    """The injected cookie script and words about missing pages leave an article an article."""
    injected = (
        '<script>document.cookie="HOY_TR=X,1;HBB_HC=2";</script><script src="/_ws_sbu/sbu_hc.js"></script>'
    )
    html = zh_b(title="404 Not Found", body=f"<p>{quote}</p>").replace("<head>", f"<head>{injected}")
    seen = article(html, URL)
    assert (seen.kind, seen.title) == ("article", "404 Not Found")
    assert seen.text.startswith(quote[:3].replace("&lt", "<sc"))


def test_a_picture_in_the_last_line_is_kept(article: Read, zh_b: Callable[..., str]) -> None:
    """A line with a picture is the article's, whatever words stand beside it."""
    seen = article(zh_b(body='<p>甲。</p><p><img src="W1.jpg">【关闭】</p>'), URL)
    assert (len(seen.images), seen.text) == (1, "甲。\n\n【关闭】")

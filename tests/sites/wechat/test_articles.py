"""Articles of every kind and era, in pages of our own: text, fields, and where each came from."""

# ruff: noqa: E501 - markup and tables read best unbroken
from __future__ import annotations

import pytest

from harvester.reading import Article, Page
from harvester.sites.wechat import SITE

TEXT = "雾港今天开航。\n\n第二段加粗"
URL = "https://mp.weixin.qq.com/s?__biz=MzkwMDAwMDAwMg==&mid=2247480017&idx=1&sn=0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("decode", [True, False])
def test_the_literal_of_2025_and_2026(pages, read, decode):
    """Both forms of `cgiDataNew` give every field, each from its first carrier."""
    article = read(pages.new(dom=pages.body, decode=decode, modify_time=1780003600, source_url="https://h.example/?a=1&amp;timestamp=2",
                             modify_detail={"list": [{"index_for_underline": 4251, "diff_length": -1}]}, is_title_modified=1))  # fmt: skip
    assert isinstance(article, Article)
    assert (article.kind, article.text, article.title) == ("article", TEXT, "雾港航讯")
    assert (article.source, article.author) == ("雾港观测站", "守塔人")
    assert (article.account.id, article.account.alias) == ("gh_0123456789ab", "fogport")
    assert article.published_at.isoformat() == "2026-05-29T04:26:40+08:00"
    assert article.published_precision == "second"
    assert article.page_time.timestamp() == 1780000600
    assert article.source_url == "https://h.example/?a=1&timestamp=2"
    assert article.identity.key == "wechat:MzkwMDAwMDAwMg==:2247480017:1"
    assert article.identity.short_url == "https://mp.weixin.qq.com/s/FixtureArticle00000001"
    assert article.canonical_url == article.identity.long_url == URL
    assert article.edits.positions == ((4251, -1),)
    assert article.edits.title_modified is True
    assert article.found["published_at"].source == "cgiDataNew.ori_create_time"
    assert article.found["text"].source == "#js_content"


@pytest.mark.parametrize("trap", [True, False])
def test_the_variables_of_2018(pages, read, trap):
    """Globals with `||` fall-backs; what the variables leave empty comes from the page's link."""
    article = read(pages.globals(trap=trap))
    assert isinstance(article, Article)
    assert (article.kind, article.text, article.source) == ("article", TEXT, "雾港观测站")
    assert int(article.published_at.timestamp()) == 1529491955
    assert article.identity.sn == "0123456789abcdef0123456789abcdef"
    assert article.found["identity.sn"].source == "link:sn"
    assert article.found["identity.mid"].source == "var mid"
    assert article.declared.copyright == "original"


def test_conflicting_candidates_are_kept(pages, read):
    """The carrier of higher rank wins; the other value stays in the evidence."""
    page = pages.new(dom=pages.body).replace(
        "</body>", "<script>\nvar msg_title = '别的题目';\nvar ct = \"1780000001\";\n</script></body>"
    )
    article = read(page)
    assert article.title == "雾港航讯"
    assert [(one.source, one.value) for one in article.found["title"].others] == [
        ("var msg_title", "别的题目")
    ]
    assert article.found["published_at"].others[0].source == "var ct"


def test_unknown_is_none_with_a_reason(pages, read):
    """An empty field is empty, a missing one absent, an unusable one unparsable; none is invented."""
    article = read(pages.new(dom=pages.body, author="", alias=None, ori_create_time=7, create_time=None))
    assert (article.author, article.found["author"].reason) == (None, "empty")
    assert article.found["account.alias"].reason == "absent"
    assert (article.published_at, article.found["published_at"].reason) == (None, "unparsable")
    assert any("publication" in warning for warning in article.warnings)


def test_times_without_a_unix_second(pages, read):
    """A wall time is China's and known to the minute, a date to the day."""
    minute = read(pages.new(dom=pages.body, ori_create_time=None))
    assert (minute.published_at.isoformat(), minute.published_precision) == (
        "2026-05-29T04:26:00+08:00",
        "minute",
    )
    day = read(pages.globals().replace('var ct = "1529491955"', 'var ct = ""'))
    assert (day.published_at.isoformat(), day.published_precision) == ("2018-06-20T00:00:00+08:00", "day")


def test_fields_are_taken_from_scripts_not_from_an_authors_words(pages, read):
    """Code quoted in the body, in a template or inside a literal's string is nobody's metadata."""
    quoted = "<pre><code>var ct = \"1111111111\";<br>var msg_title = '假题目';</code></pre>"
    template = "<script type='text/html' id='content_tpl'>\nvar user_name = \"gh_fake\";\n</script>"
    article = read(pages.new(dom=quoted + pages.body, desc='\nvar nickname = "假";\n', tail=template))
    assert article.title == "雾港航讯"
    assert article.found["title"].others == ()
    assert article.found["published_at"].others == ()
    assert article.account.id == "gh_0123456789ab"
    assert "假题目" in article.text


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("            window.cgiDataNew = {", "window.cgiDataNew = window.cgiDataNew || {"),
        ("            window.cgiDataNew = {", "window.cgiDataNew = Object.assign({}, {"),
        ("            window.cgiDataNew = {", "window.cgiDataNew =\n{"),
        ("            window.cgiDataNew = {", "var x = 1; window.cgiDataNew = {"),
        ("            window.cgiDataNew = {", "(function(){window['cgiDataNew'] = {"),
        ("title:", "h() { return '}' }, ...rest, re: /[\"']/g, title:"),
    ],
)
def test_the_literal_in_the_hands_of_others(pages, read, written, instead):
    """Other forms of the same assignment, and code among its members, lose none of the fields."""
    article = read(pages.new(dom=pages.body).replace(written, instead, 1))
    assert (article.title, article.source) == ("雾港航讯", "雾港观测站")
    assert article.published_at.isoformat() == "2026-05-29T04:26:40+08:00"
    assert article.found["published_at"].source == "cgiDataNew.ori_create_time"


def test_a_literal_that_is_not_read_is_told(pages, read):
    """A page that assigns its data in a form we do not know says so."""
    page = pages.globals(variables="    window.cgiDataNew = load('x');\n").replace("var ct", "var cx")
    assert any("cgiDataNew" in warning for warning in read(page).warnings)
    assert not any("cgiDataNew" in warning for warning in read(pages.globals()).warnings)


@pytest.mark.parametrize(
    "change",
    [
        lambda page: page.replace("\n", " "),
        lambda page: page.replace(";\n    var ", ";var "),
        lambda page: page.replace(";\n    var ", ",\n    "),
        lambda page: page.replace("    var ", "let "),
        lambda page: page.replace("    var ", "const "),
        lambda page: page.replace("    var ct", "    window.d.ct"),
    ],
)
def test_variables_without_lines_of_their_own(pages, read, change):
    """Copies without line ends, lists of variables and other declarations give the same article."""
    page = pages.globals()
    article, wanted = read(change(page)), read(page)
    assert change(page) != page
    assert (article.title, article.source, article.published_at) == (
        wanted.title,
        wanted.source,
        wanted.published_at,
    )
    assert article.identity == wanted.identity


def test_variables_in_a_long_script(pages, read):
    """A page's variables are found in a script as long as a library's where they are nowhere else."""
    page = pages.globals(variables="    // " + "雾" * 80_000 + "\n")
    article = read(page)
    assert article.found["published_at"].source == "var ct"
    assert article.source == "雾港观测站"


def test_words_of_an_author_assign_nothing(pages, read):
    """Read sign by sign, a script's strings and comments are still no assignments."""
    page = pages.globals(variables="    var s = \"; var ct = '1';\"; /* var msg_title = 'x'; */\n").replace(
        "\n", " "
    )
    article = read(page)
    assert (article.title, article.found["title"].others) == ("雾港航讯", ())
    assert article.found["published_at"].others == ()


def test_scripts_inside_the_body_come_last(pages, read):
    """A script among an author's words does not speak for the page where the page speaks itself."""
    fake = "<script>\nwindow.cgiDataNew = {\n title: '假', nick_name: '假', ori_create_time: 1500000000,\n};\n</script>"
    article = read(pages.new(dom=fake + pages.body))
    assert (article.title, article.source) == ("雾港航讯", "雾港观测站")


def test_elements_give_what_a_reader_sees_of_them(pages, read):
    """Of a title or a name: neither badges nor undisplayed variants; no false candidate comes of them."""
    dom = (
        "<h1 class='rich_media_title' id='activity-name'><span class='js_title_inner'>雾港航讯</span>"
        "<span class='pay__tag'>已付费</span><span style='display: none'>草稿</span></h1>"
        "<div id='meta_content'><span class='rich_media_meta rich_media_meta_text'>"
        "<span style='display: none;' id='js_author_name'>守塔人</span><span id='js_author_name_text'>守塔人</span></span>"
        "<span id='profileBt'><a>雾港观测站</a><div id='js_profile_qrcode' style='display:none;'>"
        "<strong class='profile_nickname'>雾港观测站</strong><label>微信号</label></div></span></div>"
    )
    page = pages.new(dom=pages.body).replace('<h1 id="activity-name">雾港航讯</h1>', dom)
    for name in ("title", "author", "source"):
        assert read(page).found[name].others == ()
    bare = read(page.replace("cgiDataNew", "cgiDataOld"))
    assert (bare.title, bare.author, bare.source) == ("雾港航讯", "守塔人", "雾港观测站")


@pytest.mark.parametrize(
    ("element", "title"),
    [
        ("<h2 class='rich_media_title'>雾散</h2>", "雾散"),
        ("<h1 class='rich_media_title'>雾散</h1>", "雾散"),
        ("", "雾港航讯"),
    ],
)
def test_a_title_found_nowhere_else(pages, read, element, title):
    """A heading without its id, then the page's own title, which on pages of shares is only their kind."""
    page = (
        pages.globals()
        .replace("var msg_title", "var other")
        .replace('<h2 id="activity-name"> 雾港航讯 </h2>', element)
    )
    assert read(page).title == title
    assert read(pages.globals().replace("<title>雾港航讯", "<title>别的")).found["title"].others == ()
    if not element:
        assert read(page.replace("<title>雾港航讯", "<title>视频")).title is None


def test_more_carriers_of_old_pages(pages, read):
    """A wall time in `createTime`; what a picture share says of itself in `desc`."""
    page = pages.globals(variables="    var createTime = '2018-06-20 18:52';\n")
    found = read(page.replace('var ct = "1529491955"', 'var ct = ""'))
    assert (found.published_at.isoformat(), found.published_precision) == (
        "2018-06-20T18:52:00+08:00",
        "minute",
    )
    share = (
        "<!DOCTYPE html><html><head></head><body><div id='js_article'></div><script>\n"
        "window.item_show_type = '8';\nwindow.desc = '雾\\x0a散了';\n</script></body></html>"
    )
    assert (read(share).kind, read(share).text) == ("picture_share", "雾\n散了")


@pytest.mark.parametrize("value", ["javascript:void(0)", "##", "#", "about:blank", " JavaScript:;"])
def test_an_address_that_leads_nowhere_is_none(pages, read, value):
    """What old pages write for "no original" is no address."""
    article = read(pages.new(dom=pages.body, source_url=value))
    assert (article.source_url, article.found["source_url"].reason) == (None, "unparsable")


def test_a_picture_is_listed_once(read):
    """An element that two of the marks find is one picture; two elements of one address are two."""
    image = "<img data-src='https://mmbiz.qpic.cn/1'>"
    page = (
        f"<!DOCTYPE html><html><body><div id='js_article'><div id='img_list' class='share_media'>{image}{image}</div>"
        "<p class='share_notice'>雾</p></div></body></html>"
    )
    assert [one.url for one in read(page).images] == ["https://mmbiz.qpic.cn/1"] * 2


def test_a_body_only_in_the_literal(pages, read):
    """Where the container is missing or empty the literal's own body is read."""
    for dom in ("", None):
        article = read(pages.new(dom=dom))
        assert (article.text, article.found["text"].source) == (TEXT, "cgiDataNew.content_noencode")


def test_repost_with_original_area(pages, read):
    """A repost names whose article it is, by the platform's own record."""
    info = {"copyright_stat": 2, "platform": "北岬台", "reprint_style": 0, "source_username": "gh_b", "source_encode_biz": "Mzk5OTk5OTk5OQ==",
            "source_mid": 22, "source_idx": 1, "reprint_url": "http://mp.weixin.qq.com/s?__biz=Mzk5OTk5OTk5OQ%3D%3D&amp;mid=22&amp;idx=1&amp;sn=ff"}  # fmt: skip
    area = "<div class='original_area_primary'><p class='original_primary_card_tips'><span>以下文章来源于北岬台</span><span>，作者老周</span></p></div>"
    article = read(pages.new(dom=pages.body, extra=area, copyright_info=info))
    original = article.original_account
    assert (article.kind, article.text, article.preview) == ("repost", TEXT, False)
    assert (original.name, original.id, original.biz, original.mid, original.author) == (
        "北岬台",
        "gh_b",
        "Mzk5OTk5OTk5OQ==",
        "22",
        "老周",
    )
    assert original.url == "https://mp.weixin.qq.com/s?__biz=Mzk5OTk5OTk5OQ==&mid=22&idx=1&sn=ff"


@pytest.mark.parametrize("carrier", ["literal", "template"])
def test_share_with_a_note_keeps_two_voices_apart(pages, read, carrier):
    """`text` is the original's body, `note` the sharer's words, and readers saw a preview card."""
    card = "<div id='js_share_content'><span id='js_share_author'>北岬台</span></div>"
    tail = f"<script type='text/html' id='content_tpl'>{pages.body}</script>" if carrier == "template" else ""
    info = {
        "copyright_stat": 2,
        "reprint_style": 2,
        "platform": "北岬台",
        "guide_words": "推荐。\n再读一遍。",
    }
    article = read(
        pages.new(
            dom="", extra=card, tail=tail, content="" if carrier == "template" else None, copyright_info=info
        )
    )
    assert (article.kind, article.text, article.note, article.preview) == (
        "repost",
        TEXT,
        "推荐。\n再读一遍。",
        True,
    )
    assert article.warnings


def test_picture_share(pages, read):
    """The caption is plain text with line ends and links; the pictures come in order before it."""
    caption = '第一行\n\n<a class="wx_topic_link">#雾港</a> &amp; 第二行'
    pictures = [
        {"cdn_url": f"https://mmbiz.qpic.cn/mmbiz_png/{n}/0?wx_fmt=png&amp;from=appmsg", "width": 10}
        for n in (1, 2)
    ]
    article = read(pages.new(content=caption, item_show_type=8, picture_page_info_list=pictures))
    assert (article.kind, article.text) == ("picture_share", "第一行\n\n#雾港 & 第二行")
    assert [image.url for image in article.images] == [
        f"https://mmbiz.qpic.cn/mmbiz_png/{n}/0?wx_fmt=png&from=appmsg" for n in (1, 2)
    ]
    assert {image.position for image in article.images} == {0}


def test_picture_share_of_2018(read):
    """The words stand in a `document.write` inside p.share_notice."""
    page = (
        "<!DOCTYPE html><html><body><div id='js_article'><div id='img_list'><img data-src='https://mmbiz.qpic.cn/1'></div>"
        "<p class='share_notice'><script>\ndocument.write(\"雾港的\\x3cbr\\x3e春天\");\n</script></p></div>"
        '<script>\n(function(_g){\n  var d = _g.cgiData;\n  d.title = "雾港的春天";\n  d.ct = "1529491955";\n'
        '  d.biz = "MzkwMDAwMDAwMg=="||"";\n  _g.item_show_type = "8";\n})(window);\n</script></body></html>'
    )
    article = read(page)
    assert (article.kind, article.title, article.text) == ("picture_share", "雾港的春天", "雾港的\n春天")
    assert [image.url for image in article.images] == ["https://mmbiz.qpic.cn/1"]


def test_shares_fall_back_to_what_a_browser_drew(pages, read):
    """Without the literal: the drawn element, the variables' pictures, the description with its escapes."""
    drawn = pages.globals().replace(
        '<div class="rich_media_content " id="js_content">', "<p id='js_text_desc'>一行\n二行</p><div>"
    )
    assert (read(drawn).kind, read(drawn).text) == ("text_share", "一行\n二行")
    pictures = (
        "<!DOCTYPE html><html><head><meta name='description' content='一行\\x0a二行\\x26lt;a class=\\x26quot;x\\x26quot;\\x26gt;图1\\x26lt;/a\\x26gt;'></head>"
        "<body><div id='js_article'></div><script>\nwindow.item_show_type = '8' || '';\nwindow.picture_page_info_list = [\n"
        "{ cdn_url: 'https://mmbiz.qpic.cn/1/0', watermark_info: { cdn_url: 'https://mmbiz.qpic.cn/w/0', }, },\n].slice(0, 20);\n</script></body></html>"
    )
    article = read(pictures)
    assert (article.kind, article.text) == ("picture_share", "一行\n二行图1")
    assert [image.url for image in article.images] == ["https://mmbiz.qpic.cn/1/0"]


def test_text_share(pages, read):
    """The post's own text, markup decoded once."""
    info = {"content": "旧&lt;码", "content_noencode": "第一行\n第二行 a&lt;b"}
    article = read(pages.new(content="", item_show_type=10, is_user_title=1, text_page_info=info))
    assert (article.kind, article.text) == ("text_share", "第一行\n第二行 a<b")
    assert article.declared.title_is_users is True


def test_text_share_that_is_all_title(pages, read):
    """No title of the author's: the platform's title is the post, and is said not to be a title."""
    article = read(
        pages.new(
            content="",
            item_show_type=10,
            is_user_title=0,
            title="雾散了。\n\n船出港。",
            text_page_info={"content_noencode": ""},
        )
    )
    assert (article.text, article.declared.title_is_users) == ("雾散了。\n\n船出港。", False)


def test_a_title_of_one_line_is_no_post(pages, read):
    """Without its scripts a text post has a title still; only one of several lines can be the post."""
    page = (
        "<!DOCTYPE html><html><head><meta property='og:title' content='{}'></head><body>"
        "<div id='js_article'><h1 id='js_text_title'></h1><p id='js_text_desc'></p></div></body></html>"
    )
    assert read(page.format("雾港航讯")).state == "unknown"
    metas = "<meta property='x' content=''>"
    several = page.format("雾散了。\\n\\n船出港。").replace("</head>", metas + "</head>")
    assert read(several).text == "雾散了。\n\n船出港。"


def test_a_card_without_the_original_says_so(pages, read):
    """What a script drew into the card of a share with a note is not said to be the original's body."""
    card = "<div id='js_share_content'><span id='js_share_author'>北岬台</span></div>"
    info = {"copyright_stat": 2, "reprint_style": 2, "guide_words": "推荐。"}
    article = read(pages.new(dom="<p>雾港今天开航…</p>", content="", extra=card, copyright_info=info))
    assert (article.text, article.note, article.preview) == ("雾港今天开航…", "推荐。", True)
    assert any("first words" in warning for warning in article.warnings)
    assert not any("body" in warning for warning in article.warnings)


@pytest.mark.parametrize(
    ("number", "kind"), [(5, "video"), (6, "music"), (7, "audio"), (17, "short_content")]
)
def test_pages_of_other_kinds_have_title_and_description(pages, read, number, kind):
    """Without a body of their own, what is said of them is their text."""
    article = read(pages.new(content="", item_show_type=number, desc="灯塔的一天"))
    assert (article.kind, article.text) == (kind, "雾港航讯\n\n灯塔的一天")


def test_video_page_of_2018(read):
    """`d.*` assignments, with `getXmlValue` choices; the title is the words of the container."""
    page = (
        "<!DOCTYPE html><html><head><title>视频</title></head><body class='detail video'><div id='js_article'><div id='js_content'>"
        "<div id='js_mpvedio'></div><h2 class='video_info_title'><span id='video_title'>灯塔之夜</span></h2></div></div>"
        "<script>\n  d.title = xml ? getXmlValue('title.DATA') : '灯塔之夜';\n  d.create_time = \"1524926195\"*1;\n"
        '  d.biz = "MzkwMDAwMDAwMg=="||"";\n  d.mid = "" || ""|| "";\n  d.user_name = "gh_a";\n'
        '  d.msg_link = "http://mp.weixin.qq.com/s?__biz=MzkwMDAwMDAwMg==\\x26amp;mid=9\\x26amp;idx=1\\x26amp;sn=ab";\n'
        "</script></body></html>"
    )
    article = read(page)
    assert (article.kind, article.title, article.text) == ("video", "灯塔之夜", "灯塔之夜")
    assert article.identity.key == "wechat:MzkwMDAwMDAwMg==:9:1"
    assert int(article.published_at.timestamp()) == 1524926195


def test_paid_articles(pages, read):
    """A preview is flagged and never passes as the whole; a paying reader's page is said to be one."""
    unpaid = read(
        pages.new(dom=pages.body + "<mp-pay-preview-filter></mp-pay-preview-filter>", is_pay_subscribe=1)
    )
    assert unpaid.preview is True
    assert unpaid.warnings[0].startswith("paid:")
    paid = read(pages.new(dom=pages.body, is_pay_subscribe=1, user_info={"is_paid": 1}))
    assert paid.preview is False
    assert paid.warnings[0].startswith("paid:")


def test_an_article_without_words_gives_what_it_has(pages, read):
    """Only pictures, or only undisplayed words: an article by its metadata, with a warning."""
    pictures = read(pages.new(dom="<p><img data-src='https://mmbiz.qpic.cn/1/640'></p>", content=""))
    assert (pictures.text, len(pictures.images), pictures.warnings) == ("", 1, ("the body has no words",))
    undisplayed = read(pages.new(dom="<p style='display:none'>雾</p>", content=""))
    assert isinstance(undisplayed, Article)
    assert undisplayed.warnings == ("the body is empty",)
    assert [one.text for one in undisplayed.hidden] == ["雾"]
    listed = [{"cdn_url": "https://mmbiz.qpic.cn/1/0"}]
    share = read(pages.new(content="", item_show_type=8, desc="", picture_page_info_list=listed))
    assert (share.text, [image.position for image in share.images]) == ("", [0])


def test_declarations(pages, read):
    """Claim, AI label, region and albums as the platform states them."""
    article = read(pages.new(
        dom=pages.body, claim_source={"claim_source_type": 4, "claim_source": "个人观点，仅供参考", "aigc_wording": "内容由AI生成"},
        ip_wording={"country_name": "中国", "province_name": "云南"}, appmsgalbuminfo={"album_id": "1", "title": "雾港记"},
    ))  # fmt: skip
    assert article.declared.claim == "个人观点，仅供参考"
    assert article.declared.ai_label == "内容由AI生成"
    assert article.declared.ip_region == "中国 云南"
    assert article.albums == ("雾港记",)


def test_widgets_and_inner_links(pages, read):
    """The platform's words for what is no text, and its links in their lasting form."""
    dom = (
        "<p>甲<a href='http://mp.weixin.qq.com/s?__biz=a==&amp;mid=1&amp;idx=1&amp;sn=b&amp;chksm=c#rd'>旧文</a></p>"
        "<iframe class='video_iframe' data-src='https://v.qq.com/x'></iframe><mpvoice name='录音'></mpvoice><qqmusic music_name='曲'></qqmusic>"
        "<mp-miniprogram data-miniprogram-nickname='号'></mp-miniprogram><p><a href='javascript:;'>无链</a></p>"
    )
    article = read(pages.new(dom=dom))
    assert article.text == "甲旧文\n\n无链"
    assert "[旧文](https://mp.weixin.qq.com/s?__biz=a==&mid=1&idx=1&sn=b)" in article.markdown
    for words in ("[视频]", "[语音] 录音", "[音乐] 曲", "[小程序] 号"):
        assert words in article.markdown
    assert "javascript" not in article.markdown


def test_an_unnamed_file_still_has_an_identity(read):
    """A saved part of a page without identity or URL is named by its own bytes."""
    article = SITE.read(Page(body="<div id='js_content'><p>残页</p></div>".encode()))
    assert isinstance(article, Article)
    assert article.identity.key.startswith("page:")
    assert article.title is None


@pytest.mark.parametrize("content", ["第一行\n第二行", "第一行\n<a href='javascript:;'>第二行</a>"])
def test_short_content_keeps_its_lines(pages, read, content):
    """A short post has line ends for lines, unless its markup makes them."""
    assert read(pages.new(content=content, item_show_type=17)).text == "第一行\n第二行"
    assert read(pages.new(content="<p>第一行\n第二行</p>", item_show_type=17)).text == "第一行第二行"


@pytest.mark.parametrize(("number", "kind"), [(5, "video"), (6, "music"), (7, "audio")])
def test_a_player_in_the_body_is_no_description(pages, read, number, kind):
    """Where the body holds only the player, title and description are the text; the player stays."""
    player = "<mpvoice name='录音' voice_encode_fileid='x1'></mpvoice>"
    article = read(pages.new(dom=player, content="", item_show_type=number, desc="灯塔的一天"))
    assert (article.kind, article.text) == (kind, "雾港航讯\n\n灯塔的一天")
    assert article.markdown.endswith("[语音] 录音")
    worded = read(pages.new(dom=f"<p>自己的话</p>{player}", item_show_type=number, desc="灯塔的一天"))
    assert worded.text == "自己的话"


@pytest.mark.parametrize(("number", "kind"), [(8, "picture_share"), (10, "text_share")])
def test_a_share_with_its_words_in_the_body(pages, read, number, kind):
    """Where nothing else has words, those of the container are the share's; a description comes before it."""
    article = read(pages.new(dom="<p>雾港的春天</p>", content="", item_show_type=number, is_user_title=1))
    assert (article.kind, article.text, article.found["text"].source) == (kind, "雾港的春天", "#js_content")
    described = read(pages.new(content="", item_show_type=number, is_user_title=1, desc="灯塔的一天"))
    assert (described.kind, described.text) == (kind, "灯塔的一天")

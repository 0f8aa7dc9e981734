"""Failure pages give their state; articles never do, whatever they quote."""

# ruff: noqa: E501 - markup and tables read best unbroken
from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.document import STATES
from harvester.reading import Article, NotArticle, Page
from harvester.sites.wechat import SITE

TABLE = tomllib.loads(files("harvester.sites.wechat").joinpath("states.toml").read_text("utf-8"))
WORDS = [
    (rule["id"], rule["state"], f"{also}{words}")
    for rule in TABLE["rules"]
    for words in rule.get("words", ())
    for also in rule.get("also", ("",))
]

NOTICES = [
    ("该内容已被发布者删除", "deleted"),
    ("The content has been deleted by the author.", "deleted"),
    ("此内容因违规无法查看", "violation"),
    ("此内容因违规已删除", "violation"),
    ("该内容暂时无法查看", "unavailable"),
    ("此内容被投诉且经审核涉嫌侵权，无法查看。", "complaint"),
    ("此内容发送失败无法查看", "send_failed"),
    ("链接已过期", "expired"),
    ("参数错误", "params_error"),
    ("该公众号已迁移", "migrated"),
    ("原帐号迁移时未将文章素材同步至新帐号，该链接已不可访问", "migrated"),
    ("此帐号处于帐号迁移流程中", "migrating"),
    ("此帐号已被屏蔽, 内容无法查看", "banned"),
    ("此账号已被屏蔽, 内容无法查看", "banned"),
    ("此帐号已自主注销，内容无法查看", "cancelled"),
    ("此账号已自主注销，内容无法查看", "cancelled"),
    ("系统出错", "system_error"),
    ("请在微信客户端打开链接", "client_only"),
    ("该内容已被发布者设为私密", "private"),
    ("环境异常", "verification"),
    ("访问过于频繁，请用微信扫描二维码进行访问", "rate_limited"),
    ("操作频繁，请稍后再试", "rate_limited"),
    ("訪問過於頻繁", "rate_limited"),
    ("涉嫌违反相关法律法规和政策发送失败", "send_failed"),
    ("投诉类型：冒名侵权", "complaint"),
    ("作者已设置为私密", "private"),
    ("该内容已被作者删除", "deleted"),
    ("该内容已被删除", "deleted"),
    ("此内容因违规已被删除", "violation"),
    ("Unable to view this content because it violates regulations", "violation"),
    ("此账号（雾港）因违规已被屏蔽", "banned"),
    ("该公众号已被封禁", "banned"),
    ("此帳號已自主註銷，內容無法查看", "cancelled"),
    ("此內容暫時無法查看", "unavailable"),
    ("請在微信客戶端打開連結", "client_only"),
    ("根据作者隐私设置，无法查看该内容", "private"),
    ("接相关投诉，此内容违反《即时通信工具公众信息服务发展管理暂行规定》", "violation"),
    ("该文章已被第三方辟谣", "rumor"),
    ("此内容被投诉且经审核涉嫌不实信息", "violation"),
    ("此帐号在冻结期,内容无法查看", "unavailable"),
    ("请完成安全验证", "verification"),
    ("此内容被多人投诉，相关的内容已进行处理。", "violation"),
    ("该公众号因用户投诉并经审核违反《雾港服务协议》，已被屏蔽", "banned"),
    ("该内容因作者隐私设置，无法查看", "private"),
    ("由于作者设置，该内容暂不可见", "private"),
    ("你暂无权限查看此页面内容", "private"),
    ("该帐号正在注销中", "cancelled"),
    ("该账号正在注销中", "cancelled"),
    ("内容审核中", "unavailable"),
    ("This content can't be viewed because it violates the rules", "violation"),
]


def test_the_table_is_sound():
    """Every rule has its own id, a state of the list, a source and a condition."""
    ids = [rule["id"] for rule in TABLE["rules"]]
    assert len(ids) == len(set(ids))
    known = {
        "id",
        "state",
        "source",
        "stage",
        "path",
        "page_mid",
        "selector",
        "words",
        "also",
        "script",
        "wordless",
        "variable",
    }
    for rule in TABLE["rules"]:
        assert rule["state"] in STATES
        assert rule["state"] != "ok"
        assert rule["source"]
        assert set(rule) <= known
        assert set(rule) & {"path", "page_mid", "selector", "words", "script", "variable"}


@pytest.mark.parametrize(("words", "state"), NOTICES)
def test_a_notice_gives_its_state_and_words(pages, read, words, state):
    """The message box alone decides, in either spelling, and its words are kept."""
    found = read(pages.notice(words))
    assert isinstance(found, NotArticle)
    assert found.state == state
    assert found.notice == words
    assert found.evidence[0] == found.rule


@pytest.mark.parametrize(("rule", "state", "words"), WORDS)
def test_every_wording_of_every_rule_is_reached(pages, read, rule, state, words):
    """No wording is dead: each leads to its rule's state (an earlier rule of the same state may take it)."""
    found = read(pages.notice("提示", desc=words))
    assert (found.state, rule) == (state, rule)


@pytest.mark.parametrize(("words", "state"), NOTICES)
def test_an_article_quoting_a_notice_stays_an_article(pages, read, words, state):
    """In its title, its text, its own message box markup, and in every era."""
    box = f"<div class='weui-msg'><h2 class='weui-msg__title warn'>{words}</h2></div><div class='global_error_msg warn'>{words}</div>"
    for page in (
        pages.new(dom=f"<p>文章说：{words}</p>{box}", title=words),
        pages.new(dom=box, title=words),
        pages.new(content=words, item_show_type=8, title=words),
        pages.new(content=words, item_show_type=10, title=words, is_user_title=1),
        pages.globals(dom=f"<p>{words}</p>{box}", variables=f'    var msg_desc = "{words}";\n'),
        pages.new(
            dom=f"<p>访问过于频繁</p><p>{words}</p>", tail=f"<script>document.write('{words}')</script>"
        ),
    ):
        found = read(page)
        assert isinstance(found, Article), (state, found)
        assert words.split("，")[0] in found.text


@pytest.mark.parametrize(("words", "state"), NOTICES)
def test_a_notice_with_an_articles_markup_is_a_notice(pages, read, words, state):
    """Empty containers of an article around a message box do not make it one."""
    page = pages.notice(words).replace(
        '<div class="weui-msg">',
        "<div id='js_article'><div id='js_content'></div></div><div class=\"weui-msg\">",
        1,
    )
    assert read(page).state == state


def test_verification_by_address_page_mid_and_requisites(pages, read):
    """The challenge is known without a visible word; the wanted article is named without secrets."""
    url = "https://mp.weixin.qq.com/mp/wappoc_appmsgcaptcha?poc_token=x&target_url=https%3A%2F%2Fmp.weixin.qq.com%2Fs%2FAbCdEf0123%3Fkey%3Ds"
    by_url = read("<html><body></body></html>", url=url)
    assert by_url.identity.key == "wechat:s:AbCdEf0123"
    assert by_url.canonical_url == "https://mp.weixin.qq.com/s/AbCdEf0123"
    assert (by_url.state, by_url.details["target_url"]) == (
        "verification",
        "https://mp.weixin.qq.com/s/AbCdEf0123",
    )
    shell = "<html><head><script>window.PAGE_MID='mmbizwap:secitptpage/verify.html'</script></head><body><script>\nvar cgiData = {\n target_url : \"https://mp.weixin.qq.com/s?__biz=a\\x26amp;pass_ticket=p\",\n};\n</script></body></html>"
    by_mid = read(shell)
    assert (by_mid.state, by_mid.notice) == ("verification", None)
    assert by_mid.details["target_url"] == "https://mp.weixin.qq.com/s?__biz=a"
    assert (
        read(
            "<html><body><script src='//res.wx.qq.com/mmbizwap/secitptpage/template/verify.js'></script></body></html>"
        ).state
        == "verification"
    )


@pytest.mark.parametrize("carrier", ["literal", "variables"])
@pytest.mark.parametrize(
    "box",
    [
        "<div class='weui-msg'><h2 class='weui-msg__title'>{}</h2></div>",
        "<div class='global_error_msg warn'>{}</div>",
    ],
)
@pytest.mark.parametrize("words", ["该内容已被作者隐藏", "Nicht mehr zu sehen"])
def test_a_notice_of_unknown_words_is_unknown(pages, read, words, box, carrier):
    """The metadata of the article that was there does not make an article of a message box."""
    shown = box.format(words)
    listed = [{"cdn_url": "https://mmbiz.qpic.cn/1/0"}]
    for page in (
        (
            pages.new(content="", dom="", extra=shown),
            pages.new(content="", extra=shown),
            pages.new(content="", extra=shown, item_show_type=5, desc="灯塔的一天"),
            pages.new(content="", extra=shown, item_show_type=8, picture_page_info_list=listed),
            pages.new(content="", extra=shown, item_show_type=10, is_user_title=0),
        )
        if carrier == "literal"
        else (pages.globals(dom=shown.join(["</div>", "<div>"])),)
    ):
        found = read(page)
        assert isinstance(found, NotArticle), page
        assert (found.state, found.notice) == ("unknown", words)


def test_a_page_without_the_carrier_of_its_body_is_unknown(pages, read):
    """Title, account and time alone are no article: what they belong to is not here."""
    assert read(pages.new(content="", dom="")).state == "unknown"
    assert read(pages.new(content="", dom="<hr>")).state == "unknown"
    assert read(pages.globals().replace("js_content", "js_renamed")).state == "unknown"
    share = pages.new(content="", item_show_type=10, is_user_title=1, text_page_info={"content_noencode": ""})
    assert read(share).state == "unknown"


@pytest.mark.parametrize(
    "script", ["var a=1;var PAGE_MID='{}';", "window['PAGE_MID']='{}'", "x();PAGE_MID='{}'"]
)
def test_page_mid_in_a_script_without_lines(read, script):
    """The verification page is known however its script is written."""
    mid = script.format("mmbizwap:secitptpage/verify.html")
    page = f"<html><body><div id='app'></div><script>{mid}</script></body></html>"
    assert read(page).state == "verification"


def test_a_page_mid_quoted_by_an_author_decides_nothing(pages, read):
    """PAGE_MID counts in a script, at the start of a line, and nowhere else."""
    dom = "<p>代码：window.PAGE_MID='mmbizwap:secitptpage/verify.html'</p>"
    assert isinstance(read(pages.new(dom=dom)), Article)


def test_violation_keeps_reason_and_rule(pages, read):
    """Reason, its number, the account and the rule's number are in the details; any language will do."""
    script = "<script>\nwindow.cgiData = {\n  del_reason_id: '10001',\n  del_reason: '涉嫌过度营销、骚扰用户',\n  nick_name: '雾港观测站',\n};\n</script>"
    desc = "由用户投诉并经平台审核<a href='http://mp.weixin.qq.com/mp/opshowpage?action=oplaw&amp;id=26&amp;t=x#r'>对应规则</a>"
    for title in ("此内容因违规无法查看", "Inhalt nicht verfügbar"):
        found = read(pages.notice(title, desc=desc, scripts=script, body_id=""))
        assert found.state == "violation"
        assert dict(found.details) == {
            "del_reason_id": "10001",
            "del_reason": "涉嫌过度营销、骚扰用户",
            "nick_name": "雾港观测站",
            "rule_id": "26",
        }


@pytest.mark.parametrize("name", ["transferTargetLink", "transfer_target_link"])
def test_migrated_names_the_new_place(pages, read, name):
    """The link of the new account is kept, without secrets, under either name of the variable."""
    script = (
        f"<script>\nvar {name} = 'http://mp.weixin.qq.com/s?__biz=b\\x26amp;mid=2\\x26amp;uin=9';\n</script>"
    )
    found = read(pages.notice("提示", scripts=script))
    assert (found.state, found.details["transferTargetLink"]) == (
        "migrated",
        "http://mp.weixin.qq.com/s?__biz=b&mid=2",
    )
    assert (
        read(pages.notice("提示", scripts="<script>\nvar transferTargetLink = '';\n</script>")).state
        == "unknown"
    )


def test_params_error_keeps_ret(pages, read):
    """`ret` is evidence."""
    found = read(pages.notice("参数错误", scripts="<script>\nvar ret = '-2' * 1;\n</script>"))
    assert (found.state, found.details["ret"]) == ("params_error", "-2")


def test_script_only_shells(read):
    """The words of a shell's script decide only if they all speak of one state."""
    shell = "<html><body><div id='app'></div><script>\nwindow.cgiData = {{ title: '{}' }};\n{}\n</script></body></html>"
    assert read(shell.format(r"\u8be5\u5185\u5bb9\u5df2\u8bbe\u4e3a\u79c1\u5bc6", "")).state == "private"
    assert read(shell.format("该内容已被发布者删除", "")).state == "deleted"
    assert read(shell.format("该内容已被发布者删除", "var tips = '链接已过期';")).state == "unknown"
    assert read(shell.format("今日航讯", "")).state == "unknown"
    assert read(shell.format("涉嫌违反相关法律法规和政策发送失败", "")).state == "send_failed"


def test_a_shell_at_a_path_of_the_client(pages, read):
    """A wordless shell there is for WeChat's client only; an article there, whole or cut, is none."""
    url = "https://mp.weixin.qq.com/mp/appmsg/show?__biz=MzkwMDAwMDAwMg==&appmsgid=1&itemidx=1"
    assert read("<html><body><div id='app'></div></body></html>", url=url).state == "client_only"
    assert isinstance(read(pages.globals(), url=url), Article)
    assert read(pages.globals()[:700], url=url).state == "partial"


def test_the_throttle_page_written_by_script(read):
    """Its only words are in a script; a page that shows something else is not it."""
    script = "<script>document.write('<div>访问过于频繁，请用微信扫描二维码进行访问</div>')</script>"
    assert read(f"<html><body>{script}</body></html>").state == "rate_limited"
    assert read(f"<html><body><p>公众号后台</p>{script}</body></html>").state == "unknown"


def test_templates_of_a_back_end_are_no_notices(read):
    """Words in an unfilled template or an undisplayed box are nobody's notice."""
    for inside in (
        "<div id='app'><span v-if='x'>此内容因违规无法查看</span></div>",
        "<div style='display: none'><h2 class='weui-msg__title'>此内容因违规无法查看</h2></div><p>后台</p>",
        "<template><h2 class='weui-msg__title'>此内容因违规无法查看</h2></template>",
        "<p>{{ title }} 此内容因违规无法查看</p>",
    ):
        assert read(f"<html><body>{inside}</body></html>").state == "unknown"


def test_tiny_page_and_account_pages(read):
    """A page that is nothing but a message, an account's information, its history, an album."""
    assert (
        read(
            "<html><head><title>该内容暂时无法查看</title></head><body><div class='mesg-block'><p>该内容暂时无法查看</p></div></body></html>"
        ).state
        == "unavailable"
    )
    assert (
        read("<html><body><script>window.PAGE_MID='mmbizwap:wxverify/info.html'</script></body></html>").state
        == "account_page"
    )
    assert read("<html><body><div class='page_profile_info'>雾港</div></body></html>").state == "client_only"
    assert (
        read(
            "<html><body></body></html>", url="https://mp.weixin.qq.com/mp/appmsgalbum?action=getalbum"
        ).state
        == "listing"
    )
    assert (
        read("<html><body></body></html>", url="https://mp.weixin.qq.com/mp/rumor?action=info").state
        == "rumor"
    )


@pytest.mark.parametrize(
    "html", ["", "<html></html>", "<html><body><p>" + "别的网页。" * 200 + "</p></body></html>", "{}", "\0\0"]
)
def test_anything_else_is_unknown(read, html):
    """No mark at all is unknown, never an article and never a state."""
    assert read(html).state == "unknown"


@settings(max_examples=60)
@given(st.binary(max_size=300), st.integers(0, 400))
def test_no_bytes_raise(data, at):
    """Noise in the middle of a page gives an article or a state."""
    page = b"<html><body><div id='js_content'><p>x</p></div><script>\nvar ct = \"1529491955\";\nwindow.cgiDataNew = {a: 'b', c: [1,]};\n</script></body></html>"
    found = SITE.read(Page(body=page[:at] + data + page[at:]))
    assert isinstance(found, Article | NotArticle)

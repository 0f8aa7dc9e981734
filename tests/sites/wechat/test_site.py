"""The publisher as the pipeline sees it."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from harvester.errors import HostileInputError
from harvester.reading import Page
from harvester.sites.wechat import SITE


@pytest.mark.parametrize("name", ["fields.toml", "states.toml", "frame.toml"])
def test_the_tables_state_the_version_of_the_rules(name):
    """A document names one version: every table that decided it must be of that version."""
    table = tomllib.loads(files("harvester.sites.wechat").joinpath(name).read_text("utf-8"))
    assert SITE.rules_version == f"wechat-{table['version']}"


def test_hosts_and_secrets():
    """The platform's hosts, and every parameter that carries a person's session."""
    assert SITE.name == "wechat"
    assert "mp.weixin.qq.com" in SITE.page_hosts
    assert {"mmbiz.qpic.cn", "mmecoa.qpic.cn", "mpcdn.qpic.cn", "wx.qlogo.cn", "res.wx.qq.com"} <= set(
        SITE.asset_hosts
    )
    assert {
        "key",
        "uin",
        "pass_ticket",
        "exportkey",
        "poc_token",
        "wxtoken",
        "appmsg_token",
        "wap_sid2",
    } <= SITE.secret_params


def test_recognition_by_bytes(pages):
    """The platform's pages are told by their containers; others, even with its widgets library, are not."""
    for page in (
        pages.new(dom=pages.body),
        pages.globals(),
        pages.notice("该内容已被发布者删除"),
        "<div id='js_content'>x</div>",
    ):
        assert SITE.recognises(Page(body=page.encode()))
    for page in (
        "<html><body><p>外交部发言人主持例行记者会</p></body></html>",
        "<div class='weui-msg__title'>x</div>",
        "",
    ):
        assert not SITE.recognises(Page(body=page.encode()))


def test_reading_is_a_function_of_the_page(pages):
    """The same page gives the same article, again and in any order."""
    one, two = Page(body=pages.new(dom=pages.body).encode()), Page(body=pages.globals().encode())
    assert SITE.read(one) == SITE.read(one)
    assert (SITE.read(two), SITE.read(one)) == (SITE.read(two), SITE.read(one))


def test_hostile_bytes_are_refused_with_our_error():
    """What cannot be read within the limits is one error of ours."""
    with pytest.raises(HostileInputError):
        SITE.read(Page(body=b"<div>" * 200_000))

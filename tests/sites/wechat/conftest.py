"""Pages of our own with the structure of WeChat's: enough of each kind to test the rules on."""

# ruff: noqa: E501 - markup and tables read best unbroken
from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harvester.reading import Article, NotArticle, Page
from harvester.sites.wechat import SITE

Reader = Callable[..., Article | NotArticle]

BODY = "<p>雾港今天开航。</p><section><span>第二段</span><strong>加粗</strong></section>"


def js(value: str) -> str:
    """A JavaScript string as the platform writes it: markup characters as \\x escapes."""
    for char in "\\\r\"&'<>\n":
        value = value.replace(char, f"\\x{ord(char):02x}")
    return f"'{value}'"


class Pages:
    """Builders of pages by era."""

    body = BODY

    def new(
        self,
        *,
        decode: bool = True,
        content: str | None = None,
        dom: str | None = None,
        extra: str = "",
        tail: str = "",
        **members: object,
    ) -> str:
        """A page of 2025 (`JsDecode`) or 2026 (bare literal); `dom` is what stands in #js_content."""
        wrap = (lambda text: f"JsDecode({js(text)})") if decode else js
        values: dict[str, object] = {
            "title": "雾港航讯", "nick_name": "雾港观测站", "user_name": "gh_0123456789ab", "alias": "fogport",
            "bizuin": "MzkwMDAwMDAwMg==", "mid": 2247480017, "idx": 1, "sn": "0123456789abcdef0123456789abcdef",
            "ori_create_time": 1780000000, "svr_time": 1780000600, "author": "守塔人", "item_show_type": 0,
            "link": "https://mp.weixin.qq.com/s/FixtureArticle00000001", "content_noencode": BODY if content is None else content,
            "create_time": "2026-05-29 04:26", "is_user_title": None,
        }  # fmt: skip
        values.update(members)
        lines = "\n".join(
            f"                {k}: {self._value(v, wrap)}," for k, v in values.items() if v is not None
        )
        article = (
            f'<div id="js_article" class="rich_media"><h1 id="activity-name">雾港航讯</h1>'
            f'<div class="rich_media_content" id="js_content" style="visibility: hidden; opacity: 0;">{dom}</div>{extra}</div>'
            if dom is not None
            else f'<div id="js_article" class="share_content_page">{extra}</div>'
        )
        return (
            "<!DOCTYPE html>\n<html class=''>\n<head><title></title></head><body id='activity-detail'>"
            f'{article}<script>window.PAGE_MID="mmbizwap:appmsg/newindex.html"</script>\n'
            "<script type='text/javascript' nonce='1'>\n(function() {\n  function JsDecode(str) { return str }\n  try {\n"
            f"            window.cgiDataNew = {{\n{lines}\n            }};\n  }} catch (e) {{}}\n}})();\n</script>"
            f"{tail}</body>\n</html>"
        )

    def _value(self, value: object, wrap: Callable[[str], str]) -> str:
        if isinstance(value, bool):
            return json.dumps(value)
        if isinstance(value, int):
            return f"'{value}' * 1"
        if isinstance(value, str):
            return wrap(value)
        if isinstance(value, list):
            return "[\n" + ",\n".join(self._value(one, wrap) for one in value) + ",\n]"
        if isinstance(value, dict):
            return "{\n" + "".join(f"{k}: {self._value(v, wrap)},\n" for k, v in value.items()) + "}"
        raise TypeError(value)

    def globals(self, *, dom: str = BODY, variables: str = "", trap: bool = False) -> str:
        """A page of 2018: variables, no literal, a filled title."""
        trap_html = "<body></body><head></head><html></html>"
        return (
            "<!DOCTYPE html>\n"
            + (f"<!--headTrap{trap_html}-->" if trap else "")
            + "<html>\n<head><title>雾港航讯</title>\n"
            '<script type="text/javascript">\n    var biz = ""||"MzkwMDAwMDAwMg==";\n    var sn = "" || ""|| "";\n'
            '    var mid = "" || ""|| "2650000017";\n    var idx = "" || "" || "1";\n</script></head>\n'
            '<body id="activity-detail"><div id="js_article" class="rich_media"><h2 id="activity-name"> 雾港航讯 </h2>'
            f'<div class="rich_media_content " id="js_content">{dom}</div></div>\n<script>\n'
            '    var nickname = "雾港观测站";\n    var ct = "1529491955";\n    var publish_time = "2018-06-20" || "";\n'
            '    var user_name = "gh_0123456789ab";\n    var msg_title = "雾港航讯";\n'
            '    var msg_link = "http://mp.weixin.qq.com/s?__biz=MzkwMDAwMDAwMg==\\x26amp;mid=2650000017\\x26amp;idx=1'
            '\\x26amp;sn=0123456789abcdef0123456789abcdef\\x26amp;chksm=ab#rd";\n    var svr_time = "1529492000" * 1;\n'
            f'    var copyright_stat = "1" * 1;\n{variables}</script>\n</body>\n</html>'
            + (f"<!--tailTrap{trap_html}-->" if trap else "")
        )

    def notice(
        self, title: str, *, desc: str = "", scripts: str = "", body_id: str = "activity-detail"
    ) -> str:
        """A page that is a message box."""
        return (
            f'<!DOCTYPE html>\n<html>\n<head><title></title></head>\n<body id="{body_id}"><div class="weui-msg">'
            '<div class="weui-msg__icon-area"><i class="weui-icon-warn"></i></div><div class="weui-msg__text-area">'
            f'<h2 class="weui-msg__title">{title}</h2><p class="weui-msg__desc">{desc}</p></div></div>'
            f'<span class="weui-a11y_ref" style="display:none">，轻点两下取消赞</span>{scripts}</body>\n</html>'
        )


@pytest.fixture
def pages() -> Pages:
    """Builders of pages."""
    return Pages()


@pytest.fixture
def read() -> Reader:
    """Read a page from text, as served with status 200."""

    def reader(html: str, url: str | None = None, **options: object) -> Article | NotArticle:
        return SITE.read(Page(body=html.encode(), url=url, **{"status": 200, **options}))  # type: ignore[arg-type]

    return reader


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of saved pages, or a loud skip."""
    named = os.environ.get("HARVESTER_CORPUS")
    folder = Path(named) if named else Path(__file__).resolve().parents[4] / "shared" / "corpus"
    if not (folder / "manifest.json").is_file():
        pytest.skip(f"NO CORPUS at {folder}: the saved pages are not here, nothing was checked against them")
    return folder

"""What the tests of imports share: the command line in a folder of its own, and files of each kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fixtures.pages.wechat_article import Recent, article_page
from fixtures.saved import mhtml
from fixtures.stories import lighthouse_article

ARTICLE = lighthouse_article()

HEAD = """\
---
title: 灯塔夜间值守的三条办法
url: https://mp.weixin.qq.com/s?__biz=MzkwMDAwMDAwMg==&mid=2650000123&idx=2&sn=0123456789abcdef0123456789abcdef&chksm=ffee&scene=58#rd
source: 雾港观测站
date: 2026-05-08
fetch_date: 2026-05-09T07:19:34.815315
---

# 灯塔夜间值守的三条办法

![cover_image](https://mmbiz.qpic.cn/mmbiz_jpg/cover/0?wx_fmt=jpeg)

# 灯塔夜间值守的三条办法

守塔人老魏

雾港观测站

"""
TAIL = """\
预览时标签不可点

阅读原文

![]()

微信扫一扫
关注该公众号

继续滑动看下一个

轻触阅读原文

![](http://mmbiz.qpic.cn/mmbiz_png/avatar/0?wx_fmt=png)

雾港观测站

向上滑动看下一个

知道了

![]()
微信扫一扫
使用小程序

取消
允许

取消
允许

取消
允许

×
分析

![跳转二维码]()

![作者头像](http://mmbiz.qpic.cn/mmbiz_png/avatar/0?wx_fmt=png)

微信扫一扫可打开此内容，
使用完整服务

：
，
，
。

视频
小程序
赞
，轻点两下取消赞
在看
，轻点两下取消在看
分享
留言
收藏
听过
"""
BODY = """\
![](https://mmbiz.qpic.cn/mmbiz_gif/first/640?wx_fmt=gif&from=appmsg)

灯塔夜间值守的三条办法

1.入夜前把灯罩擦净。**每晚两次**，记入值守簿。

2. 雾起时每十分钟鸣号一次，用手机微信扫一扫塔下的牌子可以看到时刻表。

*原文来源：雾港灯塔管理处*
"""
TEXT = """\
灯塔夜间值守的三条办法

1.入夜前把灯罩擦净。每晚两次，记入值守簿。

2. 雾起时每十分钟鸣号一次，用手机微信扫一扫塔下的牌子可以看到时刻表。

原文来源：雾港灯塔管理处"""


@pytest.fixture
def harvester(
    harvester: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Any]:
    """Run a command as elsewhere, with an archive in its environment and no configuration."""
    monkeypatch.setenv("HARVESTER_ARCHIVE", str(tmp_path / "archive"))
    (tmp_path / "harvester.toml").unlink()
    return harvester


@pytest.fixture
def capture() -> Callable[..., bytes]:
    """Make a Markdown capture of a whole page, as the older tool does; parts can be replaced."""

    def make(body: str = BODY, head: str = HEAD, tail: str = TAIL) -> bytes:
        return f"{head}{body}\n{tail}".encode()

    return make


@pytest.fixture
def capture_text() -> str:
    """What a reader reads of the capture's body."""
    return TEXT


@pytest.fixture
def article() -> Any:
    """The invented article of the saved pages."""
    return ARTICLE


@pytest.fixture
def page() -> bytes:
    """A WeChat page with that article, of the recent form, with small scripts."""
    return article_page(ARTICLE, Recent(era=2026, script_bytes=20_000, nonce="1"))


@pytest.fixture(name="mhtml")
def _mhtml() -> Callable[..., bytes]:
    """Make an MHTML file as Chromium writes it."""
    return mhtml


@pytest.fixture
def entry() -> Callable[..., dict[str, Any]]:
    """Make one entry of a HAR file."""

    def make(url: str, text: str | None, **more: Any) -> dict[str, Any]:
        content = {"size": 0, "mimeType": "text/html; charset=utf-8"}
        if text is not None:
            content |= {"text": text, "size": len(text.encode())}
        content |= more.get("content", {})
        response = {
            "status": more.get("status", 200),
            "headers": more.get("received", []),
            "content": content,
        }
        return {
            "startedDateTime": "2026-05-08T14:04:05.250+08:00",
            "request": {"method": "GET", "url": url, "headers": more.get("sent", []), "cookies": []},
            "response": {**response, "cookies": []},
        }

    return make


@pytest.fixture
def har() -> Callable[..., bytes]:
    """Make a HAR file of entries."""

    def make(*entries: dict[str, Any]) -> bytes:
        log = {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": list(entries)}
        return json.dumps({"log": log}, ensure_ascii=False).encode()

    return make

"""Is what was found on a page an article's text? A notice, an error page and a list of links are not.

Nothing is known of these publishers' pages, so only what every article has is asked for (letters, a
sentence), and only short pages that declare no day of publication are suspected: an
article may speak of any of these.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborNode

MIN_LETTERS: Final = 10
"""Letters, digits and ideographs; trafilatura returns a lone link's word as a text."""

_MAX_NOTICE_LETTERS: Final = 250
_MAX_UNPUNCTUATED_LETTERS: Final = 200  # more than that may be a poem, a table, a list of names
_MAX_NOTICE_CHARS: Final = 2000
_SENTENCE: Final = re.compile(r"[。！？!?…；;：]|\.(?=[\s\"'”’)\]]|$)|[．।။។؟۔]")
_MIN_LINKS: Final = 5
_LINK_SHARE: Final = 0.7
_MAX_LINKS: Final = 2000
_MIN_LINK_CHARS: Final = 4

# What servers, gateways, firewalls and publishers say instead of a page: status lines of RFC 9110 §15 as
# the common servers print them, demands to prove that a person reads, and pages that are gone.
_NOTICE: Final = re.compile(
    r"\b(?:400 Bad Request|401 Unauthorized|403 Forbidden|404 Not Found|410 Gone|429 Too Many Requests"
    r"|500 Internal Server Error|502 Bad Gateway|503 Service (?:Temporarily )?Unavailable"
    r"|504 Gateway Time-?out)\b"
    r"|\b(?:page|file|article|content|url|resource)s?\b.{0,40}\b(?:not (?:be )?found"
    r"|no longer (?:available|exists?)|does(?: not|n[’']t) exist"
    r"|has been (?:removed|deleted)|(?:is|are) (?:not available|unavailable))"
    r"|\b(?:access (?:is |was |has been )?denied|permission denied|too many requests|rate limit(?:ed)?)\b"
    r"|\b(?:unusual traffic|captcha|are (?:you )?a (?:human|robot)|you are human|security check"
    r"|just a moment)\b"
    r"|\b(?:enable (?:javascript|cookies)|javascript is (?:disabled|required)|checking your browser)\b"
    r"|\b(?:temporarily unavailable|under maintenance|system (?:is )?(?:busy|error))\b"
    r"|(?:页面|頁面|网页|網頁|文章|内容|內容|链接|鏈接|连结|連結|帐号|账号|帳號|稿件|信息|资源)"
    r".{0,20}(?:不存在|找不到|未找到|无法(?:查看|访问|显示|打开)|無法(?:查看|訪問|顯示|打開)|已(?:被)?.{0,8}(?:删除|刪除|屏蔽|封禁|下线|下線|隐藏|隱藏|撤回)"
    r"|已(?:过期|過期|失效|停用|注销))"
    r"|(?:找不到|未找到).{0,12}(?:页面|頁面|网页|網頁|文件)"
    r"|(?:验证码|驗證碼|去验证|完成(?:安全)?验证|人机验证|安全验证|环境异常|環境異常|异常访问|访问异常|异常流量|身份验证)"
    r"|(?:访问|訪問|操作|请求).{0,4}(?:过于|過於|太)?(?:频繁|頻繁)"
    r"|(?:系统|系統|服务器|伺服器|网络|网站)(?:正在|暂时|內部|内部)?.{0,4}(?:繁忙|出错|出錯|错误|錯誤|异常|维护|維護)"
    r"|(?:请在|請在).{0,8}客户端.{0,4}打开|(?:没有|无)权限(?:访问|查看)?|(?:拒绝|禁止)访问|(?:需要|请先|請先)登[录錄]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a page is instead of an article: `state`, the rule that gave it, and what was seen.

    `links` are those of a listing: (URL as written, words), in order.
    """

    state: str
    rule: str
    evidence: str
    links: tuple[tuple[str, str], ...] = ()


def letters(text: str) -> int:
    """Return how many letters, digits and ideographs a text has."""
    return sum(char.isalnum() for char in text)


def not_an_article(text: str, title: str | None, root: LexborNode, *, is_dated: bool) -> Verdict | None:
    """Return what a page with this main text is instead of an article, None if it may be one.

    `title` is the page's, `root` its tree; `is_dated` tells that it declares when it was published.
    """
    size = letters(text)
    if size < MIN_LETTERS:
        return Verdict(
            "unknown", "generic.no-text", f"no main text of {MIN_LETTERS} letters or more was found"
        )
    if size <= _MAX_NOTICE_LETTERS and not is_dated:
        for where, words in (("the title", title or ""), ("the text", text[:_MAX_NOTICE_CHARS])):
            found = _NOTICE.search(" ".join(words.split()))
            if found:
                said = found[0][:80]
                return Verdict("unknown", "generic.notice", f"{where} of {size} letters says “{said}”")
    listed = _listed(text, root)
    if listed:
        evidence = f"at least {_LINK_SHARE:.0%} of the text are the words of {len(listed)} links"
        return Verdict("listing", "generic.links", evidence, listed)
    if size <= _MAX_UNPUNCTUATED_LETTERS and not is_dated and not _SENTENCE.search(text):
        return Verdict("unknown", "generic.no-sentence", f"{size} letters and not one sentence")
    return None


def _listed(text: str, root: LexborNode) -> tuple[tuple[str, str], ...]:
    """Return the links that a text consists of; none if it has words of its own."""
    links: dict[str, tuple[str, str]] = {}
    for node in root.css("a[href]")[:_MAX_LINKS]:
        words = " ".join(node.text().split())
        if len(words) >= _MIN_LINK_CHARS:
            links.setdefault("".join(words.split()), (node.attributes.get("href") or "", words))
    found = list(_inside(text, links))
    covered = sum(letters(key) for key in found)
    if len(found) < _MIN_LINKS or covered < _LINK_SHARE * letters(text):
        return ()
    return tuple(links[key] for key in dict.fromkeys(found))


def _inside(text: str, links: dict[str, tuple[str, str]]) -> Sequence[str]:
    """Return the lines of a text that are, or begin with, a link's words (a date may stand beside them)."""
    found = []
    for line in text.split("\n"):
        squeezed = "".join(line.split())
        key = squeezed if squeezed in links else _DATE.sub("", squeezed)
        if key in links:
            found.append(key)
    return found


_DATE: Final = re.compile(
    r"^[\[(（]?\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[\])）]?|[\[(（]?(?:\d{4}[-/.年])?\d{1,2}[-/.月]\d{1,2}日?(?:\d{1,2}:\d{2}(?::\d{2})?)?[\])）]?$"
)

"""Is a page of unknown URL the platform's? Told by its markup; a mere notice, by its words.

A mark counts where the platform writes it: an id, a class or an address in a tag, a name in a script. The
same characters in a text, or quoted as code, say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from harvester.extraction.saved import ascii_compatible
from harvester.reading import Page

# Each stands in no page but the platform's and copies of it, of every era: containers, requisites, data.
_IDS: Final = (
    b"js_content",
    b"js_article",
    b"js_verify",
    b"js_profile_history_container",
    b"js_image_content",
)
_ADDRESSES: Final = (b"res.wx.qq.com/mmbiz", b"res.wx.qq.com/mpres", b"secitptpage/")
_CLASSES: Final = (b"mesg-block", b"page_profile_info")
_NAMES: Final = (b"mmbizwap:", b"mmbizweb:", b"window.cgiDataNew", b"secitptpage")
# Each is in other pages too: of a public library, or pasted with an article. Two of them, of which the
# first is of the interface, are enough.
_INTERFACE: Final = (
    b"weui-msg__",
    b"weui-a11y_ref",
    b"js_a11y_",
    b"wx_wap_page",
    b"global_error_msg",
    b"activity-detail",
    b"activity-name",
    b"js_profile_qrcode",
    b"profileBt",
)
_COMPANY: Final = (b"mp.weixin.qq.com", b"res.wx.qq.com", b"rich_media_content", b"mmbiz.qpic.cn")
_MAX_HITS: Final = 40
_MAX_TAG_BYTES: Final = 4000
_ID_BEFORE: Final = re.compile(rb"""\bid\s{0,3}=\s{0,3}["']?$""", re.IGNORECASE)
_AFTER_VALUE: Final = b"\"' \t\r\n>/"
_ID_BEFORE_BYTES: Final = 12

# Rules of states.toml whose words any site may use.
_ANYBODYS: Final = frozenset(
    ["wx-not-found", "wx-params", "wx-system-error", "wx-frequent-words", "wx-frequent-script", "wx-rumor"]
)
_MAX_NOTICE_BYTES: Final = 64 << 10
_MAX_NOTICE_CHARS: Final = 200
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")


def recognises(page: Page) -> bool:
    """Tell whether a page is the platform's by its markup, or, if no URL is known, by its only words."""
    data = ascii_compatible(page.body, page.header("Content-Type"))
    return has_marks(data) or (page.url is None and _is_notice(page, data))


def has_marks(data: bytes) -> bool:
    """Tell by markup alone whether a page is the platform's. `data`: its ASCII is ASCII."""
    return (
        any(_in_script_or_tag(data, at) for name in _NAMES for at in _hits(data, name))
        or any(_is_id(data, at, name) for name in _IDS for at in _hits(data, name))
        or any(_in_tag(data, at) for name in (*_ADDRESSES, *_CLASSES) for at in _hits(data, name))
        or _has_two(data)
    )


def _has_two(data: bytes) -> bool:
    interface = _present(data, _INTERFACE)
    return bool(interface) and (interface > 1 or bool(_present(data, _COMPANY)))


def _present(data: bytes, marks: tuple[bytes, ...]) -> int:
    return sum(any(_in_tag(data, at) for at in _hits(data, mark)) for mark in marks)


def _hits(data: bytes, mark: bytes) -> Iterator[int]:
    at = data.find(mark)
    for _ in range(_MAX_HITS):
        if at < 0:
            return
        yield at
        at = data.find(mark, at + len(mark))


def _in_tag(data: bytes, at: int) -> bool:
    """Tell whether a place stands between the `<` and the `>` of a tag."""
    start = data.rfind(b"<", max(0, at - _MAX_TAG_BYTES), at)
    return start >= 0 and data[start + 1 : start + 2].isalpha() and data.find(b">", start, at) < 0


def _is_id(data: bytes, at: int, name: bytes) -> bool:
    after = data[at + len(name) : at + len(name) + 1]
    written = _ID_BEFORE.search(data[max(0, at - _ID_BEFORE_BYTES) : at]) is not None
    return written and (after == b"" or after in _AFTER_VALUE) and _in_tag(data, at)


def _in_script_or_tag(data: bytes, at: int) -> bool:
    return _in_tag(data, at) or data.rfind(b"<script", 0, at) > data.rfind(b"</script", 0, at)


# -- a page of a few words ------------------------------------------------------------------------------


def _is_notice(page: Page, data: bytes) -> bool:
    """Tell whether a page shows a few words, and those are a notice of the platform's."""
    if len(data) > _MAX_NOTICE_BYTES:
        return False
    from harvester.extraction.tree import parse_html  # noqa: PLC0415 - the parser is only needed for small pages

    tree = parse_html(page.body, page.header("Content-Type"))
    body = tree.root.css_first("body")
    if body is None:
        return False
    for silent in body.css("script, style, noscript, template"):
        silent.decompose()
    shown = "".join(body.text().split())
    return len(shown) <= _MAX_NOTICE_CHARS and any(words in shown for words in _own_words())


@cache
def _own_words() -> tuple[str, ...]:
    """Return the Chinese wordings of the notices that are only this platform's, white space removed."""
    import tomllib  # noqa: PLC0415 - only needed for small pages
    from importlib.resources import files  # noqa: PLC0415

    table = tomllib.loads(files("harvester.sites.wechat").joinpath("states.toml").read_text("utf-8"))
    rules = [rule for rule in table["rules"] if rule["id"] not in _ANYBODYS]
    words = ["".join(text.split()) for rule in rules for text in rule.get("words", ())]
    return tuple(text for text in words if _HAN.search(text))

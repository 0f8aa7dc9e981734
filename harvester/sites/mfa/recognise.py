"""Is a page of unknown URL the ministry's? Told by what its publishing system writes, not by what it says.

One declaration of the ministry's or a mission's name or domain is enough; so are two of the layouts' own
containers; so is the name at the end of the window's title together with any container of the system's.
What other sites of the same system (TRS) have as well is never enough by itself.
"""

from __future__ import annotations

import re
from typing import Final

from harvester.extraction.saved import ascii_compatible
from harvester.reading import Page

_MAX_BYTES: Final = 512 << 10  # the largest page seen has 65 kB
_NOT_OURS: Final = (b"cgiDataNew", b'id="js_content"', b'id="js_article"', b'id="img-content"')
_CHARSETS: Final = ("utf-8", "gb18030")


def _written(*names: str) -> bytes:
    """Return an expression for these Chinese words as the bytes of either encoding that the pages have."""
    return b"|".join(re.escape(name.encode(charset)) for name in names for charset in _CHARSETS)


_MISSION: Final = (
    b"(?:"
    + _written("中华人民共和国驻", "中国驻")
    + b")[^<>\"'_|]{1,90}?(?:"
    + _written("使馆", "领事馆", "代表团", "使团", "特派员公署", "办事处")
    + b")"
)
_REPUBLIC: Final = rb"People(?:'|\xe2\x80\x99|&#39;|&rsquo;|\xa1\xaf)s Republic of China"
_ENGLISH: Final = (
    rb"(?:the\s)?(?:Ministry of Foreign Affairs|Embassy|Consulate[- ]General|(?:Permanent )?Mission)"
    rb",?\sof\s(?:the\s)?" + _REPUBLIC + rb"[^<>\"'_|]{0,90}?"
)
_NAME: Final = b"(?:" + b"|".join((_written("中华人民共和国外交部", "外交部"), _MISSION, _ENGLISH)) + b")"
_DECLARED: Final = re.compile(
    rb"""<meta\s[^<>]{0,200}?["']?bm02000004\b"""
    rb"""|<meta\s[^<>]{0,100}?SiteDomain["']?\s[^<>]{0,100}?"""
    rb"""(?:\bmfa\.gov\.cn|\bfmprc\.gov\.cn|\bchina-(?:embassy|consulate|mission)\.(?:gov\.cn|org))""",
    re.IGNORECASE,
)
_SITE_NAME: Final = re.compile(
    rb"""<meta\s[^<>]{0,100}?SiteName["']?\s[^<>]{0,100}?content\s?=\s?(?:"([^"<>]{1,300})"|'([^'<>]{1,300})')""",
    re.IGNORECASE,
)
_OUR_NAME: Final = re.compile(rb"\s{0,9}" + _NAME + rb"\s{0,9}", re.IGNORECASE)
_TITLE: Final = re.compile(rb"<title[^<>]{0,200}>([^<>]{1,1000})</title", re.IGNORECASE)
_SEPARATORS: Final = b"(?:_|\\||-|" + _written("—", "－", "–") + b")"
_NAMED_TITLE: Final = re.compile(
    rb"[^<>]{1,900}" + _SEPARATORS + rb"\s{0,9}" + _NAME + rb"\s{0,9}", re.IGNORECASE
)
_SPOKESPERSON: Final = re.compile(
    rb"\s{0,9}(?:" + _written("外交部") + rb"|Foreign Ministry\b)", re.IGNORECASE
)

# Containers of the ministry's own layouts, and those of the publishing system wherever it is used.
_LAYOUTS: Final = tuple(
    re.compile(
        rb"""<[a-z0-9]{1,8}\s(?:[^<>]{0,300}\s)?(?:id|class)\s?=\s?["']?(?:[^"'<>]{0,80}\s)?""" + name,
        re.IGNORECASE,
    )
    for name in (
        rb"News_Body_Title\b",
        rb"News_Body_Txt_A\b",
        rb"News_Body_Time\b",
        rb"News_Body_su?bt?itle\b",
        rb"myDocsource(?:1|2|wg)\b",
        rb"vibox\b",
        rb"news_header_title\b",
        rb"xltime\b",
        rb"content_mod\b",
        rb"newsLst_mod\b",
        rb"rebox_news\b",
    )
)
_SYSTEM: Final = re.compile(
    rb"""<meta\s[^<>]{0,80}?\b(?:TRSWCM\.)?Cont(?:ent)?Start\b"""
    rb"""|<[a-z0-9]{1,8}\s[^<>]{0,300}?\b(?:TRS_Editor|TRS_UEDITOR|trs_editor_view|news_list|newsBd|bigtitle)\b""",
    re.IGNORECASE,
)
_LISTS: Final = re.compile(rb"""class\s?=\s?["']?(?:newsLst_mod|rebox_news)\b""", re.IGNORECASE)
_ARTICLE_LINK: Final = re.compile(
    rb"""<a\s[^<>]{0,200}?href\s?=\s?["']?[^"'<>\s]{0,300}?\bt(?:\d{8}_)?\d{4,12}\.s?html?\b""", re.IGNORECASE
)
_MIN_LINKS: Final = 2


def recognises(page: Page) -> bool:
    """Tell from its bytes alone whether a page is the ministry's or one of its missions'."""
    data = ascii_compatible(page.body, page.header("Content-Type"))[:_MAX_BYTES]
    if any(mark in data for mark in _NOT_OURS):
        return False
    if _DECLARED.search(data):
        return True
    declared = _SITE_NAME.search(data)
    if declared is not None:
        return _OUR_NAME.fullmatch(declared[1] or declared[2]) is not None
    return _has_layout(data)


def _has_layout(data: bytes) -> bool:
    marks = sum(layout.search(data) is not None for layout in _LAYOUTS)
    if marks > 1:
        return True
    found = _TITLE.search(data)
    title = found[1] if found else b""
    if _NAMED_TITLE.fullmatch(title):
        return bool(marks) or _SYSTEM.search(data) is not None
    if marks and _LISTS.search(data) and len(_ARTICLE_LINK.findall(data)) >= _MIN_LINKS:
        return True
    oldest = _SYSTEM.search(data) if _SPOKESPERSON.match(title) else None
    return oldest is not None and b"start" in oldest[0].lower() and not re.search(_SEPARATORS, title)

"""Names under which exporters put an article's link, title, account and time, in Chinese and English."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final, Literal

from harvester.times import utc_text


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


Role = Literal["link", "title", "account", "published"]

# In the order of preference. Names are compared as `normal` gives them. What names something else than the
# article is not here: its cover's picture, its "read more" link (`source_url`, 阅读原文).
NAMES: Final[dict[Role, tuple[str, ...]]] = {
    "link": _words(
        "文章链接 文章地址 文章网址 文章url 链接 链接地址 永久链接 短链接 长链接 网址 地址 "
        "contenturl articleurl articlelink posturl url link uri href permalink pageurl weburl "
        "原文链接 原文地址 originalurl"
    ),
    "title": _words("文章标题 标题 题目 articletitle msgtitle title headline name 名称"),
    "account": _words(
        "公众号 公众号名称 公众号名 公众号昵称 账号 帐号 账号名称 帐号名称 "
        "accountname account nickname mpname 昵称"
    ),
    "published": _words(
        "发布时间 发布日期 发文时间 发文日期 发表时间 发表日期 推送时间 publishtime publishedat published "
        "publishdate datepublished pubdate posttime posttimestr createtime datetime 日期 时间 date time "
        "创建时间"
    ),
}
_NOT_IN_NAMES: Final = re.compile(r"[\W_]+")
_MAX_NAME_CHARS: Final = 40
_UNIX: Final = re.compile(r"(\d{10})(?:\.\d{1,9}|\d{3})?")  # seconds, or milliseconds
_FIRST_YEAR_S: Final = 1_000_000_000


def normal(name: str) -> str:
    """Return a column's or key's name for comparing: small letters, without blanks and punctuation."""
    return _NOT_IN_NAMES.sub("", name[:_MAX_NAME_CHARS].casefold())


def rank(role: Role, name: str) -> int | None:
    """Return how well a name (as `normal` gives it) stands for a role: 0 is best, None not at all."""
    names = NAMES[role]
    return names.index(name) if name in names else None


def time_text(text: str | None) -> str | None:
    """Return a time as the file writes it; a Unix time, which nobody can read, as RFC 3339 in UTC."""
    found = _UNIX.fullmatch(text.strip()) if text else None
    if not found or int(found[1]) < _FIRST_YEAR_S:
        return text
    return utc_text(datetime.fromtimestamp(int(found[1]), UTC))

"""Album pages (合集, `/mp/appmsgalbum`): their articles in order, and the next page of their list.

As far as known, no saved page being at hand: public readers of albums agree on both forms. The page has its
first articles as `li[data-link][data-title]`, with the time in seconds in `.js_article_create_time`, and the
same in `cgiData.articleList` beside `continue_flag`. As one reads on, the page asks for more under its own
address with `f=json`, `begin_msgid` and `begin_itemidx` of the last article; the answer has
`getalbum_resp.article_list` (one article alone is not in a list) and `continue_flag`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, NamedTuple

import msgspec
from selectolax.lexbor import LexborNode

from harvester.reading import NotArticle, Page
from harvester.sites.wechat import urls
from harvester.sites.wechat.details import line
from harvester.sites.wechat.jsvalues import html_decode
from harvester.sites.wechat.literal import Value
from harvester.sites.wechat.source import Source
from harvester.times import SHANGHAI

SITE: Final = "wechat"
_ITEMS: Final = "li.js_album_item[data-link], .js_album_list li[data-link], .album__list li[data-link]"
_PAGE_ITEMS: Final = 10
"""How many articles the page itself asks for at a time."""
_MAX_ITEMS: Final = 2000
_MAX_JSON_BYTES: Final = 16 << 20
_ISO_DAY: Final = re.compile(r"\s*(\d{4}-\d{2}-\d{2})\b")
_MAX_SECONDS: Final = 1 << 33


class _Item(NamedTuple):
    url: str
    title: str
    day: str | None
    msgid: str | None
    itemidx: str | None


class _Article(msgspec.Struct):
    url: str | None = None
    title: str | int | None = None
    create_time: str | int | None = None
    msgid: str | int | None = None
    itemidx: str | int | None = None


class _Base(msgspec.Struct):
    title: str | None = None
    nickname: str | None = None
    article_count: str | int | None = None


class _List(msgspec.Struct):
    article_list: list[_Article] | _Article | None = None
    continue_flag: str | int | None = None
    base_info: _Base = msgspec.field(default_factory=_Base)


class _Result(msgspec.Struct):
    ret: int | str = 0


class _Answer(msgspec.Struct):
    base_resp: _Result
    getalbum_resp: _List | None = None


def is_json(page: Page) -> bool:
    """Tell whether a page is the further part of an album's list, as its script is given it."""
    return urls.is_album(page.url) and page.body[:64].lstrip().startswith(b"{")


def read_json(page: Page) -> NotArticle:
    """Read a further part of an album's list."""
    if len(page.body) > _MAX_JSON_BYTES:
        return _unread(f"the list has {len(page.body)} bytes; {_MAX_JSON_BYTES} are read")
    try:
        answer = msgspec.json.decode(page.body, type=_Answer)
    except (msgspec.DecodeError, RecursionError) as error:
        return _unread(f"the list is no JSON of the known form: {error}")
    if str(answer.base_resp.ret) != "0" or answer.getalbum_resp is None:
        return _unread(f"the platform gives no list: base_resp.ret = {answer.base_resp.ret}")
    found = answer.getalbum_resp
    listed = found.article_list or []
    articles = listed if isinstance(listed, list) else [listed]
    items = _once(_item(one.url, one.title, one.create_time, one.msgid, one.itemidx) for one in articles)
    base = found.base_info
    more = None if found.continue_flag is None else str(found.continue_flag) == "1"
    details = _details(base.title, base.nickname, None, base.article_count)
    return _listing(page, "wx-album-json", items, details, more=bool(items) and bool(more))


def read_html(page: Page, source: Source) -> NotArticle | None:
    """Read an album's page; None for a page that lists nothing as an album does."""
    elements = source.tree.root.css(_ITEMS)[:_MAX_ITEMS]
    shown = [_of_element(node) for node in elements]
    data = source.cgi("articleList")
    told = [_of_data(one) for one in (data if isinstance(data, list) else [])[:_MAX_ITEMS]]
    items = _once((*shown, *told))
    if not items:
        return None
    flag = line_or_zero(source.cgi("continue_flag"))
    details = _details(
        source.text_of("#js_tag_name") or source.text_of(".album__label-title"),
        line(source.cgi("nick_name")) or source.text_of(".album__author-name"),
        line(source.cgi("user_name")),
        line(source.cgi("article_count")),
    )
    # Where the page does not say whether there is more, asking is the only way to learn it.
    return _listing(page, "wx-album", items, details, more=flag != "0", unsaid=flag is None)


def line_or_zero(value: Value) -> str | None:
    """Return a number or text of a page's data as text, `0` too; None where there is none."""
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else None


def _listing(
    page: Page, rule: str, items: list[_Item], details: dict[str, str], *, more: bool, unsaid: bool = False
) -> NotArticle:
    evidence = [rule, f"{len(items)} links"]
    if unsaid:
        evidence.append("the page does not say whether its list goes on")
    return NotArticle(
        site=SITE,
        state="listing",
        rule=rule,
        evidence=tuple(evidence),
        details=details,
        links=tuple((item.url, item.title, item.day) for item in items),
        next_url=_next_url(page.url, items[-1]) if more and items else None,
    )


def _unread(why: str) -> NotArticle:
    return NotArticle(site=SITE, state="unknown", rule="wx-album-unread", evidence=("wx-album-unread", why))


def _next_url(url: str | None, last: _Item) -> str | None:
    """Return the address of the list after an article; None where the page does not tell it."""
    album = urls.album_url(url) if url else None
    if album is None or not (last.msgid and last.itemidx):
        return None
    order = urls.album_params(url or "").get("is_reverse")
    reverse = f"&is_reverse={order}" if order in {"0", "1"} else ""
    return (
        f"{album}{reverse}&count={_PAGE_ITEMS}&begin_msgid={last.msgid}&begin_itemidx={last.itemidx}&f=json"
    )


def _details(
    album: str | None, account: str | None, account_id: str | None, articles: str | int | None
) -> dict[str, str]:
    values = {"album": album, "nick_name": account, "user_name": account_id, "articles": articles}
    return {name: str(value) for name, value in values.items() if value}


def _of_element(node: LexborNode) -> _Item | None:
    time = node.css_first(".js_article_create_time")
    attributes = node.attributes
    return _item(
        attributes.get("data-link"),
        attributes.get("data-title") or _words(node, ".album__item-title-wrp, .album__item-title"),
        time.text(deep=True) if time is not None else None,
        attributes.get("data-msgid"),
        attributes.get("data-itemidx"),
    )


def _of_data(value: Value) -> _Item | None:
    if not isinstance(value, dict):
        return None
    url, title, time, msgid, itemidx = (
        line_or_zero(value.get(name)) for name in ("url", "title", "create_time", "msgid", "itemidx")
    )
    return _item(url, title, time, msgid, itemidx)


def _words(node: LexborNode, selector: str) -> str | None:
    found = node.css_first(selector)
    return found.text(deep=True) if found is not None else None


def _item(
    url: str | None,
    title: str | int | None,
    time: str | int | None,
    msgid: str | int | None,
    itemidx: str | int | None,
) -> _Item | None:
    """Return one article of a list; None for one whose link is no article's."""
    link = urls.link_url(url) if url else None
    if link is None or urls.canonical_url(link) is None:
        return None
    params = urls.identity_params(link)
    words = " ".join(html_decode(str(title or "")).split())
    return _Item(
        url=link,
        title=words,
        day=_day(time),
        msgid=_figures(msgid) or params.get("mid"),
        itemidx=_figures(itemidx) or params.get("idx"),
    )


def _figures(value: str | int | None) -> str | None:
    text = str(value or "").strip()
    return text if text.isascii() and text.isdecimal() else None


def _day(time: str | int | None) -> str | None:
    """Return the day (Asia/Shanghai) of a time in seconds, or of a date that a browser put in its place."""
    text = str(time or "").strip()
    if text.isascii() and text.isdecimal() and 0 < int(text[:12]) < _MAX_SECONDS:
        return datetime.fromtimestamp(int(text[:12]), UTC).astimezone(SHANGHAI).date().isoformat()
    shown = _ISO_DAY.match(text)
    return shown[1] if shown else None


def _once(items: Iterable[_Item | None]) -> list[_Item]:
    found: dict[str, _Item] = {}
    for item in items:
        if item is not None:
            found.setdefault(item.url, item)
    return list(found.values())[:_MAX_ITEMS]

"""What a WeChat article leads to: albums, neighbours there, past issues, a repost's original, text links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from harvester.document import Document
from harvester.extraction.tree import parse_html
from harvester.leading import body_leads, lead_of
from harvester.reading import Lead, Page
from harvester.sites.wechat import urls
from harvester.sites.wechat.details import line
from harvester.sites.wechat.literal import Value
from harvester.sites.wechat.source import Source

# Headings of the lists of earlier articles that authors put under a text, as seen in saved pages of 2023-2026
# (往期推荐, 往期回顾) and near variants; a heading is one that has these words, whatever is around them.
_PAST: Final = (
    *("往期", "历史文章", "精彩回顾", "推荐阅读"),
    *("延伸阅读", "相关阅读", "更多阅读", "阅读更多"),
)
_MAX_ALBUMS: Final = 100
_NEIGHBOURS: Final = ("pre", "next")


def leads_of(page: Page, document: Document) -> tuple[Lead, ...]:
    """Return what an article names, each URL once. Raises `HostileInputError` as `parse_html` does."""
    source = Source(parse_html(page.body, page.header("content-type")), page.url)
    biz = document.identity.biz
    leads: dict[str, Lead] = {}
    for lead in (
        *_album_leads(source, document),
        *_original(document),
        *_read_original(document),
        *(_with_account(lead) for lead in body_leads(document, is_past_issues)),
    ):
        own = biz is not None and lead.account_id == biz and document.account is not None
        known = document.account.name if own and document.account else lead.account
        leads.setdefault(lead.url, _named(lead, known))
    return tuple(leads.values())


def is_past_issues(heading: str) -> bool:
    """Tell whether a line is the heading of links to earlier articles."""
    return any(words in heading for words in _PAST)


def _named(lead: Lead, account: str | None) -> Lead:
    if account == lead.account:
        return lead
    return Lead(
        url=lead.url,
        route=lead.route,
        kind=lead.kind,
        title=lead.title,
        account=account,
        account_id=lead.account_id,
    )


def _with_account(lead: Lead) -> Lead:
    """Return a link with whose it is, as far as its own parameters say; one to an album as such."""
    biz = urls.identity_params(lead.url).get("__biz") or urls.album_params(lead.url).get("__biz")
    album = urls.album_url(lead.url)
    return Lead(
        url=album or lead.url,
        route="album" if album else lead.route,
        kind=lead.kind,
        title=lead.title,
        account_id=biz,
    )


def _album_leads(source: Source, document: Document) -> Iterator[Lead]:
    """Yield the albums that an article is in, and the articles before and after it there.

    The page names them in its data (`appmsgalbuminfo`, `public_tag_info`, 2025-2026), in variables
    (`album_keep_read_info`), and in the elements of its tags (`data-url`, 2022-2026).
    """
    biz = document.identity.biz
    for value in _albums(source):
        url = _album_of(value, biz)
        if url is not None:
            title = line(value.get("title")) or line(value.get("tag_name"))
            yield Lead(url=url, route="album", kind="listing", title=title, account_id=_biz(url))
        for which in _NEIGHBOURS:
            link = value.get(f"{which}_article_link")
            there = urls.link_url(link) if isinstance(link, str) and link else None
            lead = lead_of(there, "album-neighbour") if there else None
            if lead is not None:
                title = line(value.get(f"{which}_article_title"))
                yield Lead(url=lead.url, route=lead.route, title=title, account_id=_biz(lead.url) or biz)


def _albums(source: Source) -> Iterator[dict[str, Value]]:
    """Yield what a page says of albums, most telling first."""
    yield from _dicts(source.new("appmsgalbuminfo"))
    for tag in _dicts(source.new("public_tag_info.tags")):
        yield tag
        yield from _dicts(tag.get("album_info"))
    for name in ("album_keep_read_info", "appmsgalbuminfo"):
        for value in source.variable(name):
            yield from _dicts(value)
    for node in source.tree.root.css("[data-url][data-album_id]")[:_MAX_ALBUMS]:
        words = node.css_first(".article-tag__item, .album_read_title")
        title = " ".join((words or node).text(deep=True).split()).lstrip("#")
        yield {"link": node.attributes.get("data-url"), "title": title}


def _dicts(value: Value) -> Iterator[dict[str, Value]]:
    listed = value if isinstance(value, list) else [value]
    yield from (one for one in listed[:_MAX_ALBUMS] if isinstance(one, dict))


def _album_of(value: dict[str, Value], biz: str | None) -> str | None:
    """Return an album's URL: the link that the page gives, else one made of account and album."""
    for name in ("link", "tag_link"):
        link = value.get(name)
        if isinstance(link, str) and (url := urls.album_url(urls.decode_entities(link))):
            return url
    album = line(value.get("album_id")) or line(value.get("album_id_str"))
    return urls.album_of(biz, album) if biz and album and album.isdecimal() else None


def _biz(url: str) -> str | None:
    return urls.album_params(url).get("__biz") or urls.identity_params(url).get("__biz")


def _original(document: Document) -> Iterator[Lead]:
    """Yield the original of a repost: by its link, else by its numbers."""
    whose = document.original_account
    if whose is None:
        return
    url = whose.url or (
        urls.long_url(whose.biz, whose.mid, whose.idx, None)
        if whose.biz and whose.mid and whose.idx
        else None
    )
    if url is not None and lead_of(url, "repost-source"):
        yield Lead(url=url, route="repost-source", account=whose.name, account_id=whose.biz or whose.id)


def _read_original(document: Document) -> Iterator[Lead]:
    """Yield what 阅读原文 leads to, where a publisher that is known serves it."""
    lead = lead_of(document.source_url, "read-original") if document.source_url else None
    if lead is not None:
        yield _with_account(lead)

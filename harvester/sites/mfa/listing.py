"""Listing pages: the links in order, their dates, and the next page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from harvester.extract.dates import find_moment
from harvester.sites.mfa import address
from harvester.sites.mfa.rules import Rules
from harvester.sites.mfa.view import View, words

Link = tuple[str, str, str | None]

_DATE_TAIL: Final = re.compile(
    r"[\s]{0,9}[（(\[]?\s?(\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?)\s?[)）\]]?\s{0,9}$"
)
_NUMBER: Final = r"\b{name}\s{{0,9}}=\s{{0,9}}(\d{{1,6}})\b"
_EXTENSION: Final = re.compile(r"nextPage\s{0,9}\+\s{0,9}\"\.?\"\s{0,9}\+\s{0,9}\"\.?(s?html?)\"")
_CREATE: Final = re.compile(
    r"createPageHTML\(\s{0,9}(\d{1,6})\s{0,9},\s{0,9}(\d{1,6})\s{0,9},\s{0,9}[\"'](\w{1,40})[\"']\s{0,9},\s{0,9}[\"'](\w{1,8})[\"']"
)
_MAX_LINKS: Final = 2000
_MAX_ITEM_CHARS: Final = 1000
_MIN_ARTICLE_LINKS: Final = 2


@dataclass(frozen=True, slots=True)
class FoundListing:
    """A listing: its layout, its links (absolute URL, title, date), the URL of the next page."""

    layout: str
    links: tuple[Link, ...]
    next_url: str | None


def find_listing(view: View, rules: Rules) -> FoundListing | None:
    """Return the listing of a page, None if it is not one (at least two links to articles)."""
    for layout in rules.listing:
        for selector in layout.links:
            links = _links(view, selector)
            if sum(_is_article(url) for url, _, _ in links) >= _MIN_ARTICLE_LINKS:
                return FoundListing(layout.id, links, _next_page(view))
    return None


def _is_article(url: str) -> bool:
    name = urlsplit(url).path.rpartition("/")[2]
    return address.parse(f"https://{address.HOSTS[0]}/{name}") is not None


def _links(view: View, selector: str) -> tuple[Link, ...]:
    links: dict[str, Link] = {}
    around: dict[int, str | None] = {}
    for node in view.root.css(selector)[:_MAX_LINKS]:
        url = view.absolute(node.attributes.get("href") or "")
        text = words(node) or node.attributes.get("title")
        if url is None or not text:
            continue
        dated = _DATE_TAIL.search(text)
        moment = find_moment(dated[1]) if dated else find_moment(_beside(node, text, around))
        title = text[: dated.start()].strip() if dated else text
        links.setdefault(url, (url, title or text, moment.day if moment else None))
    return tuple(links.values())


def _beside(node: LexborNode, text: str, known: dict[int, str | None]) -> str | None:
    """Return the words of a link's list item without its own; `known` holds those of items seen before."""
    parent = node.parent
    while parent is not None and parent.tag not in {"li", "tr", "dd", "p", "div"}:
        parent = parent.parent
    if parent is None:
        return None
    if parent.mem_id not in known:
        known[parent.mem_id] = words(parent)
    around = known[parent.mem_id]
    return around.replace(text, "", 1) if around and len(around) <= _MAX_ITEM_CHARS else None


def _next_page(view: View) -> str | None:
    """Return the next page's URL by the paging script, None on the last page or without one."""
    html = view.tree.html
    created = _CREATE.search(html)
    if created is not None:
        count, current = int(created[1]), int(created[2])
        return view.absolute(f"{created[3]}_{current + 1}.{created[4]}") if current + 1 < count else None
    numbers = [re.search(_NUMBER.format(name=name), html) for name in ("countPage", "currentPage")]
    if numbers[0] is None or numbers[1] is None:
        return None
    count, current = int(numbers[0][1]), int(numbers[1][1])
    extension = _EXTENSION.search(html)
    if current + 1 >= count:
        return None
    return view.absolute(f"index_{current + 1}.{extension[1] if extension else _own_extension(view)}")


def _own_extension(view: View) -> str:
    """The listing's own file extension; by default that of the Chinese site."""
    _, dot, extension = urlsplit(view.base).path.rpartition("/")[2].rpartition(".")
    return extension if dot else "shtml"

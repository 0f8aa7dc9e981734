"""Listing pages: the links in order, their dates, and the next page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from harvester.extraction.dates import find_moment
from harvester.extraction.metas import folded
from harvester.sites.mfa import address
from harvester.sites.mfa.rules import Rules
from harvester.sites.mfa.view import View, words

Link = tuple[str, str, str | None]

# A date at the end of a link's words is the posting's where it is in brackets or in figures alone;
# `2031年4月1日` there is part of a headline, and is only used where the item has no other date.
_DATE_TAIL: Final = re.compile(
    r"[\s\u3000]{0,9}(?:[（(\[]\s?(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|[A-Za-z]{3,9}\.? \d{1,2}, ?\d{4})"
    r"(?: \d{1,2}:\d{2}(?::\d{2})?)?\s?[)）\]]|(?<!\d)\d{4}[-/.]\d{1,2}[-/.]\d{1,2})\s{0,9}$"
)
_NUMBER: Final = r"\b{name}\s{{0,9}}=\s{{0,9}}[\"']?(\d{{1,6}})\b"
_EXTENSION: Final = re.compile(
    r"nextPage\s{0,9}\+\s{0,9}[\"']\.?[\"']\s{0,9}\+\s{0,9}[\"']\.?(s?html?)[\"']"
    r"|nextPage\s{0,9}\+\s{0,9}[\"']\.(s?html?)\b"
)
_CREATE: Final = re.compile(
    r"\bcreatePageHTML\(\s{0,9}(\d{1,6})\s{0,9},\s{0,9}(\d{1,6})\s{0,9},"
    r"\s{0,9}[\"'](\w{1,40})[\"']\s{0,9},\s{0,9}[\"']\.?(\w{1,8})[\"']"
)
_PAGE: Final = re.compile(
    r"/(?:(?P<stem>[a-z]{1,20})(?:_(?P<number>\d{1,5}))?\.(?P<extension>s?html?))?$", re.IGNORECASE
)
_CUT_SHORT: Final = ("…", "...")
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
        text = _title(node)
        if url is None or not text:
            continue
        dated = _DATE_TAIL.search(text)
        title = text[: dated.start()].strip() if dated else text
        moment = find_moment(dated[0]) if dated else find_moment(_beside(node, text, around))
        links.setdefault(url, (url, title or text, moment.day if moment else _headline_day(text)))
    return tuple(links.values())


def _title(node: LexborNode) -> str | None:
    """A link's words; the whole of them from its `title` where those shown are cut short."""
    shown, full = words(node), folded(node.attributes.get("title"))
    if shown is None:
        return full
    start = shown.rstrip("….").rstrip()
    return full if full and shown.endswith(_CUT_SHORT) and full.startswith(start) else shown


def _headline_day(text: str) -> str | None:
    moment = find_moment(text)
    return moment.day if moment else None


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
    """Return the next page's URL by the paging script, else by a link to it; None on the last page."""
    html = view.tree.html
    created = _CREATE.search(html)
    if created is not None:
        count, current = int(created[1]), int(created[2])
        return view.absolute(f"{created[3]}_{current + 1}.{created[4]}") if current + 1 < count else None
    count_found = re.search(_NUMBER.format(name="countPage"), html)
    current_found = re.search(_NUMBER.format(name="currentPage"), html)
    stem, current, own_extension = _own_page(view)
    if count_found is None:
        return _linked_page(view, stem, current + 1)
    current = int(current_found[1]) if current_found else current
    if current + 1 >= int(count_found[1]):
        return None
    written = _EXTENSION.search(html)
    extension = (written[1] or written[2]) if written else own_extension
    return view.absolute(f"{stem}_{current + 1}.{extension}")


def _own_page(view: View) -> tuple[str, int, str]:
    """The listing's own stem, number (0 is the first) and extension; those of the Chinese site by default."""
    match = _PAGE.search(urlsplit(view.base).path)
    if match is None or not match["stem"]:
        return "index", 0, "shtml"
    return match["stem"], int(match["number"] or 0), match["extension"]


def _linked_page(view: View, stem: str, number: int) -> str | None:
    """A link in the page to that page of the same listing."""
    form = re.compile(rf"{re.escape(stem)}_{number}\.s?html?", re.IGNORECASE)
    folder = urlsplit(view.base).path.rpartition("/")[0]
    for node in view.root.css("a[href]"):
        url = view.absolute(node.attributes.get("href") or "")
        if url is None:
            continue
        place, _, name = urlsplit(url).path.rpartition("/")
        if form.fullmatch(name) and (place == folder or not view.base):
            return url
    return None

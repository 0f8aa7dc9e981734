"""One page as the readers of this folder see it: tree, declarations, addresses, and small questions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urljoin, urlsplit

from selectolax.lexbor import LexborNode

from harvester.extraction.metas import Metas, folded, read_metas
from harvester.extraction.tree import Tree, parse_html
from harvester.reading import Page
from harvester.sites.mfa import address
from harvester.sites.mfa.address import Address

_SILENT: Final = frozenset(("script", "style"))
_BREAKS: Final = frozenset(("br", "p", "div", "li", "tr", "td", "h1", "h2", "h3", "h4"))
_REPORT_LINK = "#jiucuo_url"  # "report an error on this page": carries the page's own URL


@dataclass(frozen=True)
class View:
    """A parsed page. `address` is the article's, from the request or from the page itself
    (`address_source` says where), None if it is not an article's or nobody says.
    """

    page: Page
    tree: Tree
    metas: Metas
    address: Address | None
    address_source: str | None

    @property
    def root(self) -> LexborNode:
        """The root element."""
        return self.tree.root

    @property
    def base(self) -> str:
        """What relative references are relative to; empty if unknown."""
        if self.page.url is not None:
            return self.page.url
        return self.address.url if self.address else ""

    def absolute(self, reference: str) -> str | None:
        """Return an absolute URL (relative if the base is unknown), None for one that leads nowhere."""
        reference = reference.strip()
        if not reference or reference.startswith("#"):
            return None
        try:
            url = urljoin(self.base, reference)
            scheme = urlsplit(url).scheme
        except ValueError:
            return None
        return url if scheme in {"http", "https", ""} else None

    def first(self, selectors: Iterable[str]) -> tuple[str, LexborNode] | None:
        """Return the first selector that finds an element, and the element."""
        for selector in selectors:
            node = self.root.css_first(selector)
            if node is not None:
                return selector, node
        return None

    def texts(self, selectors: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Give (selector, words) of every element found, white space folded, empty ones left out."""
        for selector in selectors:
            for node in self.root.css(selector):
                text = words(node)
                if text:
                    yield selector, text


def words(node: LexborNode) -> str | None:
    """Return the words of an element, scripts and styles left out, white space folded; None if none.

    A line break or a new block is a space; other elements are not, since editors split words with them.
    """
    parts: list[str] = []
    for child in node.traverse(include_text=True):
        parent = child.parent
        if child.is_text_node and (parent is None or parent.tag not in _SILENT):
            parts.append(child.text_content or "")
        elif child.tag in _BREAKS:
            parts.append(" ")
    return folded("".join(parts))


def view(page: Page) -> View:
    """Parse a page and find out which article it says it is. Raises `HostileInputError`."""
    tree = parse_html(page.body, page.header("Content-Type"))
    metas = read_metas(tree.root)
    found = None
    for source, url in _addresses(page, tree.root, metas):
        found = address.parse(url)
        if found is not None:
            return View(page, tree, metas, found, source)
    return View(page, tree, metas, None, None)


def declared_addresses(view: View) -> list[tuple[str, str]]:
    """Return (source, URL) of what a page says is its own address, in the order of trust."""
    return list(_declared(view.root, view.metas))


def _addresses(page: Page, root: LexborNode, metas: Metas) -> Iterator[tuple[str, str]]:
    if page.url is not None:
        yield "url", page.url
    else:
        yield from _declared(root, metas)


def _declared(root: LexborNode, metas: Metas) -> Iterator[tuple[str, str]]:
    declared = metas.first("Url", "og:url")
    if declared:
        yield declared
    if metas.canonical:
        yield "link[rel=canonical]", metas.canonical
    link = root.css_first(_REPORT_LINK)
    if link is not None:
        try:
            values = parse_qs(urlsplit(link.attributes.get("href") or "").query, max_num_fields=20).get(
                "url", []
            )
        except ValueError:
            return
        yield from ((f"{_REPORT_LINK}:url", value) for value in values)

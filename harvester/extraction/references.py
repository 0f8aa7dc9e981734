"""What a browser asks for to show a page: its stylesheets, scripts, fonts and pictures of the layout.

No publisher's rule, and nothing is run: what only a script would ask for is not found. Addresses come
absolute, in the order of need: styles, scripts, what is loaded ahead, pictures, icons.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborNode

from harvester.extraction.tree import Tree

MAX_STYLESHEET_BYTES: Final = 4 << 20
"""Of a stylesheet no more is searched."""
MAX_FOUND: Final = 5000
_BLANK: Final = r"[ \t\r\n\f]{0,20}"
_QUOTED: Final = r"\"([^\"\\\n]{1,2000})\"|'([^'\\\n]{1,2000})'"
_CSS: Final = re.compile(
    rf"(@import{_BLANK})?url\({_BLANK}(?:{_QUOTED}|([^()\"'\s\\]{{1,2000}})){_BLANK}\)"
    rf"|@import{_BLANK}(?:{_QUOTED})",
    re.IGNORECASE,
)
_AHEAD: Final = frozenset({"preload", "modulepreload"})
_OLD_FONT: Final = ".eot"  # no browser of today asks for it (CSS Fonts 4 knows no such format)


class Reference(NamedTuple):
    """An absolute address, and what it is for: `style`, `script`, `ahead`, `image`, `icon`."""

    url: str
    kind: str


_NEED: Final = ("style", "script", "ahead", "image", "icon")


def page_references(tree: Tree, url: str) -> tuple[Reference, ...]:
    """Return what a page at `url` refers to, each address once."""
    base_node = tree.root.css_first("base[href]")
    base = _joined(url, (base_node.attributes.get("href") or "") if base_node else "") or url
    found: list[Reference] = []
    for node in tree.root.css("link[href], script[src], style, img[src]"):
        if len(found) >= MAX_FOUND:
            break
        found += _of_element(node, base)
    found.sort(key=lambda one: _NEED.index(one.kind))
    first: dict[str, Reference] = {}
    for one in found:
        first.setdefault(one.url, one)
    return tuple(first.values())


def css_references(css: bytes, url: str) -> tuple[Reference, ...]:
    """Return what a stylesheet at `url` refers to: imports as `style`, all else as `image`, each once.

    Addresses written with CSS escapes are not read; nor are the fonts of long-gone browsers.
    """
    return tuple(_of_css(css[:MAX_STYLESHEET_BYTES].decode("utf-8", "replace"), url))


def _of_element(node: LexborNode, base: str) -> list[Reference]:
    attributes = node.attributes
    if node.tag == "style":
        return list(_of_css(node.text(), base))
    if node.tag == "link":
        kind = _link_kind((attributes.get("rel") or "").lower().split())
        target = attributes.get("href")
    else:
        kind = "image" if node.tag == "img" else "script"
        # Browsers that know modules leave `nomodule` scripts alone (HTML Standard §4.12.1).
        target = None if kind == "script" and "nomodule" in attributes else attributes.get("src")
    url = _joined(base, target or "")
    return [Reference(url, kind)] if url and kind else []


def _link_kind(rel: list[str]) -> str | None:
    if "stylesheet" in rel:
        return None if "alternate" in rel else "style"
    if _AHEAD.intersection(rel):
        return "ahead"
    return "icon" if "icon" in rel else None


def _of_css(css: str, base: str) -> Iterator[Reference]:
    css = _without_comments(css)
    seen: set[str] = set()
    for match in _CSS.finditer(css):
        target = next((group for group in match.groups()[1:] if group), "")
        kind = "style" if match[0][0] == "@" else "image"
        url = _joined(base, target)
        if url is None or url in seen or urlsplit(url).path.lower().endswith(_OLD_FONT):
            continue
        seen.add(url)
        yield Reference(url, kind)
        if len(seen) >= MAX_FOUND:
            return


def _without_comments(css: str) -> str:
    pieces, at = [], 0
    while (start := css.find("/*", at)) >= 0:
        end = css.find("*/", start + 2)
        pieces.append(css[at:start])
        if end < 0:
            return "".join(pieces)
        at = end + 2
    return "".join([*pieces, css[at:]])


def _joined(base: str, target: str) -> str | None:
    """Return the absolute http(s) address of a reference without its fragment, None if it has none."""
    target = target.strip()
    if not target or target.startswith(("#", "data:")):
        return None
    try:
        url = urljoin(base, target).partition("#")[0]
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname else None

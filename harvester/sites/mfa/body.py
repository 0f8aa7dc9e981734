"""Finding the body of an article, and freeing it from interface that is known by what it does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from harvester.document import Removal
from harvester.extract.blocks import BodyRules, read_body
from harvester.extract.body import Body
from harvester.extract.render import Rendered, render
from harvester.extract.tree import parse_html
from harvester.sites.mfa.rules import Layout, Rules
from harvester.sites.mfa.tail import mark_tail
from harvester.sites.mfa.view import View, words

_MARK: Final = "data-harvester-interface"
_CONTROL: Final = re.compile(
    r"\s{0,9}(?:javascript:\s{0,9})?(?:window\.|self\.|document\.)?(?:print|close|doprint|printme|dozoom|edit)\s?\(",
    re.IGNORECASE,
)
_META: Final = r"""<meta\s[^<>]{{0,80}}?name\s?=\s?["']?{name}\b[^<>]{{0,80}}>"""
_MAX_CONTROL_CHARS: Final = 200
_BRACKETS: Final = re.compile(r"[\s\[\]【】()（）|｜　]+")
_INLINE: Final = frozenset(("a", "span", "font", "b", "strong", "i", "em", "u", "small", "label"))


@dataclass(frozen=True)
class FoundBody:
    """A body, and how it was found: the layout, the carrier, what was before it in the page's source."""

    layout: Layout
    carrier: str
    node: LexborNode
    before: str | None = None
    owner: LexborHTMLParser | None = None  # keeps a separately parsed body alive


def find_body(view: View, rules: Rules) -> FoundBody | None:
    """Return the body by the first layout that the page has, None if it has none."""
    for layout in rules.layout:
        found = _between(view, layout) if layout.between else _by_selector(view, layout)
        if found is not None:
            return found
    return None


def _by_selector(view: View, layout: Layout) -> FoundBody | None:
    if view.first(layout.marks) is None:
        return None
    empty: FoundBody | None = None
    for selector in layout.body:
        for node in view.root.css(selector):
            found = FoundBody(layout, selector, node)
            if words(node) is not None or node.css_first("img") is not None:
                return found
            empty = empty or found
    return empty


def _between(view: View, layout: Layout) -> FoundBody | None:
    """The oldest system marks the body by two metas inside it: what stands between them is parsed alone."""
    if layout.between is None or layout.between[0].encode() not in view.tree.data:
        return None
    html = view.tree.html
    start, end = (
        re.search(_META.format(name=re.escape(name)), html, re.IGNORECASE) for name in layout.between
    )
    if start is None:
        return None
    stop = end.start() if end is not None and end.start() > start.end() else len(html)
    part = parse_html(html[start.end() : stop].encode(), "text/html; charset=utf-8")
    node = part.root.css_first("body")
    if node is None or words(node) is None:
        return None
    return FoundBody(layout, f"meta[{layout.between[0]}]", node, html[: start.start()], part.parser)


@dataclass(frozen=True)
class ReadBody:
    """A body that was read: its blocks and hidden words, what they render to, and what was removed."""

    body: Body
    rendered: Rendered
    removed: tuple[Removal, ...]


def read(view: View, found: FoundBody, rules: Rules) -> ReadBody:
    """Return the body's text, Markdown and images, and what was removed. The tree is changed."""
    loose = _mark_end(found)
    _mark_controls(found.node)
    drop = (f"[{_MARK}]", *rules.drop, *found.layout.drop)
    loose += mark_tail(found.node, rules.tail, drop, _MARK)
    body = read_body(
        found.node,
        BodyRules(
            drop=drop,
            image_attributes=("src", "data-src", "oldsrc"),
            image_url=view.absolute,
            link_url=view.absolute,
        ),
    )
    removed = [Removal(container="after the end", characters=loose)] if loose else []
    for item in body.removed:
        name = "interface by function" if item.container == f"[{_MARK}]" else item.container
        removed.append(Removal(container=name, characters=item.characters))
    return ReadBody(body, render(body), tuple(removed))


def _count(text: str | None) -> int:
    return len("".join((text or "").split()))


def _mark_end(found: FoundBody) -> int:
    """Mark the element that closes the body and those after it; remove loose words there, and count them.

    Only a direct child of the body can close it: editors' own markup stands deeper.
    """
    for selector in found.layout.end:
        for node in found.node.css(selector):
            if node.parent is None or node.parent.mem_id != found.node.mem_id:
                continue
            if selector.startswith("div[style") and words(node) is not None:
                continue  # a clearing div with words in it is part of the text
            return _mark_following(node)
    return 0


def _mark_following(node: LexborNode) -> int:
    characters = 0
    following: LexborNode | None = node
    while following is not None:
        after = following.next
        if following.is_element_node:
            following.attrs[_MARK] = "end"
        elif following.is_text_node:
            characters += _count(following.text_content)
            following.decompose()
        following = after
    return characters


def _mark_controls(body: LexborNode) -> None:
    """Mark links that print, close or zoom, and the element around them if it holds nothing else."""
    holders: dict[int, LexborNode] = {}
    for link in body.css("a"):
        attributes = link.attributes
        if not any(_CONTROL.match(attributes.get(name) or "") for name in ("href", "onclick")):
            continue
        link.attrs[_MARK] = "control"
        holder = link.parent
        while holder is not None and holder.tag in _INLINE and holder.mem_id != body.mem_id:
            holder = holder.parent
        if holder is not None and holder.mem_id != body.mem_id:
            holders[holder.mem_id] = holder
    for holder in holders.values():
        text = words(holder) or ""
        if len(text) > _MAX_CONTROL_CHARS or holder.css_first("img") is not None:
            continue
        for control in holder.css(f"a[{_MARK}]"):
            text = text.replace(words(control) or "", "", 1)
        if not _BRACKETS.sub("", text):
            holder.attrs[_MARK] = "control"

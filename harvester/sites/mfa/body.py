"""Finding the body of an article, and freeing it from interface that is known by what it does."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from harvester.document import Removal
from harvester.extraction import media
from harvester.extraction.blocks import BodyRules, read_body
from harvester.extraction.body import Body
from harvester.extraction.metas import folded
from harvester.extraction.nodes import is_followed
from harvester.extraction.render import Rendered, render
from harvester.extraction.tree import parse_html
from harvester.sites.mfa.rules import Layout, Rules
from harvester.sites.mfa.tail import is_interface, mark_tail
from harvester.sites.mfa.view import View, words
from harvester.sites.mfa.view import view as make_view

_MARK: Final = "data-harvester-interface"
_CONTROL: Final = re.compile(
    r"\s{0,9}(?:javascript:\s{0,9})?(?:window\.|self\.|document\.)?(?:print|close|doprint|printme|dozoom|edit)\s?\(",
    re.IGNORECASE,
)
_META: Final = r"""<meta\s[^<>]{{0,80}}?name\s?=\s?["']?{name}\b[^<>]{{0,80}}>"""
_MAX_CONTROL_CHARS: Final = 200
_BRACKETS: Final = re.compile(r"[\s\[\]【】()（）|｜　]+")
_PROBE: Final = b'<hr data-harvester-probe="">'
_PROBE_SELECTOR: Final = "hr[data-harvester-probe]"
_MAX_QUIET_CHARS: Final = 100
_LINKS: Final = frozenset(("a", "script", "style"))  # whose words are none of an article's prose
_LETTER: Final = re.compile(r"\w")
_PARTS: Final = re.compile(r"[\[\]【】()（）|｜/:：·　]+|\s{2,}")
_INLINE: Final = frozenset(("a", "span", "font", "b", "strong", "i", "em", "u", "small", "label"))


@dataclass(frozen=True)
class FoundBody:
    """A body, and how it was found: the layout, the carrier, what was before it in the page's source."""

    layout: Layout
    carrier: str
    node: LexborNode
    before: str | None = None
    owner: LexborHTMLParser | None = None  # keeps a separately parsed body alive
    span: tuple[int, int] | None = None  # of a body between two marks: its characters in the page's source
    is_closed: bool = True  # of a body between two marks: whether the second is there


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
    span = (start.end(), stop)
    found = parsed_alone(layout, html[start.end() : stop], html[: start.start()], span)
    return found and dataclasses.replace(found, is_closed=stop < len(html))


def parsed_alone(layout: Layout, markup: str, before: str, span: tuple[int, int]) -> FoundBody | None:
    """Return the body that markup between a layout's two marks holds, None if it has no words."""
    part = parse_html(markup.encode(), "text/html; charset=utf-8")
    node = part.root.css_first("body")
    if node is None or layout.between is None or words(node) is None:
        return None
    return FoundBody(layout, f"meta[{layout.between[0]}]", node, before, part.parser, span)


@dataclass(frozen=True)
class ReadBody:
    """A body that was read: its blocks and hidden words, what they render to, and what was removed."""

    body: Body
    rendered: Rendered
    removed: tuple[Removal, ...]
    warnings: tuple[str, ...] = ()


def is_closed(view: View, found: FoundBody, rules: Rules) -> bool:
    """Tell whether a body's own end is in the source: then its text is whole, wherever the page ends.

    What would be written after the page's last byte stands inside of a body that is still open. A page that
    ends within a tag or a script cannot be asked so: there, something must stand behind the body.
    """
    if found.owner is not None:
        return found.is_closed
    headers = (("Content-Type", "text/html; charset=utf-8"),)
    again = make_view(dataclasses.replace(view.page, body=view.tree.data + _PROBE, headers=headers))
    node, same = again.root.css_first(_PROBE_SELECTOR), find_body(again, rules)
    if node is None or same is None:
        return is_followed(found.node)
    while node.parent is not None:
        node = node.parent
        if node.mem_id == same.node.mem_id:
            return False
    return True


def has_media(found: FoundBody) -> bool:
    """Tell whether a body holds a film, a sound or another page."""
    return found.node.css_first("video, audio, iframe, embed, object") is not None


def read(view: View, found: FoundBody, rules: Rules) -> ReadBody:
    """Return the body's text, Markdown and images, and what was removed. The tree is changed."""
    end = _mark_end(found, rules)
    _mark_controls(found.node)
    drop = (f"[{_MARK}]", *rules.drop, *found.layout.drop)
    loose = end.loose + mark_tail(found.node, rules.tail, drop, _MARK)
    body = read_body(
        found.node,
        BodyRules(
            drop=drop,
            widgets=media.ELEMENTS,
            image_attributes=("src", "data-src", "oldsrc"),
            image_url=view.absolute,
            link_url=view.absolute,
        ),
    )
    removed = [Removal(container="after the end", characters=loose)] if loose else []
    for item in body.removed:
        name = "interface by function" if item.container == f"[{_MARK}]" else item.container
        removed.append(Removal(container=name, characters=item.characters))
    warnings: tuple[str, ...] = ()
    if end.characters > _MAX_QUIET_CHARS:
        warnings = (
            f"{end.characters} characters that stand after the body's end ({end.selector}) were left out",
        )
    return ReadBody(body, render(body), tuple(removed), warnings)


def _count(text: str | None) -> int:
    return len("".join((text or "").split()))


@dataclass(frozen=True, slots=True)
class _End:
    """What was cut off behind a body's end: all its characters, and those of loose words among them."""

    selector: str = ""
    characters: int = 0
    loose: int = 0


def _mark_end(found: FoundBody, rules: Rules) -> _End:
    """Mark the element that closes the body and those after it; remove loose words there, and count them.

    Only a direct child of the body can close it: editors' own markup stands deeper. A clearing div closes
    it where nothing but links and interface follows; editors put one behind a picture in mid-text, too.
    """
    interface = {
        node.mem_id for selector in (*rules.drop, *found.layout.drop) for node in found.node.css(selector)
    }
    for selector in found.layout.end:
        for node in found.node.css(selector):
            if node.parent is None or node.parent.mem_id != found.node.mem_id:
                continue
            if selector.startswith("div[style") and _reads_on(node, interface, rules):
                continue
            return _mark_following(selector, node)
    return _End()


def _reads_on(node: LexborNode | None, interface: set[int], rules: Rules) -> bool:
    """Tell whether text of the article stands in an element or in those after it."""
    while node is not None:
        if node.mem_id not in interface and _is_prose(node, rules):
            return True
        node = node.next
    return False


def _is_prose(node: LexborNode, rules: Rules) -> bool:
    """Tell whether an element has words or a picture outside of its links, and they are no interface."""
    if node.is_text_node:
        text = folded(node.text_content)
    elif not node.is_element_node or node.tag in _LINKS:
        return False
    else:
        if any(not _is_in_link(image, node) for image in node.css("img")):
            return True
        text = folded("".join(_outside_links(node)))
    return text is not None and _LETTER.search(text) is not None and not _is_interface_line(text, rules)


def _is_interface_line(text: str, rules: Rules) -> bool:
    return is_interface(text, rules.tail) or all(
        part in rules.tail for part in _PARTS.split(text) if part and part not in rules.tail
    )


def _outside_links(node: LexborNode) -> Iterator[str]:
    for child in node.traverse(include_text=True):
        if child.is_text_node and not _is_in_link(child, node):
            yield child.text_content or ""


def _is_in_link(node: LexborNode, top: LexborNode) -> bool:
    parent = node.parent
    while parent is not None and parent.mem_id != top.mem_id:
        if parent.tag in _LINKS:
            return True
        parent = parent.parent
    return top.tag in _LINKS


def _mark_following(selector: str, node: LexborNode) -> _End:
    characters = loose = 0
    following: LexborNode | None = node
    while following is not None:
        after = following.next
        if following.is_element_node:
            following.attrs[_MARK] = "end"
            characters += _count(words(following))
        elif following.is_text_node:
            loose += _count(following.text_content)
            following.decompose()
        following = after
    return _End(selector, characters + loose, loose)


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

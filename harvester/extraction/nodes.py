"""Elements by their place in the tree: a selector path that finds one again, and a digest of it."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from selectolax.lexbor import LexborNode

from harvester.places import SHOWN_CHARS, Place

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,80}")


def path_of(root: LexborNode, node: LexborNode) -> str | None:
    """Return a CSS path from the root that selects this element and no other; None if there is none.

    An id stands in it for a reader: the place among the siblings is what selects.
    """
    steps: list[str] = []
    here: LexborNode | None = node
    while here is not None and here.is_element_node and here.tag != "-document":
        steps.append(_step(here))
        here = here.parent
    path = " > ".join(reversed(steps))
    found = at_path(root, path)
    return path if found is not None and found.mem_id == node.mem_id else None


def _step(node: LexborNode) -> str:
    tag, same, before = node.tag or "", 1, node.prev
    place = 1
    while before is not None:
        if before.is_element_node:
            place += 1
            same += before.tag == tag
        before = before.prev
    if not _PLAIN.fullmatch(tag):
        return f":nth-child({place})"
    if tag in {"html", "body"}:
        return tag
    name = node.attributes.get("id") or ""
    return f"{tag}{'#' + name if _PLAIN.fullmatch(name) else ''}:nth-of-type({same})"


def at_path(root: LexborNode, path: str) -> LexborNode | None:
    """Return the element that a path selects, None if there is none."""
    if path == root.tag:
        return root
    return root.css_first(path)


def element_place(root: LexborNode, node: LexborNode, attribute: str | None = None) -> Place:
    """Return an element (or its attribute) as a place."""
    markup = node.html or ""
    shown = node.attributes.get(attribute) if attribute else " ".join(node.text(deep=True).split())
    return Place(
        kind="element",
        name=attribute,
        path=path_of(root, node),
        sha256=hashlib.sha256(markup.encode("utf-8", "surrogatepass")).hexdigest(),
        shown=(shown or "")[:SHOWN_CHARS],
    )


def is_followed(node: LexborNode | None) -> bool:
    """Tell whether an element comes after this one, below `body`: of a page that was cut off, none does."""
    while node is not None and node.tag != "body":
        following = node.next
        while following is not None:
            if following.is_element_node:
                return True
            following = following.next
        node = node.parent
    return False

"""What a page declares about itself in its head: meta elements, the title, links, JSON-LD."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from selectolax.lexbor import LexborNode

_NAME_ATTRIBUTES: Final = ("name", "property", "itemprop", "http-equiv")
_MAX_METAS: Final = 1000
_MAX_VALUE_CHARS: Final = 10_000
_MAX_JSON_LD_CHARS: Final = 500_000
_MAX_JSON_LD_NODES: Final = 2000
JSON_LD: Final = 'script[type="application/ld+json"]'


@dataclass(frozen=True, slots=True)
class Metas:
    """A page's declarations. Values have white space folded to single spaces and are never empty.

    `values` maps a meta's name in lower case (`name`, `property`, `itemprop` or `http-equiv`) to its
    first content. `title` is the `title` element's text, `language` the root's `lang`, `canonical`
    the `link rel=canonical`; None where absent or empty. `json_ld` are the objects of schema.org
    blocks, `@graph` and lists opened up, in order.
    """

    values: Mapping[str, str]
    title: str | None
    language: str | None
    canonical: str | None
    json_ld: tuple[Mapping[str, Any], ...]

    def first(self, *names: str) -> tuple[str, str] | None:
        """Return (`meta[name]`, value) of the first of these names that the page declares, or None."""
        for name in names:
            value = self.values.get(name.lower())
            if value is not None:
                return f"meta[{name}]", value
        return None


def folded(text: str | None) -> str | None:
    """Return the text with every run of white space made one space, None if nothing is left."""
    return " ".join((text or "").split())[:_MAX_VALUE_CHARS] or None


def read_metas(root: LexborNode) -> Metas:
    """Read the declarations of a page."""
    values: dict[str, str] = {}
    for node in root.css("meta")[:_MAX_METAS]:
        attributes = node.attributes
        value = folded(attributes.get("content"))
        if value is None:
            continue
        for attribute in _NAME_ATTRIBUTES:
            name = attributes.get(attribute)
            if name:
                values.setdefault(name.strip().lower(), value)
    title = root.css_first("head title") or root.css_first("title")
    canonical = root.css_first('link[rel="canonical"]')
    return Metas(
        values,
        folded(title.text()) if title else None,
        folded(root.attributes.get("lang") or root.attributes.get("xml:lang")),
        folded(canonical.attributes.get("href")) if canonical else None,
        tuple(_json_ld(root)),
    )


def meta_node(root: LexborNode, name: str) -> LexborNode | None:
    """Return the element whose content `Metas.first` gives for a name, None if there is none."""
    wanted = name.lower()
    for node in root.css("meta")[:_MAX_METAS]:
        attributes = node.attributes
        names = [(attributes.get(one) or "").strip().lower() for one in _NAME_ATTRIBUTES]
        if wanted in names and folded(attributes.get("content")) is not None:
            return node
    return None


def json_ld_of(text: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of one block of JSON-LD, as `Metas.json_ld` has them."""
    yield from _objects(text, [_MAX_JSON_LD_NODES])


def _json_ld(root: LexborNode) -> Iterator[Mapping[str, Any]]:
    left = [_MAX_JSON_LD_NODES]
    for script in root.css(JSON_LD):
        yield from _objects(script.text(), left)


def _objects(text: str, left: list[int]) -> Iterator[Mapping[str, Any]]:
    """Yield a block's objects; `left` holds how many values may still be looked at, and is counted down."""
    if len(text) > _MAX_JSON_LD_CHARS:
        return
    try:
        waiting = [json.loads(text, strict=False)]
    except (ValueError, RecursionError):
        return
    while waiting and left[0]:
        left[0] -= 1
        value = waiting.pop(0)
        if isinstance(value, list):
            waiting[:0] = value
        elif isinstance(value, dict):
            yield value
            if isinstance(graph := value.get("@graph"), list):
                waiting[:0] = graph

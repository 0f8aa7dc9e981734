"""Blocks of code: which elements are one, and their lines as they stand."""

from __future__ import annotations

from collections.abc import Container
from typing import Final

from selectolax.lexbor import LexborNode

_LINE_ELEMENTS: Final = frozenset(["p", "div", "li", "section", "tr"])
_NOT_IN_CODE: Final = "img, p img, table, h1, h2, h3, h4, h5, h6, iframe"


def is_code_block(node: LexborNode) -> bool:
    """Tell whether a `pre` or `code` element is a block of code.

    A `pre` is one if it holds a `code` element or names a language, and no pictures, tables or headings
    (editors wrap whole articles in `pre`); a `code` outside `pre` is one if it has line breaks.
    """
    if node.css_first(_NOT_IN_CODE) is not None:
        return False
    if node.tag == "pre":
        return node.css_first("code") is not None or language_of(node) is not None
    return node.css_first("br") is not None


def language_of(node: LexborNode) -> str | None:
    """Return the language that a block of code names, in the forms the editors write."""
    inner = node.css_first("code") or node
    for element in (node, inner):
        attrs = element.attributes
        if language := attrs.get("data-lang"):
            return language.strip() or None
        for name in (attrs.get("class") or "").split():
            for prefix in ("language-", "lang-", "code-snippet__"):
                if name.startswith(prefix) and name not in {"code-snippet__fix", "code-snippet__line-index"}:
                    return name.removeprefix(prefix) or None
    return None


def code_text(node: LexborNode, unseen: Container[int] = ()) -> str:
    """Return the lines of a block of code; of several `code` children of a `pre` each is a line.

    `unseen` are the ids of nodes that are left out.
    """
    lines = [child for child in node.iter() if child.tag == "code"]
    value = (
        "\n".join(_raw(line, unseen).rstrip("\n") for line in lines) if len(lines) > 1 else _raw(node, unseen)
    )
    return value.strip("\n").rstrip()


def _raw(node: LexborNode, unseen: Container[int]) -> str:
    out: list[str] = []
    for child in node.traverse(include_text=True):
        if child.mem_id in unseen:
            continue
        if child.is_text_node:
            out.append(child.text_content or "")
        elif child.tag == "br" or (child.tag in _LINE_ELEMENTS and out and not out[-1].endswith("\n")):
            out.append("\n")
    return "".join(out).replace("\r\n", "\n")

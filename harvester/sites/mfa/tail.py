"""Lines that old templates print after an article, inside its body: 【打印】【关闭】, [Print], 分享到."""

from __future__ import annotations

import re
from typing import Final

from selectolax.lexbor import LexborNode

from harvester.extraction.metas import folded
from harvester.sites.mfa.view import words

_BRACKETS: Final = re.compile(r"[\s\[\]【】()（）|｜/:：·　]+")
_BRACKETED: Final = re.compile(r"[\[【(（]\s{0,3}[^\[\]【】()（）]{1,24}\s{0,3}[\]】)）]")
_BLOCKS: Final = frozenset(
    "br p div center table tbody tr td ul ol li section article hr h1 h2 h3 h4".split()  # noqa: SIM905 - a table
)
_SIZES: Final = "大 中 小"  # of the letters; one of the three alone is no interface
_MAX_CHARS: Final = 120
_MAX_STEPS: Final = 200
_MAX_DESCENTS: Final = 12  # each reads the words of a container again


def mark_tail(body: LexborNode, tail: tuple[str, ...], drop: tuple[str, ...], mark: str) -> int:
    """Mark the elements at the end of a body that hold interface words only; remove such loose words.

    Only whole lines go: blocks, or what stands after the last line break. Words count only in brackets
    or as the label of sharing (a line `Close` alone may be an article's). What `drop` selects is passed
    over. Returns the number of characters of loose words.
    """
    characters = 0
    descents = 0
    gone = {node.mem_id for selector in drop for node in body.css(selector)}
    node = body.last_child
    for _ in range(_MAX_STEPS):
        if node is None:
            break
        if node.mem_id in gone:
            node = node.prev
            continue
        line = _line_before(node)
        text = folded("".join(_words(part) for part in reversed(line))) or ""
        following = line[-1].prev
        pictured = any(part.is_element_node and _has_picture(part) for part in line)
        if not text and not pictured:
            node = following
        elif not pictured and is_interface(text, tail):
            characters += sum(_take(part, mark) for part in line)
            node = following
        elif descents < _MAX_DESCENTS and _is_block(node) and _may_end_so(text, tail):
            descents += 1
            node = node.last_child
        else:
            break  # words of the article, or its last picture
    return characters


def _line_before(node: LexborNode) -> list[LexborNode]:
    """Return a block or line break alone, or the inline pieces from `node` back to the last of those."""
    line = [node]
    if _is_block(node):
        return line
    before = node.prev
    while before is not None and not _is_block(before) and len(line) < _MAX_STEPS:
        line.append(before)
        before = before.prev
    return line


def _is_block(node: LexborNode) -> bool:
    return node.is_element_node and node.tag in _BLOCKS


def _has_picture(node: LexborNode) -> bool:
    return node.tag == "img" or node.css_first("img") is not None


def _words(node: LexborNode) -> str:
    if node.is_text_node:
        return node.text_content or ""
    return (words(node) or "") if node.is_element_node and node.tag not in {"script", "style"} else ""


def is_interface(text: str, tail: tuple[str, ...]) -> bool:
    """Tell whether a line holds nothing but the interface's words, at least one of them in brackets."""
    if len(text) > _MAX_CHARS:
        return False
    shares = text.rstrip(":： ") in {"分享到", "Share to"}
    line = " ".join(part for part in _BRACKETS.split(text) if part)
    rest = line.replace(_SIZES, " ").split()
    known = line in tail or all(part in tail for part in rest) or _all_bracketed(text, tail)
    return bool(line) and known and (shares or _BRACKETED.search(text) is not None)


def _all_bracketed(text: str, tail: tuple[str, ...]) -> bool:
    inside = [item.strip("[]【】()（） ") for item in _BRACKETED.findall(text)]
    return bool(inside) and all(item in tail for item in inside) and not _BRACKETED.sub("", text).strip()


def _may_end_so(text: str, tail: tuple[str, ...]) -> bool:
    """Tell whether words end as interface does, so that the element's own last child is worth a look."""
    end = text.rstrip("]】)） :：")
    return any(end.endswith(word) for word in tail)


def _take(node: LexborNode, mark: str) -> int:
    if node.is_element_node:
        node.attrs[mark] = "tail"
        return 0
    count = len("".join((node.text_content or "").split())) if node.is_text_node else 0
    node.decompose()
    return count

"""Stored text as HTML in which nothing steers the page and nothing is unseen.

What would turn the direction of writing, take no width or draw nothing stands as a small sign with its
code point; so do control characters and lone surrogates. The text is escaped like all else.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Final

from harvester.markup import Markup, element, escaped

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})
_BLANK: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks that draw nothing (Unicode: Default_Ignorable_Code_Point, and Braille's blank)."""
_KEPT: Final = frozenset("\t\n")


def inert(text: str) -> Markup:
    """Return text as HTML."""
    if text.isprintable() and _BLANK.isdisjoint(text):  # by far the most
        return escaped(text)
    parts: list[str] = []
    start = 0
    for place, char in enumerate(text):
        if is_unseen(char):
            parts += [escaped(text[start:place]), _sign(char)]
            start = place + 1
    return Markup("".join([*parts, escaped(text[start:])]))


def is_unseen(char: str) -> bool:
    """Tell whether a reader could not see a character, or it would act on others."""
    return char not in _KEPT and (unicodedata.category(char) in _UNSEEN or char in _BLANK)


@cache
def _sign(char: str) -> Markup:
    code = f"U+{ord(char):04X}"
    return element("span", code, cls="ctl", title=f"{code} {unicodedata.name(char, '')}".strip())


def spaces_shown(text: str) -> str:
    """Return a text of nothing but white space so that it can be seen; other texts as they are."""
    if text.strip():
        return text
    return (
        text.replace("\n", "¶")
        .replace("\u3000", "□")
        .replace("\t", "⇥")
        .replace(" ", "␣")
        .replace("\xa0", "⍽")
    )


def shortened(text: str, most: int) -> tuple[str, str]:
    """Return a long text's head and tail, one of at most `most` characters whole, and an empty tail."""
    if len(text) <= most:
        return text, ""
    return text[: most // 2], text[-(most // 2) :]

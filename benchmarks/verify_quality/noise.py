"""Noise of format on top of a mutated text, with the way back to the text's own characters."""

from __future__ import annotations

import random
from dataclasses import dataclass

ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_WIDE = {"，": ",", "；": ";", "：": ":", "？": "?", "！": "!", "（": "(", "）": ")", "%": "％"}
_HEADS = (
    "来源：青屏时报\n\n",
    "原文来源：北岚外交部网站\n",
    "点击上方蓝字关注我们\n\n",
    "编者按：以下为全文。\n\n",
)
_TAILS = (
    "\n\n编辑：木子\n审核：禾火",
    "\n\n（完）",
    "\n\n长按识别二维码，关注我们",
    "\n责任编辑｜田禾",
    "\n\n阅读原文",
)


@dataclass(slots=True)
class Noisy:
    """The text with noise; where each of its own characters that are not space starts and ends."""

    text: str
    starts: list[int]
    ends: list[int]


def is_bare(char: str) -> bool:
    """Tell whether a character counts: neither space nor of zero width."""
    return not char.isspace() and char not in ZERO_WIDTH


def bare_of(text: str) -> str:
    """Return the characters that count."""
    return "".join(filter(is_bare, text))


def noisy(text: str, chance: random.Random, amount: float) -> Noisy:
    """Put noise on a text; with `amount` 0 nothing changes."""
    quotes = chance.choice(["“”", "「」", '""', "『』"])
    wide = {**_WIDE, "“": quotes[0], "”": quotes[1]} if amount else {}
    if amount and chance.random() < 0.2:
        wide |= {str(n): chr(0xFF10 + n) for n in range(10)}
    made = chance.choice(_HEADS) if amount and chance.random() < 0.3 else ""
    made += chance.choice(["", "\u3000\u3000", "    "]) if amount else ""
    starts: list[int] = []
    ends: list[int] = []
    for place, char in enumerate(text):
        before = text[place - 1] if place else ""
        if amount:
            made += _between(before, char, chance, amount)
        if is_bare(char):
            starts.append(len(made))
        made += wide.get(char, char) if chance.random() < 0.7 else char
        if is_bare(char):
            ends.append(len(made))
    made += chance.choice(_TAILS) if amount and chance.random() < 0.4 else ""
    return Noisy(made, starts, ends)


def _between(before: str, char: str, chance: random.Random, amount: float) -> str:
    if before == "\n" and char != "\n":
        return chance.choice(["", "\u3000\u3000", "\t"])
    if chance.random() >= amount or char == "\n" or before in {"", "\n"}:
        return ""
    if _latin(before) and _latin(char):
        return chance.choice(ZERO_WIDTH)
    return chance.choice([*ZERO_WIDTH, " ", "\u3000", "\u00a0"])


def _latin(char: str) -> bool:
    return (char.isalnum() and ord(char) < 0x2E80) or char in ".,-'%/: ()"

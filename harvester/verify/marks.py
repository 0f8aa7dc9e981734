"""Changes of punctuation, letter case and spelling: marks alone, or Latin words that differ only in form."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from harvester.verify.chars import Change
from harvester.verify.fold import Folded
from harvester.verify.values import NUMERALS

_SEPARATORS = frozenset(",，、。.;:·—-… ")
_BRACKETS = frozenset("()[]【】《》〈〉{}<>〔〕")
_ASCII_LETTER = re.compile("[A-Za-z]")
_WORD = re.compile(r"[A-Za-z]+(?:['-][A-Za-z]+)*")


def mark_rule(a: Folded, b: Folded, change: Change) -> str | None:
    """Return the rule of a change of nothing but marks and spaces; None if letters or figures change."""
    text_a, text_b = a.text[change.a0 : change.a1], b.text[change.b0 : change.b1]
    if any(unicodedata.category(char)[0] not in "PSZ" for char in text_a + text_b):
        return None
    marks = set(text_a) ^ set(text_b)
    in_figures = _between(a.text, change.a0, change.a1, NUMERALS) or _between(
        b.text, change.b0, change.b1, NUMERALS
    )
    in_letters = _between_letters(a.text, change.a0, change.a1) and marks & set(" -'")
    for telling, rule in (
        (text_a.count('"') != text_b.count('"'), "quotation.marks"),
        (marks & set("!?") or text_a.count("?") != text_b.count("?"), "punctuation.sentence"),
        ("…" in marks, "punctuation.ellipsis"),
        (marks & _BRACKETS, "punctuation.brackets"),
        (marks and all(unicodedata.category(char) == "Sc" for char in marks), "unit.changed"),
        (in_figures, "number.mark"),
        (in_letters, "wording.spelling"),
        (marks - _SEPARATORS, "punctuation.symbol"),
    ):
        if telling:
            return rule
    return "punctuation.style"


def _between(text: str, start: int, end: int, characters: frozenset[str]) -> bool:
    around = text[start - 1 : start] + text[end : end + 1]
    return len(around) > 1 and all(char in characters for char in around)


def _between_letters(text: str, start: int, end: int) -> bool:
    around = text[start - 1 : start] + text[end : end + 1]
    return len(around) > 1 and around.isascii() and around.isalpha()


def spelling_rule(a: Folded, b: Folded, change: Change) -> str | None:
    """Return the rule of a change by which Latin words differ in case, hyphens or apostrophes only."""
    text_a, text_b = a.text[change.a0 : change.a1], b.text[change.b0 : change.b1]
    if text_a == text_b or not (text_a + text_b).isascii():
        return None
    if text_a.casefold() == text_b.casefold():
        return "wording.case"
    if _letters(text_a) == _letters(text_b) and any(char in "'- " for char in text_a + text_b):
        return "wording.spelling"
    return None


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char not in "'- ")


def latin_words(text: str) -> int:
    """Return how many Latin words a text has, 0 if most of it is not Latin."""
    letters = [char for char in text if char.isalpha()]
    latin = sum(1 for char in letters if char.isascii())
    return len(_WORD.findall(text)) if letters and 2 * latin > len(letters) else 0


def proper_name(text: str, start: int, end: int) -> bool:
    """Tell whether the span touches a Latin word whose capital is not that of a sentence's beginning."""
    if not _ASCII_LETTER.search(text, max(0, start - 1), end + 1):
        return False
    low = start
    while low > 0 and (text[low - 1].isalpha() or text[low - 1] in "'-") and text[low - 1].isascii():
        low -= 1
    words = list(_WORD.finditer(text, low, min(len(text), end + 24)))
    touched = [word for word in words if word.start() < end and word.end() > start]
    following = {word.start(): after for word, after in pairwise(words)}
    return any(_is_proper(text, word, following.get(word.start())) for word in touched)


def _is_proper(text: str, word: re.Match[str], after: re.Match[str] | None) -> bool:
    if not word[0][0].isupper() or word[0] == "I":
        return False
    before = text[: word.start()][-2:].rstrip(' "(')
    inside = before != "" and before[-1] not in ".!?;:\n。" and not _opens_line(text, word.start())
    return inside or (after is not None and after[0][0].isupper()) or (len(word[0]) > 1 and word[0].isupper())


def _opens_line(text: str, place: int) -> bool:
    return place == 0 or text[place - 1] == '"'

"""Telling words in a change: which words of the lexicon it touches, and in which the sides differ."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from harvester.verify.chars import Change
from harvester.verify.fold import Folded
from harvester.verify.rules import Telling, lexicon, telling
from harvester.verify.values import NUMERALS

_REACH = 12
_CLAUSE = frozenset('。!?;,、:\n"()《》')
_LATIN = re.compile(r"(?:[A-Z]\.){2,}|[A-Za-z]+(?:['-][A-Za-z]+)*")
_PHRASE = 3
_NEAR = 3
_FIGURES_BEFORE = re.compile(
    r"[0-9](?:[0-9,.]{0,12}[0-9])? ?(?:(?:hundred|thousand|million|billion|trillion|per) ?)?[A-Za-z]{0,12}$"
)


class Word(NamedTuple):
    """A word of the lexicon in a text."""

    class_: str
    text: str
    start: int
    end: int


@lru_cache(maxsize=8)  # several rules look at the same change
def words_in(text: str, start: int, end: int) -> tuple[Word, ...]:
    """Return the listed words that the span cuts or holds; an empty span cuts the word around it."""
    end = min(end, len(text))
    low = start
    while low > 0 and start - low < _REACH and text[low - 1] not in _CLAUSE:
        low -= 1
    low = _word_start(text, low)
    high = min(len(text), end + _REACH)
    return tuple(word for word in _scan(text, low, high, end) if word.start < end and word.end > start)


def _word_start(text: str, low: int) -> int:
    while 0 < low < len(text) and _is_latin(text[low - 1]) and _is_latin(text[low]):
        low -= 1
    return low


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()


def _scan(text: str, low: int, high: int, until: int) -> Iterator[Word]:
    """Walk from left to right, the longest listed word at each place first."""
    listed, longest = lexicon(), _longest()
    place = low
    while place < until:
        char = text[place]
        if char < "\x80" and _is_latin(char):
            word = _latin_at(text, place)
            if word.class_:
                yield word
            place = word.end
            continue
        size = longest.get(char, 0)
        while size > 0 and text[place : place + size] not in listed:
            size -= 1
        if size and place + size <= high:
            found = text[place : place + size]
            yield Word(listed[found], found, place, place + size)
        place += size or 1


def _latin_at(text: str, place: int) -> Word:
    """Return the longest listed phrase that begins with the word here, or the word without a class."""
    listed = lexicon()
    ends: list[int] = []
    at = place
    while len(ends) < _PHRASE:
        match = _LATIN.match(text, at)
        if match is None:
            break
        ends.append(match.end())
        if text[match.end() : match.end() + 1] != " ":
            break
        at = match.end() + 1
    for end in reversed(ends):
        phrase = text[place:end].lower()
        if phrase in listed:
            return Word(listed[phrase], phrase, place, end)
    return (
        Word("", text[place : ends[0]], place, ends[0]) if ends else Word("", text[place], place, place + 1)
    )


@cache
def _longest() -> dict[str, int]:
    """Return, by first character, the length of the longest listed word that is not Latin."""
    longest: dict[str, int] = {}
    for word in lexicon():
        longest[word[0]] = max(longest.get(word[0], 0), len(word))
    return longest


class Difference(NamedTuple):
    """A class of words in which the sides differ; `in_more`: they are only a part of what changed."""

    row: Telling
    in_more: bool


def differences(a: Folded, b: Folded, change: Change) -> list[Difference]:
    """Return the classes whose words differ, in the order of the rules."""
    words_a = words_in(a.text, change.a0, change.a1)
    words_b = words_in(b.text, change.b0, change.b1)
    if not any(word.class_ for word in (*words_a, *words_b)):
        return []
    covered_a = _covers(words_a, a.text, change.a0, change.a1)
    covered_b = _covers(words_b, b.text, change.b0, change.b1)
    after, beside = _figures_near(a, b, change)
    found = []
    for row in telling():
        of_a = Counter(word.text for word in words_a if word.class_ == row.words)
        of_b = Counter(word.text for word in words_b if word.class_ == row.words)
        near = {"": True, "after": after, "beside": beside}[row.figures]
        if of_a != of_b and near:
            in_more = not (covered_a and of_a - of_b) and not (covered_b and of_b - of_a)
            found.append(Difference(row, in_more))
    return found


def _covers(words: tuple[Word, ...], text: str, start: int, end: int) -> bool:
    """Tell whether the span is telling words and space, and nothing else."""
    place = start
    for word in words:
        if word.class_ not in {"", "neutral"} and not text[place : word.start].strip():
            place = max(place, word.end)
    return not text[place:end].strip()


def _figures_near(a: Folded, b: Folded, change: Change) -> tuple[bool, bool]:
    """Tell whether a number stands before or in the change, and whether one stands anywhere beside it."""
    after = beside = False
    for text, start, end in ((a.text, change.a0, change.a1), (b.text, change.b0, change.b1)):
        before = _clause(text[max(0, start - _NEAR) : start][::-1])
        follows = _clause(text[end : end + _NEAR])
        inside = any(char in NUMERALS for char in before + text[start:end])
        after = after or inside or after_figures(text, start)
        beside = beside or any(char in NUMERALS for char in follows)
    return after, after or beside


def _clause(text: str) -> str:
    for place, char in enumerate(text):
        if char in _CLAUSE:
            return text[:place]
    return text


def after_figures(text: str, start: int) -> bool:
    """Tell whether a number in Latin script stands one word before (`300 million dollars`)."""
    before = text[max(0, start - 24) : start]
    return _FIGURES_BEFORE.search(before) is not None

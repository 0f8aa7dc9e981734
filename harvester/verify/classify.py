"""The class of an edit and whether it is material, by the rules of rules.toml."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache

from harvester.verify.chars import Change
from harvester.verify.fold import Folded
from harvester.verify.rules import Rule, lexicon, names, rules, thresholds
from harvester.verify.units import is_sentence_edge
from harvester.verify.values import DATE, NUMBER, date_value, number_value

_REACH = 24
_PLACE_LENGTHS = (2, 6)
_NUMERALS = frozenset("0123456789零〇一二三四五六七八九十百千万亿两廿卅")
_SEPARATORS = frozenset(",，、。.;:·—-… ")
_BRACKETS = frozenset("()[]【】《》〈〉{}<>〔〕")
_OF_FIGURES = ("quantity", "unit")
_CLASS_RULES = (
    ("negation", "negation.changed"),
    ("quantity", "number.qualifier"),
    ("modality", "modality.changed"),
    ("name", "name.lexicon"),
    ("unit", "unit.changed"),
    ("attribution", "attribution.changed"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule, and the compared values where it compares values (original → captured)."""

    rule: Rule
    note: str | None = None


def classify(a: Folded, b: Folded, change: Change) -> Finding:
    """Classify one change: `a` is the captured side, `b` the original, offsets are folded ones."""
    text_a, text_b = a.text[change.a0 : change.a1], b.text[change.b0 : change.b1]
    found = (
        _script(a, b, change)
        or _rewritten(text_a, text_b)
        or _whole_sentences(a, b, change)
        or _value(a, b, change)
        or _punctuation(a, b, change)
        or _long_stretch(a, b, change)
        or _word(a, b, change)
        or _name(a, b, change)
    )
    if found is not None:
        return found
    if text_a and text_b:
        return Finding(rules()["wording.changed"])
    return Finding(rules()["addition.word" if text_a else "omission.word"])


def _script(a: Folded, b: Folded, change: Change) -> Finding | None:
    text_a, text_b = a.text[change.a0 : change.a1], b.text[change.b0 : change.b1]
    if not text_a or not text_b:
        return None
    if a.key[change.a0 : change.a1] == b.key[change.b0 : change.b1]:
        return Finding(rules()["script.variant"])
    if unicodedata.normalize("NFC", text_a) == unicodedata.normalize("NFC", text_b):
        return Finding(rules()["script.composition"])
    if unicodedata.normalize("NFKC", text_a) == unicodedata.normalize("NFKC", text_b):
        return Finding(rules()["script.form"])
    return None


# ---- numbers and dates ----------------------------------------------------------------------------


def _value(a: Folded, b: Folded, change: Change) -> Finding | None:
    changed = a.text[change.a0 : change.a1] + b.text[change.b0 : change.b1]
    unpaired = change.a0 == change.a1 or change.b0 == change.b1
    long = len(changed) >= thresholds()["sentence_characters"] and unpaired
    if len(changed) > 2 * _REACH or (long and not DATE.fullmatch(changed) and not NUMBER.fullmatch(changed)):
        return None
    for pattern, value_of, name in ((DATE, date_value, "date"), (NUMBER, number_value, "number")):
        whole_a, whole_b = _expressions(a.text, b.text, change, pattern)
        value_a, value_b = value_of(whole_a), value_of(whole_b)
        if value_a is not None and value_b is not None:
            rule = f"{name}.style" if value_a == value_b else f"{name}.value"
            return Finding(rules()[rule], f"{whole_b} → {whole_a}")
        telling = any(char in _NUMERALS or char in "年月日号%‰" for char in changed)
        if telling and (_is_expression(whole_a, name) or _is_expression(whole_b, name)):
            if _in_neutral_word(a, b, change):
                return None
            return Finding(rules()[f"{name}.value"], f"{whole_b} → {whole_a}")
    if any(char.isdigit() for char in changed) and len(changed) <= _REACH and not _wordy(changed):
        return Finding(rules()["number.value"])
    return None


def _wordy(text: str) -> bool:
    return sum(char.isalpha() and char not in _NUMERALS for char in text) > len(text) // 3


def _is_expression(text: str, name: str) -> bool:
    return (date_value(text) if name == "date" else number_value(text)) is not None


def _expressions(a: str, b: str, change: Change, pattern: re.Pattern[str]) -> tuple[str, str]:
    """Widen the change on both sides by the same characters until it covers what it touches."""
    left_a, right_a = _touching(a, change.a0, change.a1, pattern)
    left_b, right_b = _touching(b, change.b0, change.b1, pattern)
    left = min(max(left_a, left_b), change.a0, change.b0)
    right = max(right_a, right_b)
    return a[change.a0 - left : change.a1 + right], b[change.b0 - left : change.b1 + right]


def _touching(text: str, start: int, end: int, pattern: re.Pattern[str]) -> tuple[int, int]:
    low = max(0, start - _REACH)
    left = right = 0
    for match in pattern.finditer(text, low, min(len(text), end + _REACH)):
        if match.start() <= end and match.end() >= start:
            left = max(left, start - match.start())
            right = max(right, match.end() - end)
    return left, right


def _in_neutral_word(a: Folded, b: Folded, change: Change) -> bool:
    words = [*_touched(a.text, change.a0, change.a1), *_touched(b.text, change.b0, change.b1)]
    digits = any(char.isdigit() for char in a.text[change.a0 : change.a1] + b.text[change.b0 : change.b1])
    return not digits and any(class_ == "neutral" for class_, _ in words)


# ---- punctuation ----------------------------------------------------------------------------------


def _punctuation(a: Folded, b: Folded, change: Change) -> Finding | None:
    text_a, text_b = a.text[change.a0 : change.a1], b.text[change.b0 : change.b1]
    if any(_is_word_character(char) for char in text_a + text_b):
        return None
    return Finding(rules()[_mark_rule(a, change, text_a, text_b)])


def _is_word_character(char: str) -> bool:
    return unicodedata.category(char)[0] not in "PSZ"


def _mark_rule(a: Folded, change: Change, text_a: str, text_b: str) -> str:
    marks = set(text_a) ^ set(text_b)
    around = a.text[change.a0 - 1 : change.a0] + a.text[change.a1 : change.a1 + 1]
    between_figures = len(around) == 2 and all(char in _NUMERALS for char in around)  # noqa: PLR2004  # both neighbours
    between_letters = len(around) == 2 and around.isascii() and around.isalpha()  # noqa: PLR2004  # both neighbours
    for telling, rule in (
        (text_a.count('"') != text_b.count('"'), "quotation.marks"),
        (marks & set("!?") or text_a.count("?") != text_b.count("?"), "punctuation.sentence"),
        ("…" in marks, "punctuation.ellipsis"),
        (marks & _BRACKETS, "punctuation.brackets"),
        (between_figures, "number.mark"),
        (" " in marks and between_letters, "wording.changed"),
        (marks - _SEPARATORS, "punctuation.symbol"),
    ):
        if telling:
            return rule
    return "punctuation.style"


# ---- words ----------------------------------------------------------------------------------------


def _word(a: Folded, b: Folded, change: Change) -> Finding | None:
    words_a = _touched(a.text, change.a0, change.a1)
    words_b = _touched(b.text, change.b0, change.b1)
    for class_, rule in _CLASS_RULES:
        of_a = Counter(word for kind, word in words_a if kind == class_)
        of_b = Counter(word for kind, word in words_b if kind == class_)
        if of_a != of_b and (class_ not in _OF_FIGURES or _beside_figures(a, b, change)):
            return Finding(rules()[rule])
    return None


def _beside_figures(a: Folded, b: Folded, change: Change) -> bool:
    near = a.text[max(0, change.a0 - 2) : change.a1 + 2] + b.text[max(0, change.b0 - 2) : change.b1 + 2]
    return any(char in _NUMERALS for char in near)


def _touched(text: str, start: int, end: int) -> list[tuple[str, str]]:
    """Return (class, word) of the listed words that the span cuts or holds."""
    found = _lexicon_pattern().finditer(text, max(0, start - 12), min(len(text), end + 12))
    cut = (match[0] for match in found if match.start() < end and match.end() > start)
    return [(lexicon()[word.lower()], word) for word in cut]


@cache
def _lexicon_pattern() -> re.Pattern[str]:
    listed = sorted(lexicon(), key=lambda word: (-len(word), word))
    han = "|".join(re.escape(word) for word in listed if not word.isascii())
    latin = "|".join(re.escape(word) for word in listed if word.isascii())
    return re.compile(rf"{han}|(?<![A-Za-z])(?:{latin})(?![A-Za-z])", re.IGNORECASE)


# ---- names ----------------------------------------------------------------------------------------


def _name(a: Folded, b: Folded, change: Change) -> Finding | None:
    for text, start, end in ((a.text, change.a0, change.a1), (b.text, change.b0, change.b1)):
        if _in_title_marks(text, start, end):
            return Finding(rules()["name.title-marks"])
        if _is_place(text[start:end]):
            return Finding(rules()["name.place"])
        low = max(0, start - _REACH)
        for match in _person_pattern().finditer(text, low, min(len(text), end + _REACH)):
            if (match.start() < end and match.end() > start) or match.start() < start < match.end():
                return Finding(rules()["name.person"])
    return None


def _is_place(text: str) -> bool:
    short = _PLACE_LENGTHS[0] <= len(text) <= _PLACE_LENGTHS[1] and text.isalpha()
    return short and text[-1] in names()["places"] and text[-2:] not in names()["common"].split()


def _in_title_marks(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 60) : start], text[end : end + 60]
    return before.rfind("《") > before.rfind("》") and 0 <= after.find("》") < (after + "《").find("《")


@cache
def _person_pattern() -> re.Pattern[str]:
    foreign, surname = names()["transliteration"], names()["surnames"]
    offices = "|".join(sorted(names()["offices"].split(), key=len, reverse=True))
    return re.compile(
        rf"[{foreign}]{{1,8}}(?:·[{foreign}]{{1,8}})+"
        rf"|(?<=[理统席相王长卿员使赞事人使表士志生])[{surname}][\u4e00-\u9fff]{{1,2}}(?=[在于说表指强会同出与和将应宣])"
        rf"|[{surname}][\u4e00-\u9fff]{{0,2}}(?={offices})"
    )


# ---- long stretches -------------------------------------------------------------------------------


def _unpaired(a: Folded, b: Folded, change: Change) -> tuple[str, Folded, int, int] | None:
    if change.b0 == change.b1:
        return "addition", a, change.a0, change.a1
    return ("omission", b, change.b0, change.b1) if change.a0 == change.a1 else None


def _whole_sentences(a: Folded, b: Folded, change: Change) -> Finding | None:
    stretch = _unpaired(a, b, change)
    if stretch is None:
        return None
    kind, side, start, end = stretch
    words = any(char.isalnum() for char in side.text[start:end])
    if not (words and is_sentence_edge(side, start) and is_sentence_edge(side, end)):
        return None
    whole = side.breaks_at(start) and (end == len(side.text) or side.breaks_at(end))
    return Finding(rules()[f"{kind}.{'paragraph' if whole else 'sentence'}"])


def _long_stretch(a: Folded, b: Folded, change: Change) -> Finding | None:
    """A part of a sentence that only one side has, unless it is just a listed word."""
    stretch = _unpaired(a, b, change)
    if stretch is None:
        return None
    kind, side, start, end = stretch
    text = side.text[start:end]
    if end - start < thresholds()["sentence_characters"] or text in lexicon():
        return None
    return Finding(rules()[f"{kind}.qualifier"])


def _rewritten(text_a: str, text_b: str) -> Finding | None:
    """A passage in place of another holds words of every class; it is other wording."""
    if text_a and text_b and max(len(text_a), len(text_b)) > _REACH:
        return Finding(rules()["wording.changed"])
    return None

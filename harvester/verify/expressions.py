"""Numbers and dates that a change touches, compared as values."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from harvester.verify.chars import Change
from harvester.verify.fold import Folded
from harvester.verify.rules import range_marks, thresholds
from harvester.verify.telling import words_in
from harvester.verify.values import DATE, NUMBER, NUMERALS, date_value, number_value

REACH: Final = 24
"""How far beside a change an expression is looked for, in characters."""
_PREFIXED = frozenset("米克瓦卡帕赫焦伏")
_FEW = 2
_MARKS = frozenset("年月日号时分%‰")


class Compared(NamedTuple):
    """The rule, and the two expressions as they are written (original → captured), where both are there."""

    rule: str
    note: str | None = None


class _Kind(NamedTuple):
    name: str
    pattern: re.Pattern[str]
    value_of: Callable[[str], object]


_KINDS = (_Kind("date", DATE, date_value), _Kind("number", NUMBER, number_value))


def compared(a: Folded, b: Folded, change: Change) -> Compared | None:
    """Compare the numbers or dates that a change touches; None if it touches none, or is a longer passage."""
    changed = a.text[change.a0 : change.a1] + b.text[change.b0 : change.b1]
    unpaired = change.a0 == change.a1 or change.b0 == change.b1
    if len(changed) > 2 * REACH or not _may_touch(a.text, b.text, change):
        return None
    long = len(changed) >= thresholds()["sentence_characters"] and unpaired
    if (long or (unpaired and _others(changed) > _FEW)) and not _is_expression(changed):
        return None
    if _is_unit_prefix(a.text, change.a0, change.a1) or _is_unit_prefix(b.text, change.b0, change.b1):
        return None
    if _is_range_mark(a.text, b.text, change):
        return Compared("number.style")
    by_kind = filter(None, (_by_kind(a, b, change, kind, changed) for kind in _KINDS))
    return next(by_kind, None) or _figures(changed)


def _figures(changed: str) -> Compared | None:
    if any(char.isdigit() for char in changed) and len(changed) <= REACH and not _wordy(changed):
        return Compared("number.value")
    return None


def _may_touch(a: str, b: str, change: Change) -> bool:
    near = a[max(0, change.a0 - 2) : change.a1 + 2] + b[max(0, change.b0 - 2) : change.b1 + 2]
    return any(char in NUMERALS or char in _MARKS or (char.isascii() and char.isalnum()) for char in near)


def _by_kind(a: Folded, b: Folded, change: Change, kind: _Kind, changed: str) -> Compared | None:
    whole_a, whole_b = _widened(a.text, b.text, change, kind.pattern)
    value_a, value_b = kind.value_of(whole_a), kind.value_of(whole_b)
    note = f"{whole_b} → {whole_a}"
    if value_a is not None and value_b is not None:
        if kind.name == "number" and not _both_whole(a, b, change) and _in_listed_word(a, b, change):
            return None
        return Compared(f"{kind.name}.{'style' if value_a == value_b else 'value'}", note)
    if value_a is None and value_b is None:
        return None
    telling = any(char in NUMERALS or char in _MARKS for char in changed)
    if (telling or _is_whole(whole_a, whole_b, changed)) and not _in_listed_word(a, b, change):
        return Compared(f"{kind.name}.value", note)
    return None


def _both_whole(a: Folded, b: Folded, change: Change) -> bool:
    """Tell whether each side's changed text is a number by itself."""
    sides = a.text[change.a0 : change.a1], b.text[change.b0 : change.b1]
    return all(NUMBER.fullmatch(text) for text in sides)


def _is_whole(whole_a: str, whole_b: str, changed: str) -> bool:
    """Tell whether a whole expression in words stands on one side only, or in place of something else."""
    return changed in {whole_a + whole_b, whole_a, whole_b} and not any(char >= "\u3400" for char in changed)


def _is_expression(text: str) -> bool:
    text = text.strip()
    return bool(DATE.fullmatch(text) or NUMBER.fullmatch(text))


def _others(text: str) -> int:
    """Count the letters that are no numerals."""
    return sum(char.isalpha() and char not in NUMERALS and char not in _MARKS for char in text)


def _is_unit_prefix(text: str, start: int, end: int) -> bool:
    return text[start:end] == "千" and text[end : end + 1] in _PREFIXED


def _is_range_mark(a: str, b: str, change: Change) -> bool:
    marks = range_marks()
    if a[change.a0 : change.a1] not in marks or b[change.b0 : change.b1] not in marks:
        return False
    around = a[change.a0 - 1 : change.a0] + a[change.a1 : change.a1 + 1]
    return len(around) > 1 and all(char in NUMERALS or char in "年月日时%" for char in around)


def _wordy(text: str) -> bool:
    return _others(text) > len(text) // 3


def _widened(a: str, b: str, change: Change, pattern: re.Pattern[str]) -> tuple[str, str]:
    """Widen the change on both sides by the same characters until it covers what it touches."""
    left_a, right_a = _touching(a, change.a0, change.a1, pattern)
    left_b, right_b = _touching(b, change.b0, change.b1, pattern)
    left = min(max(left_a, left_b), change.a0, change.b0)
    right = max(right_a, right_b)
    wide_a, wide_b = a[change.a0 - left : change.a1 + right], b[change.b0 - left : change.b1 + right]
    return _bare(wide_a), _bare(wide_b)


def _bare(text: str) -> str:
    return text.strip().removeprefix("the").strip()


def _touching(text: str, start: int, end: int, pattern: re.Pattern[str]) -> tuple[int, int]:
    low = max(0, start - REACH)
    left = right = 0
    for match in pattern.finditer(text, low, min(len(text), end + REACH)):
        if match.start() > end:
            break
        if match.end() >= start:
            left = max(left, start - match.start())
            right = max(right, match.end() - end)
    return left, right


def _in_listed_word(a: Folded, b: Folded, change: Change) -> bool:
    """Tell whether the numeral is only a part of a word (一致, 百姓), which the lexicon lists."""
    changed = a.text[change.a0 : change.a1] + b.text[change.b0 : change.b1]
    if any(char in "0123456789" for char in changed):
        return False
    words = [*words_in(a.text, change.a0, change.a1), *words_in(b.text, change.b0, change.b1)]
    listed = (word.text for word in words if word.class_ not in {"unit", "date"})
    return any(len(word) > 1 and any(char in NUMERALS for char in word) for word in listed)

"""Names by form: persons, places, bodies and documents that no list has."""

from __future__ import annotations

import re
from functools import cache

from harvester.verify.chars import Change
from harvester.verify.fold import Folded
from harvester.verify.marks import proper_name
from harvester.verify.rules import name_words, names
from harvester.verify.telling import words_in

_REACH = 24
_TITLE_REACH = 60
_MOST_HAN = 8
_PLACE_LENGTHS = (2, 6)


def name_rule(a: Folded, b: Folded, change: Change) -> str | None:
    """Return the rule of a change inside a name; None if neither side's text looks like one."""
    sides = ((a.text, change.a0, change.a1), (b.text, change.b0, change.b1))
    for rule, test in (
        ("name.title-marks", _in_title_marks),
        ("name.person", is_person),
        ("name.place", _is_place),
        ("name.body", _is_body),
        ("name.treaty", _is_treaty),
        ("name.capitalised", proper_name),
    ):
        if any(start < end and test(text, start, end) for text, start, end in sides):
            return rule
        if rule in {"name.title-marks", "name.person"} and any(test(*side) for side in sides):
            return rule
    return None


def _in_title_marks(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - _TITLE_REACH) : start], text[end : end + _TITLE_REACH]
    return before.rfind("《") > before.rfind("》") and 0 <= after.find("》") < (after + "《").find("《")


def is_person(text: str, start: int, end: int) -> bool:
    """Tell whether the span lies in a person's name: by its characters or by what stands beside it."""
    low = max(0, start - _REACH)
    for match in _foreign().finditer(text, low, min(len(text), end + _REACH)):
        if (match.start() < end and match.end() > start) or match.start() < start < match.end():
            return True
    return _is_short_foreign(text, start, end) or _is_chinese_person(text, start, end)


@cache
def _foreign() -> re.Pattern[str]:
    letters = names()["transliteration"]
    return re.compile(rf"[{letters}]{{1,8}}(?:·[{letters}]{{1,8}})+")


def _is_short_foreign(text: str, start: int, end: int) -> bool:
    """A foreign name without a dot: two or more characters that write sounds, where a person can stand."""
    letters = _sounds()
    low, high = start, end
    if not all(char in letters for char in text[start:end]) or start == end:
        return False
    while low > 0 and start - low < _MOST_HAN and text[low - 1] in letters:
        low -= 1
    while high < len(text) and high - end < _MOST_HAN and text[high] in letters:
        high += 1
    if high - low < 2 or text[low : low + 2] in name_words("not_person"):  # noqa: PLR2004 - one sound is no name
        return False
    return high - low > 2 or _person_beside(text, low, high)  # noqa: PLR2004


@cache
def _sounds() -> frozenset[str]:
    return frozenset(names()["transliteration"])


def _is_chinese_person(text: str, start: int, end: int) -> bool:
    """A surname with one or two characters after it, beside an office or a verb of speech."""
    for low in range(max(0, start - 2), start + 1):
        size = 2 if text[low : low + 2] in name_words("double_surnames") else 1
        if size == 1 and text[low : low + 1] not in _surnames():
            continue
        for given in (2, 1):
            high = low + size + given
            if high >= end and low <= start < high <= len(text) and _reads_as_name(text, low, high):
                return True
    return False


def _reads_as_name(text: str, low: int, high: int) -> bool:
    token = text[low:high]
    if not all("\u3400" <= char <= "\u9fff" for char in token) or token[:2] in name_words("not_person"):
        return False
    return _person_beside(text, low, high)


def _person_beside(text: str, low: int, high: int) -> bool:
    before, after = text[max(0, low - 5) : low], text[high : high + 5]
    offices = name_words("before_person_strong"), name_words("after_person_strong")
    if before.endswith(offices[0]) or after.startswith(offices[1]):
        return True
    weak = not before or before.endswith(name_words("before_person"))
    return weak and after.startswith(name_words("after_person"))


@cache
def _surnames() -> frozenset[str]:
    return frozenset(names()["surnames"])


def _is_place(text: str, start: int, end: int) -> bool:
    token = text[start:end]
    if not _is_han(token) or _is_listed(text, start, end):
        return False
    for high in (end, end + 1):
        whole = text[start:high]
        ends = whole[-1] in names()["place_endings"] and whole[-2:] not in name_words("not_places")
        ahead = text[high - 1 : high + 1] in name_words("not_place_ahead")
        if ends and not ahead and _PLACE_LENGTHS[0] <= len(whole) <= _PLACE_LENGTHS[1]:
            return True
    before = text[max(0, start - 5) : start]
    after = text[end : end + 6]
    near_before = any(before[: len(before) - skip].endswith(name_words("before_place")) for skip in (0, 1))
    near_after = any(after[skip:].startswith(name_words("after_place")) for skip in (0, 1))
    return near_before and near_after and len(token) <= _PLACE_LENGTHS[1]


def _is_body(text: str, start: int, end: int) -> bool:
    if not _is_han(text[start:end]) or _is_listed(text, start, end):
        return False
    return _ends_soon(text, end, "body_endings", "not_bodies", "not_body_ahead")


def _is_treaty(text: str, start: int, end: int) -> bool:
    token = text[start:end]
    if not _is_han(token) or _is_listed(text, start, end) or token.endswith(name_words("not_treaty")):
        return False
    return any(text.startswith(name_words("treaty_endings"), end + gap) for gap in (0, 1))


def _ends_soon(text: str, end: int, endings: str, but: str, ahead: str) -> bool:
    """Tell whether the name goes on, by at most one character, into one of the endings."""
    for gap in (0, 1):
        for ending in name_words(endings):
            if not text.startswith(ending, end + gap):
                continue
            high = end + gap + len(ending)
            goes_on = text[high - 1 : high + 2].startswith(name_words(ahead))
            if not goes_on and text[high - 2 : high] not in name_words(but):
                return True
    return False


def _is_listed(text: str, start: int, end: int) -> bool:
    """Tell whether the whole span is words of the lexicon that are no names."""
    words = words_in(text, start, end)
    return any(word.start <= start and word.end >= end for word in words)


def _is_han(text: str) -> bool:
    return bool(text) and len(text) <= _MOST_HAN and all("\u3400" <= char <= "\u9fff" for char in text)

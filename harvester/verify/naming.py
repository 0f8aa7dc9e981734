"""Names by form: persons, places, bodies and documents that no list has."""

from __future__ import annotations

import re
from functools import cache

from harvester.verify.chars import Change
from harvester.verify.fold import Folded
from harvester.verify.marks import proper_name
from harvester.verify.rules import lexicon, name_words, names
from harvester.verify.telling import after_figures, words_in
from harvester.verify.values import NUMERALS

_DOT_REACH = 4
_CURRENCY_REACH = 4
_TITLE_REACH = 60
_TITLE_SKIP = 5
_NEXT_WORD = re.compile("[A-Za-z]{0,16} ?([A-Za-z]{1,16})")
_REST_OF_WORD = re.compile("[A-Za-z]{0,16}")
_TITLE_STOP = re.compile("[。!?]")
_MOST_HAN = 8
_PLACE_LENGTHS = (2, 6)


def title_rule(a: Folded, b: Folded, change: Change) -> str | None:
    """Return the rule of a change of words inside title marks."""
    for text, start, end in ((a.text, change.a0, change.a1), (b.text, change.b0, change.b1)):
        if any(char.isalnum() for char in text[start:end]) and _in_title_marks(text, start, end):
            return "name.title-marks"
    return None


def currency_rule(a: Folded, b: Folded, change: Change) -> str | None:
    """Return the rule of a change of a currency's name, between a number and what all such names end with."""
    money = name_words("currency_endings")
    for text, start, end in ((a.text, change.a0, change.a1), (b.text, change.b0, change.b1)):
        changed = text[start:end]
        if _is_latin(changed):
            following = _NEXT_WORD.match(text, end)
            rest = _REST_OF_WORD.match(text, end)
            words = (changed.split()[-1] + (rest[0] if rest else ""), following[1] if following else "")
            if after_figures(text, start) and any(lexicon().get(word.lower()) == "unit" for word in words):
                return "unit.changed"
        in_money = changed.endswith(money) or text.startswith(money, end)
        near = text[max(0, start - _CURRENCY_REACH) : start]
        if in_money and _is_han(changed) and any(char in NUMERALS for char in near):
            return "unit.changed"
    return None


def counted_rule(a: Folded, b: Folded, change: Change) -> str | None:
    """Return the rule of a change of the Latin noun that a number counts."""
    for text, start, end in ((a.text, change.a0, change.a1), (b.text, change.b0, change.b1)):
        if _is_latin(text[start:end]) and after_figures(text, start):
            return "unit.changed"
    return None


def _is_latin(text: str) -> bool:
    return text.isascii() and any(char.isalpha() for char in text)


def name_rule(a: Folded, b: Folded, change: Change) -> str | None:
    """Return the rule of a change inside a name; None if neither side's text looks like one."""
    sides = ((a.text, change.a0, change.a1), (b.text, change.b0, change.b1))
    there = [side for side in sides if side[1] < side[2]]
    if any(is_person(*side) for side in there):
        return "name.person"
    unlisted = [side for side in there if _is_han(side[0][side[1] : side[2]]) and not _is_listed(*side)]
    for rule, test in _BY_FORM:
        if any(test(*side) for side in unlisted):
            return rule
    if any(proper_name(*side) for side in there):
        return "name.capitalised"
    empty = (side for side in sides if side[1] == side[2])
    return "name.person" if any(is_person(*side) for side in empty) else None


def _in_title_marks(text: str, start: int, end: int) -> bool:
    if "《" not in text[max(0, start - _TITLE_REACH) : start]:
        return False
    before = _TITLE_STOP.split(text[max(0, start - _TITLE_REACH) : start])[-1]
    after = _TITLE_STOP.split(text[end : end + _TITLE_REACH], maxsplit=1)[0]
    return before.rfind("《") > before.rfind("》") and 0 <= after.find("》") < (after + "《").find("《")


def is_person(text: str, start: int, end: int) -> bool:
    """Tell whether the span lies in a person's name: by its characters or by what stands beside it."""
    return (
        _is_dotted(text, start, end)
        or _is_short_foreign(text, start, end)
        or is_chinese_person(text, start, end)
    )


def _is_dotted(text: str, start: int, end: int) -> bool:
    """A foreign name with a middle dot: the dot is in the span, or at most four ideographs away."""
    if "·" not in text[max(0, start - _DOT_REACH - 1) : end + _DOT_REACH + 1]:
        return False
    low = start
    while low > 0 and start - low < _DOT_REACH and _is_han(text[low - 1]):
        low -= 1
    high = end
    while high < len(text) and high - end < _DOT_REACH and _is_han(text[high]):
        high += 1
    return start < end and "·" in text[max(0, low - 1) : high + 1] and all(map(_in_dotted, text[start:end]))


def _in_dotted(char: str) -> bool:
    return char == "·" or _is_han(char)


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


def is_chinese_person(text: str, start: int, end: int) -> bool:
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
    before, after = text[max(0, low - 5) : low], text[high : high + 9]
    offices = name_words("before_person_strong"), name_words("after_person_strong")
    if before.endswith(offices[0]) or any(after.startswith(offices[1], skip) for skip in range(_TITLE_SKIP)):
        return True
    weak = not before or before.endswith(name_words("before_person"))
    return weak and after.startswith(name_words("after_person"))


@cache
def _surnames() -> frozenset[str]:
    return frozenset(names()["surnames"])


def _is_place(text: str, start: int, end: int) -> bool:
    token = text[start:end]
    for high in (end, end + 1):
        whole = text[start:high]
        ends = whole[-1] in names()["place_endings"] and whole[-2:] not in name_words("not_places")
        ahead = text[high - 1 : high + 1] in name_words("not_place_ahead")
        if ends and not ahead and _PLACE_LENGTHS[0] <= len(whole) <= _PLACE_LENGTHS[1]:
            return True
    before = text[max(0, start - 5) : start]
    after = text[end : end + 6]
    words = name_words("before_place")
    if len(token) > _PLACE_LENGTHS[1] or not (before.endswith(words) or before[:-1].endswith(words)):
        return False
    words = name_words("after_place")
    return after.startswith(words) or after.startswith(words, 1)


def _is_body(text: str, start: int, end: int) -> bool:
    if end - start > 2 and text[start:end].endswith(name_words("body_ends_of_long")):  # noqa: PLR2004
        return True
    if text[start:end] in name_words("body_endings") and _is_han(text[start - 1 : start]):
        return True
    places = (end, end + 1, *range(end - 1, start, -1))
    return any(_body_ends(text, place) for place in places)


def _body_ends(text: str, place: int) -> bool:
    """Tell whether an ending of a body begins here, that does not go on into another word."""
    for ending in _body_endings().get(text[place : place + 1], ()):
        if text.startswith(ending, place):
            high = place + len(ending)
            goes_on = text[high - 1 : high + 2].startswith(name_words("not_body_ahead"))
            if not goes_on and text[high - 2 : high] not in name_words("not_bodies"):
                return True
    return False


@cache
def _body_endings() -> dict[str, tuple[str, ...]]:
    """Return the endings of bodies by their first character."""
    endings = name_words("body_endings")
    return {ending[0]: tuple(one for one in endings if one[0] == ending[0]) for ending in endings}


def _is_office(text: str, start: int, end: int) -> bool:
    endings = name_words("office_endings")
    return text[start:end].endswith(endings) or any(text.startswith(endings, end + gap) for gap in (0, 1))


def _is_treaty(text: str, start: int, end: int) -> bool:
    token = text[start:end]
    if token.endswith(name_words("not_treaty")):
        return False
    endings = name_words("treaty_endings")
    return token.endswith(endings) or any(text.startswith(endings, end + gap) for gap in (0, 1))


_BY_FORM = (
    ("name.body", _is_body),
    ("name.place", _is_place),
    ("name.office", _is_office),
    ("name.treaty", _is_treaty),
)


def _is_listed(text: str, start: int, end: int) -> bool:
    """Tell whether the whole span is words of the lexicon that are no names."""
    words = words_in(text, start, end)
    return any(word.start <= start and word.end >= end for word in words)


def _is_han(text: str) -> bool:
    return 0 < len(text) <= _MOST_HAN and min(text) >= "\u3400" and max(text) <= "\u9fff"

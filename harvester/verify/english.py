"""English numbers and dates as values: twenty-five = 25, 1.5 billion, 8th of May = May 8."""

from __future__ import annotations

import re
from fractions import Fraction

_ONES = tuple(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "  # noqa: SIM905
    "sixteen seventeen eighteen nineteen".split()
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = tuple(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "  # noqa: SIM905
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth".split()
)
_SMALL = (
    {word: value for value, word in enumerate(_ONES)}
    | {word: 10 * value for value, word in enumerate(_TENS, 2)}
    | {word: value for value, word in enumerate(_ORDINALS, 1)}
    | {f"{word[:-1]}ieth": 10 * value for value, word in enumerate(_TENS, 2)}
)
_ROUND = frozenset(range(20, 100, 10))
_ORDINAL_OF = {word: value for value, word in enumerate(_ORDINALS, 1) if value > 2}  # noqa: PLR2004 - a half has its own word
_FRACTION_WORDS = 2
_TEN = 10
_LARGE = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_MONTHS = tuple(
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
_MONTH_OF = {name[:3]: number for number, name in enumerate(_MONTHS, 1)}

_WORD = "|".join(sorted((*_SMALL, "hundred", *_LARGE), key=len, reverse=True))
_ARABIC = r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?"
_PERCENT = r"(?:%| ?per ?cent(?![a-z]))"

_PARTS = "half|quarter|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth"
_FRACTION = (
    r"(?<![A-Za-z-])(?:(?i:one|two|three|four|five|six|seven|eight|nine|an?)[ -])"
    rf"(?i:{_PARTS})s?(?![A-Za-z-])"
    rf"|(?<![A-Za-z-])(?i:half)(?![A-Za-z-])"
)
NUMBER = (
    rf"{_FRACTION}|"
    rf"{_ARABIC}(?: ?(?:hundred|thousand|million|billion|trillion)(?![A-Za-z]))?{_PERCENT}"
    rf"|{_ARABIC} ?(?:hundred|thousand|million|billion|trillion)(?![A-Za-z])"
    rf"|[0-9]+(?:st|nd|rd|th)(?![A-Za-z])"
    rf"|(?<![A-Za-z])(?i:{_WORD})(?:(?:[ -]|[ -]and[ -])(?i:{_WORD}))*(?![A-Za-z]){_PERCENT}?"
)
"""The pattern of a number as English writes it, where it is not one in figures alone."""

_MONTH = rf"(?:{'|'.join(_MONTHS)}|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?(?![a-z]))"
_DAY = r"[0-9]{1,2}(?:(?:st|nd|rd|th)(?![a-z]))?"
_YEAR = r"(?:,? ?[0-9]{4}(?![0-9]))"
DATE = rf"{_DAY} ?(?:of ?)?{_MONTH}{_YEAR}?|{_MONTH} ?{_DAY}(?![0-9]){_YEAR}?|{_MONTH}{_YEAR}"
"""The pattern of a date as English writes it."""

_NUMBER_ALL = re.compile(NUMBER)
_DATE_ALL = re.compile(DATE)
_PERCENT_END = re.compile(rf"{_PERCENT}$")
_MONTH_IN = re.compile(_MONTH)
_FIGURES = re.compile("[0-9]+")
_SPLIT = re.compile("[ -]+")
_YEAR_FROM = 100


def number_value(text: str) -> Fraction | None:
    """Return the value of a text that is one English number, None if it is not."""
    if not _NUMBER_ALL.fullmatch(text):
        return None
    share = _PERCENT_END.search(text)
    scale = Fraction(1, 100) if share else Fraction(1)
    text = text[: share.start()] if share else text
    figures = re.match(_ARABIC, text)
    if figures:
        rest = text[figures.end() :].strip()
        by = {"hundred": 100, **_LARGE}.get(rest, 1)
        return Fraction(figures[0].replace(",", "")) * by * scale
    words = _SPLIT.split(text.lower())
    value = _fraction(words) or _in_words(words)
    return None if value is None else value * scale


def _fraction(words: list[str]) -> Fraction | None:
    """Read `half` and `two thirds`; one third is no four."""
    part = words[-1].removesuffix("s")
    below = {"half": 2, "quarter": 4}.get(part) or (_ORDINAL_OF.get(part) if len(words) > 1 else None)
    if below is None or len(words) > _FRACTION_WORDS:
        return None
    above = 1 if len(words) == 1 or words[0] in {"a", "an"} else _SMALL.get(words[0], 0)
    return Fraction(above, below) if 0 < above < _TEN and below <= _TEN else None


def _in_words(words: list[str]) -> Fraction | None:
    """Read a number in words; None for what is not well formed, such as `five six`."""
    total = part = 0
    last_large = 1 << 60
    room = 1000  # what may still be added to the part: below a hundred, below ten, nothing
    for word in words:
        if word in _SMALL and _SMALL[word] < room and (_SMALL[word] or len(words) == 1):
            part += _SMALL[word]
            room = 10 if _SMALL[word] in _ROUND and word in _TENS else 1
        elif word == "hundred" and 0 <= part < _TEN:
            part = (part or 1) * 100
            room = 100
        elif word in _LARGE and _LARGE[word] < last_large:
            total += (part or 1) * _LARGE[word]
            part, room, last_large = 0, 1000, _LARGE[word]
        elif word != "and":
            return None
    return Fraction(total + part)


def date_value(text: str) -> tuple[tuple[str, Fraction | None], ...] | None:
    """Return year, month and day of a text that is one English date, as far as it has them."""
    if not _DATE_ALL.fullmatch(text):
        return None
    month = _MONTH_IN.search(text)
    if month is None:
        return None
    parts: dict[str, Fraction | None] = {"月": Fraction(_MONTH_OF[month[0][:3]])}
    for figures in _FIGURES.findall(text):
        parts["年" if int(figures) >= _YEAR_FROM else "日"] = Fraction(int(figures))
    return tuple((name, parts[name]) for name in ("年", "月", "日") if name in parts)

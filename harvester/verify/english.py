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
_LARGE = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_MONTHS = tuple(
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
_MONTH_OF = {name[:3]: number for number, name in enumerate(_MONTHS, 1)}

_WORD = "|".join(sorted((*_SMALL, "hundred", *_LARGE), key=len, reverse=True))
_ARABIC = r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?"
_PERCENT = r"(?:%| ?per ?cent(?![a-z]))"

NUMBER = (
    rf"{_ARABIC}(?: ?(?:hundred|thousand|million|billion|trillion)(?![A-Za-z]))?{_PERCENT}"
    rf"|{_ARABIC} ?(?:hundred|thousand|million|billion|trillion)(?![A-Za-z])"
    rf"|[0-9]+(?:st|nd|rd|th)(?![A-Za-z])"
    rf"|(?<![A-Za-z])(?i:{_WORD})(?:(?:[ -]|[ -]and[ -])(?i:{_WORD}))*(?![A-Za-z]){_PERCENT}?"
)
"""The pattern of a number as English writes it, where it is not one in figures alone."""

_MONTH = rf"(?:{'|'.join(_MONTHS)}|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?(?![a-z]))"
_DAY = r"[0-9]{1,2}(?:st|nd|rd|th)?"
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
    return _in_words(_SPLIT.split(text.lower())) * scale


def _in_words(words: list[str]) -> Fraction:
    total = part = 0
    for word in words:
        if word in _SMALL:
            part += _SMALL[word]
        elif word == "hundred":
            part = (part or 1) * 100
        elif word in _LARGE:
            total += (part or 1) * _LARGE[word]
            part = 0
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

"""Numbers and dates as values: Arabic and Chinese numerals, percentages, fractions (二十 = 20)."""

from __future__ import annotations

import re
from fractions import Fraction

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SMALL = {"十": 10, "百": 100, "千": 1000, "廿": 20, "卅": 30}
_LARGE = {"万": 10**4, "亿": 10**8}
_C = "零〇一二三四五六七八九十百千万亿两廿卅"
_ARABIC = r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?"
_COUNT = rf"(?:[0-9]+|[{_C}]+)"

NUMBER = re.compile(
    rf"[百千万]分之(?:{_ARABIC}|[{_C}]+(?:点[{_C}]+)?)"
    rf"|[0-9]+分之[0-9]+|[{_C}]+分之[{_C}]+"
    rf"|{_ARABIC}(?:万亿|[万亿千百十])?[%‰]?"
    rf"|[{_C}]+(?:点[{_C}]+)?"
)
"""One number as it is written."""

DATE = re.compile(
    rf"{_COUNT}年(?:{_COUNT}月(?:{_COUNT}[日号])?)?|{_COUNT}月(?:{_COUNT}[日号])?|{_COUNT}[日号]"
    r"|[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}"
)
"""One date, or part of one, as it is written."""

_DATE_PARTS = re.compile(rf"({_COUNT})([年月日号]?)[-/.]?")
_PER = {"百": 100, "千": 1000, "万": 10_000}


def number_value(text: str) -> Fraction | None:
    """Return the value of a text that is one number, None if it is not."""
    if not NUMBER.fullmatch(text):
        return None
    if "分之" in text:
        below, above = text.split("分之")
        bottom = Fraction(_PER[below]) if below in _PER else number_value(below)
        top = number_value(above)
        return top / bottom if top is not None and bottom else None
    scale = Fraction(1)
    if text[-1] in "%‰":
        scale = Fraction(1, 100 if text[-1] == "%" else 1000)
        text = text[:-1]
    return _arabic(text, scale) if text[0] in "0123456789" else _chinese(text)


def date_value(text: str) -> tuple[tuple[str, Fraction | None], ...] | None:
    """Return year, month and day of a text that is one date, as far as it has them."""
    if not DATE.fullmatch(text):
        return None
    parts = _DATE_PARTS.findall(text)
    names = ["年", "月", "日"]
    return tuple(
        ((name or names[place]).replace("号", "日"), number_value(count))
        for place, (count, name) in enumerate(parts)
    )


def _arabic(text: str, scale: Fraction) -> Fraction:
    while text[-1] in "十百千万亿":
        scale *= _SMALL.get(text[-1]) or _LARGE[text[-1]]
        text = text[:-1]
    return Fraction(text.replace(",", "")) * scale


def _chinese(text: str) -> Fraction | None:
    whole, _, decimals = text.partition("点")
    if decimals:
        if any(char not in _DIGITS for char in decimals):
            return None
        figures = "".join(str(_DIGITS[char]) for char in decimals)
        return _chinese_whole(whole) + Fraction(int(figures), 10 ** len(figures))
    return _chinese_whole(whole)


def _chinese_whole(text: str) -> Fraction:
    if all(char in _DIGITS for char in text):  # 二〇二四
        return Fraction(int("".join(str(_DIGITS[char]) for char in text)))
    total = section = digit = 0
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _SMALL:
            section += (digit or 1) * _SMALL[char] if char in "十百千" else _SMALL[char]
            digit = 0
        elif char == "亿":
            total = (total + section + digit or 1) * _LARGE[char]
            section = digit = 0
        else:
            total += (section + digit or 1) * _LARGE[char]
            section = digit = 0
    return Fraction(total + section + digit)

"""Numbers and dates as values: Arabic and Chinese numerals, percentages, fractions (二十 = 20)."""

from __future__ import annotations

import re
from fractions import Fraction

from harvester.verify import english

_DIGITS = (
    {char: value for value, char in enumerate("零一二三四五六七八九")}
    | {char: value for value, char in enumerate("壹贰叁肆伍陆柒捌玖", 1)}  # as on a cheque
    | {"〇": 0, "○": 0, "两": 2}
)
_SMALL = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000, "廿": 20, "卅": 30, "卌": 40}
_LARGE = {"万": 10**4, "亿": 10**8}
_C = "零〇○一二三四五六七八九十百千万亿两廿卅卌"
_CHEQUE = "[壹贰叁肆伍陆柒捌玖拾佰仟零万亿]{2,}"
_PREFIXED = "(?![米克瓦卡帕赫焦伏])"  # 千米 is a unit, not a thousand
_CS = rf"(?:[{_C.replace('千', '')}]|千{_PREFIXED})+"
_ARABIC = r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?"
_SCALE = f"(?:万亿|[万亿百十]|千{_PREFIXED})"
_COUNT = rf"(?:[0-9]+|{_CS})"

NUMERALS = frozenset("0123456789" + _C)
"""Characters that numbers are written with."""

_NUMBER = (
    rf"[百千万]分之(?:{_ARABIC}|{_CS}(?:点{_CS})?)"
    rf"|[0-9]+分之[0-9]+|{_CS}分之{_CS}"
    rf"|(?<![0-9/])[0-9]+/[0-9]+(?![0-9/])"
    rf"|{_ARABIC}{_SCALE}(?:[0-9]+[万千百十])*(?:[0-9]+)?(?![0-9.])[%‰]?"
    rf"|{_ARABIC}{_SCALE}?[%‰]?"
    rf"|{_CS}(?:点{_CS})?|{_CHEQUE}"
)
NUMBER = re.compile(f"{english.NUMBER}|{_NUMBER}")
"""One number as it is written."""

_WEEKDAY = "(?:星期|周|礼拜)[一二三四五六日天](?!年|期)"
_TIME = rf"[0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?|{_COUNT}时(?:{_COUNT}分)?(?![代期间候])"
_YEAR = "(?:[0-9]{4}|[零〇○一二三四五六七八九]{4})年"
_MONTH = rf"{_COUNT}月(?:{_COUNT}[日号])?"
_DATE = (
    rf"{_YEAR}(?:{_MONTH})?|[0-9]{{2}}年{_MONTH}|{_MONTH}|{_COUNT}[日号](?![元本方均报程线])"
    r"|[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}"
)
DATE = re.compile(f"{english.DATE}|{_DATE}|{_WEEKDAY}|{_TIME}")
"""One date or time, or part of one, as it is written."""

_NUMBER_ALL = re.compile(_NUMBER)
_DATE_ALL = re.compile(_DATE)
_TIME_ALL = re.compile(_TIME)
_WEEKDAY_ALL = re.compile(_WEEKDAY)
_DATE_PARTS = re.compile(rf"({_COUNT})([年月日号]?)[-/.]?")
_COUNTS = re.compile(_COUNT)
_ARABIC_PARTS = re.compile(rf"({_ARABIC})({_SCALE}?)")
_PER = {"百": 100, "千": 1000, "万": 10_000}

DateValue = tuple[tuple[str, Fraction | None], ...]


def number_value(text: str) -> Fraction | None:
    """Return the value of a text that is one number, None if it is not."""
    if not _NUMBER_ALL.fullmatch(text):
        return english.number_value(text)
    if "分之" in text:
        below, above = text.split("分之")
        return _share(number_value(above), Fraction(_PER[below]) if below in _PER else number_value(below))
    if "/" in text:
        above, below = text.split("/")
        return _share(Fraction(above), Fraction(below))
    scale = Fraction(1)
    if text[-1] in "%‰":
        scale = Fraction(1, 100 if text[-1] == "%" else 1000)
        text = text[:-1]
    return _arabic(text) * scale if text[0] in "0123456789" else _chinese(text)


def _share(above: Fraction | None, below: Fraction | None) -> Fraction | None:
    return above / below if above is not None and below else None


def date_value(text: str) -> DateValue | None:
    """Return year, month, day (or weekday, hour, minute) of a text that is one date, where it has them."""
    if _DATE_ALL.fullmatch(text):
        names = ["年", "月", "日"]
        parts = _DATE_PARTS.findall(text)
        return tuple(
            ((name or names[place]).replace("号", "日"), number_value(count))
            for place, (count, name) in enumerate(parts)
        )
    if _WEEKDAY_ALL.fullmatch(text):
        day = {"日": 7, "天": 7}.get(text[-1]) or _DIGITS[text[-1]]
        return (("周", Fraction(day)),)
    if _TIME_ALL.fullmatch(text):
        counts = [number_value(count) for count in _COUNTS.findall(text)]
        return tuple(zip(("时", "分", "秒"), [*counts, Fraction(0)][: max(2, len(counts))], strict=False))
    return english.date_value(text)


def _arabic(text: str) -> Fraction:
    total = Fraction(0)
    for figures, scale in _ARABIC_PARTS.findall(text):
        part = Fraction(figures.replace(",", ""))
        for char in scale:
            part *= _SMALL.get(char) or _LARGE[char]
        total += part
    return total


def _chinese(text: str) -> Fraction | None:
    whole, _, decimals = text.partition("点")
    if not decimals:
        return _chinese_whole(whole)
    scale = 1
    while decimals and decimals[-1] in "万亿":
        scale *= _LARGE[decimals[-1]]
        decimals = decimals[:-1]
    value = _chinese_whole(whole)
    if value is None or not decimals or any(char not in _DIGITS for char in decimals):
        return None
    figures = "".join(str(_DIGITS[char]) for char in decimals)
    return (value + Fraction(int(figures), 10 ** len(figures))) * scale


def _chinese_whole(text: str) -> Fraction | None:
    if all(char in _DIGITS for char in text):
        # 二〇二四 is read figure by figure, but 三五 (some three to five) is no 35.
        plain = len(text) == 1 or len(text) > _SHORT or "〇" in text or "零" in text
        return Fraction(int("".join(str(_DIGITS[char]) for char in text))) if plain else None
    shorthand = len(text) > 1 and text[-2] in _PLACE and _DIGITS.get(text[-1])
    if shorthand:  # 三万五 = 35 000
        rest = _chinese_whole(text[:-1])
        return None if rest is None else rest + Fraction(shorthand * _PLACE[text[-2]], 10)
    return _by_places(text)


def _by_places(text: str) -> Fraction | None:
    """Read figures with their places; None for what is not well formed, such as 十五六 or 百千."""
    total = section = digit = 0
    place = last_large = 1 << 40
    for char in text:
        if char in _DIGITS:
            if digit:
                return None
            digit = _DIGITS[char]
        elif char in _SMALL:
            size = _SMALL[char] if _SMALL[char] in _TENFOLD else 10
            if size >= place:
                return None
            section += (digit or 1) * _SMALL[char] if _SMALL[char] in _TENFOLD else _SMALL[char]
            digit, place = 0, size
        elif char == "亿" or _LARGE[char] < last_large:
            scaled = total + section + digit if char == "亿" else section + digit
            total = (scaled or 1) * _LARGE[char] + (0 if char == "亿" else total)
            section = digit = 0
            place, last_large = 1 << 40, _LARGE[char]
        else:
            return None
    return Fraction(total + section + digit)


_SHORT = 2
_TENFOLD = (10, 100, 1000)
_PLACE = {"百": 100, "佰": 100, "千": 1000, "仟": 1000, "万": 10**4, "亿": 10**8}

"""What may stand in a slot, and what may take its place; none of it comes from the rules under test."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
Chance = random.Random
_DIGITS = "〇一二三四五六七八九"
_MONTHS = tuple(
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


@cache
def lists(language: str) -> dict[str, list[str]]:
    """Return the word lists of a language."""
    data = tomllib.loads((HERE / "words.toml").read_text("utf-8"))[language]
    split = str.split if language == "zh" else lambda text: text.replace("\n", "|").split("|")
    return {name: split(text) for name, text in data.items()}


@cache
def templates(language: str) -> dict[str, list[str]]:
    """Return the sentences of a language by kind of text."""
    return tomllib.loads((HERE / "templates.toml").read_text("utf-8"))[language]


def chinese(number: int) -> str:
    """Write a number below 100 000 000 in Chinese numerals."""
    if number >= 10_000:
        rest = number % 10_000
        gap = "零" if 0 < rest < 1000 else ""
        return chinese(number // 10_000) + "万" + (gap + chinese(rest) if rest else "")
    made = ""
    for unit, mark in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            made += "零一二三四五六七八九"[digit] + mark
        elif made and number and not made.endswith("零"):
            made += "零"
    return made[1:] if made.startswith("一十") else made


def _number_zh(chance: Chance) -> str:
    number = chance.choice([chance.randint(2, 99), chance.randint(100, 9999), chance.randint(10_000, 99_000)])
    return chance.choice([str(number), str(number), f"{number:,}", chinese(number), f"{number % 900 + 2}万"])


def _amount_zh(chance: Chance) -> str:
    whole = chance.randint(2, 990)
    return chance.choice(
        [f"{whole}万", f"{whole}.{chance.randint(1, 9)}亿", f"{whole}亿", chinese(whole) + "万"]
    )


def _date_zh(chance: Chance) -> str:
    year, month, day = chance.randint(1979, 2031), chance.randint(1, 12), chance.randint(1, 28)
    written = "".join(_DIGITS[int(digit)] for digit in str(year))
    return chance.choice(
        [
            f"{year}年{month}月{day}日",
            f"{month}月{day}日",
            f"{year}年{month}月",
            f"{written}年{chinese(month)}月{chinese(day)}日",
            f"{chinese(month)}月{chinese(day)}日",
        ]
    )


def _name_zh(chance: Chance) -> str:
    words = lists("zh")
    if chance.random() < 0.5:
        return f"{chance.choice(words['foreign_given'])}·{chance.choice(words['foreign_family'])}"
    return chance.choice(words["surnames"]) + chance.choice(words["given"])


def _of(language: str, name: str) -> Callable[[Chance], str]:
    return lambda chance: chance.choice(lists(language)[name])


SLOTS: dict[str, dict[str, Callable[[Chance], str]]] = {
    "zh": {
        "place": _of("zh", "territories"),
        "location": _of("zh", "places"),
        "body": _of("zh", "bodies"),
        "office": _of("zh", "offices"),
        "title": _of("zh", "treaties"),
        "treaty": _of("zh", "bare_treaties"),
        "name": _name_zh,
        "speech": _of("zh", "speech"),
        "negation": _of("zh", "negations"),
        "modal": _of("zh", "modals"),
        "approximate": _of("zh", "approximations"),
        "quote": _of("zh", "quotes"),
        "qualifier": _of("zh", "qualifiers"),
        "date": _date_zh,
        "time": lambda chance: f"{chance.randint(5, 23)}时{chance.randint(10, 59)}分",
        "number": _number_zh,
        "years": lambda chance: chance.choice([str, chinese])(chance.randint(2, 99)),
        "percent": lambda chance: chance.choice(
            [
                f"{chance.randint(2, 98)}%",
                f"{chance.randint(2, 40)}.{chance.randint(1, 9)}%",
                f"百分之{chinese(chance.randint(2, 98))}",
            ]
        ),
        "amount": _amount_zh,
        "currency": _of("zh", "currencies"),
        "distance": lambda chance: chance.choice(["公里", "米", "海里", "英里", "千米"]),
        "mass": lambda chance: chance.choice(["公吨", "千克", "吨", "公斤"]),
        "goods": lambda chance: chance.choice(["吨", "公斤", "件", "箱", "台"]),
        "persons": lambda chance: chance.choice(["人", "人次", "户", "名"]),
    },
    "en": {
        "place": _of("en", "territories"),
        "body": _of("en", "bodies"),
        "office": _of("en", "offices"),
        "title": _of("en", "treaties"),
        "name": lambda chance: (
            f"{chance.choice(lists('en')['given'])} {chance.choice(lists('en')['family'])}"
        ),
        "speech": _of("en", "speech"),
        "negation": _of("en", "negations"),
        "modal": _of("en", "modals"),
        "approximate": _of("en", "approximations"),
        "quote": _of("en", "quotes"),
        "qualifier": _of("en", "qualifiers"),
        "ordinal": lambda chance: chance.choice(
            ["second", "third", "fourth", "sixth", "ninth", "11th", "23rd"]
        ),
        "percent": lambda chance: f"{chance.randint(2, 98)} per cent",
        "currency": _of("en", "currencies"),
        "distance": lambda chance: chance.choice(["kilometers", "miles", "meters", "nautical miles"]),
        "persons": lambda chance: chance.choice(["people", "residents", "families", "workers"]),
    },
}


def _date_en(chance: Chance) -> str:
    day, month, year = chance.randint(1, 28), chance.choice(_MONTHS), chance.randint(1979, 2031)
    return chance.choice(
        [f"{month} {day}, {year}", f"{day} {month} {year}", f"{month} {day}", f"{day} {month}"]
    )


def _number_en(chance: Chance) -> str:
    number = chance.choice([chance.randint(2, 99), chance.randint(100, 99_000)])
    return chance.choice(
        [str(number), f"{number:,}", f"{number % 90 + 2} million", f"{number % 90 + 2}.5 billion"]
    )


SLOTS["en"] |= {
    "date": _date_en,
    "number": _number_en,
    "qualifier_cap": lambda chance: (word := chance.choice(lists("en")["qualifiers"]))[0].upper() + word[1:],
}

COMPOSED = {
    "zh": {
        "money": (["amount", "currency"],),
        "length": (["number", "distance"],),
        "weight": (["amount", "mass"],),
        "quantity": (["amount", "goods"],),
        "people": (["number", "persons"],),
        "person": (["office", "name"], ["name", "office"]),
    },
    "en": {
        "money": (["number", " ", "currency"],),
        "length": (["number", " ", "distance"],),
        "people": (["number", " ", "persons"],),
        "person": (["office", " ", "name"],),
    },
}
"""Slots that are made of others, in one of several ways."""

CLASS_OF = {
    **dict.fromkeys(["place", "location", "body", "office", "title", "treaty", "name"], "name"),
    **dict.fromkeys(
        ["number", "years", "amount", "percent", "ordinal", "approximate", "number-style"], "number"
    ),
    **dict.fromkeys(["date", "time", "date-style"], "date"),
    **dict.fromkeys(["currency", "distance", "mass", "goods", "persons"], "unit"),
    **dict.fromkeys(["negation", "negation-put"], "negation"),
    **dict.fromkeys(["qualifier", "cut-sentence", "cut-paragraph", "cut-word"], "omission"),
    **dict.fromkeys(["new-sentence", "new-paragraph", "new-word"], "addition"),
    "modal": "modality",
    "speech": "attribution",
    "quotes": "quotation",
    "comma": "punctuation",
    "question": "punctuation",
    "script": "script",
    "case": "wording",
}
"""The class that a reader expects of each kind of mutation; `character` and `quote` have none."""

IMMATERIAL = frozenset({"number-style", "date-style", "comma"})
EITHER = frozenset({"cut-paragraph"})
"""Kinds that are not material when the verdict is an excerpt."""

"""The report's words in Chinese and English (words.toml)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final, Literal

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
HTML_LANGUAGES: Final[Mapping[Language, str]] = {"zh": "zh-Hans", "en": "en"}
"""The `lang` of the page (BCP 47)."""


@cache
def data() -> dict[str, Any]:
    """Return words.toml as it is."""
    text = resources.files("harvester.verify_report").joinpath("words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language, by `section.key`."""

    language: Language

    def __call__(self, name: str, **values: object) -> str:
        """Return a text that the report needs; KeyError for one that is not there."""
        section, _, key = name.partition(".")
        text: str = data()[section][key][self.language]
        return text.format(**values) if values else text

    def named(self, section: str, key: str) -> str:
        """Return the name of a value that another version may have: an unknown one stands for itself."""
        known: dict[str, str] = data()[section].get(key, {})
        return known.get(self.language, key)

    def said(self, sentence: str) -> tuple[str, str | None]:
        """Return a sentence of the comparison in this language, or as it is, with the language it is in."""
        if self.language == "en":
            return sentence, None
        for pattern, text in _sentences(self.language):
            match = pattern.fullmatch(sentence)
            if match:
                return text.format(*match.groups()), None
        return sentence, "en"


@cache
def _sentences(language: Language) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(row["pattern"], re.DOTALL), row[language]) for row in data()["said"])

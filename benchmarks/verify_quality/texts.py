"""Texts of several kinds to be mutated: of templates, of our fixtures, of saved pages where there are any."""

from __future__ import annotations

import os
import random
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.verify_quality.words import COMPOSED, SLOTS, lists, templates

CORPUS = Path(os.environ.get("HARVESTER_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
_SENTENCE = re.compile(r"[^。！？；\n]*[。！？；]+[”』」）]*|[^。！？；\n]+")
_LEAST, _MOST = 300, 9_000
_MIXED = 6


@dataclass(slots=True)
class Token:
    """A piece of a sentence: `original` stands in the original, `captured` in the captured text."""

    original: str
    kind: str
    captured: str = "\x00"

    def __post_init__(self) -> None:
        if self.captured == "\x00":
            self.captured = self.original


Sentence = list[Token]


@dataclass(slots=True)
class Text:
    """Paragraphs of sentences; `joint` stands between two sentences of one paragraph."""

    language: str
    kind: str
    paragraphs: list[list[Sentence]]

    @property
    def joint(self) -> str:
        """Return what separates two sentences of one paragraph."""
        return " " if self.language == "en" else ""


def text(chance: random.Random) -> Text:
    """Return a text of some kind."""
    roll = chance.random()
    if roll < 0.25:
        return _made("en", chance)
    if roll < 0.55 and real_texts():
        return _mixed(chance)
    return _made("zh", chance)


def filled(language: str, template: str, chance: random.Random) -> Sentence:
    """Fill one template; what is made of several words is several tokens."""
    tokens: Sentence = []
    for number, piece in enumerate(re.split(r"[{}]", template)):
        if number % 2 == 0:
            tokens += _plain(piece)
            continue
        composed = COMPOSED[language].get(piece)
        for part in chance.choice(composed) if composed else [piece]:
            fill = SLOTS[language].get(part)
            tokens.append(Token(fill(chance), part) if fill else Token(part, "plain"))
    return tokens


def _plain(piece: str) -> Sentence:
    """Quotation marks are tokens of their own, so that they can be taken off."""
    return [
        Token(part, "quotes" if part in '“”"' else "plain") for part in re.split('([“”"])', piece) if part
    ]


def other_sentence(language: str, chance: random.Random) -> str:
    """Return a sentence that no template makes."""
    return chance.choice(_fillers(language))


@cache
def _fillers(language: str) -> list[str]:
    words = lists(language)
    return words["fillers"]


def _made(language: str, chance: random.Random) -> Text:
    kind = chance.choice(sorted(templates(language)))
    pool = templates(language)[kind]
    size = chance.randint(min(6, len(pool)), len(pool))
    sentences = [filled(language, template, chance) for template in chance.sample(pool, size)]
    for _ in range(chance.randint(0, 3)):  # the same form again, with other words
        sentences.insert(chance.randint(0, len(sentences)), filled(language, chance.choice(pool), chance))
    if language == "zh":
        extra = chance.sample(lists("zh")["answers"], 2)
        sentences += [[Token(sentence, "plain")] for sentence in extra]
    paragraphs = []
    while sentences:
        cut = chance.randint(1, 5)
        paragraphs.append(sentences[:cut])
        sentences = sentences[cut:]
    return Text(language, kind, paragraphs)


def _mixed(chance: random.Random) -> Text:
    """A real text with sentences of templates put in, whose words are known."""
    name = chance.choice(sorted(real_texts()))
    paragraphs = [
        [[Token(sentence, "plain")] for sentence in _SENTENCE.findall(line)]
        for line in real_texts()[name].split("\n")
        if line.strip()
    ]
    pool = [template for kind in templates("zh").values() for template in kind]
    for template in chance.sample(pool, _MIXED):
        paragraph = chance.choice(paragraphs)
        paragraph.insert(chance.randint(0, len(paragraph)), filled("zh", template, chance))
    return Text("zh", "saved page", paragraphs)


@cache
def real_texts() -> dict[str, str]:
    """Return long texts of our fixtures and of saved pages, by name."""
    found = dict(_fixture_texts())
    for path in sorted((CORPUS / "gold").glob("*.txt")) if (CORPUS / "gold").is_dir() else []:
        found[path.name] = path.read_text("utf-8")
    return {
        name: words
        for name, words in found.items()
        if _LEAST <= len(words) <= _MOST
        and sum("\u4e00" <= char <= "\u9fff" for char in words) > len(words) / 2
    }


def _fixture_texts() -> list[tuple[str, str]]:
    from fixtures.golden import cases

    found = []
    for case in cases():
        words = (case.expected or {}).get("text")
        if isinstance(words, str):
            found.append((f"fixture {case.slug}", words))
    return found

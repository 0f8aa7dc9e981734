"""The rules of comparison as data: rules.toml, lexicon.toml, names.toml and script.txt, read once."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

Effect = Literal["format", "punctuation", "edit"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of edit: its class, what it does to the verdict, and the key of why it matters (why.toml)."""

    id: str
    class_: str
    effect: Effect
    why: str


@dataclass(frozen=True, slots=True)
class FrameRule:
    """A kind of editorial line: `pattern` must match the whole folded line of at most `most` characters."""

    id: str
    role: str
    pattern: str
    most: int


@dataclass(frozen=True, slots=True)
class FoldRules:
    """`classes`: (characters, what they are read as); `kinds`: name and pattern of each kind of folding."""

    classes: tuple[tuple[str, str], ...]
    kinds: dict[str, str]


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(_resource("rules.toml"))


def _resource(name: str) -> str:
    return resources.files("harvester.verify").joinpath(name).read_text("utf-8")


def version() -> str:
    """Return the version of the rules."""
    return str(_data()["version"])


@cache
def rules() -> dict[str, Rule]:
    """Return the rules for edits by id."""
    return {
        row["id"]: Rule(row["id"], row["class"], row["effect"], row.get("why", row["id"]))
        for row in _data()["rule"]
    }


@cache
def frame_rules() -> tuple[FrameRule, ...]:
    """Return the rules for editorial lines, in order."""
    return tuple(FrameRule(**row) for row in _data()["frame"])


@cache
def fold_rules() -> FoldRules:
    """Return what is folded."""
    fold = _data()["fold"]
    classes = tuple((characters, kept) for characters, kept in fold["characters"].values())
    return FoldRules(classes, dict(fold["kinds"]))


@cache
def thresholds() -> dict[str, float]:
    """Return the thresholds by name."""
    return {name: float(value) for name, value in _data()["thresholds"].items()}


@dataclass(frozen=True, slots=True)
class Telling:
    """A class of words, the rule of an edit in which they differ, and where a number must be."""

    words: str
    rule: str
    figures: Literal["", "after", "beside"] = ""


@cache
def telling() -> tuple[Telling, ...]:
    """Return the classes of telling words, in the order in which they are looked at."""
    return tuple(Telling(**row) for row in _data()["telling"])


@cache
def lexicon() -> dict[str, str]:
    """Return each listed word (Latin ones in small letters) with its class; the first class has it."""
    listed = tomllib.loads(_resource("lexicon.toml"))["words"]
    words: dict[str, str] = {}
    for class_ in (*(row.words for row in telling()), "neutral"):
        for word in listed[class_].split():
            words.setdefault(word.replace("_", " "), class_)
    return words


@cache
def names() -> dict[str, str]:
    """Return the characters, endings and neighbours by which a name is recognised."""
    return {key: str(value) for key, value in tomllib.loads(_resource("names.toml")).items()}


@cache
def name_words(key: str) -> tuple[str, ...]:
    """Return one of the lists of `names`, the longest words first."""
    return tuple(sorted(names()[key].split(), key=lambda word: (-len(word), word)))


@cache
def range_marks() -> frozenset[str]:
    """Return the marks that join the two ends of a range."""
    return frozenset(_data()["values"]["range_marks"].split())


@cache
def script_table() -> dict[int, str]:
    """Return the map of traditional characters to simplified ones, one to one."""
    table: dict[int, str] = {}
    for line in _resource("script.txt").splitlines():
        if not line.startswith("#"):
            table |= {ord(pair[0]): pair[1] for pair in line.split()}
    return table

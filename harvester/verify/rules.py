"""The rules of comparison as data: rules.toml and script.txt, read once and checked."""

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


@cache
def lexicon() -> dict[str, str]:
    """Return each listed word with its class; `neutral` words take precedence."""
    words: dict[str, str] = {}
    for class_, listed in sorted(_data()["lexicon"].items(), key=lambda item: item[0] == "neutral"):
        words |= dict.fromkeys(listed.split(), class_)
    return words


@cache
def names() -> dict[str, str]:
    """Return the character lists and offices by which a person's name is recognised."""
    return dict(_data()["names"])


@cache
def script_table() -> dict[int, str]:
    """Return the map of traditional characters to simplified ones, one to one."""
    table: dict[int, str] = {}
    for line in _resource("script.txt").splitlines():
        if not line.startswith("#"):
            table |= {ord(pair[0]): pair[1] for pair in line.split()}
    return table

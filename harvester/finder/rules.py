"""The finder's rules as data: rules.toml, read once."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from harvester.finder.values import Reason


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files("harvester.finder").joinpath("rules.toml").read_text("utf-8"))


@cache
def _rules() -> dict[str, dict[str, Any]]:
    return {rule["id"]: rule for rule in _data()["rule"]}


def limit(name: str) -> int:
    """Return a limit that is a number of things."""
    return int(_data()["limits"][name])


def level(name: str) -> float:
    """Return a limit that is a share."""
    return float(_data()["limits"][name])


def date_window() -> int:
    """Return the days within which two dates are near."""
    return int(_data()["date"]["days"])


@cache
def ministry_words() -> tuple[str, ...]:
    """Return words of a source line that mean the ministry, in lower case."""
    return tuple(_data()["attribution"]["words"])


def reason(rule: str, value: float, strength: float = 1.0, *, lang: str = "en", **facts: Any) -> Reason:
    """Return a reason; `strength` (0 to 1) is the part of the rule's weight that it counts."""
    found = _rules()[rule]
    return Reason(
        rule=rule,
        words=found[lang].format(value=value, **facts),
        value=round(value, 4),
        weight=round(found["weight"] * strength, 4),
    )


def words(rule: str, lang: str = "en") -> str:
    """Return a rule's words without facts."""
    return str(_rules()[rule][lang])

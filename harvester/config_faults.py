"""What is wrong with a value of a configuration, in words for who wrote it: msgspec tells it to programs."""

from __future__ import annotations

import difflib
import re
from typing import Any, Final

import msgspec

_ENUM: Final = re.compile(r"Invalid enum value (.*)", re.DOTALL)
_UNKNOWN: Final = re.compile(r"Object contains unknown field `([^`]+)`")
_EXPECTED: Final = re.compile(r"Expected `([^`]+)`, got `([^`]+)`")
_STEP: Final = re.compile(r"([^.\[\]]+)|\[\d+\]")
_KINDS: Final = {
    "str": 'text in quotes, "…"',
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": 'a list, such as ["…"]',
    "object": "a table",
}


def in_words(said: str, key: str, config: type[msgspec.Struct]) -> str:
    """Return msgspec's message about the key of a configuration, with what would do in its place.

    `key` is a path such as `watch[1].approve`. Messages of our own are returned as they are.
    """
    if found := _UNKNOWN.fullmatch(said):
        return _no_such_key(found[1], _fields(_at(config, key.rpartition(".")[0])))
    if found := _ENUM.fullmatch(said):
        return f"{found[1]} is none of its values; there are {', '.join(_values(_at(config, key)))}"
    if found := _EXPECTED.fullmatch(said):
        wanted = [_KINDS.get(kind, kind) for kind in found[1].split(" | ") if kind != "null"]
        if found[1] == "array" and "." not in key and "[" not in key:
            return f"must be a list of tables: write [[{key}]] above the keys of each"
        return f"must be {' or '.join(wanted)}, not {_KINDS.get(found[2], found[2]).partition(',')[0]}"
    return said.replace("`", "")


def _no_such_key(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return "there is no such key; " + (f"is {near[0]} meant?" if near else f"there are {', '.join(known)}")


def _at(config: type[msgspec.Struct], key: str) -> Any:
    """Return msgspec's description of the type that a key has; None where it has none."""
    from msgspec import inspect  # noqa: PLC0415 - where something is wrong only

    here: Any = inspect.type_info(config)
    for step in _STEP.finditer(key):
        if step[1]:
            here = next((one.type for one in getattr(here, "fields", ()) if one.name == step[1]), None)
        else:
            here = getattr(here, "item_type", None)
        if isinstance(here, inspect.UnionType):
            here = next((one for one in here.types if not isinstance(one, inspect.NoneType)), None)
    return here


def _fields(here: Any) -> list[str]:
    return [one.name for one in getattr(here, "fields", ())]


def _values(here: Any) -> list[str]:
    return [str(value) for value in getattr(here, "values", ())]

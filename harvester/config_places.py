"""Where in a TOML file a fault is: `tomllib` tells lines of syntax only, msgspec tells keys only.

A light reading of the text, good enough to point at a line; the file has been read strictly before.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import msgspec

from harvester.config_faults import in_words

_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.\-]+)\s*\]")
_KEY: Final = re.compile(r"\s*([A-Za-z0-9_\-]+)\s*=")
_AT: Final = re.compile(r" - at `\$([^`]*)`$")
_UNKNOWN: Final = re.compile(r"unknown field `([^`]+)`")
_FIRST_WORD: Final = re.compile(r"([a-z_]+(?:\[\d+\])?): ")
_INDEX: Final = re.compile(r"\[\d+\]$")


def worded(message: str, path: Path, text: str, config: type[msgspec.Struct]) -> str:
    """Return msgspec's message about a configuration, in words, with the file, the line and the key."""
    at = _AT.search(message)
    key = (at[1] if at else "").removeprefix(".")
    said = message[: at.start()] if at else message
    inner = _UNKNOWN.search(said) or _FIRST_WORD.match(said)
    if inner:
        key = f"{key}.{inner[1]}" if key else inner[1]
        said = said.removeprefix(f"{inner[1]}: ")
    line = line_of(text, key)
    where = f"{path}, line {line}" if line else str(path)
    words = in_words(said, key, config)
    return f"{where}: {key}: {words}" if key else f"{where}: {words}"


def located(message: str, path: Path, text: str, table: str) -> str:
    """Return a message about a table's value, which begins with its key, with the file and the line."""
    key = message.split(maxsplit=1)[0].removeprefix("--").replace("-", "_")
    line = line_of(text, f"{table}.{key}")
    return f"{path}, line {line}: [{table}] {message}" if line else f"{path}: [{table}] {message}"


def line_of(text: str, key: str) -> int | None:
    """Return the line (from 1) of a key such as `watch[1].every`; that of its table where it has none."""
    places = _places(text)
    path = key
    while path:
        if path in places:
            return places[path]
        # A list's items have no line of their own; then the key, then the table.
        path = _INDEX.sub("", path) if path.endswith("]") and path not in places else path.rpartition(".")[0]
    return None


def _places(text: str) -> dict[str, int]:
    table, counts, found = "", dict[str, int](), dict[str, int]()
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.match(line)
        if header:
            table = header[2]
            if header[1] == "[[":
                count = counts[table] = counts.get(table, -1) + 1
                table = f"{table}[{count}]"
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault(f"{table}.{key[1]}" if table else key[1], number)
    return found

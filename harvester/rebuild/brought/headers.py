"""HTTP headers in the forms that tables have them; only the charset is taken from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

MAX_HEADERS: Final = 1000

Headers = tuple[tuple[str, str], ...]


def headers_of(value: object) -> Headers:
    """Return headers given as a mapping, as pairs, as `{name, value}` objects, as JSON of these, or as lines.

    Raises `ValueError` for anything else.
    """
    if value is None:
        return ()
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if isinstance(value, str):
        return _of_text(value)
    if isinstance(value, Mapping):
        return _bounded((str(name), text) for name, given in value.items() for text in _texts(given))
    if isinstance(value, list | tuple):
        return _bounded(_pair(item) for item in value)
    raise ValueError("they are neither a mapping, nor pairs, nor text")


def _of_text(text: str) -> Headers:
    if text.lstrip()[:1] in {"{", "["}:
        try:
            return headers_of(msgspec.json.decode(text))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ValueError(f"their JSON cannot be read: {error}") from error
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]
    if lines and lines[0].startswith("HTTP/"):
        del lines[0]
    return _bounded(_split(line) for line in lines)


def _split(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon:
        raise ValueError(f"the line {line[:60]!r} is no header")
    return name.strip(), value.strip()


def _pair(item: Any) -> tuple[str, str]:
    if isinstance(item, Mapping):
        lower = {str(name).lower(): value for name, value in item.items()}
        item = [lower.get("name", lower.get("key")), lower.get("value")]
    if not isinstance(item, list | tuple) or len(item) != 2 or item[0] is None:  # noqa: PLR2004 - a pair
        raise ValueError("an item is no pair of name and value")
    return str(item[0]), _text(item[1])


def _texts(value: object) -> Iterable[str]:
    return map(_text, value) if isinstance(value, list | tuple) else [_text(value)]


def _text(value: object) -> str:
    return "" if value is None else value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _bounded(pairs: Iterable[tuple[str, str]]) -> Headers:
    found = []
    for pair in pairs:
        found.append(pair)
        if len(found) > MAX_HEADERS:
            raise ValueError(f"there are more than {MAX_HEADERS}")
    return tuple(found)

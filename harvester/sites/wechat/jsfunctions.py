"""The closed set of pure functions and methods that WeChat's pages put around their literals."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from harvester.sites.wechat.jsnumbers import js_strip, number_text, parse_float, parse_int
from harvester.sites.wechat.jsvalues import (
    LiteralError,
    RegularExpression,
    Value,
    html_decode,
    is_object,
    join_surrogates,
    js_decode,
    to_number,
    truthy,
)

# The expressions of the pages' `.replace(/…/g, …)`. White space to `&nbsp;` is for display: left alone.
_REPLACED: Final = {r"\r": "\r", r"\n": "\n", r"\s": None, r"\r\n": "\r\n"}
_OLD_ESCAPE: Final = re.compile(r"%(?:u([0-9a-fA-F]{4})|([0-9a-fA-F]{2}))")
_BAD_PERCENT: Final = re.compile(r"%(?![0-9a-fA-F]{2})")
_NUMBERS: Final = (int, float)


def call(name: str, arguments: list[Value], position: int) -> Value:
    """Apply one of the pages' pure functions."""
    first = arguments[0] if arguments else None
    if name in _TEXT_FUNCTIONS:
        return _TEXT_FUNCTIONS[name](first, position) if isinstance(first, str) else first
    if name in _NUMBER_FUNCTIONS:
        if is_object(first) or (len(arguments) > 1 and arguments[1] != 10):  # noqa: PLR2004 - parseInt's usual radix
            raise LiteralError(f"{name} of these arguments is not data", position)
        return _NUMBER_FUNCTIONS[name](first) if isinstance(first, str) else to_number(first)
    if name == "String":
        return _string(first)
    if name == "getXmlValue":
        return None  # reads a document that only WeChat's own client has
    raise LiteralError(f"a call of {name!r} is not data", position)


def method(name: str, value: Value, arguments: list[Value], position: int) -> Value:
    """Apply one of the methods that the pages call on their strings and lists."""
    if name == "html":
        is_decoding = not truthy(arguments[0] if arguments else None)
        return html_decode(value) if isinstance(value, str) and is_decoding else value
    if name == "replace":
        return _replaced(value, arguments, position)
    if name == "slice":
        return _sliced(value, arguments)
    if name == "trim":
        return js_strip(value) if isinstance(value, str) else value
    if name == "toString":
        return _string(value)
    raise LiteralError(f"a call of method {name!r} is not data", position)


def _string(value: Value) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, _NUMBERS):
        return number_text(value)
    return value if isinstance(value, str) else None


def _percent_decoded(value: str, position: int) -> str:
    """Undo `encodeURIComponent`; what an engine throws at is an error here too."""
    if _BAD_PERCENT.search(value):
        raise LiteralError("a broken percent sequence", position)
    try:
        return unquote_to_bytes(value).decode("utf-8")
    except UnicodeDecodeError as error:
        raise LiteralError("a percent sequence that is not UTF-8", position) from error


def _unescaped(value: str, position: int) -> str:
    """Undo JavaScript's old `escape` (ECMA-262, annex B.2.1.2)."""
    del position
    return join_surrogates(_OLD_ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), value))


def _replaced(value: Value, arguments: list[Value], position: int) -> Value:
    if len(arguments) != 2 or not isinstance(value, str):  # noqa: PLR2004 - pattern and replacement
        return value
    old, new = arguments
    if not isinstance(old, str) or not isinstance(new, str):
        return value
    if "$" in new:
        raise LiteralError("a replacement with `$` in it", position)
    if not isinstance(old, RegularExpression):
        return value.replace(old, new, 1)
    source, _, flags = old.rpartition("/")
    if source not in _REPLACED or flags not in {"", "g"}:
        raise LiteralError(f"the expression /{old[:40]} is not known", position)
    plain = _REPLACED[source]
    return value if plain is None else value.replace(plain, new, -1 if flags else 1)


def _sliced(value: Value, arguments: list[Value]) -> Value:
    bounds = [one for one in arguments if isinstance(one, int)]
    if not isinstance(value, list | str) or not bounds:
        return value
    return value[bounds[0] : bounds[1] if len(bounds) > 1 else None]


_TEXT_FUNCTIONS: Final = {
    "JsDecode": lambda value, _: js_decode(value),
    "htmlDecode": lambda value, _: html_decode(value),
    "decodeURIComponent": _percent_decoded,
    "unescape": _unescaped,
}
_NUMBER_FUNCTIONS: Final = {"Number": to_number, "parseInt": parse_int, "parseFloat": parse_float}

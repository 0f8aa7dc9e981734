"""JavaScript's values: strings and their escapes, truth, comparison, the platform's two decoders."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Final, TypeAlias

from harvester.sites.wechat.jsnumbers import product, string_to_number

Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | None"

_STRICT: Final = 3  # length of `===` and `!==`
_ESCAPE: Final = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}|u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|[0-7]{1,3}|\r\n|[\s\S])"
)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_SIMPLE: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_LINE_ENDS: Final = frozenset("\n\r\u2028\u2029")
_MAX_CODE_POINT: Final = 0x10FFFF
# JsDecode of the pages of 2025: these and no others, in this order.
_JS_DECODE: Final = (
    ("\\x5c", "\\"), ("\\x0d", "\r"), ("\\x22", '"'), ("\\x26", "&"),
    ("\\x27", "'"), ("\\x3c", "<"), ("\\x3e", ">"), ("\\x0a", "\n"),
)  # fmt: skip
_MARKUP_ESCAPES: Final = tuple(pair for pair in _JS_DECODE if pair[1] != "\\")
# String.prototype.html(false) as the pages define it, in the pages' order.
_HTML_DECODE: Final = (
    ("&#39;", "'"), ("&quot;", '"'), ("&nbsp;", " "), ("&gt;", ">"),
    ("&lt;", "<"), ("&yen;", "¥"), ("&amp;", "&"),
)  # fmt: skip


class RegularExpression(str):
    """A regular expression literal without its opening slash; few of them mean anything to us."""

    __slots__ = ()


class LiteralError(ValueError):
    """The text is not a data literal of the restricted form, or exceeds a cap; `position` in it."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(f"{message} at character {position}")
        self.position = position


def unescape(raw: str) -> str:
    """Decode the escapes of a JavaScript string; surrogate pairs are joined."""
    out = _ESCAPE.sub(_escaped, _common_unescaped(raw))
    return join_surrogates(out) if "\\u" in raw else out


def _common_unescaped(raw: str) -> str:
    r"""Decode the escapes that the platform writes for markup, where no other could hide or be hidden.

    In a string whose every backslash begins a `\x`, those that are decoded here leave the rest as it was.
    """
    if raw.count("\\") == raw.count("\\x"):
        for escaped, plain in _MARKUP_ESCAPES:
            raw = raw.replace(escaped, plain)
    return raw


def join_surrogates(text: str) -> str:
    """Join surrogate pairs; a lone surrogate, which no UTF-8 can carry, becomes U+FFFD."""
    if _SURROGATE.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _escaped(match: re.Match[str]) -> str:
    return _decoded(match.group())


@lru_cache(maxsize=8192)  # a page of escapes repeats a few thousand
def _decoded(escape: str) -> str:
    body = escape[1:]
    first = body[0]
    if first in "xu" and len(body) > 1:
        code = int(body[1:].strip("{}"), 16)
        return chr(code) if code <= _MAX_CODE_POINT else "\ufffd"
    if first in "01234567" and (len(body) > 1 or first != "0"):
        return chr(int(body, 8) & 0xFF) if int(body, 8) <= 0xFF else chr(int(body[:2], 8)) + body[2:]  # noqa: PLR2004 - legacy octal escapes end at \377
    if first in _LINE_ENDS:
        return ""  # a line continuation
    return _SIMPLE.get(first, body)


CONSTANTS: Final[dict[str, Value]] = {
    "true": True,
    "false": False,
    "null": None,
    "undefined": None,
    "NaN": math.nan,
    "Infinity": math.inf,
}


def truthy(value: Value) -> bool:
    """Tell whether JavaScript takes a value for true (empty lists and objects are)."""
    if isinstance(value, list | dict):
        return True
    if isinstance(value, float) and math.isnan(value):
        return False
    return bool(value)


def is_object(value: Value) -> bool:
    """Tell whether a value is a list or an object: operators on these are not data."""
    return isinstance(value, list | dict)


def to_number(value: Value) -> int | float:
    """Return what JavaScript's `value * 1` is; NaN for what is not a number (`''` is 0).

    `null` and `undefined`, both None here, are NaN.
    """
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    return string_to_number(value) if isinstance(value, str) else math.nan


def multiply(left: Value, right: Value) -> int | float:
    """Return JavaScript's product of two values that are no objects."""
    return product(to_number(left), to_number(right))


def loosely_equal(left: Value, right: Value) -> bool:
    """Tell whether `left == right` (ECMA-262, section 7.2.14), for values that are no objects."""
    if left is None or right is None:
        return left is right
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    return to_number(left) == to_number(right)


def strictly_equal(left: Value, right: Value) -> bool:
    """Tell whether `left === right` (section 7.2.15), for values that are no objects."""
    if left is None or right is None or isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return isinstance(left, str) == isinstance(right, str) and left == right


def js_decode(value: str) -> str:
    """Undo the second layer of escapes that `JsDecode` undoes in the pages of 2025 and 2026."""
    if "\\x" in value:
        for escaped, plain in _JS_DECODE:
            value = value.replace(escaped, plain)
    return value


def html_decode(value: str) -> str:
    """Decode the seven entities that the pages' own `html(false)` decodes."""
    if "&" in value:
        for entity, plain in _HTML_DECODE:
            value = value.replace(entity, plain)
    return value


def joined(operator: str, left: Value, right: Value) -> Value:
    """Return the value of two operands joined by an operator."""
    if operator == "||":
        return left if truthy(left) else right
    if operator == "&&":
        return right if truthy(left) else left
    if operator == "*":
        return multiply(left, right)
    if operator == "+" and isinstance(left, str) and isinstance(right, str):
        return left + right
    equal = strictly_equal(left, right) if len(operator) == _STRICT else loosely_equal(left, right)
    return equal is (operator[0] == "=")

"""JavaScript's values and the few pure functions that WeChat's pages put around their literals."""

from __future__ import annotations

import math
import re
from typing import Final, TypeAlias
from urllib.parse import unquote

Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | None"

NUMBER: Final = re.compile(
    r"0[xX][0-9a-fA-F]{1,32}|0[bB][01]{1,128}|0[oO][0-7]{1,64}|(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,5})?"
)
_ESCAPE: Final = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}|u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|[0-7]{1,3}|\r\n|[\s\S])"
)
_SURROGATES: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]")
_SIMPLE: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_LINE_ENDS: Final = frozenset("\n\r\u2028\u2029")
_MAX_CODE_POINT: Final = 0x10FFFF
# JsDecode of the pages of 2025: these and no others, in this order.
_JS_DECODE: Final = (
    ("\\x5c", "\\"), ("\\x0d", "\r"), ("\\x22", '"'), ("\\x26", "&"),
    ("\\x27", "'"), ("\\x3c", "<"), ("\\x3e", ">"), ("\\x0a", "\n"),
)  # fmt: skip
# String.prototype.html(false) as the pages define it, in the pages' order.
_HTML_DECODE: Final = (
    ("&#39;", "'"), ("&quot;", '"'), ("&nbsp;", " "), ("&gt;", ">"),
    ("&lt;", "<"), ("&yen;", "¥"), ("&amp;", "&"),
)  # fmt: skip


class RegularExpression(str):
    """The source of a regular expression literal; only those of `_REPLACED` mean anything to us."""

    __slots__ = ()


# The expressions of the pages' `.replace(/…/g, …)`. White space to `&nbsp;` is for display: left alone.
_REPLACED: Final = {r"\r": "\r", r"\n": "\n", r"\s": None, r"\r\n": "\r\n"}


class LiteralError(ValueError):
    """The text is not a data literal of the restricted form, or exceeds a cap; `position` in it."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(f"{message} at character {position}")
        self.position = position


def unescape(raw: str) -> str:
    """Decode the escapes of a JavaScript string; surrogate pairs are joined."""
    out = _ESCAPE.sub(_escaped, raw)
    return _SURROGATES.sub(_join_surrogates, out) if "\\u" in raw else out


def _join_surrogates(match: re.Match[str]) -> str:
    """Join a surrogate pair; a lone surrogate, which no UTF-8 can carry, becomes U+FFFD."""
    pair = match.group()
    if len(pair) == 1:
        return "\ufffd"
    return chr(0x10000 + ((ord(pair[0]) - 0xD800) << 10) + (ord(pair[1]) - 0xDC00))


def _escaped(match: re.Match[str]) -> str:
    body = match.group()[1:]
    first = body[0]
    if first in "xu" and len(body) > 1:
        code = int(body[1:].strip("{}"), 16)
        return chr(code) if code <= _MAX_CODE_POINT else "\ufffd"
    if first in "01234567" and (len(body) > 1 or first != "0"):
        return chr(int(body, 8) & 0xFF) if int(body, 8) <= 0xFF else chr(int(body[:2], 8)) + body[2:]  # noqa: PLR2004 - legacy octal escapes end at \377
    if first in _LINE_ENDS:
        return ""  # a line continuation
    return _SIMPLE.get(first, body)


def number(text: str) -> int | float:
    """Return the value of a number literal that `NUMBER` matches."""
    if text[:2].lower() in {"0x", "0b", "0o"}:
        return int(text, 0)
    if text.isdigit():
        return int(text) if len(text) <= 300 else math.inf  # noqa: PLR2004 - beyond 1.8e308 JavaScript says Infinity
    return float(text)


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


def to_number(value: Value) -> int | float:
    """Return what JavaScript's `value * 1` is; NaN for what is not a number (`''` is 0)."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    if not isinstance(value, str):
        return math.nan
    text = value.strip()
    if not text:
        return 0
    sign = -1 if text[0] == "-" else 1
    match = NUMBER.fullmatch(text.lstrip("+-") if text[0] in "+-" else text)
    return sign * number(match.group()) if match else math.nan


def multiply(left: Value, right: Value) -> int | float:
    a, b = to_number(left), to_number(right)
    try:
        product = a * b
    except OverflowError:
        return math.inf
    if isinstance(product, int) and product.bit_length() > 1023:  # noqa: PLR2004 - the largest double
        return math.inf
    return product


def loosely_equal(left: Value, right: Value) -> bool:
    if isinstance(left, list | dict) or isinstance(right, list | dict):
        return False
    if left is None or right is None:
        return left is right
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    return to_number(left) == to_number(right)


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


def _percent_decode(value: str) -> str:
    return unquote(value, errors="replace")


_DECODERS: Final = {
    "JsDecode": js_decode,
    "htmlDecode": html_decode,
    "decodeURIComponent": _percent_decode,
    "unescape": _percent_decode,
}


def call(name: str, arguments: list[Value], position: int) -> Value:
    """Apply one of the pages' pure functions."""
    first = arguments[0] if arguments else None
    if name in _DECODERS:
        return _DECODERS[name](first) if isinstance(first, str) else first
    if name in {"Number", "parseInt", "parseFloat"}:
        return to_number(first)
    if name == "String":
        return first if isinstance(first, str) else None
    if name == "getXmlValue":
        return None  # reads a document that only WeChat's own client has
    raise LiteralError(f"a call of {name!r} is not data", position)


def method(name: str, value: Value, arguments: list[Value], position: int) -> Value:
    if name == "html":
        return (
            html_decode(value) if isinstance(value, str) and not truthy((arguments or [None])[0]) else value
        )
    if name == "replace":
        return _replaced(value, arguments, position)
    if name == "slice":
        return _sliced(value, arguments)
    if name == "trim":
        return value.strip() if isinstance(value, str) else value
    if name == "toString":
        return value if isinstance(value, str) else None
    raise LiteralError(f"a call of method {name!r} is not data", position)


def _replaced(value: Value, arguments: list[Value], position: int) -> Value:
    if len(arguments) != 2 or not isinstance(value, str):  # noqa: PLR2004 - pattern and replacement
        return value
    old, new = arguments
    if not isinstance(old, str) or not isinstance(new, str):
        return value
    if not isinstance(old, RegularExpression):
        return value.replace(old, new, 1)
    if old not in _REPLACED:
        raise LiteralError(f"the expression /{old[:40]}/ is not known", position)
    plain = _REPLACED[old]
    return value if plain is None else value.replace(plain, new)


def _sliced(value: Value, arguments: list[Value]) -> Value:
    bounds = [one for one in arguments if isinstance(one, int)]
    if not isinstance(value, list | str) or not bounds:
        return value
    return value[bounds[0] : bounds[1] if len(bounds) > 1 else None]

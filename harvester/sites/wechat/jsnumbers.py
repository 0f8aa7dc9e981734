"""JavaScript's numbers: what a literal, a string and an operator make of them (ECMA-262, 2024).

Integers are kept whole: an engine rounds them beyond 2^53, and an identifier would be lost.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Final

JS_SPACES: Final = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""White space and line terminators (sections 12.2, 12.3), as a class of a regular expression."""

NUMBER: Final = re.compile(
    r"(?:0[xX][0-9a-fA-F]{1,32}|0[bB][01]{1,128}|0[oO][0-7]{1,64}"
    r"|(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,5})?)(?![\w$.])"
)
_OLD_OCTAL: Final = re.compile(r"0[0-7]{1,400}")
_OLD_DECIMAL: Final = re.compile(r"0[0-9]")
_SIGNED: Final = re.compile(r"([+-]?)(?:(Infinity)|([0-9.].*))", re.DOTALL)
_WHOLE_PREFIX: Final = re.compile(r"([+-]?)(?:0[xX]([0-9a-fA-F]{1,256})|([0-9]{1,400}))")
_FLOAT_PREFIX: Final = re.compile(
    r"[+-]?(?:Infinity|(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,5})?)"
)
_EDGES: Final = re.compile(f"^[{JS_SPACES}]+|[{JS_SPACES}]+\\Z")
_MAX_DIGITS: Final = 300  # beyond 1.8e308 JavaScript says Infinity
_MAX_BITS: Final = 1023
_EXACT: Final = 2**53
_FIXED_DIGITS: Final = 21  # Number::toString, section 6.1.6.1.20
_LEADING_ZEROS: Final = 6


def js_strip(text: str) -> str:
    """Take off what `String.prototype.trim` does."""
    return _EDGES.sub("", text)


def number(text: str) -> int | float | None:
    """Return the value of a number literal that `NUMBER` matches; None for one that is a syntax error."""
    if text[:2].lower() in {"0x", "0b", "0o"}:
        return int(text, 0)
    if _OLD_OCTAL.fullmatch(text):  # Annex B.1.1
        return int(text, 8)
    if _OLD_DECIMAL.match(text) and not text.isdigit():
        return None
    return _decimal(text)


def _decimal(text: str) -> int | float:
    if text.isdigit():
        return int(text) if len(text) <= _MAX_DIGITS else math.inf
    return float(text)


def string_to_number(text: str) -> int | float:
    """Return what `Number(text)` is (section 7.1.4.1): 0 for white space, NaN for what is no number."""
    text = js_strip(text)
    if not text:
        return 0
    match = _SIGNED.fullmatch(text)
    if match is None:
        return math.nan
    sign = -1 if match[1] == "-" else 1
    if match[2]:
        return sign * math.inf
    digits = match[3]
    if NUMBER.fullmatch(digits) is None:
        return math.nan
    if digits[:2].lower() in {"0x", "0b", "0o"}:
        return math.nan if match[1] else int(digits, 0)
    return sign * _decimal(digits)


def parse_int(text: str) -> int | float:
    """Return what `parseInt(text)` is (section 19.2.5)."""
    match = _WHOLE_PREFIX.match(js_strip(text))
    if match is None:
        return math.nan
    value = int(match[2], 16) if match[2] else _decimal(match[3])
    return -value if match[1] == "-" else value


def parse_float(text: str) -> int | float:
    """Return what `parseFloat(text)` is (section 19.2.4)."""
    match = _FLOAT_PREFIX.match(js_strip(text))
    return string_to_number(match.group()) if match else math.nan


def product(left: float, right: float) -> int | float:
    """Return the product as an engine has it; whole numbers that are exact there stay whole."""
    if isinstance(left, int) and isinstance(right, int) and max(abs(left), abs(right)) <= _EXACT:
        return left * right
    if isinstance(left, int) and abs(right) == 1 and isinstance(right, int):
        return left * right  # `'9007199254740993' * 1`: the digits as they stand
    return as_double(left) * as_double(right)


def as_double(value: float) -> float:
    """Return a number as the engine's double."""
    if isinstance(value, int) and value.bit_length() > _MAX_BITS:
        return math.copysign(math.inf, value)
    return float(value)


def number_text(value: float) -> str:
    """Return a number as JavaScript writes it (section 6.1.6.1.20), whole ones with all their digits."""
    if isinstance(value, int) and abs(value) < 10**_FIXED_DIGITS:
        return str(value)
    double = as_double(value)
    if math.isnan(double) or math.isinf(double):
        return "NaN" if math.isnan(double) else "Infinity" if double > 0 else "-Infinity"
    if double == 0:
        return "0"
    sign, figures, exponent = Decimal(repr(double)).normalize().as_tuple()
    digits = "".join(map(str, figures))
    point = len(digits) + int(exponent)
    return ("-" if sign else "") + _placed(digits, point)


def _placed(digits: str, point: int) -> str:
    """Write significant digits with the decimal point after `point` of them."""
    if len(digits) <= point <= _FIXED_DIGITS:
        return digits.ljust(point, "0")
    if 0 < point <= _FIXED_DIGITS:
        return f"{digits[:point]}.{digits[point:]}"
    if -_LEADING_ZEROS < point <= 0:
        return "0." + "0" * -point + digits
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{point - 1:+d}"

"""A restricted reader of JavaScript data literals: the forms WeChat's pages write, and nothing that runs.

Understood: strings with every escape, numbers, `true`/`false`/`null`/`undefined`/`NaN`, lists and objects
(nested, trailing commas, comments), `||`, `&&`, `==`, `? :`, unary signs, `'0' * 1`, names (undefined to
us), and a closed set of pure wrappers: `JsDecode('…')`, `htmlDecode("…")`, `'…'.html(false)`,
`decodeURIComponent`, `Number`, `String`, `getXmlValue`. Never evaluated as code; size, depth and count are
capped; time is linear in the length.

`members` finds the spans of an object's values without reading them, so that a page's 400 kB body literal
costs nothing when the body is taken from elsewhere.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import unquote

Value: TypeAlias = "str | int | float | bool | None | list[Value] | dict[str, Value]"

MAX_CHARS: Final = 8_000_000
MAX_DEPTH: Final = 60
MAX_VALUES: Final = 200_000

_SPACE: Final = re.compile(r"(?:[\s\ufeff]++|//[^\n\r\u2028\u2029]*+|/\*(?:[^*]++|\*(?!/))*+\*/)*+")
_NUMBER: Final = re.compile(r"0[xX][0-9a-fA-F]{1,32}|0[bB][01]{1,128}|0[oO][0-7]{1,64}|(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,5})?")
_NAME: Final = re.compile(r"[A-Za-z_$][\w$]{0,200}")
_ESCAPE: Final = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|[0-7]{1,3}|\r\n|[\s\S])")
_SURROGATES: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]")
_STRUCTURE: Final = re.compile(r"[\"'`{}\[\](),;/]")
_SIMPLE: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_LINE_ENDS: Final = frozenset("\n\r\u2028\u2029")
_MAX_CODE_POINT: Final = 0x10FFFF
_OPENERS: Final = {"{": "}", "[": "]", "(": ")"}
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


class LiteralError(ValueError):
    """The text is not a data literal of the restricted form, or exceeds a cap; `position` in it."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(f"{message} at character {position}")
        self.position = position


@dataclass(frozen=True, slots=True)
class Literal:
    """A value and where it stood: `text[start:end]`, in characters."""

    value: Value
    start: int
    end: int


def parse(text: str, start: int = 0, end: int | None = None) -> Literal:
    """Read the literal expression that begins at `start`; what follows it is not looked at.

    Raises `LiteralError`, never another exception.
    """
    stop = len(text) if end is None else min(end, len(text))
    if stop - start > MAX_CHARS:
        raise LiteralError(f"a literal longer than {MAX_CHARS} characters", start)
    reader = _Reader(text, start, stop)
    reader.space()
    begin = reader.at
    value = reader.expression(0)
    return Literal(value, begin, reader.at)


def members(text: str, start: int, end: int | None = None) -> dict[str, tuple[int, int]]:
    """Return the spans of the values of the object literal that begins at `start`, unread.

    Of a key that stands twice the last counts, as in JavaScript. Raises `LiteralError`.
    """
    stop = min(len(text), start + MAX_CHARS) if end is None else min(end, len(text))
    reader = _Reader(text, start, stop)
    reader.space()
    reader.expect("{")
    spans: dict[str, tuple[int, int]] = {}
    reader.space()
    while not reader.accept("}"):
        key = reader.key()
        reader.space()
        reader.expect(":")
        reader.space()
        begin = reader.at
        reader.at = skip_value(text, begin, stop)
        spans[key] = (begin, reader.at)
        if len(spans) > MAX_VALUES:
            raise LiteralError(f"more than {MAX_VALUES} members", begin)
        reader.separator("}")
    return spans


def skip_value(text: str, start: int, end: int) -> int:
    """Return where the value that begins at `start` ends: at a `,`, `;` or a closing bracket of its level."""
    expected: list[str] = []
    at = start
    while True:
        match = _STRUCTURE.search(text, at, end)
        if match is None:
            if expected:
                raise LiteralError("an unclosed bracket", start)
            return end
        char, at = match.group(), match.start()
        if char in _OPENERS:
            expected.append(_OPENERS[char])
            at += 1
        elif char in ",;":
            if not expected:
                return at
            at += 1
        elif char in "}])":
            if not expected:
                return at
            if expected.pop() != char:
                raise LiteralError(f"a stray {char!r}", at)
            at += 1
        elif char == "/":
            at = _skip_slash(text, at, end)
        else:
            at = _string_end(text, at, end) + 1


def _skip_slash(text: str, at: int, end: int) -> int:
    if text.startswith("//", at):
        line_end = text.find("\n", at, end)
        return end if line_end < 0 else line_end
    if text.startswith("/*", at):
        close = text.find("*/", at + 2, end)
        if close < 0:
            raise LiteralError("an unclosed comment", at)
        return close + 2
    return at + 1  # a division sign, or a regular expression without brackets or quotes


def _string_end(text: str, start: int, end: int) -> int:
    """Return the position of the quote that closes the string opened at `start`."""
    quote = text[start]
    at = start + 1
    while True:
        close = text.find(quote, at, end)
        if close < 0:
            raise LiteralError("an unclosed string", start)
        first = close
        while first > at and text[first - 1] == "\\":
            first -= 1
        if (close - first) % 2 == 0:
            return close
        at = close + 1


class _Reader:
    """Recursive descent over one text; `at` is the next character to read."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.at = start
        self.end = end
        self._values = 0

    # -- signs ---------------------------------------------------------------------------------

    def space(self) -> None:
        match = _SPACE.match(self.text, self.at, self.end)
        if match is not None:
            self.at = match.end()

    def peek(self) -> str:
        return self.text[self.at] if self.at < self.end else ""

    def accept(self, sign: str) -> bool:
        if self.at < self.end and self.text.startswith(sign, self.at) and self.at + len(sign) <= self.end:
            self.at += len(sign)
            return True
        return False

    def expect(self, sign: str) -> None:
        if not self.accept(sign):
            raise LiteralError(f"expected {sign!r}", self.at)

    def separator(self, closing: str) -> None:
        """Pass a comma (or nothing before the closing bracket) and the space around it."""
        self.space()
        if not self.accept(",") and self.peek() != closing:
            raise LiteralError(f"expected ',' or {closing!r}", self.at)
        self.space()

    def key(self) -> str:
        self.space()
        if self.peek() in {'"', "'"}:
            return self.string()
        match = _NAME.match(self.text, self.at, self.end) or _NUMBER.match(self.text, self.at, self.end)
        if match is None:
            raise LiteralError("expected a member's name", self.at)
        self.at = match.end()
        return match.group()

    # -- expressions ---------------------------------------------------------------------------

    def expression(self, depth: int) -> Value:
        if depth > MAX_DEPTH:
            raise LiteralError(f"nested deeper than {MAX_DEPTH}", self.at)
        self._values += 1
        if self._values > MAX_VALUES:
            raise LiteralError(f"more than {MAX_VALUES} values", self.at)
        condition = self._either(depth)
        if not self._operator("?"):
            return condition
        chosen = self.expression(depth + 1)
        self.space()
        self.expect(":")
        otherwise = self.expression(depth + 1)
        return chosen if truthy(condition) else otherwise

    def _operator(self, sign: str) -> bool:
        before = self.at
        self.space()
        if self.accept(sign):
            return True
        self.at = before
        return False

    def _either(self, depth: int) -> Value:
        value = self._both(depth)
        while self._operator("||"):
            other = self._both(depth)
            value = value if truthy(value) else other
        return value

    def _both(self, depth: int) -> Value:
        value = self._comparison(depth)
        while self._operator("&&"):
            other = self._comparison(depth)
            value = other if truthy(value) else value
        return value

    def _comparison(self, depth: int) -> Value:
        value = self._product(depth)
        for sign, wanted in (("===", True), ("!==", False), ("==", True), ("!=", False)):
            if self._operator(sign):
                other = self._product(depth)
                return (_loosely_equal(value, other)) is wanted
        return value

    def _product(self, depth: int) -> Value:
        value = self._signed(depth)
        while self._operator("*"):
            other = self._signed(depth)
            value = _multiply(value, other)
        return value

    def _signed(self, depth: int) -> Value:
        signs = []
        self.space()
        while self.peek() in {"+", "-", "!"} and len(signs) < MAX_DEPTH:
            signs.append(self.peek())
            self.at += 1
            self.space()
        value = self._wrapped(depth)
        for sign in reversed(signs):
            value = not truthy(value) if sign == "!" else _multiply(value, 1 if sign == "+" else -1)
        return value

    def _wrapped(self, depth: int) -> Value:
        """A primary value and the methods called on it."""
        value = self._primary(depth)
        for _ in range(MAX_DEPTH):
            before = self.at
            self.space()
            if not self.accept("."):
                self.at = before
                return value
            name = self._name()
            if not self.accept("("):
                value = None  # a property of something we do not run
                continue
            arguments = self._arguments(depth)
            value = _method(name, value, arguments, before)
        raise LiteralError("too many methods", self.at)

    def _primary(self, depth: int) -> Value:
        self.space()
        char = self.peek()
        if char in {'"', "'", "`"} and char:
            return self.string()
        if char == "{":
            return self._object(depth)
        if char == "[":
            return self._list(depth)
        if char == "(":
            self.at += 1
            value = self.expression(depth + 1)
            self.space()
            self.expect(")")
            return value
        number = _NUMBER.match(self.text, self.at, self.end)
        if number is not None:
            self.at = number.end()
            return _number(number.group())
        return self._named(depth)

    def _named(self, depth: int) -> Value:
        start = self.at
        name = self._name()
        if name in {"function", "new", "class", "async", "await", "yield", "typeof", "void", "delete"}:
            raise LiteralError(f"{name!r} is not data", start)
        self.space()
        if self.accept("("):
            return _call(name, self._arguments(depth), start)
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        return None  # a variable: unknown to us, as `undefined` is

    def _name(self) -> str:
        match = _NAME.match(self.text, self.at, self.end)
        if match is None:
            raise LiteralError("not a data literal", self.at)
        self.at = match.end()
        return match.group()

    def _arguments(self, depth: int) -> list[Value]:
        out: list[Value] = []
        self.space()
        while not self.accept(")"):
            out.append(self.expression(depth + 1))
            self.separator(")")
        return out

    def _list(self, depth: int) -> list[Value]:
        self.at += 1
        out: list[Value] = []
        self.space()
        while not self.accept("]"):
            if self.accept(","):  # a hole
                out.append(None)
            else:
                out.append(self.expression(depth + 1))
                self.separator("]")
            self.space()
        return out

    def _object(self, depth: int) -> dict[str, Value]:
        self.at += 1
        out: dict[str, Value] = {}
        self.space()
        while not self.accept("}"):
            key = self.key()
            self.space()
            self.expect(":")
            out[key] = self.expression(depth + 1)
            self.separator("}")
        return out

    def string(self) -> str:
        start = self.at
        close = _string_end(self.text, start, self.end)
        raw = self.text[start + 1 : close]
        quote = self.text[start]
        if quote == "`" and "${" in raw:
            raise LiteralError("a template with code in it", start)
        self.at = close + 1
        if "\\" not in raw:
            if quote != "`" and ("\n" in raw or "\r" in raw):
                raise LiteralError("a line end inside a string", start)
            return raw
        return _unescape(raw)


def _unescape(raw: str) -> str:
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


def _number(text: str) -> int | float:
    if text[:2].lower() in {"0x", "0b", "0o"}:
        return int(text, 0)
    if text.isdigit():
        return int(text) if len(text) <= 300 else math.inf  # noqa: PLR2004 - beyond 1.8e308 JavaScript says Infinity
    return float(text)


_CONSTANTS: Final[dict[str, Value]] = {
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
    match = _NUMBER.fullmatch(text.lstrip("+-") if text[0] in "+-" else text)
    return sign * _number(match.group()) if match else math.nan


def _multiply(left: Value, right: Value) -> int | float:
    a, b = to_number(left), to_number(right)
    try:
        product = a * b
    except OverflowError:
        return math.inf
    if isinstance(product, int) and product.bit_length() > 1023:  # noqa: PLR2004 - the largest double
        return math.inf
    return product


def _loosely_equal(left: Value, right: Value) -> bool:
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


def _call(name: str, arguments: list[Value], position: int) -> Value:
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


def _method(name: str, value: Value, arguments: list[Value], position: int) -> Value:
    if name == "html":
        return html_decode(value) if isinstance(value, str) and not truthy((arguments or [None])[0]) else value
    if name == "replace":
        if len(arguments) == 2 and isinstance(value, str):  # noqa: PLR2004 - pattern and replacement
            old, new = arguments
            if isinstance(old, str) and isinstance(new, str):
                return value.replace(old, new, 1)
        return value
    if name == "trim":
        return value.strip() if isinstance(value, str) else value
    if name == "toString":
        return value if isinstance(value, str) else None
    raise LiteralError(f"a call of method {name!r} is not data", position)

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

import re
from dataclasses import dataclass
from typing import Final

from harvester.sites.wechat.jsvalues import (
    CONSTANTS,
    NUMBER,
    LiteralError,
    RegularExpression,
    Value,
    call,
    loosely_equal,
    method,
    multiply,
    number,
    truthy,
    unescape,
)
from harvester.sites.wechat.scan import skip_value, string_end

__all__ = ["Literal", "LiteralError", "Value", "members", "parse", "skip_value"]

MAX_CHARS: Final = 8_000_000
MAX_DEPTH: Final = 60
MAX_VALUES: Final = 50_000

_SPACE: Final = re.compile(r"(?:[\s\ufeff]++|//[^\n\r\u2028\u2029]*+|/\*(?:[^*]++|\*(?!/))*+\*/)*+")
_NAME: Final = re.compile(r"[A-Za-z_$][\w$]{0,200}")
_ENDS: Final = frozenset([",", "]", "}", ")"])
_REGULAR_EXPRESSION: Final = re.compile(r"/((?:[^/\\\n]|\\.){1,200}+)/[a-z]{0,6}")


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


class _Reader:
    """Recursive descent over one text; `at` is the next character to read."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.at = start
        self.end = end
        self._values = 0

    # -- signs ---------------------------------------------------------------------------------

    def space(self) -> None:
        """Pass white space and comments."""
        if self.at < self.end and " " < self.text[self.at] < "\x7f" and self.text[self.at] != "/":
            return
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
        match = _NAME.match(self.text, self.at, self.end) or NUMBER.match(self.text, self.at, self.end)
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
        plain = self._plain()
        if plain is not None:
            return plain
        condition = self._either(depth)
        if not self._operator("?"):
            return condition
        chosen = self.expression(depth + 1)
        self.space()
        self.expect(":")
        otherwise = self.expression(depth + 1)
        return chosen if truthy(condition) else otherwise

    def _plain(self) -> Value:
        """Read a string or number that stands alone, as most values do; None if the place holds more."""
        before = self.at
        self.space()
        char = self.peek()
        if char and char in "\"'":
            value: Value = self.string()
        elif digits := NUMBER.match(self.text, self.at, self.end):
            self.at = digits.end()
            value = number(digits.group())
        else:
            return None
        if self.peek() in _ENDS:
            return value
        self.at = before
        return None

    def _operator(self, sign: str) -> bool:
        before = self.at
        if self.peek() in _ENDS:
            return False
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
                return (loosely_equal(value, other)) is wanted
        return value

    def _product(self, depth: int) -> Value:
        value = self._signed(depth)
        while self._operator("*"):
            other = self._signed(depth)
            value = multiply(value, other)
        return value

    def _signed(self, depth: int) -> Value:
        signs: list[str] = []
        self.space()
        while self.peek() in {"+", "-", "!"} and len(signs) < MAX_DEPTH:
            signs.append(self.peek())
            self.at += 1
            self.space()
        value = self._wrapped(depth)
        for sign in reversed(signs):
            value = not truthy(value) if sign == "!" else multiply(value, 1 if sign == "+" else -1)
        return value

    def _wrapped(self, depth: int) -> Value:
        """A primary value and the methods called on it."""
        value = self._primary(depth)
        for _ in range(MAX_DEPTH):
            before = self.at
            if self.peek() in _ENDS:
                return value
            self.space()
            if not self.accept("."):
                self.at = before
                return value
            name = self._name()
            if not self.accept("("):
                value = None  # a property of something we do not run
                continue
            arguments = self._arguments(depth)
            value = method(name, value, arguments, before)
        raise LiteralError("too many methods", self.at)

    def _primary(self, depth: int) -> Value:  # noqa: PLR0911 - one return per form of value
        self.space()
        char = self.peek()
        if char in {'"', "'", "`"} and char:
            return self.string()
        if char == "{":
            return self._object(depth)
        if char == "[":
            return self._list(depth)
        if char == "/":
            return self._regular_expression()
        if char == "(":
            self.at += 1
            value = self.expression(depth + 1)
            self.space()
            self.expect(")")
            return value
        digits = NUMBER.match(self.text, self.at, self.end)
        if digits is not None:
            self.at = digits.end()
            return number(digits.group())
        return self._named(depth)

    def _regular_expression(self) -> Value:
        match = _REGULAR_EXPRESSION.match(self.text, self.at, self.end)
        if match is None:
            raise LiteralError("not a data literal", self.at)
        self.at = match.end()
        return RegularExpression(match.group(1))

    def _named(self, depth: int) -> Value:
        start = self.at
        name = self._name()
        if name in {"function", "new", "class", "async", "await", "yield", "typeof", "void", "delete"}:
            raise LiteralError(f"{name!r} is not data", start)
        self.space()
        if self.accept("("):
            return call(name, self._arguments(depth), start)
        if name in CONSTANTS:
            return CONSTANTS[name]
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
        close = string_end(self.text, start, self.end)
        raw = self.text[start + 1 : close]
        quote = self.text[start]
        if quote == "`" and "${" in raw:
            raise LiteralError("a template with code in it", start)
        self.at = close + 1
        if "\\" not in raw:
            if quote != "`" and ("\n" in raw or "\r" in raw):
                raise LiteralError("a line end inside a string", start)
            return raw
        return unescape(raw)

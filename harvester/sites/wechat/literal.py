"""A restricted reader of JavaScript data literals: the forms WeChat's pages write, and nothing that runs.

Understood: strings with every escape, numbers, `true`/`false`/`null`/`undefined`/`NaN`, lists and objects
(nested, trailing commas, comments), `||`, `&&`, `==`, `? :`, `'a' + 'b'`, unary signs, `'0' * 1`, names
(undefined to us), and a closed set of pure wrappers: `JsDecode('…')`, `htmlDecode("…")`, `'…'.html(false)`,
`decodeURIComponent`, `Number`, `String`, `getXmlValue`. Never evaluated as code; size, depth and count are
capped; time is linear in the length.

`members` finds the spans of an object's values without reading them, so that a page's 400 kB body literal
costs nothing when the body is taken from elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from harvester.sites.wechat.jsfunctions import call, method
from harvester.sites.wechat.jsnumbers import JS_SPACES, NUMBER, number, number_text
from harvester.sites.wechat.jsvalues import (
    CONSTANTS,
    LiteralError,
    RegularExpression,
    Value,
    is_object,
    joined,
    multiply,
    truthy,
    unescape,
)
from harvester.sites.wechat.scan import skip_value, string_end

__all__ = ["Literal", "LiteralError", "Value", "members", "parse", "skip_value"]

MAX_CHARS: Final = 8_000_000
MAX_DEPTH: Final = 60
MAX_VALUES: Final = 50_000

_COMMENT: Final = r"//[^\n\r\u2028\u2029]*+|/\*[^*]*+\*++(?:[^/*][^*]*+\*++){0,50000}/"
_SPACE: Final = re.compile(f"(?:[{JS_SPACES}]++|{_COMMENT})*")
_NAME: Final = re.compile(r"(?:[^\W\d]|\$)[\w$]{0,200}+")
_ENDS: Final = frozenset([",", "]", "}", ")", ";"])
_OPERATOR: Final = re.compile(r"\|\||&&|[=!]==?|\*(?!\*)|\+(?![+=])")
_BINDING: Final = {"||": 0, "&&": 1, "==": 2, "!=": 2, "===": 2, "!==": 2, "+": 3, "*": 4}
_MEMBER: Final = re.compile(r"([A-Za-z_$][A-Za-z0-9_$]{0,200}+)[ \t\r\n]*+:[ \t\r\n]*+")
_TIMES_ONE: Final = re.compile(r"[ \t]*+\*[ \t]*+1[ \t\r\n]*+(?=[,}\]);])")
# What most literals are: a string without escapes, alone or `* 1`, with nothing between it and its end.
_ALONE: Final = re.compile(
    r"""[ \t\r\n]*+(?:"([^"\\\r\n]*+)"|'([^'\\\r\n]*+)')([ \t]*+\*[ \t]*+1)?(?=[,}\]);])"""
)
_REGULAR_EXPRESSION: Final = re.compile(r"/((?:[^/\\\n]|\\.){1,200}/[a-z]{0,6})")
# What would go on with the expression after it: then it was more than the literal that was read.
_GOES_ON: Final = re.compile(r"(?!\+\+|--)[-+*/%&|^<>?=!.\[(`]|in(?:stanceof)?\b")


@dataclass(frozen=True, slots=True)
class Literal:
    """A value and where it stood: `text[start:end]`, in characters."""

    value: Value
    start: int
    end: int


def parse(text: str, start: int = 0, end: int | None = None) -> Literal:
    """Read the literal expression that begins at `start`, up to what cannot belong to it.

    An expression that goes on with something not understood (`'a' + b`) is no literal.
    Raises `LiteralError`, never another exception.
    """
    stop = len(text) if end is None else min(end, len(text))
    if stop - start > MAX_CHARS:
        raise LiteralError(f"a literal longer than {MAX_CHARS} characters", start)
    alone = _ALONE.match(text, start, stop)
    if alone is not None:  # as the reader below would have it, in a tenth of its time
        words = 1 if alone[1] is not None else 2
        found: Value = multiply(alone[words], 1) if alone[3] else alone[words]
        return Literal(found, alone.start(words) - 1, alone.end())
    reader = _Reader(text, start, stop)
    reader.space()
    begin = reader.at
    value = reader.expression(0)
    end_of_value = reader.at
    if reader.peek() not in _ENDS:
        reader.space()
        if _GOES_ON.match(text, reader.at, stop):
            raise LiteralError("the expression goes on with what is not data", reader.at)
    return Literal(value, begin, end_of_value)


def members(text: str, start: int, end: int | None = None) -> dict[str, tuple[int, int]]:
    """Return the spans of the values of the object literal that begins at `start`, unread.

    Of a key that stands twice the last counts, as in JavaScript. What is no `name: value` (a method, a
    spread, a name alone) is passed over. Raises `LiteralError`.
    """
    stop = min(len(text), start + MAX_CHARS) if end is None else min(end, len(text))
    reader = _Reader(text, start, stop)
    reader.space()
    reader.expect("{")
    spans: dict[str, tuple[int, int]] = {}
    reader.space()
    while not reader.accept("}"):
        begin = reader.at
        try:
            key = reader.member()
            begin = reader.at
        except LiteralError:
            key = "__proto__"
        reader.at = skip_value(text, begin, stop)
        if key != "__proto__":
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
        match = _NAME.match(self.text, self.at, self.end)
        if match is not None:
            self.at = match.end()
            return match.group()
        digits = self.number()
        if digits is None:
            raise LiteralError("expected a member's name", self.at)
        return number_text(digits)

    def member(self) -> str:
        """Pass a member's name, its colon and the space around them; return the name."""
        head = _MEMBER.match(self.text, self.at, self.end)
        if head is not None:
            self.at = head.end()
            key = head[1]
        else:
            key = self.key()
            self.space()
            self.expect(":")
        self.space()
        return key

    def number(self) -> int | float | None:
        """Read a number; None, and nothing read, if none stands here."""
        match = NUMBER.match(self.text, self.at, self.end)
        value = number(match.group()) if match is not None else None
        if match is not None and value is not None:
            self.at = match.end()
        return value

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
        condition = self._binary(depth, 0)
        if self.peek() in _ENDS or not self._accept_after_space("?"):
            return condition
        chosen = self.expression(depth + 1)
        self.space()
        self.expect(":")
        otherwise = self.expression(depth + 1)
        return chosen if truthy(condition) else otherwise

    def _plain(self) -> Value:
        """Read a string or number that stands alone or `* 1`, as most values do; None for anything else."""
        before = self.at
        self.space()
        char = self.peek()
        if char and char in "\"'":
            value: Value = self.string()
        elif "0" <= char <= "9":
            value = self.number()
        else:
            return None
        if self.peek() in _ENDS:
            return value
        times_one = _TIMES_ONE.match(self.text, self.at, self.end)
        if times_one is not None:
            self.at = times_one.end()
            return multiply(value, 1)
        self.at = before
        return None

    def _accept_after_space(self, sign: str) -> bool:
        before = self.at
        self.space()
        if self.accept(sign):
            return True
        self.at = before
        return False

    def _binary(self, depth: int, weakest: int) -> Value:
        """Read operands joined by operators that bind at least as strongly as `weakest`."""
        value = self._signed(depth)
        while (found := self._operator(weakest)) is not None:
            other = self._binary(depth, _BINDING[found] + 1)
            if found not in {"||", "&&"} and (is_object(value) or is_object(other)):
                raise LiteralError("an operator on an object is not data", self.at)
            if found == "+" and not (isinstance(value, str) and isinstance(other, str)):
                raise LiteralError("an addition that joins no two strings is not data", self.at)
            value = joined(found, value, other)
        return value

    def _operator(self, weakest: int) -> str | None:
        """Pass and return the operator that follows, None if there is none or one that binds less."""
        if self.peek() in _ENDS:
            return None
        before = self.at
        self.space()
        match = _OPERATOR.match(self.text, self.at, self.end)
        if match is None or _BINDING[match.group()] < weakest:
            self.at = before
            return None
        self.at = match.end()
        return match.group()

    def _signed(self, depth: int) -> Value:
        signs: list[str] = []
        self.space()
        while (sign := self.peek()) in {"+", "-", "!"} and len(signs) < MAX_DEPTH:
            signs.append(sign)
            self.at += 1
            if sign != "!" and self.peek() == sign:
                raise LiteralError(f"{sign * 2!r} is not data", self.at)
            self.space()
        value = self._wrapped(depth)
        if is_object(value) and set(signs) & {"+", "-"}:
            raise LiteralError("an operator on an object is not data", self.at)
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
        digits = self.number() if char.isdigit() or char == "." else None
        return self._named(depth) if digits is None else digits

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
            if self.peek() == "/":
                out.append(self._regular_expression())
            else:
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
            key = self.member()
            value = self.expression(depth + 1)
            if key != "__proto__":  # names the object's prototype, not a member
                out[key] = value
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
            return raw if quote != "`" else raw.replace("\r\n", "\n").replace("\r", "\n")
        return unescape(raw)

"""Pass over JavaScript values without reading them: where does this one end?"""

from __future__ import annotations

import re
from typing import Final

from harvester.sites.wechat.jsvalues import LiteralError

# What holds no structure: other characters, and strings without escapes (those with some are searched for
# their end, which is faster where they are long).
_PLAIN: Final = re.compile(r"""(?:[^"'`{}\[\](),;/]++|"[^"\\\n]*+"|'[^'\\\n]*+'){0,50000}""")
_LINE_END: Final = re.compile("[\n\r\u2028\u2029]")
# Where an expression begins a slash opens a regular expression, which may hold brackets and quotes.
_BEFORE_EXPRESSION: Final = tuple("(,=:[!&|?{};+")
_MAX_GAP: Final = 20
_MAX_BRACKETS: Final = 1000
_REGULAR_EXPRESSION: Final = re.compile(
    r"/(?:[^/\\\[\n]++|\\.|\[[^\]\\\n]*+(?:\\.[^\]\\\n]*+){0,500}\]){1,500}/"
)
_OPENERS: Final = {"{": "}", "[": "]", "(": ")"}


def skip_value(text: str, start: int, end: int) -> int:
    """Return where the value that begins at `start` ends: at `,`, `;` or a closing bracket of its level."""
    expected: list[str] = []
    at = start
    pass_plain = _PLAIN.match
    while (match := pass_plain(text, at, end)) is not None and (at := match.end()) < end:
        char = text[at]
        if not expected and char in ",;}])":
            return at
        if char in _OPENERS:
            if len(expected) == _MAX_BRACKETS:
                raise LiteralError(f"more than {_MAX_BRACKETS} brackets open at once", at)
            expected.append(_OPENERS[char])
        elif char in "}])" and expected.pop() != char:
            raise LiteralError(f"a stray {char!r}", at)
        at = _after(text, at, end)
    if expected:
        raise LiteralError("an unclosed bracket", start)
    return end


def _after(text: str, at: int, end: int) -> int:
    """Return the position after the sign, string or comment that begins at `at`."""
    char = text[at]
    if char in {'"', "'", "`"}:
        return string_end(text, at, end) + 1
    return _skip_slash(text, at, end) if char == "/" else at + 1


def _skip_slash(text: str, at: int, end: int) -> int:
    if text.startswith("//", at):
        line_end = _LINE_END.search(text, at, end)
        return end if line_end is None else line_end.start()
    if text.startswith("/*", at):
        close = text.find("*/", at + 2, end)
        if close < 0:
            raise LiteralError("an unclosed comment", at)
        return close + 2
    if text[max(0, at - _MAX_GAP) : at].rstrip()[-1:] in _BEFORE_EXPRESSION:
        match = _REGULAR_EXPRESSION.match(text, at, end)
        if match is not None:
            return match.end()
    return at + 1  # a division sign


def string_end(text: str, start: int, end: int) -> int:
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

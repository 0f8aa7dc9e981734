"""Folding: the declared differences of form that are not differences of text, reversible to offsets.

Folded: white space, zero-width characters, the full-width forms of ASCII, the style of quotation
marks, dashes, middle dots and ellipses, the style of list numbers (rules.toml, `[fold]`). Not folded:
anything that can carry meaning: traditional and simplified characters, letter case, numerals, the
space between two words of a spaced script, the space between two numbers, a bidirectional override.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from harvester.verify.rules import fold_rules, script_table

_ZERO_WIDTH = "\u200b"
_RUNS = re.compile(r"[\s\u200b]+|—(?:[ \u200b]*—)+|…(?:[ \u200b]*…)+|\.{3,}|。{3,}")
_LIST_NUMBER_AT_MOST = 4
_UNSEEN = " \t\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff\u00ad"
_SPACE = " \n\u200b"
_LIST_NUMBER = re.compile(
    r"(?:^|(?<=[\n。;:!?]))[ \u200b]*(\(?)[ \u200b]*"
    r"(?:[0-9]{1,3}|[一二三四五六七八九十]{1,3})[ \u200b]*(\)[.、]?|[.、])(?![0-9.])",
    re.MULTILINE,
)
_APOSTROPHE = re.compile('(?<=[A-Za-z])"(?=[A-Za-z])')  # as quotation marks are folded
_BULLET = re.compile(r"^[ \u200b]*([•·●◆■▪◦○▲►]|[-*](?= ))|(?<=[。;:!?])[ \u200b]*([•●◆■▪◦►])", re.MULTILINE)
_FIRST_UNSPACED = 0x2E80  # CJK radicals: from here on scripts are written without spaces …
_HANGUL = (0xAC00, 0xD7A3)  # … but for Korean


@dataclass(frozen=True, slots=True)
class Folded:
    """A text and its folded form.

    `key` is `text` with script variants mapped to one form, character for character: alignment runs
    on it, so that a traditional character finds its simplified one; they still count as unlike.
    `breaks` are the folded offsets at which a new line of `raw` begins.
    """

    raw: str
    text: str
    key: str
    breaks: tuple[int, ...]
    _at: tuple[int, ...]
    _from: tuple[int, ...]
    _wide: dict[int, int]

    def start(self, index: int) -> int:
        """Return the raw offset at which the folded character `index` begins."""
        if index >= len(self.text):
            return len(self.raw)
        segment = bisect_right(self._at, index) - 1
        return self._from[segment] + index - self._at[segment]

    def end(self, index: int) -> int:
        """Return the raw offset just after the folded character `index`."""
        wide = self._wide.get(index)
        return wide if wide is not None else self.start(index) + 1

    def span(self, start: int, end: int, *, opens_line: bool = False) -> tuple[int, int]:
        """Return the raw span of the folded span.

        A span longer than a list number has the bullet or bracket before it, too. An empty span lies
        directly after the character before it, or, where a line begins and `opens_line`, at its beginning.
        """
        if start < end:
            whole = end - start > _LIST_NUMBER_AT_MOST
            return self._line_start(start) if whole else self.start(start), self.end(end - 1)
        forward = start == 0 or (opens_line and self.breaks_at(start))
        at = self._line_start(start) if forward else self.end(start - 1)
        return at, at

    def _line_start(self, index: int) -> int:
        """Return where the line's first mark stands, a bullet that folding drops included."""
        low, high = (self.end(index - 1) if index else 0), self.start(index)
        line = re.split("[\n\r\u2028\u2029]", self.raw[low:high])[-1]
        return high - len(line.lstrip(_UNSEEN))

    def around(self, start: int, end: int) -> str:
        """Return the stored text from the character before a folded span to the one after it, without space.

        Widths and styles are folded, list numbers are not.
        """
        low = self.end(start - 1) if start else 0
        stored = _translated(self.raw[low : self.start(end)])
        return "".join(char for char in stored if char not in _SPACE)

    def is_line_end(self, start: int, end: int) -> bool:
        """Tell whether the folded span is one space that stands for the end of a line."""
        return self.text[start:end] == " " and "\n" in _translated(
            self.raw[self.start(start) : self.end(start)]
        )

    def breaks_at(self, index: int) -> bool:
        """Tell whether a line of the stored text begins at the folded offset."""
        position = bisect_right(self.breaks, index) - 1
        return index == 0 or (position >= 0 and self.breaks[position] == index)


def fold(raw: str) -> Folded:
    """Fold a text. Linear in its length."""
    plain = _APOSTROPHE.sub(lambda mark: _apostrophe(raw, mark), _translated(raw))
    at, starts, pieces, wide, breaks = [0], [0], [], {}, []
    done = size = 0
    for start, end, kept in _replacements(plain):
        pieces.append(plain[done:start])
        size += start - done
        if kept:
            at.append(size)
            starts.append(start)
            wide[size] = end
            pieces.append(kept)
            size += 1
        at.append(size)
        starts.append(end)
        done = end
        if size and "\n" in plain[start:end]:
            breaks.append(size)
    pieces.append(plain[done:])
    text = "".join(pieces)
    key = text.translate(script_table()) if _variants().search(text) else text
    kept_breaks = tuple(dict.fromkeys(place for place in breaks if place < len(text)))
    return Folded(raw, text, key, kept_breaks, tuple(at), tuple(starts), wide)


def _translated(raw: str) -> str:
    """Map each character to what it is read as; replacing the few that occur is faster than `translate`."""
    table = _table()
    for char in set(raw) & table.keys():
        raw = raw.replace(char, table[char])
    return raw


def _apostrophe(raw: str, mark: re.Match[str]) -> str:
    """A single quotation mark between two letters is an apostrophe, in whatever style."""
    return "'" if raw[mark.start()] in "'’‘＇" else mark[0]


def differing_kinds(pairs: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Name the kinds of folding in which stored stretches of equal folded text differ, in rule order."""
    seen: set[str] = set()
    for left, right in pairs:
        if left != right:
            kinds = _kind_patterns().items()
            seen.update(name for name, kind in kinds if kind.findall(left) != kind.findall(right))
    return tuple(name for name in _kind_patterns() if name in seen)


def _replacements(plain: str) -> list[tuple[int, int, str]]:
    found = [(m.start(), m.end(), _kept(plain, m)) for m in _RUNS.finditer(plain)]
    lists: list[tuple[int, int, str]] = []
    for m in _LIST_NUMBER.finditer(plain):
        if m[1]:
            lists.append((m.start(1), m.end(1), ""))
        lists.append((m.start(2), m.end(2), "、"))
    lists += [(*m.span(m.lastindex or 0), "") for m in _BULLET.finditer(plain)]
    return sorted(found + lists) if lists else found


def _kept(plain: str, run: re.Match[str]) -> str:
    first = run[0][0]
    if first not in _SPACE:
        return "—" if first == "—" else "…"
    before, after = plain[run.start() - 1 : run.start()], plain[run.end() : run.end() + 1]
    real = run[0].strip(_ZERO_WIDTH) != ""
    return " " if real and _space_matters(before, after) else ""


def _space_matters(before: str, after: str) -> bool:
    if not before or not after:
        return False
    return (before.isdigit() and after.isdigit()) or (_spaced(before) and _spaced(after))


def _spaced(char: str) -> bool:
    code = ord(char)
    return char.isalpha() and (code < _FIRST_UNSPACED or _HANGUL[0] <= code <= _HANGUL[1])


@cache
def _table() -> dict[str, str]:
    """Characters that are read as another one; none of those is itself read as another."""
    table = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}  # Unicode: half-width forms
    table |= dict.fromkeys("\r\x0b\x0c\x85\u2028\u2029", "\n")
    table |= dict.fromkeys(map(chr, [9, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000]), " ")
    for characters, kept in fold_rules().classes:
        table |= dict.fromkeys(characters, kept)
    return {char: kept for char, kept in table.items() if char != kept}


@cache
def _variants() -> re.Pattern[str]:
    return re.compile("[" + "".join(map(chr, script_table())) + "]")


@cache
def _kind_patterns() -> dict[str, re.Pattern[str]]:
    return {name: re.compile(pattern, re.MULTILINE) for name, pattern in fold_rules().kinds.items()}

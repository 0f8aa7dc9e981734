"""Editorial lines inside a text: where it is from, who wrote and edited it. Marked, never taken out."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from harvester.document import FrameLine
from harvester.extraction.plain import worded_lines

_HEAD_LINES: Final = 6
_TAIL_LINES: Final = 15
_MAX_LINE_CHARS: Final = 80
_MAX_VALUE_CHARS: Final = 60
_PAIRS: Final = {"]": "[", "】": "【", ")": "(", "）": "（", "〕": "〔", "》": "《", "」": "「", "”": "“"}
_BLANKS: Final = "*＊ \u3000\u00a0"
_BETWEEN: Final = frozenset("|丨｜，,、;；]】)）〕" + _BLANKS)
_ENDS_SENTENCE: Final = "。！？!?；;"
_QUOTES: Final = {"《": "》", "「": "」", "『": "』", "“": "”", "‘": "’", '"': '"', "'": "'"}
_MARKS_BEFORE: Final = r"\[【(（〔*＊▲△▶►▼▌▍▎▏▋▊▉█●○◎•·■□◆◇★☆※丨|｜\-—~ \u3000\u00a0"
_BLANK_RUN: Final = re.compile(r"[ \u3000\u00a0]+")
_TWO: Final = 2  # characters of the labels that are spaced out to the width of longer ones: 来　源
_BAR_OR_GAP: Final = re.compile(r"[|丨｜:：\n]|\s\s|[\u3000\u00a0]")


@dataclass(frozen=True, slots=True)
class Frame:
    """The editorial lines of a text and the attribution among them."""

    lines: tuple[FrameLine, ...]
    original_source: str | None


@dataclass(frozen=True, slots=True)
class _Labels:
    roles: dict[str, str]  # lower-case label -> role
    labelled: re.Pattern[str]
    next_label: re.Pattern[str]


@cache
def _labels() -> _Labels:
    table = tomllib.loads(files("harvester.sites.wechat").joinpath("frame.toml").read_text("utf-8"))
    roles = {label.lower(): role for role, labels in table["roles"].items() for label in labels}
    names = "|".join(sorted(map(_spaced, roles), key=len, reverse=True))
    labelled = re.compile(
        rf"[{_MARKS_BEFORE}]{{0,4}}(?P<label>{names})"
        r"\s{0,2}(?P<sign>[:：/／|丨｜])\s{0,4}",
        re.IGNORECASE,
    )
    return _Labels(
        roles,
        labelled,
        re.compile(rf"[ \u3000\u00a0,，;；、]+(?:{names})\s{{0,2}}[:：/／|丨｜]", re.IGNORECASE),
    )


def _spaced(label: str) -> str:
    """Return the pattern of a label; blanks may stand in one of two Chinese characters."""
    pieces = map(re.escape, label)
    return r"[ \u3000\u00a0]{0,4}".join(pieces) if len(label) == _TWO else re.escape(label)


def find_frame(text: str) -> Frame:
    """Find the editorial lines of a text: short ones near its head or tail, a label and a colon or bar.

    Conservative: a line of more than 80 characters, a value that ends as a sentence does, or a label in the
    middle of prose is not one.
    """
    lines = worded_lines(text)
    near = lines[:_HEAD_LINES] + lines[max(_HEAD_LINES, len(lines) - _TAIL_LINES) :]
    found = [frame for start, line in near for frame in _frame_lines(line, start)]
    return Frame(tuple(found), _original_source(found))


def _frame_lines(line: str, offset: int) -> list[FrameLine]:
    """Read the labelled values that begin a line, one after the other."""
    if len(line) > _MAX_LINE_CHARS:
        return []
    out: list[FrameLine] = []
    at = 0
    while (match := _labels().labelled.match(line, at)) is not None:
        label = _BLANK_RUN.sub("", match["label"])
        if len(label) == 1 and match["sign"] in ":：" and label not in "文图":
            break
        end = _value_end(line, match.end())
        value = line[match.end() : end].strip()
        if not value or value[-1] in _ENDS_SENTENCE or len(value) > _MAX_VALUE_CHARS:
            break
        role = _labels().roles[label.lower()]
        out.append(FrameLine(role=role, start=offset + match.start(), end=offset + end, value=value))
        at = end
        while at < len(line) and line[at] in _BETWEEN:
            at += 1
    return out


def _value_end(line: str, start: int) -> int:
    """Return where a value ends: before the next label, a bar, a wide gap or an unpaired bracket."""
    end = len(line)
    following = _labels().next_label.search(line, start)
    if following is not None:
        end = following.start()
    gap = _BAR_OR_GAP.search(line, start, end)
    if gap is not None and gap.start() > start:
        end = gap.start()
    return _balanced(line, start, end)


def _balanced(line: str, start: int, end: int) -> int:
    """Cut a value before a bracket that is not closed in it, or that closes one opened before it."""
    open_at: list[tuple[str, int]] = []
    for at in range(start, end):
        char = line[at]
        if char in _PAIRS.values():
            open_at.append((char, at))
        elif char in _PAIRS:
            if not open_at or open_at[-1][0] != _PAIRS[char]:
                return at
            open_at.pop()
    cut = open_at[0][1] if open_at else end
    while cut > start and line[cut - 1] in _BLANKS:
        cut -= 1
    return cut


def _original_source(found: list[FrameLine]) -> str | None:
    for role in ("source", "reposted-from"):
        for line in found:
            if line.role == role:
                return _unquoted(line.value) or None
    return None


def _unquoted(value: str) -> str:
    """Take off the pairs of quotes that enclose a whole value; one that encloses a part belongs to it."""
    value = value.strip()
    while len(value) > 1 and (end := _QUOTES.get(value[0])) == value[-1]:
        inner = value[1:-1]
        if value[0] in inner or end in inner:
            break
        value = inner.strip()
    return value

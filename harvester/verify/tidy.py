"""One canonical form for a list of changes: merged where they belong together, each at one place.

- Two deletions (or two insertions) that are one deletion seen through a coincidence are joined.
- Changes inside one token (a Latin word, a number, a date, a dotted foreign name) are one change.
- Changes closer than three characters are one change if both are at least as long as what is between them
  and one is longer.
- A deletion or insertion that could stand at several places (`的的`) stands where its edges fall on the
  strongest boundaries (line, sentence, clause, word); among equals, leftmost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Protocol

from harvester.verify.chars import Change, common_prefix, common_suffix
from harvester.verify.naming import is_chinese_person
from harvester.verify.rules import names, thresholds
from harvester.verify.telling import words_in
from harvester.verify.values import DATE, NUMBER, NUMERALS

_MAX_COINCIDENCE = 400
_MAX_NEAR = 2
_MAX_INSIDE = 14
_MAX_SLIDE = 4_000
_NAME_REACH = 20
_TOKEN_INSIDE = re.compile(r"[0-9A-Za-z.,%]+|[0-9年月日号零〇一二三四五六七八九十百千万亿点分之.,/-]+")
_NEVER_INSIDE = frozenset('。!?;、\n"')
_NOTHING = Change(0, 0, 0, 0)
_SENTENCE = 6
_NUMERAL = frozenset("0123456789零〇一二三四五六七八九十百千万亿年月日号")
_STOPS = frozenset("。!?;…")
_PAUSES = frozenset(",、:，—")
_CLOSERS = frozenset('")]》】')


class Aligned(Protocol):
    """A text in alignment: its characters and where its lines begin."""

    @property
    def key(self) -> str:
        """The characters that were aligned."""
        ...

    def breaks_at(self, index: int) -> bool:
        """Tell whether a line begins at the offset."""
        ...

    def form(self, index: int) -> str:
        """Return the character as it is stored."""
        ...


def tidy(changes: Sequence[Change], a: Aligned, b: Aligned) -> list[Change]:
    """Return the same difference of `a.key` and `b.key` in its canonical form."""
    merged: list[Change] = []
    for number, change in enumerate(changes):
        following = changes[number + 1] if number + 1 < len(changes) else None
        current = _whole_first(
            trim(change, a.key, b.key), merged[-1] if merged else _NOTHING, following, a, b
        )
        while merged and (joined := _joined(merged[-1], current, a, b)) is not None:
            merged.pop()
            current = joined
        if current.a0 < current.a1 or current.b0 < current.b1:
            merged.append(current)
    return _placed(merged, a, b)


def _whole_first(change: Change, floor: Change, roof: Change | None, a: Aligned, b: Aligned) -> Change:
    """Slide what may be a whole sentence into its place before its neighbours are looked at."""
    if _size(change) < thresholds()["sentence_characters"]:
        return change
    slid = _slide(change, floor, roof, a, b)
    side, start, end = (b, slid.b0, slid.b1) if slid.a0 == slid.a1 else (a, slid.a0, slid.a1)
    whole = _boundary(side, start) >= _SENTENCE and _boundary(side, end) >= _SENTENCE
    return slid if whole else change


def trim(change: Change, a: str, b: str) -> Change:
    """Take equal characters off both ends of a replacement."""
    text_a, text_b = a[change.a0 : change.a1], b[change.b0 : change.b1]
    if not text_a or not text_b:
        return change
    head = common_prefix(text_a, text_b)
    tail = common_suffix(text_a[head:], text_b[head:])
    return Change(change.a0 + head, change.a1 - tail, change.b0 + head, change.b1 - tail)


def _joined(left: Change, right: Change, side_a: Aligned, side_b: Aligned) -> Change | None:
    a, b = side_a.key, side_b.key
    between = right.a0 - left.a1
    hull = Change(left.a0, right.a1, left.b0, right.b1)
    if between == 0:
        return hull
    if between <= _MAX_COINCIDENCE and _one_way(left, right):
        candidate = trim(hull, a, b)
        if candidate.a0 == candidate.a1 or candidate.b0 == candidate.b1:
            return candidate
    if between > _MAX_INSIDE or any(_stands_alone(change, side_a, side_b) for change in (left, right)):
        return None
    near = between <= _MAX_NEAR and _outweigh(_size(left), _size(right), between)
    near = near and _has_letters(left, a, b) == _has_letters(right, a, b)
    return trim(hull, a, b) if near or _in_token(left, right, a, b) else None


def _stands_alone(change: Change, a: Aligned, b: Aligned) -> bool:
    """Tell a change that is not a part of a larger one: quotation marks, whole sentences of one side."""
    text_a, text_b = a.key[change.a0 : change.a1], b.key[change.b0 : change.b1]
    if set(text_a + text_b) == {'"'}:
        return True
    if (text_a and text_b) or _size(change) < thresholds()["sentence_characters"]:
        return False
    side, start, end = (b, change.b0, change.b1) if text_b else (a, change.a0, change.a1)
    return _boundary(side, start) >= _SENTENCE and _boundary(side, end) >= _SENTENCE


def _has_letters(change: Change, a: str, b: str) -> bool:
    """Tell whether letters or figures change; marks are not joined to words beside them."""
    return any(map(str.isalnum, a[change.a0 : change.a1] + b[change.b0 : change.b1]))


def _outweigh(left: int, right: int, between: int) -> bool:
    """Tell whether two changes are at least as long as what lies between them, one of them longer."""
    return min(left, right) >= between and max(left, right) > between


def _one_way(left: Change, right: Change) -> bool:
    deleting = left.b0 == left.b1 and right.b0 == right.b1
    return deleting or (left.a0 == left.a1 and right.a0 == right.a1)


def _size(change: Change) -> int:
    return max(change.a1 - change.a0, change.b1 - change.b0)


def _in_token(left: Change, right: Change, a: str, b: str) -> bool:
    inside = a[left.a1 : right.a0]
    if len(inside) > _MAX_INSIDE:
        return False
    if _in_expression(a, left.a0, right.a1) or _in_expression(b, left.b0, right.b1):
        return True
    if not _TOKEN_INSIDE.fullmatch(inside):
        return False
    before = a[left.a0 : left.a1][-1:] or b[left.b0 : left.b1][-1:]
    after = a[right.a0 : right.a1][:1] or b[right.b0 : right.b1][:1]
    figures = before in _NUMERAL and after in _NUMERAL
    return figures or (inside.isascii() and _word(before) and _word(after))


def _in_expression(text: str, start: int, end: int) -> bool:
    """Tell whether the span lies inside one date, number, name or listed word."""
    inside = text[start:end]
    if any(char in _NEVER_INSIDE for char in inside):
        return False
    low, high = max(0, start - _NAME_REACH), min(len(text), end + _NAME_REACH)
    written = any(char in NUMERALS or char.isascii() for char in inside)
    for pattern in (
        *((DATE, NUMBER) if written else ()),
        *((_foreign_name(),) if "·" in text[low:high] else ()),
    ):
        for match in pattern.finditer(text, low, high):
            if match.start() > start:
                break
            if end <= match.end() and start < end:
                return True
    listed = any(word.start <= start and end <= word.end for word in words_in(text, start, end))
    return listed or is_chinese_person(text, start, end)


@cache
def _foreign_name() -> re.Pattern[str]:
    letters = names()["transliteration"]
    return re.compile(rf"[{letters}]{{1,8}}(?:·[{letters}]{{1,8}})+")


def _word(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _placed(changes: list[Change], a: Aligned, b: Aligned) -> list[Change]:
    placed: list[Change] = []
    for number, change in enumerate(changes):
        floor = placed[-1] if placed else Change(0, 0, 0, 0)
        roof = changes[number + 1] if number + 1 < len(changes) else None
        slid = _slide(change, floor, roof, a, b)
        if placed and slid.a0 == floor.a1 and slid.b0 == floor.b1:
            placed[-1] = Change(floor.a0, slid.a1, floor.b0, slid.b1)
        else:
            placed.append(slid)
    # Two that met while sliding may have become equal on both sides: that is no change.
    trimmed = (trim(change, a.key, b.key) for change in placed)
    return [change for change in trimmed if change.a0 < change.a1 or change.b0 < change.b1]


def _slide(change: Change, floor: Change, roof: Change | None, a: Aligned, b: Aligned) -> Change:
    if change.a0 == change.a1:
        side, start, end = b, change.b0, change.b1
        low, high = floor.b1, roof.b0 if roof else len(b.key)
    elif change.b0 == change.b1:
        side, start, end = a, change.a0, change.a1
        low, high = floor.a1, roof.a0 if roof else len(a.key)
    else:
        return change
    offset = best_offset(side, start, end, low, high)
    if side.key[start:end] == '"':
        offset = _quote_offset(change, a, b, offset)
    return change.shifted(offset, offset)


def _quote_offset(change: Change, a: Aligned, b: Aligned, offset: int) -> int:
    """Of two quotation marks side by side, keep the one of the other side's form (opening or closing)."""
    (side, start), (other, at) = ((b, change.b0), (a, change.a0))
    if change.a0 < change.a1:
        (side, start), (other, at) = (other, at), (side, start)
    for step, kept in ((-1, at - 1), (1, at)):
        if 0 <= start + step < len(side.key) and side.key[start + step] == '"' == other.key[kept : kept + 1]:
            stays, goes, wanted = side.form(start + step), side.form(start), other.form(kept)
            if stays != goes and wanted in {stays, goes}:
                return step if wanted == goes else 0
    return offset


def best_offset(side: Aligned, start: int, end: int, low: int, high: int) -> int:
    """Return by how much the stretch may best slide without changing what is left when it is cut out."""
    text = side.key
    left = right = 0
    while left < _MAX_SLIDE and start - left > low and text[start - left - 1] == text[end - left - 1]:
        left += 1
    while right < _MAX_SLIDE and end + right < high and text[start + right] == text[end + right]:
        right += 1
    if left == right == 0:
        return 0
    return max(
        range(-left, right + 1),
        key=lambda offset: (_boundary(side, start + offset) + _boundary(side, end + offset), -offset),
    )


def _boundary(side: Aligned, index: int) -> int:
    text = side.key
    if index in (0, len(text)) or side.breaks_at(index):
        return 8
    before, after = text[index - 1], text[index]
    stop = text[index - 2] if before in _CLOSERS and index > 1 else before
    if stop in _STOPS and after not in _STOPS and (after not in _CLOSERS or after == '"'):
        return 6
    if before in _PAUSES:
        return 4
    return 0 if _word(before) and _word(after) else 1

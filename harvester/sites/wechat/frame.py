"""Editorial lines inside a text: where it is from, who wrote and edited it. Marked, never taken out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from harvester.document import FrameLine

_HEAD_LINES: Final = 6
_TAIL_LINES: Final = 15
_MAX_LINE_CHARS: Final = 80
_MAX_VALUE_CHARS: Final = 40

# Labels by what they say. Order matters only where one label begins another: longer first.
_LABELS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("source", ("原文来源", "文章来源", "稿件来源", "信息来源", "内容来源", "资料来源", "消息来源", "本文来源", "新闻来源", "素材来源", "图文来源", "文字来源", "来源", "原载", "稿源", "Source")),
    ("reposted-from", ("本文转载自", "文章转载自", "本文转自", "转载自", "转载来源", "转载", "转自", "摘自", "摘编自")),
    ("author", ("文章作者", "原文作者", "本文作者", "作者", "撰文", "撰稿", "执笔", "记者", "文字", "文")),
    ("editor", ("责任编辑", "本期编辑", "值班编辑", "执行编辑", "新媒体编辑", "微信编辑", "责编", "编辑", "小编", "Editor")),
    ("proofreader", ("责任校对", "校对", "校审")),
    ("reviewer", ("审核", "审校", "审定", "监审", "终审", "复审", "初审", "一审", "二审", "三审", "签发", "监制", "主编", "总编")),
    ("layout", ("排版", "美编", "版式", "设计")),
    ("translator", ("翻译", "译者", "编译")),
    ("photo", ("摄影", "图片来源", "图片", "图", "供图", "配图")),
    ("produced-by", ("出品", "制作", "供稿单位", "供稿", "来稿")),
)  # fmt: skip
_ROLES: Final = {label.lower(): role for role, labels in _LABELS for label in labels}
_NAMES: Final = "|".join(sorted((re.escape(x) for x in _ROLES), key=len, reverse=True))
_SPACED_NAMES: Final = re.compile(r"[ \u3000\u00a0]+")
# One-character labels need the slash or bar that bylines have (文/…, 图丨…); a colon serves the others too.
_LABELLED: Final = re.compile(
    rf"[\[【(（〔*＊▲●■◆丨|｜\-—~ \u3000\u00a0]{{0,4}}(?P<label>{_NAMES})\s{{0,2}}(?P<sign>[:：/／|丨｜])\s{{0,4}}(?P<value>[^:：\n]{{1,{_MAX_VALUE_CHARS}}})",
    re.IGNORECASE,
)
_BRACKETS: Final = "]】)）〕*＊ \u3000\u00a0"
_ENDS_SENTENCE: Final = "。！？!?；;"
_MEDIA: Final = "《》「」“”\"'"
_SEPARATORS: Final = re.compile(r"[|丨｜]|\s{2,}|[\u3000\u00a0]+")


@dataclass(frozen=True, slots=True)
class Frame:
    """The editorial lines of a text and the attribution among them."""

    lines: tuple[FrameLine, ...]
    original_source: str | None


def find_frame(text: str) -> Frame:
    """Find the editorial lines of a text: short ones near its head or tail, a label and a colon or bar.

    Conservative: a line of more than 80 characters, one that ends a sentence after its value, or a label
    inside prose is not one.
    """
    lines = _lines(text)
    near = lines[:_HEAD_LINES] + lines[max(_HEAD_LINES, len(lines) - _TAIL_LINES) :]
    found = [frame for start, line in near for frame in _frame_lines(line, start)]
    return Frame(tuple(found), _original_source(found))


def _lines(text: str) -> list[tuple[int, str]]:
    """Return the lines that have words, each with its offset in the text."""
    out: list[tuple[int, str]] = []
    at = 0
    for line in text.split("\n"):
        if line.strip():
            out.append((at, line))
        at += len(line) + 1
    return out


def _frame_lines(line: str, offset: int) -> list[FrameLine]:
    if len(line) > _MAX_LINE_CHARS:
        return []
    out: list[FrameLine] = []
    at = 0
    while at < len(line):
        match = _LABELLED.match(line, at)
        if match is None:
            break
        value_start, value_end = _value_span(line, match)
        label, sign = match["label"], match["sign"]
        if (len(label) == 1 and sign in ":：" and label not in "文图") or value_end <= value_start:
            break
        value = line[value_start:value_end]
        if value[-1] in _ENDS_SENTENCE:
            break
        out.append(
            FrameLine(role=_ROLES[label.lower()], start=offset + match.start(), end=offset + value_end, value=value)
        )
        at = value_end
        while at < len(line) and line[at] in _BRACKETS + "|丨｜,，、;；":
            at += 1
    return out


def _value_span(line: str, match: re.Match[str]) -> tuple[int, int]:
    """Return where the value stands: up to a bar or a wide gap, brackets that close the line taken off.

    Where another label follows in the same line after a gap, the value ends before it.
    """
    start, end = match.span("value")
    gap = _SEPARATORS.search(line, start, end)
    if gap is not None and gap.start() > start:
        end = gap.start()
    following = re.compile(rf"[ \u3000]+(?:{_NAMES})\s{{0,2}}$").search(line, start, end)
    if following is not None:
        end = following.start()
    while end > start and line[end - 1] in _BRACKETS and not _opened(line[start : end - 1], line[end - 1]):
        end -= 1
    return start, end


def _opened(value: str, closing: str) -> bool:
    pairs = {"]": "[", "】": "【", ")": "(", "）": "（", "〕": "〔"}
    opening = pairs.get(closing)
    return opening is not None and value.count(opening) > value.count(closing)


def _original_source(found: list[FrameLine]) -> str | None:
    for role in ("source", "reposted-from"):
        for line in found:
            if line.role == role:
                return line.value.strip(_MEDIA + " ") or None
    return None

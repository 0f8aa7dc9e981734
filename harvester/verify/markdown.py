"""Markdown to the text a reader reads, for a side that exists only as Markdown.

Enough for the Markdown this project and older capture tools write; linear, line by line.
"""

from __future__ import annotations

import re

_FENCE = "---"
_MAX_FRONT_LINES = 200
_IMAGE = re.compile(r"!\[[^\[\]]{0,400}\]\([^()\s]{0,4000}(?:\s\"[^\"]{0,400}\")?\)")
_LINK = re.compile(r"\[([^\[\]]{0,2000})\]\([^()\s]{0,4000}(?:\s\"[^\"]{0,400}\")?\)")
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+|[ \t]+#+[ \t]*$")
_QUOTE = re.compile(r"^(?: {0,3}>[ \t]?)+")
_RULE = re.compile(r"^ {0,3}(?:[-*_][ \t]*){3,}$")
_TABLE_RULE = re.compile(r"^[ \t]*\|?[ \t:|-]*-[ \t:|-]*\|[ \t:|-]*$")
_EMPHASIS = (
    re.compile(r"\*\*([^*\n]{1,4000})\*\*"),
    re.compile(r"(?<![\w*])\*([^*\s][^*\n]{0,4000})\*(?![\w*])"),
    re.compile(r"(?<!\w)__([^_\n]{1,4000})__(?!\w)"),
    re.compile(r"(?<!\w)_([^_\s][^_\n]{0,4000})_(?!\w)"),
    re.compile(r"`([^`\n]{1,4000})`"),
)
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|>~])")

_SHELTER = 0xF0000  # a private-use plane: escaped marks wait there until the markup is gone
_SHELTERED = {_SHELTER + code: chr(code) for code in range(128)}


def split_front_matter(text: str) -> tuple[dict[str, str] | None, str]:
    """Return the front matter's plain `key: value` lines (None if there is none) and the rest."""
    lines = text.removeprefix("\ufeff").splitlines(keepends=True)
    if not lines or lines[0].strip() != _FENCE:
        return None, text
    for number, line in enumerate(lines[1:_MAX_FRONT_LINES], 1):
        if line.strip() == _FENCE:
            return _pairs(lines[1:number]), "".join(lines[number + 1 :])
    return None, text


def strip_markdown(text: str) -> str:
    """Return the words of a Markdown text, one line for each of its lines, images left out."""
    lines = (_plain(line) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line for line in lines if line is not None)).strip("\n")


def _pairs(lines: list[str]) -> dict[str, str]:
    pairs = (line.partition(":") for line in lines if ":" in line and not line[0].isspace())
    return {key.strip(): value.strip().strip("\"'") for key, _, value in pairs}


def _plain(line: str) -> str | None:
    if _RULE.match(line) or _TABLE_RULE.match(line):
        return None
    line = _ESCAPE.sub(lambda match: chr(_SHELTER + ord(match[1])), line)
    line = _QUOTE.sub("", line)
    line = _HEADING.sub("", line)
    line = _LINK.sub(r"\1", _IMAGE.sub("", line))
    for pattern in _EMPHASIS:
        line = pattern.sub(r"\1", line)
    return line.translate(_SHELTERED)

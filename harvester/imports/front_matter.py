"""The front matter of a Markdown capture: plain `key: value` lines between two lines of `---`.

Not YAML at large: one scalar a line, bare, single-quoted, or double-quoted as JSON has it (the form that
harvester.markdown writes). Lines that are none of these are kept as bare text.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass
from typing import Final

_FENCE: Final = "---"
_MAX_LINES: Final = 200
_KEY: Final = re.compile(r"([A-Za-z_][\w.-]{0,63})[ \t]*:(?:[ \t]+|$)(.*)", re.DOTALL)
_NULLS: Final = frozenset({"", "null", "~", "Null", "NULL"})
_MIN_QUOTED: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkdownFile:
    """A Markdown capture: its front matter in order (null is None), the lines below it, and its encoding.

    `first_line` is the number, from 1, that the first line below the front matter has in the file.
    """

    fields: tuple[tuple[str, str | None], ...]
    lines: tuple[str, ...]
    first_line: int
    encoding: str

    def get(self, name: str) -> str | None:
        """Return a field's value with its white space folded; None where it is absent, null or empty."""
        value = next((value for key, value in self.fields if key == name), None)
        return " ".join(value.split()) or None if value else None


def decode(data: bytes) -> tuple[str, str]:
    """Return a text file's characters and encoding: UTF-8, else GB 18030; U+FFFD where neither fits."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return data.removeprefix(codecs.BOM_UTF8).decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace"), "utf-8"


def read_markdown_file(data: bytes) -> MarkdownFile | None:
    """Return a Markdown capture's parts; None for a file that has no front matter."""
    text, encoding = decode(data)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not lines or lines[0].strip() != _FENCE:
        return None
    end = next((n for n, line in enumerate(lines[1:_MAX_LINES], 1) if line.strip() == _FENCE), None)
    if end is None:
        return None
    fields = tuple(pair for line in lines[1:end] if (pair := value_of(line)) is not None)
    return MarkdownFile(fields=fields, lines=tuple(lines[end + 1 :]), first_line=end + 2, encoding=encoding)


def value_of(line: str) -> tuple[str, str | None] | None:
    """Return the key and value of one line of front matter, None for a line that is none."""
    match = _KEY.fullmatch(line)
    return (match[1], _scalar(match[2])) if match else None


def _scalar(text: str) -> str | None:
    text = text.strip()
    if text in _NULLS:
        return None
    if len(text) >= _MIN_QUOTED and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if text.startswith('"'):
        try:
            value = json.loads(text)
        except ValueError:
            return text.strip('"')
        return value if isinstance(value, str) else text
    return text

"""Which lines of a Markdown capture are the page's interface: by their place in its sequence alone.

A capture of a whole page is: the tool's heading, the cover, the page's heading, the account's lines, the
body, and the interface below it. Only a run from the first line on, and a run down to the last, can be
interface; nothing between them is looked at, whatever it says. What surrounds the body is data
(interface.toml).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any, Final

from markdown_it import MarkdownIt

_IMAGE_LINE: Final = re.compile(
    r"(?:\[)?!\[([^\[\]]{0,400})\]\(\s{0,9}([^()\s]{0,4000})[^()]{0,400}\)(?:\]\([^()\s]{0,4000}\))?"
)
_HEADING: Final = re.compile(r" {0,3}(#{1,6})(?:[ \t]+|$)")
_MAX_LINE_CHARS: Final = 400
_DATE: Final = re.compile(r"\d{4}[-/年.]\d{1,2}[-/月.]\d{1,2}日?(?:\s{1,9}\d{1,2}:\d{2}(?::\d{2})?)?")
_NUMBER: Final = re.compile(r"\d{1,9}\+?|10万\+")
_PIECE: Final = re.compile(r"\{[a-z-]{1,20}\}")
_PUNCTUATION: Final = re.compile(r"[^\w]{1,3}")


class Line:
    """A line that is not blank: `index`, `image` (alt, URL) if it is one, `level` of a heading or 0."""

    def __init__(self, index: int, source: str) -> None:
        self.index = index
        heading = _HEADING.match(source)
        self.level = len(heading[1]) if heading else 0
        self._source = (source[heading.end() :] if heading else source).strip()
        image = _IMAGE_LINE.fullmatch(self._source)
        self.image = (image[1], image[2]) if image else None

    @cached_property
    def words(self) -> str:
        """The line without markup, white space folded. One too long to be interface stays as it is."""
        if len(self._source) > _MAX_LINE_CHARS:
            return self._source
        pieces = _inline().parseInline(self._source)[0].children or []
        return " ".join(" ".join(p.content for p in pieces if p.type in {"text", "code_inline"}).split())


class _Inline(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802 - the library's name
        return True  # tools link an account's name to `javascript:void(0)`; here only the words are read


@cache
def _inline() -> MarkdownIt:
    return _Inline("commonmark", {"html": False})


@dataclass(frozen=True, slots=True)
class Step:
    """One piece of the interface's sequence: what matches it, and of which container it is."""

    container: str
    piece: str
    repeat: bool

    @property
    def is_words(self) -> bool:
        """Whether this is a word that says something: no image, name, number or lone mark."""
        return not _PIECE.fullmatch(self.piece) and not _PUNCTUATION.fullmatch(self.piece)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a publisher's page puts around the body."""

    cover_alts: tuple[str, ...] = ()
    badges: tuple[str, ...] = ()
    profile_labels: tuple[str, ...] = ()
    repost_prefix: str | None = None
    repost_author_prefixes: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    min_containers: int = 3
    tails: tuple[tuple[Step, ...], ...] = ()


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files("harvester.imports").joinpath("interface.toml").read_text("utf-8"))


def version() -> str:
    """Return the version of the table."""
    return str(_data()["version"])


@cache
def rules_of(site: str) -> Rules:
    """Return what is known of a publisher's pages; nothing but the repeated title for an unknown one."""
    table = _data().get(site)
    if not isinstance(table, dict):
        return Rules()
    return Rules(
        cover_alts=tuple(table["cover_alts"]),
        badges=tuple(table["badges"]),
        profile_labels=tuple(table["profile_labels"]),
        repost_prefix=table["repost_prefix"],
        repost_author_prefixes=tuple(table["repost_author_prefixes"]),
        regions=tuple(table["regions"]),
        min_containers=table["min_containers"],
        tails=tuple(_steps(tail["steps"]) for tail in table["tails"]),
    )


def _steps(rows: list[list[str]]) -> tuple[Step, ...]:
    out: list[Step] = []
    for container, *pieces in rows:
        for number, piece in enumerate(pieces):
            if piece != "{repeat}":
                out.append(Step(container, piece, pieces[number + 1 : number + 2] == ["{repeat}"]))
    return tuple(out)


def lines_of(source: Sequence[str]) -> list[Line]:
    """Return the lines that are not blank."""
    return [Line(index, text) for index, text in enumerate(source) if text.strip()]


def is_date(words: str) -> bool:
    """Tell whether a line is a date, with or without the time of day, and nothing else."""
    return _DATE.fullmatch(words) is not None


# -- the tail ------------------------------------------------------------------------------------------


def find_tail(
    lines: Sequence[Line], rules: Rules, *, title: str | None, account: str | None
) -> list[tuple[Line, str]]:
    """Return the lines of the interface below the body, in order, each with its container.

    Every line from the first of them to the file's last fits the sequence in its order; the first is a word
    of it. Empty where too few containers are there to be sure: then it may be the author's own words.
    """
    found = max((_tail(lines, steps, title, account) for steps in rules.tails), key=len, default=[])
    containers = {step.container for _, matched in found for step in matched if step.is_words}
    if len(containers) < rules.min_containers:
        return []
    return [(line, matched[-1].container) for line, matched in found]


def _tail(
    lines: Sequence[Line], steps: tuple[Step, ...], title: str | None, account: str | None
) -> list[tuple[Line, list[Step]]]:
    found: list[tuple[Line, list[Step]]] = []
    limit = len(steps)
    for line in reversed(lines):
        matched = _fits(line, steps, limit, title, account)
        if not matched:
            break
        limit = matched[-1]
        found.append((line, [steps[at] for at in matched]))
    while found and not any(step.is_words for step in found[-1][1]):
        found.pop()
    return found[::-1]


def _fits(
    line: Line, steps: tuple[Step, ...], limit: int, title: str | None, account: str | None
) -> list[int]:
    """Match a line before step `limit`, whole or word by word from its end; return the steps, last first."""
    whole = _last_match(line, line.words, steps, limit, title, account)
    if whole is not None:
        return [whole]
    matched: list[int] = []
    for word in reversed(line.words.split() if line.image is None else []):
        at = _last_match(line, word, steps, limit, title, account)
        if at is None:
            return []
        matched.append(at)
        limit = at
    return matched


def _last_match(
    line: Line, words: str, steps: tuple[Step, ...], limit: int, title: str | None, account: str | None
) -> int | None:
    """Return the last step before `limit` that a piece matches (`limit` itself if it may repeat)."""
    first = limit if limit < len(steps) and steps[limit].repeat else limit - 1
    return next(
        (at for at in range(first, -1, -1) if _is(steps[at].piece, line, words, title, account)), None
    )


def _is(piece: str, line: Line, words: str, title: str | None, account: str | None) -> bool:
    if line.image is not None:
        return piece == "{image}" or (piece == "{empty-image}" and not line.image[1])
    if not words or piece in {"{image}", "{empty-image}"}:
        return False
    if piece in {"{account}", "{title}"}:
        return words == (account if piece == "{account}" else title)
    if piece in {"{number}", "{date}"}:
        return is_date(words) if piece == "{date}" else _NUMBER.fullmatch(words) is not None
    if piece.startswith("…"):
        return words.endswith(piece[1:])
    return words.startswith(piece[:-1]) if piece.endswith("…") else words == piece

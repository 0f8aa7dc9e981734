"""The text of a press conference as turns: lines with the label before the colon, and whose turn it opens."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Final, NamedTuple

from harvester.extraction.body import BOLD, Block, Heading, Listing, Paragraph, Quote, Table, Text
from harvester.sites.mfa.rules import Press

ASK: Final = "ask"
ANSWER: Final = "answer"
UNKNOWN: Final = "unknown"

Span = tuple[int, int]

_LABEL: Final = re.compile(
    r"[\s\u3000*]{0,20}(?:[(（]?\d{1,2}[.、)）]\s?)?(?P<label>[^\s：:。，；？！,;?!“”\"][^：:。，；？！,;?!“”\"]{0,59}?)\s?"
    r"(?:：|(?<!\d):(?!//)|:(?!\d|//))[\s\u3000]{0,9}"
)
# What is told of the occasion before a question, with a comma: 会后，有记者问：
_LEAD_IN: Final = re.compile(
    r"[\s\u3000*]{0,20}(?P<lead>[^\s：:。；？！;?!“”\"，,][^：:。；？！;?!“”\"]{0,39})[，,]\s?"
    r"(?P<label>有[^：:。，；？！,;?!“”\"]{0,20}记者[^：:。，；？！,;?!“”\"]{1,8})[：:][\s\u3000]{0,9}"
)
# An answer on the line of its question, or the next question on the line of an answer.
_INLINE: Final = re.compile(
    r"(?<=[。？！?!.”\"])[\s\u3000]{0,9}(?=(?:追?问|答)：|(?:Q|A|Question|Answer)\s?\d{0,2}:\s)"
)
_QUESTION_END: Final = re.compile(r"[？?][\s”’\"')）】]{0,9}$")
_SEPARATOR: Final = re.compile(r"[\s\u3000*＊_=—–\-~·•#※]{1,80}")
_TITLED: Final = (
    r"(?:.{{0,30}}[\s\u3000])?[\u4e00-\u9fff]{{0,12}}{}(?:发言人|女士|先生|\s?[(（].{{1,20}}[)）])?"
)
_BOLD_SHARE: Final = 0.7
_MIN_NAME_CHARS: Final = 2
_MAX_INTRO_CHARS: Final = 2000
_MAX_INTRO_LINES: Final = 6
_MIN_WORD_CHARS: Final = 4


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the text, or the part of one with a turn of its own.

    `start`, `end` are those of its words, after the label; offsets into the text. `role` is what its
    label opens (`ask`, `answer`; `unknown` for a label that says neither), None without a label.
    `name` is who the label says is speaking. `bold`: nearly all its words are. `asks`: it ends in a
    question mark. `empty`: asterisks or dashes that divide the page.
    """

    whole: Span
    start: int
    end: int
    label: str | None
    role: str | None
    name: str | None
    bold: bool
    asks: bool
    empty: bool


class _Forms(NamedTuple):
    """The patterns of labels, compiled."""

    ask: tuple[re.Pattern[str], ...]
    reply: re.Pattern[str]
    offices: re.Pattern[str]
    outlets: re.Pattern[str]
    lead_in: re.Pattern[str]


@cache
def _forms(press: Press) -> _Forms:
    def joined(patterns: tuple[str, ...]) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))

    ask = tuple(re.compile(pattern) for pattern in press.ask)
    return _Forms(
        ask, joined(press.reply), joined(press.offices), joined(press.outlets), joined(press.lead_in)
    )


@dataclass(frozen=True, slots=True)
class _Labels:
    """The rules for labels, and who answers as the headline says."""

    press: Press
    speaker: str | None

    def role(self, label: str) -> tuple[str | None, str | None]:
        """Return what a label opens, and who it says is speaking; None for a phrase that is no label."""
        forms = _forms(self.press)
        for form in forms.ask:
            match = form.fullmatch(label)
            if match is not None:
                asker = (match.groupdict().get("asker") or "").strip(" ()（）,")
                return ASK, asker or None
        if forms.reply.fullmatch(label):
            return ANSWER, self.speaker
        if self._is_speaker(label):
            return ANSWER, self.speaker if self.speaker and self.speaker in label else label
        if forms.outlets.fullmatch(label):
            return ASK, label
        return (UNKNOWN, label) if _is_name(label) else (None, None)

    def is_lead_in(self, words: str) -> bool:
        """Tell whether words tell of the occasion on which a question was put."""
        return _forms(self.press).lead_in.fullmatch(words) is not None

    def _is_speaker(self, label: str) -> bool:
        named = self.speaker is not None and re.fullmatch(_TITLED.format(re.escape(self.speaker)), label)
        return bool(named) or _forms(self.press).offices.fullmatch(label) is not None


def _is_name(label: str) -> bool:
    """Tell a name from a phrase where the script does: its longer words begin with capitals."""
    words = re.findall(r"[^\W\d_]+", label)
    return not any(word[0].islower() and len(word) >= _MIN_WORD_CHARS for word in words)


def speaker_of(headline: str, text: str, press: Press) -> str | None:
    """Return who answers, by the headline or the page's own sentence about the event; None if unsaid."""
    first = text[:_MAX_INTRO_CHARS].split("\n")[:_MAX_INTRO_LINES]
    intro = (line for line in first if any(re.search(pattern, line) for pattern in press.intro))
    for words in (headline, *intro):
        for pattern in press.names:
            match = re.search(pattern, words)
            if match is not None:
                return match["name"]
    return None


def read_lines(
    blocks: Iterable[Block], text: str, headline: str, speaker: str | None, press: Press
) -> tuple[Line, ...]:
    """Return the lines of a rendered text with their roles.

    `blocks` are those that it was rendered from; `speaker` answers, as far as is known.
    """
    bold = _bold_map(blocks, text)
    labels = _Labels(press, speaker)
    lines = [_line(text, span, bold, labels) for span in _spans(text)]
    return tuple(_with_askers(_with_speakers(lines, headline)))


def _spans(text: str) -> Iterator[Span]:
    position = 0
    for row in text.split("\n"):
        cuts = [0, *(match.end() for match in _INLINE.finditer(row)), len(row)]
        for start, end in pairwise(cuts):
            if row[start:end].strip():
                yield position + start, position + start + len(row[start:end].rstrip())
        position += len(row) + 1


def _line(text: str, span: Span, bold: bytearray, labels: _Labels) -> Line:
    words = text[slice(*span)]
    match = _LABEL.match(words)
    if match is None and (told := _LEAD_IN.match(words)) and labels.is_lead_in(told["lead"]):
        match = told
    label = match["label"].strip("*[]【】 ") if match else None
    role, name = labels.role(label) if label else (None, None)
    label = label if role else None
    start = span[0] + (match.end() if match and label else len(words) - len(words.lstrip()))
    rest = text[start : span[1]]
    marked = sum(bold[start : span[1]])
    return Line(
        whole=span,
        start=min(start, span[1]),
        end=span[1],
        label=label,
        role=role,
        name=name,
        bold=bool(rest) and marked >= _BOLD_SHARE * len(rest),
        asks=_QUESTION_END.search(rest) is not None,
        empty=_SEPARATOR.fullmatch(words) is not None,
    )


def _with_speakers(lines: list[Line], headline: str) -> list[Line]:
    """Find who answers by alternation, where no label tells.

    It is a label that stands after a line which asks more often than its own lines ask; one of a name
    in the headline needs to stand there once only, and may do so beside labels that tell.
    """
    told = any(line.role == ANSWER for line in lines)
    follows: Counter[str] = Counter()
    asks: Counter[str] = Counter()
    before: Line | None = None
    for line in (line for line in lines if not line.empty):
        if line.role == UNKNOWN and line.label:
            asks[line.label] += line.asks or line.bold
            follows[line.label] += before is not None and (before.asks or before.role == ASK)
        before = line
    found = {
        label
        for label, count in follows.items()
        if (count > asks[label] and not told) or (count and _names(headline, label))
    }
    return [replace(line, role=ANSWER) if line.label in found else line for line in lines]


def _names(headline: str, label: str) -> bool:
    pattern = rf"(?<![A-Za-z]){re.escape(label)}(?![A-Za-z])"
    return len(label) >= _MIN_NAME_CHARS and re.search(pattern, headline) is not None


def _with_askers(lines: list[Line]) -> list[Line]:
    """Make the last unknown label before each answer its question, if a question stands there.

    It does where the line before the answer asks, or is itself the one with the label, or is bold.
    Every other label of unknown kind is a phrase of the text that ends in a colon.
    """
    seen: int | None = None
    before: int | None = None
    for number, line in enumerate(lines):
        if line.role == UNKNOWN:
            seen = number
        elif line.role is not None:
            if line.role == ANSWER and seen is not None and before is not None:
                ask = seen == before or lines[before].asks or lines[seen].bold
                lines[seen] = replace(lines[seen], role=ASK) if ask else lines[seen]
            seen = None
        before = before if line.empty else number
    return [_unlabelled(line) if line.role == UNKNOWN else line for line in lines]


def _unlabelled(line: Line) -> Line:
    return replace(line, start=line.whole[0], label=None, role=None, name=None)


def _bold_map(blocks: Iterable[Block], text: str) -> bytearray:
    """Return one byte for each code point of the text: 1 where it is bold."""
    marks = bytearray(len(text))
    position = 0
    for value, bold in _texts(blocks):
        found = text.find(value, position) if value else -1
        if found < 0:
            continue
        position = found + len(value)
        if bold:
            marks[found:position] = b"\1" * len(value)
    return marks


def _texts(blocks: Iterable[Block]) -> Iterator[tuple[str, bool]]:
    """Give the words of blocks in the order in which they are rendered."""
    for block in blocks:
        if isinstance(block, Paragraph | Heading):
            loud = isinstance(block, Heading)
            words = (piece for piece in block.inlines if isinstance(piece, Text))
            yield from ((piece.value, loud or bool(piece.marks & BOLD)) for piece in words)
        elif isinstance(block, Listing):
            for item in block.items:
                yield from _texts(item.blocks)
        elif isinstance(block, Quote):
            yield from _texts(block.blocks)
        elif isinstance(block, Table):
            yield from _texts(part for row in block.rows for cell in row for part in cell.paragraphs)

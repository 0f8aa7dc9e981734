"""The questions and answers of a press conference, as offsets into its text.

Layouts: the question is the bold run, opened by `记者：` or an outlet's name, the answer begins with the
spokesperson's name; older pages mark turns with 问／答 or Q／A and have no bold. A statement before the
first question, or after a line of asterisks, is an answer without a question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from harvester.document import Question
from harvester.extraction.body import Block
from harvester.extraction.dates import find_moment
from harvester.sites.mfa.rules import Press
from harvester.sites.mfa.turns import ANSWER, ASK, Line, Span, read_lines, speaker_of

_MAX_DATELINE_CHARS: Final = 40
MAX_LINES: Final = 5000
"""Texts of more lines are no press conference (a long one has two hundred); their turns are not sought."""


def find_questions(
    blocks: Iterable[Block], text: str, headline: str | None, press: Press
) -> tuple[Question, ...]:
    """Return the turns of a press conference in order; none if nothing in the text marks a turn.

    Spans leave the labels out: `asker` and `speaker` say what those say. An answer whose label is only
    答 or A, and one without a label, is the person's whom the headline
    or the page's own sentence about the event names, else nobody's.
    """
    if text.count("\n") > MAX_LINES:
        return ()
    speaker = speaker_of(headline or "", text, press)
    lines = read_lines(blocks, text, headline or "", speaker, press)
    builder = _Builder(_Style.of(lines), speaker)
    for line in lines:
        if not builder.pairs and _is_intro(text[slice(*line.whole)], line, headline or "", press):
            continue
        builder.take(line)
    pairs = [pair for pair in builder.pairs if pair.question or pair.answer]
    marked = any(line.role for line in lines) or any(pair.question for pair in pairs)
    return tuple(pair.finished() for pair in pairs) if marked else ()


def has_both(questions: Iterable[Question]) -> bool:
    """Tell whether some question has its answer."""
    return any(pair.question and pair.answer for pair in questions)


def _is_intro(words: str, line: Line, headline: str, press: Press) -> bool:
    """Tell the page's own sentence that an event took place, its date line, or its headline repeated."""
    if line.role is not None:
        return False
    if any(re.search(pattern, words) for pattern in press.intro) or words.strip() == headline:
        return True
    return len(words) <= _MAX_DATELINE_CHARS and find_moment(words) is not None


@dataclass(frozen=True, slots=True)
class _Style:
    """How the page marks turns: questions in bold; answers by a label."""

    bold: bool
    answers: bool

    @classmethod
    def of(cls, lines: tuple[Line, ...]) -> _Style:
        asked = [line for line in lines if line.role == ASK]
        plain = any(not line.bold and not line.empty for line in lines)
        bold = any(line.bold for line in (asked or lines) if line.role == ASK or line.asks)
        return cls(bold and plain, any(line.role == ANSWER for line in lines))


@dataclass(slots=True)
class _Pair:
    asker: str | None = None
    speaker: str | None = None
    question: list[Span] = field(default_factory=list)
    answer: list[Span] = field(default_factory=list)

    def finished(self) -> Question:
        return Question(
            asker=self.asker, question=_hull(self.question), speaker=self.speaker, answer=_hull(self.answer)
        )


def _hull(spans: list[Span]) -> Span | None:
    return (spans[0][0], spans[-1][1]) if spans else None


class _Builder:
    """Takes line after line and gives each to the question or answer that it belongs to."""

    def __init__(self, style: _Style, speaker: str | None) -> None:
        self.pairs: list[_Pair] = []
        self._style = style
        self._speaker = speaker
        self._turn: str | None = None
        self._asked = False  # the last line of the question ended in a question mark

    def take(self, line: Line) -> None:
        if line.empty and line.role is None:
            self._turn = None
            return
        turn = line.role or self._turn_of(line)
        if turn == ASK:
            self._ask(line)
        else:
            self._answer(line)
        self._turn, self._asked = turn, line.asks

    def _turn_of(self, line: Line) -> str:
        """Return whose turn a line without a label belongs to."""
        question = line.bold and self._style.bold
        if self._turn == ASK and not self.pairs[-1].question:
            return ASK  # the label stood alone on its line
        if self._turn == ASK and self._style.bold:
            return ASK if question else ANSWER
        if self._turn == ASK:
            return ANSWER if self._asked and not self._style.answers else ASK
        return ASK if question and line.asks else ANSWER

    def _ask(self, line: Line) -> None:
        if line.role == ASK or self._turn != ASK:
            self.pairs.append(_Pair(asker=line.name))
        if line.start < line.end:
            self.pairs[-1].question.append((line.start, line.end))

    def _answer(self, line: Line) -> None:
        new = line.role == ANSWER and self._turn != ASK
        if not self.pairs or new or self._turn is None:
            self.pairs.append(_Pair())
        pair = self.pairs[-1]
        if self._turn != ANSWER or new:
            pair.speaker = line.name if line.role == ANSWER else self._speaker
        if line.start < line.end:
            pair.answer.append((line.start, line.end))

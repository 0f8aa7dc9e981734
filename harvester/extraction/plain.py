"""Plain text by its lines: as a body (captions and posts that come without markup), and with offsets."""

from __future__ import annotations

from harvester.extraction.body import Body, Break, Inline, Text
from harvester.extraction.space import paragraphs


def body_from_text(text: str) -> Body:
    """Return plain text as a body: an empty line parts paragraphs, a line end is a line break."""
    run: list[Inline] = []
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")):
        if number:
            run.append(Break())
        if line:
            run.append(Text(line))
    return Body(tuple(paragraphs(run)))


def worded_lines(text: str) -> list[tuple[int, str]]:
    """Return the lines that have words, each with its offset in the text."""
    out: list[tuple[int, str]] = []
    at = 0
    for line in text.split("\n"):
        if line.strip():
            out.append((at, line))
        at += len(line) + 1
    return out

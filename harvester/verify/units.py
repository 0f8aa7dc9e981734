"""Sentences of a folded text: the units that anchor an alignment and that can be moved or cut."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harvester.verify.fold import Folded

_ENDS = re.compile(r"[。!?;]+|(?<=[a-z0-9)\"])\.(?=[\"A-Z])")
_CLOSERS = '")]》】'
_OPENING = "“「『‘„〝"


def sentences(folded: Folded) -> list[tuple[int, int]]:
    """Split a folded text at sentence ends and line breaks, leaving nothing out."""
    edges = (0, *folded.breaks, len(folded.text))
    return [unit for start, end in zip(edges, edges[1:], strict=False) for unit in _in_line(folded, start, end)]


def _in_line(folded: Folded, start: int, end: int) -> Iterator[tuple[int, int]]:
    text = folded.text
    for match in _ENDS.finditer(text, start, end):
        stop = match.end()
        while stop < end and text[stop] in _CLOSERS and folded.raw[folded.start(stop)] not in _OPENING:
            stop += 1
        if stop > start:
            yield start, stop
            start = stop
    if start < end:
        yield start, end


def is_sentence_edge(folded: Folded, index: int) -> bool:
    """Tell whether a sentence or line begins at the folded offset (or the text ends there)."""
    if index == len(folded.text) or folded.breaks_at(index):
        return True
    before = folded.text[:index][-8:].rstrip(_CLOSERS)
    return before.endswith(("。", "!", "?", ";"))

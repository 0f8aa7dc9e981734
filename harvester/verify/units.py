"""Sentences of a folded text: the units that anchor an alignment and that can be moved or cut."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from harvester.verify.fold import Folded

_ENDS = re.compile(r"[。!?;]+|(?<=[a-z0-9)\"])\.(?=[\"A-Z])")
_LATIN_EDGE = re.compile(r"(?<=[a-z0-9)\"])\.\"?$")
_LATIN_OPENS = frozenset('"ABCDEFGHIJKLMNOPQRSTUVWXYZ')
_CLOSERS = '")]》】'
_OPENING = "“「『‘„〝｢﹁﹃"
_UNDIRECTED = "\"'＂＇"


def sentences(folded: Folded) -> list[tuple[int, int]]:
    """Split a folded text at sentence ends and line breaks, leaving nothing out."""
    edges = (0, *folded.breaks, len(folded.text))
    return [unit for start, end in pairwise(edges) for unit in _in_line(folded, start, end)]


def paragraphs(folded: Folded) -> list[tuple[int, int]]:
    """Split a folded text at line breaks, leaving nothing out."""
    edges = (0, *folded.breaks, len(folded.text))
    return [(start, end) for start, end in pairwise(edges) if start < end]


def _in_line(folded: Folded, start: int, end: int) -> Iterator[tuple[int, int]]:
    text, line = folded.text, start
    for match in _ENDS.finditer(text, start, end):
        stop = match.end()
        while stop < end and text[stop] in _CLOSERS and not _opens(folded, stop, line, match.end()):
            stop += 1
        if stop > start:
            yield start, stop
            start = stop
    if start < end:
        yield start, end


def _opens(folded: Folded, index: int, line: int, stop: int) -> bool:
    """Tell an opening quotation mark: by its own form, or, where it has none, by the count in its line."""
    if folded.text[index] != '"':
        return False
    stored = folded.raw[folded.start(index)]
    return stored in _OPENING or (stored in _UNDIRECTED and folded.text.count('"', line, stop) % 2 == 0)


def is_sentence_edge(folded: Folded, index: int) -> bool:
    """Tell whether a sentence or line begins at the folded offset (or the text ends there)."""
    if index == len(folded.text) or folded.breaks_at(index):
        return True
    before = folded.text[max(0, index - 8) : index]
    if before.rstrip(_CLOSERS).endswith(("。", "!", "?", ";")):
        return True
    return _LATIN_EDGE.search(before) is not None and folded.text[index] in _LATIN_OPENS

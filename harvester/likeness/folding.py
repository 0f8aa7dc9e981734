"""Folding for likeness: only letters, digits and ideographs stay, in one form.

Coarser than the folding of `verify`, which must keep all that can carry meaning: here two texts shall
look alike if a reader would call them alike. Dropped: white space, punctuation, symbols, invisible
characters. Folded: full width, letter case, Latin accents, traditional to simplified characters.

What is dropped is told by ranges, not by Python's Unicode tables, which grow from version to version.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Final

import xxhash

from harvester.verify.rules import script_table

_LATIN_END: Final = 0x0250
_CASED_END: Final = 0x0530
"""Below it (Latin, Greek, Cyrillic) nothing is unassigned that could get another case some day."""

_DROPPED: Final = (
    (0x0300, 0x0370),  # combining marks
    (0x055A, 0x0560),  # Armenian punctuation
    (0x0600, 0x0620),  # Arabic punctuation and signs
    (0x180B, 0x1810),  # Mongolian variation selectors
    (0x2000, 0x2150),  # general punctuation to letter-like symbols
    (0x2190, 0x2460),  # arrows, technical signs
    (0x2500, 0x2E80),  # boxes, shapes, dingbats, supplemental punctuation
    (0x2FF0, 0x3005),  # description characters, CJK punctuation
    (0x3008, 0x3021),  # brackets, postal marks
    (0x302A, 0x3031),
    (0x303D, 0x3041),
    (0x30A0, 0x30A1),
    (0x30FB, 0x30FC),  # the middle dot in names
    (0xD800, 0xF900),  # surrogates, private use
    (0xFE00, 0xFE70),  # variation selectors, vertical and small forms
    (0xFEFF, 0xFF10),
    (0xFF1A, 0xFF21),
    (0xFF3B, 0xFF41),
    (0xFF5B, 0xFF66),
    (0xFFE0, 0x10000),
    (0x1F000, 0x1FB00),  # pictographs
    (0xE0000, 0xE0200),  # tags, variation selectors
)
_WIDE_ASCII: Final = (0xFF01, 0xFF5F)
_WIDE_SHIFT: Final = 0xFEE0


def folded(text: str) -> str:
    """Return the letters, digits and ideographs of a text in one form. Folding twice changes nothing more."""
    return text.translate(_table())


@cache
def folding_version() -> str:
    """Return a name for this folding: another one gives other shingles, so stored ones must be made anew."""
    lines = "".join(f"{code}:{kept!r};" for code, kept in sorted(_table().items()) if kept != code)
    return xxhash.xxh3_64_hexdigest(lines.encode())


@cache
def _table() -> dict[int, int | str | None]:
    # Every character of the basic plane has its entry: `translate` is slow where a lookup fails.
    table: dict[int, int | str | None] = {code: code for code in range(0x10000)}
    for code in range(_CASED_END):
        table[code] = _cased(chr(code))
    for code in range(*_WIDE_ASCII):
        table[code] = _cased(chr(code - _WIDE_SHIFT))
    table |= script_table()
    for first, end in _DROPPED:
        table.update(dict.fromkeys(range(first, end)))
    for code in range(_CASED_END):  # a small letter may itself be left out: Ⱦ has its own in a later block
        kept = table[code]
        table[code] = table.get(kept, kept) if isinstance(kept, int) else kept
    return table


def _cased(char: str) -> int | str | None:
    """Return a character of Latin, Greek or Cyrillic in lower case and without its accent."""
    if ord(char) < _LATIN_END:
        if not char.isalnum():
            return None
        base = unicodedata.normalize("NFD", char)[0]  # canonical decompositions never change (UAX #15)
        char = base if base.isalnum() else char
    lower = char.lower()
    return ord(lower) if len(lower) == 1 else ord(char)

"""The class of an edit and whether it is material, by the rules of rules.toml."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from harvester.verify.chars import Change
from harvester.verify.expressions import REACH, compared
from harvester.verify.fold import Folded
from harvester.verify.marks import latin_words, mark_rule, spelling_rule
from harvester.verify.naming import counted_rule, currency_rule, name_rule, title_rule
from harvester.verify.rules import Rule, lexicon, rules, thresholds
from harvester.verify.telling import differences
from harvester.verify.units import is_sentence_edge


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule, and the compared values where it compares values (original → captured)."""

    rule: Rule
    note: str | None = None


def classify(a: Folded, b: Folded, change: Change) -> Finding:
    """Classify one change: `a` is the captured side, `b` the original, offsets are folded ones.

    The first test that knows the change decides: script, passages put in place of others, whole sentences,
    values, punctuation, parts of sentences, telling words, names by their form, spelling.
    """
    rule = (
        _same_stored(a, b, change)
        or _script(a, b, change)
        or _rewritten(a, b, change)
        or _whole_sentences(a, b, change)
    )
    if rule is None:
        values = compared(a, b, change)
        if values is not None:
            return Finding(rules()[values.rule], values.note)
        rule = (
            title_rule(a, b, change)
            or mark_rule(a, b, change)
            or _long_stretch(a, b, change)
            or _words(a, b, change)
        )
    return Finding(rules()[rule])


def _same_stored(a: Folded, b: Folded, change: Change) -> str | None:
    """A list number or bullet that begins a line on one side only is folded there only."""
    if {a.text[change.a0 : change.a1], b.text[change.b0 : change.b1]} == {"", " "}:
        return "punctuation.list-number" if _is_line_end(a, b, change) else None
    if not set(a.text[change.a0 : change.a1] + b.text[change.b0 : change.b1]) <= _LIST_MARKS:
        return None
    stored_a, stored_b = a.around(change.a0, change.a1), b.around(change.b0, change.b1)
    return "punctuation.list-number" if stored_a == stored_b else None


def _is_line_end(a: Folded, b: Folded, change: Change) -> bool:
    """Tell whether a line ends there on both sides; between letters folding keeps it as a space."""
    if a.is_line_end(change.a0, change.a1):
        return b.breaks_at(change.b0) or change.b0 == len(b.text)
    ends = b.is_line_end(change.b0, change.b1)
    return ends and (a.breaks_at(change.a0) or change.a0 == len(a.text))


def _script(a: Folded, b: Folded, change: Change) -> str | None:
    text_a, text_b = a.text[change.a0 : change.a1], b.text[change.b0 : change.b1]
    if not text_a or not text_b:
        return None
    if a.key[change.a0 : change.a1] == b.key[change.b0 : change.b1]:
        return "script.variant"
    if unicodedata.normalize("NFC", text_a) == unicodedata.normalize("NFC", text_b):
        return "script.composition"
    if unicodedata.normalize("NFKC", text_a) == unicodedata.normalize("NFKC", text_b):
        odd = (char for char in text_a + text_b if not char.isascii())
        return "script.ligature" if all("\ufb00" <= char <= "\ufb06" for char in odd) else "script.form"
    return None


def _rewritten(a: Folded, b: Folded, change: Change) -> str | None:
    """A passage in place of another holds words of every class; it is other wording."""
    size_a, size_b = change.a1 - change.a0, change.b1 - change.b0
    if size_a and size_b and max(size_a, size_b) > REACH:
        words = max(latin_words(a.text[change.a0 : change.a1]), latin_words(b.text[change.b0 : change.b1]))
        return None if 0 < words <= _FEW_WORDS else "wording.changed"
    return None


_FEW_WORDS = 5
_LIST_MARKS = frozenset("().、•·●◆■▪◦○▲►-*")


def _words(a: Folded, b: Folded, change: Change) -> str:
    money = currency_rule(a, b, change)
    found = [] if money else differences(a, b, change)
    whole = next((difference.row.rule for difference in found if not difference.in_more), None)
    rule = money or whole or spelling_rule(a, b, change) or name_rule(a, b, change)
    rule = rule or (found[0].row.rule if found else counted_rule(a, b, change))
    if rule is not None:
        return rule
    if change.a0 < change.a1 and change.b0 < change.b1:
        return "wording.changed"
    return "addition.word" if change.a0 < change.a1 else "omission.word"


# ---- long stretches -------------------------------------------------------------------------------


def is_ellipsis(text: str) -> bool:
    """Tell whether a text is nothing but an ellipsis, perhaps in brackets."""
    return text.strip("()[]。") == "…"


def _unpaired(a: Folded, b: Folded, change: Change) -> tuple[str, Folded, int, int] | None:
    if change.b0 == change.b1:
        return "addition", a, change.a0, change.a1
    return ("omission", b, change.b0, change.b1) if change.a0 == change.a1 else None


def _whole_sentences(a: Folded, b: Folded, change: Change) -> str | None:
    stretch = _unpaired(a, b, change)
    if stretch is None and is_ellipsis(a.text[change.a0 : change.a1]):
        stretch = ("omission", b, change.b0, change.b1)
    if stretch is None:
        return None
    kind, side, start, end = stretch
    words = any(char.isalnum() for char in side.text[start:end])
    if not (words and is_sentence_edge(side, start) and is_sentence_edge(side, end)):
        return None
    whole = side.breaks_at(start) and (end == len(side.text) or side.breaks_at(end))
    return f"{kind}.{'paragraph' if whole else 'sentence'}"


def _long_stretch(a: Folded, b: Folded, change: Change) -> str | None:
    """A part of a sentence that only one side has, unless it is just a listed word or a single Latin one."""
    stretch = _unpaired(a, b, change)
    if stretch is None:
        return None
    kind, side, start, end = stretch
    text = side.text[start:end]
    if end - start < thresholds()["sentence_characters"] or text.strip().lower() in lexicon():
        return None
    return None if latin_words(text) == 1 else f"{kind}.qualifier"

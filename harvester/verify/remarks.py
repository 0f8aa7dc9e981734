"""What is to be said of a comparison as a whole, beside its verdict."""

from __future__ import annotations

from collections.abc import Sequence

from harvester.verify.align import Alignment
from harvester.verify.result import Edit
from harvester.verify.tally import Prepared

_WHOLE = frozenset({"addition.sentence", "addition.paragraph"})
_MOSTLY, _HARDLY = 0.5, 0.1


def remarks(verdict: str, edits: Sequence[Edit], alignment: Alignment, ready: Prepared) -> tuple[str, ...]:
    """Return the keys of the sentences that hold; the words are in why.toml (`remark`)."""
    if verdict == "different":
        shares = sorted((_han(ready.a.text), _han(ready.b.text)))
        return ("other-language",) if shares[0] < _HARDLY and shares[1] > _MOSTLY else ()
    if verdict not in {"altered", "excerpt-altered"}:
        return ()
    rules = {edit.rule for edit in edits if edit.material}
    found = []
    if rules == {"script.variant"} and not alignment.moves:
        found.append("only-script")
    if not rules and alignment.moves:
        found.append("only-order")
    if rules and rules <= _WHOLE and not alignment.moves and verdict == "altered":
        found.append("original-inside")
    return tuple(found)


def _han(text: str) -> float:
    letters = [char for char in text if char.isalpha()]
    return sum(1 for char in letters if "\u3400" <= char <= "\u9fff") / max(1, len(letters))

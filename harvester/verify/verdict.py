"""From classified edits to the verdict."""

from __future__ import annotations

from dataclasses import dataclass

from harvester.verify.rules import Effect, thresholds


@dataclass(frozen=True, slots=True)
class Tally:
    """What the verdict depends on.

    `effects` are the effects of all edits but the cuts; `cut` is the share of the original that whole
    cuts leave out; `inner_cut` tells whether one of them is anything but paragraphs at the head or tail.
    """

    same_stored: bool
    effects: frozenset[Effect]
    moved: bool
    coverage_captured: float
    coverage_original: float
    cut: float
    inner_cut: bool


def decide(tally: Tally) -> tuple[str, str | None, str]:
    """Return verdict, reason (for `different`) and level."""
    level = _level(tally)
    if tally.same_stored:
        return "identical", None, level
    below = thresholds()["different_below"]
    if max(tally.coverage_captured, tally.coverage_original) < below:
        return "different", f"neither side shares {below:.0%} of its characters with the other", level
    touched = "edit" in tally.effects or tally.moved
    if is_excerpt(tally):
        return ("excerpt-altered" if touched else "excerpt"), None, level
    if touched or tally.cut:
        return "altered", None, level
    return ("minor" if "punctuation" in tally.effects else "same-text"), None, level


def is_excerpt(tally: Tally) -> bool:
    """Tell whether what is left out makes an excerpt rather than an omission."""
    if not tally.cut or tally.coverage_captured < thresholds()["excerpt_captured"]:
        return False
    return not tally.inner_cut or tally.cut >= thresholds()["excerpt_cut"]


def part_level(tally: Tally) -> str:
    """Return how alike an excerpt is to the part of the original that it keeps."""
    if "edit" in tally.effects or tally.moved:
        return "edited"
    return "punctuation" if "punctuation" in tally.effects else "format"


def _level(tally: Tally) -> str:
    if tally.same_stored:
        return "identical"
    return "edited" if tally.cut else part_level(tally)

"""From what was found to reasons, scores and order: pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from harvester.finder import rules
from harvester.finder.index import day_of
from harvester.finder.sought import Sought
from harvester.finder.titles import likeness
from harvester.finder.values import Candidate, Reason
from harvester.library import PageRow
from harvester.likeness import GUARANTEE, SHINGLE, Shared, folded


def text_reason(found: Shared | None, rarity: float = 1.0) -> list[Reason]:
    """Return the reason that shared text is: the larger share, in full from `GUARANTEE` characters on.

    `rarity` (0 to 1) tells how little of it other documents have too: shared formulas prove little.
    """
    if found is None or not found.count:
        return []
    boilerplate = rules.limit("boilerplate")
    common = found.count + SHINGLE - 1 - boilerplate
    enough = min(1.0, max(0, common) / (GUARANTEE - boilerplate))
    share = max(found.of_a, found.of_b)
    made = rules.reason(
        "text.shared", share, share * enough * rarity, of_captured=found.of_a, of_original=found.of_b
    )
    return [made] if made.weight else []


def title_reason(wanted: str, title: str | None, same: int) -> list[Reason]:
    """Return the reason that a title is; `same` documents of exactly the title share its weight."""
    plain = folded(title or "")
    if len(wanted) < rules.limit("title_characters") or not plain:
        return []
    if plain == wanted:
        return [rules.reason("title.same", 1.0, max(1, same) ** -0.5)]
    near, level = likeness(wanted, plain), rules.level("title_near")
    return [rules.reason("title.near", near, (near - level) / (1 - level))] if near > level else []


def circumstances(wanted: Sought, row: PageRow, *, ministry: bool) -> Iterator[Reason]:
    """Yield what speaks for a document that something else speaks for already: date, attribution.

    `ministry` says that the document is of the publisher whose name the source line would give.
    """
    window, day = rules.date_window(), day_of(row.date)
    if wanted.day is not None and day is not None and (days := abs(wanted.day - day)) <= window:
        yield rules.reason("date.near", days, 1.0 - days / (window + 1), days=days)
    if wanted.named and ministry:
        yield rules.reason("attribution", 1.0, named=wanted.named)


def strongest(reasons: Sequence[Reason]) -> list[Reason]:
    """Return one reason of each rule, the weightiest first."""
    best: dict[str, Reason] = {}
    for reason in reasons:
        if reason.rule not in best or best[reason.rule].weight < reason.weight:
            best[reason.rule] = reason
    return sorted(best.values(), key=lambda reason: (-reason.weight, reason.rule))


def score(reasons: Iterable[Reason]) -> float:
    """Return the weights joined: 0 to 1."""
    left = 1.0
    for reason in reasons:
        left *= 1.0 - reason.weight
    return round(1.0 - left, 4)


def order(candidate: Candidate) -> tuple[float, str, str]:
    """Return what candidates are sorted by: score, then date, then id."""
    return -candidate.score, candidate.date or "9999", candidate.id

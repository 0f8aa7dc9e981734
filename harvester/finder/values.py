"""What the finder answers: candidates with their reasons, and addresses that are worth fetching."""

from __future__ import annotations

import msgspec


class _Value(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Reason(_Value, frozen=True, kw_only=True):
    """Why a candidate is one.

    `rule` is the id of the rule (rules.toml), `value` what it measured: a share or a likeness (0 to 1), days
    for the date, else 1. `weight` (0 to 1) is what it counted in the score, `words` says it to a person.
    """

    rule: str
    words: str
    value: float
    weight: float


class Candidate(_Value, frozen=True, kw_only=True):
    """An archived document that may be the original.

    `id` is the capture that fits best, `versions` are the other captures of the same article under whatever
    host, oldest first. `score` (0 to 1) only ranks: the comparison of the texts decides.
    """

    id: str
    score: float
    reasons: tuple[Reason, ...]
    versions: tuple[str, ...]
    identity_key: str
    title: str | None
    url: str | None
    date: str | None


class Suggested(_Value, frozen=True, kw_only=True):
    """An address that the captured text gives for its original and that is not archived as an article."""

    url: str
    rule: str
    words: str


class Found(_Value, frozen=True, kw_only=True):
    """Candidates, the likeliest first, and addresses that could be fetched."""

    candidates: tuple[Candidate, ...]
    suggested: tuple[Suggested, ...]

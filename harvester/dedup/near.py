"""Texts that are nearly the same: candidates by locality-sensitive hashing, each verified by its shingles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rapidfuzz.distance import Indel

from harvester.dedup.prepared import SHORT, Facts, bands_of
from harvester.dedup.workspace import Workspace
from harvester.likeness import Shared

JACCARD: Final = 0.8
CONTAINMENT: Final = 0.95
_PART: Final = 0.6
"""A text that stands in another is nearly the same only if it is so much of it."""
CHARACTERS: Final = 0.9
_LEADERS: Final = 8
_BATCH: Final = 500


def sketch_all(workspace: Workspace) -> None:
    """Put every text that is not short into its bands."""
    rows: list[tuple[int, bytes]] = []
    for key, plain in _long_texts(workspace):
        rows += [(band, key) for band in bands_of(plain)]
        if len(rows) > _BATCH * 21:
            workspace.put_bands(rows)
            rows.clear()
    workspace.put_bands(rows)


def _long_texts(workspace: Workspace) -> Iterator[tuple[bytes, str]]:
    """Yield the texts that are not short."""
    for key, plain in workspace.texts():
        if len(plain) >= SHORT:
            yield key, plain


def near(workspace: Workspace, one: bytes, other: bytes) -> Shared | None:
    """Return what two texts share if they are nearly the same, else None."""
    found = workspace.shared(one, other)
    if found.jaccard >= JACCARD:
        return found
    share, part = max(found.of_a, found.of_b), min(found.of_a, found.of_b)
    return found if share >= CONTAINMENT and part >= _PART else None


class Leaders:
    """Of a bucket, the texts that were like none before them: only these are compared with further ones."""

    def __init__(self) -> None:
        self._leaders: list[bytes] = []

    def first_like(self, workspace: Workspace, key: bytes) -> tuple[bytes, Shared] | None:
        """Return the first leader that a text is like; if there is none, it becomes one."""
        for leader in self._leaders:
            found = near(workspace, leader, key)
            if found is not None:
                return leader, found
        if len(self._leaders) < _LEADERS:
            self._leaders.append(key)
        return None


def alike_in_characters(one: str, other: str) -> bool:
    """Tell whether two short texts are nearly the same, character by character."""
    return Indel.normalized_similarity(one, other, score_cutoff=CHARACTERS) >= CHARACTERS


def short_groups(facts: dict[str, Facts]) -> list[list[Facts]]:
    """Return the short documents that share a title, in order: only these are compared with one another."""
    groups: dict[str, list[Facts]] = {}
    for fact in facts.values():
        if 0 < fact.length < SHORT and len(fact.title) >= _TITLE:
            groups.setdefault(fact.title, []).append(fact)
    return [sorted(group, key=lambda fact: fact.age) for _, group in sorted(groups.items()) if len(group) > 1]


_TITLE: Final = 8
"""Folded characters that a title needs to tell one short article from another: “新年快乐” is no title."""

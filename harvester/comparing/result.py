"""The values of a comparison. Their JSON is `compare.json`."""

from __future__ import annotations

from typing import Any, Final

import msgspec

SCHEMA: Final = "https://harvester.invalid/schema/comparison/1"
"""Name and version of the form of a comparison."""


class _Value(msgspec.Struct, frozen=True, kw_only=True):
    pass


class SideFacts(_Value, frozen=True, kw_only=True):
    """A side: how many documents it has, how many records it tells the outcome of (None: it does not tell),
    and how many documents each set of versions made.
    """

    name: str
    kind: str
    documents: int
    captures: int | None
    versions: dict[str, int]


class FieldCount(_Value, frozen=True, kw_only=True):
    """How many documents differ in a field: it was null and is not, it is null now, it is another value."""

    changed: int
    filled: int
    emptied: int
    rewritten: int


class Piece(_Value, frozen=True, kw_only=True):
    """A piece of a difference: `=` kept, `-` gone, `+` new, `…` left out (`characters` of it, both alike)."""

    op: str
    text: str
    characters: int


class Sample(_Value, frozen=True, kw_only=True):
    """One document in which a field differs. `old` and `new` are the values, long ones cut."""

    id: str
    title: str | None
    url: str | None
    site: str | None
    how: str
    old: Any
    new: Any
    pieces: tuple[Piece, ...]


class Turned(_Value, frozen=True, kw_only=True):
    """A record that is an article on one side only."""

    record: str
    id: str
    title: str | None
    url: str | None
    was: str
    now: str


class StateChange(_Value, frozen=True, kw_only=True):
    """How many records that are an article on neither side went from one state to another."""

    was: str
    now: str
    records: int


class Comparison(_Value, frozen=True, kw_only=True):
    """What the new side makes of the records of the old.

    `appeared` became articles, `vanished` are none any more; `only_old` and `only_new` are documents of
    records that the other side did not look at, so that they say nothing of versions. `fields` and `samples`
    are by field, those that differ most often first.
    """

    schema: str
    old: SideFacts
    new: SideFacts
    equal: int
    changed: int
    appeared: int
    vanished: int
    only_old: int
    only_new: int
    fields: dict[str, FieldCount]
    states: tuple[StateChange, ...]
    samples: dict[str, tuple[Sample, ...]]
    appeared_samples: tuple[Turned, ...]
    vanished_samples: tuple[Turned, ...]

    @property
    def is_same_version(self) -> bool:
        """Whether both sides were made by the same versions: then no difference is the extractor's."""
        return set(self.old.versions) == set(self.new.versions)


def to_bytes(comparison: Comparison) -> bytes:
    """Return the JSON of a comparison: the same bytes for the same two sides."""
    return msgspec.json.format(msgspec.json.encode(comparison), indent=2) + b"\n"

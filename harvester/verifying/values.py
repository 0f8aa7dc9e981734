"""What came of holding one capture against its original, where the original had to be found."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from harvester.finder import Candidate, Suggested
from harvester.verify import Result

SCHEMA: Final = "https://harvester.invalid/schema/verification/1"
"""Name and version of this form; an identifier, not an address."""


class _Value(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Version(_Value, frozen=True, kw_only=True):
    """One captured version of the original, and how the captured text compares with it.

    `id` is its first capture, `captures` all captures that hold this text, `fetch_dates` their times.
    `nearest` tells that no other version is nearer to the captured text: it may be the one that was reposted.
    """

    id: str
    captures: tuple[str, ...]
    fetch_dates: tuple[str, ...]
    url: str | None
    text_sha256: str
    verdict: str
    edits: int
    material: int
    nearest: bool = False


class Verification(_Value, frozen=True, kw_only=True):
    """A capture, its likeliest original, and the comparison of the two.

    `original` is the id of the capture that `result` compares with, None where none was found. `candidates`
    are those of the finder, the likeliest first; `suggested` are addresses that could be fetched;
    `versions` those of the likeliest original, oldest first.
    """

    schema: str = SCHEMA
    captured: str
    original: str | None
    result: Result
    candidates: tuple[Candidate, ...] = ()
    suggested: tuple[Suggested, ...] = ()
    versions: tuple[Version, ...] = ()


def to_bytes(value: Verification) -> bytes:
    """Return the one JSON form: sorted keys, two-space indent, UTF-8, final newline."""
    return msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=2) + b"\n"


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of `Verification` (shipped as docs/verification.schema.json)."""
    return {"$id": SCHEMA, **msgspec.json.schema(Verification)}

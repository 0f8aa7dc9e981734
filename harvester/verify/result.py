"""The result of a comparison: its values, its JSON Schema, its one JSON form and its exit code."""

from __future__ import annotations

from typing import Any, Final

import msgspec

SCHEMA: Final = "https://harvester.invalid/schema/verify/1"
"""Name and version of the result's form; an identifier, not an address."""

VERDICTS: Final = (
    "identical",
    "same-text",
    "minor",
    "altered",
    "excerpt",
    "excerpt-altered",
    "different",
    "cannot-verify",
)

EXIT_CODES: Final = {
    "identical": 0,
    "same-text": 0,
    "minor": 0,
    "excerpt": 0,
    "altered": 1,
    "excerpt-altered": 1,
    "different": 1,
    "cannot-verify": 4,
}


class _Value(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Span(_Value, frozen=True, kw_only=True):
    """A stretch of a side's stored text: code-point offsets, `stored[start:end] == text`.

    An empty span (`start == end`) is the exact place where the other side has more.
    """

    start: int
    end: int
    text: str


class Edit(_Value, frozen=True, kw_only=True):
    """One difference that folding does not explain.

    `rule` is the id of the rule that gave `class` and `material`; `note` shows the compared values
    where the rule compares values (`20 → 30`).
    """

    class_: str = msgspec.field(name="class")
    material: bool
    rule: str
    captured: Span
    original: Span
    note: str | None = None


class Move(_Value, frozen=True, kw_only=True):
    """Sentences that stand on both sides, but in another order. Edits inside them are in `edits`."""

    captured: Span
    original: Span


class FramePart(_Value, frozen=True, kw_only=True):
    """An editorial line that is shown but not counted; `side` is `captured` or `original`."""

    side: str
    role: str
    rule: str
    start: int
    end: int
    text: str


class Coverage(_Value, frozen=True, kw_only=True):
    """Share (0 to 1) of each side's folded body that also stands on the other side."""

    captured: float
    original: float


class SideFacts(_Value, frozen=True, kw_only=True):
    """What was compared: label, digest of the text in UTF-8, and the origin as the caller knew it."""

    label: str
    title: str | None
    text_sha256: str
    characters: int
    record_id: str | None = None
    payload_digest: str | None = None
    rehearsal: dict[str, Any] | None = None
    software: dict[str, str] = {}
    origin: dict[str, Any] = {}


class Sides(_Value, frozen=True, kw_only=True):
    """Both sides' facts."""

    captured: SideFacts
    original: SideFacts


class Result(_Value, frozen=True, kw_only=True):
    """The answer to: is the captured text what the original says?

    `level` is how alike the compared bodies are: `identical`, `format`, `punctuation`, `edited`,
    None where nothing was compared. `format` names the kinds of folded difference that were seen.
    `reason` is given for `cannot-verify` and `different`.
    """

    schema: str = SCHEMA
    verdict: str
    reason: str | None
    level: str | None
    coverage: Coverage
    edits: tuple[Edit, ...]
    moves: tuple[Move, ...]
    frame: tuple[FramePart, ...]
    format: tuple[str, ...]
    counts: dict[str, int]
    sides: Sides
    versions: dict[str, str]
    warnings: tuple[str, ...]


def exit_code(result: Result) -> int:
    """Return 0 for the same text or a faithful excerpt, 1 for altered or different, 4 for cannot tell."""
    return EXIT_CODES[result.verdict]


def to_bytes(result: Result) -> bytes:
    """Return the one JSON form of a result: sorted keys, two-space indent, UTF-8, final newline."""
    return msgspec.json.format(msgspec.json.encode(result, order="sorted"), indent=2) + b"\n"


def result_from_bytes(data: bytes) -> Result:
    """Read a result back; raises `msgspec.ValidationError` for anything that is not one."""
    return msgspec.json.decode(data, type=Result)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of `Result`."""
    return {"$id": SCHEMA, **msgspec.json.schema(Result)}

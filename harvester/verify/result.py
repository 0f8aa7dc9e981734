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

LEVELS: Final = ("identical", "format", "punctuation", "edited")
"""How alike two texts are, from the strictest; `edited` is never the same."""

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
    where the rule compares values (`20 → 30`). `why` is the key of the sentence that says why such an
    edit matters (`harvester.verify.words.why`).
    """

    class_: str = msgspec.field(name="class")
    material: bool
    rule: str
    captured: Span
    original: Span
    note: str | None = None
    why: str | None = None


class Move(_Value, frozen=True, kw_only=True):
    """Sentences that stand on both sides, but in another order. Edits inside them are in `edits`."""

    captured: Span
    original: Span


class Range(_Value, frozen=True, kw_only=True):
    """A stretch of a side's stored text, as offsets only."""

    start: int
    end: int


class Passage(_Value, frozen=True, kw_only=True):
    """Paragraphs or sentences of both sides that belong together, where they are not simply the same.

    `kind`: `changed` (one for one, with an edit inside), `split` (one of the original is several), `merged`
    (several are one), `regrouped` (several are several others), `moved` (one for one, in another order),
    `cut` (only the original has it), `inserted` (only the captured text has it). `edited` tells of an edit
    inside, `moved` of another order, whatever the kind.
    """

    kind: str
    edited: bool
    moved: bool
    captured: tuple[Range, ...]
    original: tuple[Range, ...]


class Unit(_Value, frozen=True, kw_only=True):
    """How many paragraphs (or sentences) each side has, and how many stand on both, word for word."""

    captured: int
    original: int
    same: int


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
    None where nothing was compared. `part_level` is the same of an excerpt without what it leaves out, and
    equals `level` else. `required` is the loosest level that the caller lets count as the same.
    `format` names the kinds of folded difference that were seen. `reason` is given for `cannot-verify` and
    `different`. `remarks` are keys of sentences on the whole (`harvester.verify.words.remark`).
    `paragraphs` and `sentences` list what was split, merged, cut, inserted, moved or changed; `units`
    counts both (keys `paragraphs`, `sentences`).
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
    part_level: str | None = None
    required: str = "punctuation"
    remarks: tuple[str, ...] = ()
    paragraphs: tuple[Passage, ...] = ()
    sentences: tuple[Passage, ...] = ()
    units: dict[str, Unit] = {}


def exit_code(result: Result) -> int:
    """Return 0 for the same text or a faithful excerpt, 1 for altered or different, 4 for cannot tell.

    Where the caller required a stricter level than the text has, 0 becomes 1.
    """
    code = EXIT_CODES[result.verdict]
    level = result.part_level or result.level
    if code == 0 and level in LEVELS and LEVELS.index(level) > LEVELS.index(result.required):
        return 1
    return code


def to_bytes(result: Result) -> bytes:
    """Return the one JSON form of a result: sorted keys, two-space indent, UTF-8, final newline."""
    return msgspec.json.format(msgspec.json.encode(result, order="sorted"), indent=2) + b"\n"


def result_from_bytes(data: bytes) -> Result:
    """Read a result back; raises `msgspec.ValidationError` for anything that is not one."""
    return msgspec.json.decode(data, type=Result)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of `Result`."""
    return {"$id": SCHEMA, **msgspec.json.schema(Result)}

"""Is the captured text what the original says? Two sides in, one frozen result out.

`compare` is pure: no network, no disk, no clock. What each verdict means is in docs/verify.md.
"""

from harvester.verify.compare import Options, compare
from harvester.verify.facts import versions
from harvester.verify.result import (
    EXIT_CODES,
    LEVELS,
    VERDICTS,
    Coverage,
    Edit,
    FramePart,
    Move,
    Passage,
    Range,
    Result,
    SideFacts,
    Sides,
    Span,
    Unit,
    exit_code,
    json_schema,
    result_from_bytes,
    to_bytes,
)
from harvester.verify.sides import Side, load_side, side_from_bytes, side_from_document, side_from_state

__all__ = [
    "EXIT_CODES",
    "LEVELS",
    "VERDICTS",
    "Coverage",
    "Edit",
    "FramePart",
    "Move",
    "Options",
    "Passage",
    "Range",
    "Result",
    "Side",
    "SideFacts",
    "Sides",
    "Span",
    "Unit",
    "compare",
    "exit_code",
    "json_schema",
    "load_side",
    "result_from_bytes",
    "side_from_bytes",
    "side_from_document",
    "side_from_state",
    "to_bytes",
    "versions",
]

"""Is the captured text what the original says? Two sides in, one frozen result out.

`compare` is pure: no network, no disk, no clock. What each verdict means is in docs/verify.md.
"""

from harvester.verify.compare import Options, compare, versions
from harvester.verify.result import (
    EXIT_CODES,
    VERDICTS,
    Coverage,
    Edit,
    FramePart,
    Move,
    Result,
    SideFacts,
    Sides,
    Span,
    exit_code,
    json_schema,
    result_from_bytes,
    to_bytes,
)
from harvester.verify.sides import Side, load_side, side_from_bytes, side_from_document, side_from_state

__all__ = [
    "EXIT_CODES",
    "VERDICTS",
    "Coverage",
    "Edit",
    "FramePart",
    "Move",
    "Options",
    "Result",
    "Side",
    "SideFacts",
    "Sides",
    "Span",
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

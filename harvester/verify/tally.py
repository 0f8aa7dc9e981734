"""What the verdict depends on, counted from classified changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harvester.verify.align import Alignment
from harvester.verify.chars import Change
from harvester.verify.classify import Finding, classify, is_ellipsis
from harvester.verify.fold import Folded
from harvester.verify.frame import FrameSpan
from harvester.verify.sides import Side
from harvester.verify.units import is_sentence_edge
from harvester.verify.verdict import Tally


@dataclass(frozen=True, slots=True)
class Prepared:
    """Both sides folded, with their frames."""

    a: Folded
    b: Folded
    frame_a: list[FrameSpan]
    frame_b: list[FrameSpan]


@dataclass(frozen=True, slots=True)
class Found:
    """A change with its class; `cut` tells that it may be what an excerpt leaves out."""

    change: Change
    finding: Finding
    cut: bool


def judge(ready: Prepared, change: Change) -> Found:
    """Classify a change."""
    nothing = change.a0 == change.a1 or is_ellipsis(ready.a.text[change.a0 : change.a1])
    cut = nothing and change.b0 < change.b1 and _is_whole_cut(ready, change)
    return Found(change, classify(ready.a, ready.b, change), cut)


def _is_whole_cut(ready: Prepared, change: Change) -> bool:
    """Whole paragraphs, or whole sentences at the head or tail of the original's body."""
    b, start, end = ready.b, change.b0, change.b1
    if not (is_sentence_edge(b, start) and is_sentence_edge(b, end)):
        return False
    return _is_paragraphs(b, start, end) or _at_edge(ready, change)


def _is_end_cut(ready: Prepared, change: Change) -> bool:
    return _at_edge(ready, change) and _is_paragraphs(ready.b, change.b0, change.b1)


def _is_paragraphs(side: Folded, start: int, end: int) -> bool:
    return side.breaks_at(start) and (end == len(side.text) or side.breaks_at(end))


def _at_edge(ready: Prepared, change: Change) -> bool:
    head, tail = body_edges(ready.b, ready.frame_b)
    return change.b0 <= head or change.b1 >= tail


def body_edges(side: Folded, frame: Sequence[FrameSpan]) -> tuple[int, int]:
    """Return where the body of a side begins and ends, in folded offsets."""
    head, tail = 0, len(side.text)
    for part in frame:
        head = part.end if part.start == head else head
    for part in reversed(frame):
        tail = part.start if part.end == tail else tail
    return head, tail


def tally(
    captured: Side, original: Side, ready: Prepared, found: Sequence[Found], alignment: Alignment
) -> Tally:
    """Count what the verdict depends on."""
    size_a, size_b = len(body(ready.a, ready.frame_a)), len(body(ready.b, ready.frame_b))
    lost = [item.change for item in found if _counts_as_lost(item.finding)]
    cuts = [item.change for item in found if item.cut]
    return Tally(
        same_stored=captured.text == original.text,
        effects=frozenset(item.finding.rule.effect for item in found if not item.cut),
        moved=bool(alignment.moves),
        coverage_captured=_share(size_a, sum(change.a1 - change.a0 for change in lost)),
        coverage_original=_share(size_b, sum(change.b1 - change.b0 for change in lost)),
        cut=_share(size_b, size_b - sum(change.b1 - change.b0 for change in cuts)),
        inner_cut=any(not _is_end_cut(ready, change) for change in cuts),
    )


def _counts_as_lost(finding: Finding) -> bool:
    return finding.rule.class_ != "script" and finding.rule.effect != "format"


def _share(size: int, lost: int) -> float:
    return round((size - lost) / size, 6) if size else 0.0


def body(side: Folded, frame: Sequence[FrameSpan]) -> str:
    """Return the folded text of a side without its frame."""
    pieces, place = [], 0
    for part in frame:
        pieces.append(side.text[place : part.start])
        place = part.end
    return "".join([*pieces, side.text[place:]])

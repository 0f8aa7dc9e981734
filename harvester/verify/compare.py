"""Compare two texts: fold, split off the frame, align, classify, decide."""

from __future__ import annotations

import hashlib
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import rapidfuzz

from harvester._version import __version__
from harvester.errors import UsageError
from harvester.verify import rules as rule_data
from harvester.verify.align import Alignment, align_texts
from harvester.verify.chars import MAX_CELLS, Change, Unaligned
from harvester.verify.classify import Finding, classify
from harvester.verify.fold import Folded, differing_kinds, fold
from harvester.verify.frame import FrameSpan, fold_title, split_frame
from harvester.verify.result import Coverage, Edit, FramePart, Move, Result, SideFacts, Sides, Span
from harvester.verify.sides import Side
from harvester.verify.units import is_sentence_edge
from harvester.verify.verdict import Tally, decide, is_excerpt


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Bounds of a comparison.

    `max_cells` bounds the exact table of one gap between anchors, in cells of one bit; `max_characters`
    bounds each side. Raises `UsageError` for bounds that are not positive.
    """

    max_cells: int = MAX_CELLS
    max_characters: int = 20_000_000

    def __post_init__(self) -> None:
        if self.max_cells < 1 or self.max_characters < 1:
            raise UsageError("bounds of a comparison must be positive")


DEFAULT = Options()


@dataclass(frozen=True, slots=True)
class _Prepared:
    """Both sides folded, with their frames."""

    a: Folded
    b: Folded
    frame_a: list[FrameSpan]
    frame_b: list[FrameSpan]


@dataclass(frozen=True, slots=True)
class _Found:
    change: Change
    finding: Finding
    cut: bool


def compare(captured: Side, original: Side, options: Options = DEFAULT) -> Result:
    """Compare a captured text with an original. Pure: the same sides give the same result.

    Never raises for what the texts hold: nothing to compare is the verdict `cannot-verify`.
    """
    reason = _why_not(captured, "captured", options) or _why_not(original, "original", options)
    if reason is not None:
        return _cannot(captured, original, reason, ())
    least = int(rule_data.thresholds()["min_characters"])
    if captured.text == original.text and _has_letters(captured.text, least):
        return _identical(captured, original)
    ready = _prepare(captured, original)
    frame = _frame_parts(ready)
    for name, side, spans in (("captured", ready.a, ready.frame_a), ("original", ready.b, ready.frame_b)):
        if not _has_letters(_body(side, spans), least):
            reason = f"the {name} side has too little text to compare ({_TOO_SHORT})"
            return _cannot(captured, original, reason, frame)
    return _compared(captured, original, ready, options)


_TOO_LARGE = "the texts share passages but are too large to be aligned within the bound"
_MAYBE_ALIKE = 0.05
_TOO_SHORT = "fewer letters, digits and ideographs than the rules ask for"


def _prepare(captured: Side, original: Side) -> _Prepared:
    a, b = fold(captured.text), fold(original.text)
    titles = frozenset(filter(None, (fold_title(captured.title), fold_title(original.title))))
    frame_a = split_frame(a, b, titles, captured.frame)
    return _Prepared(a, b, frame_a, split_frame(b, a, titles, original.frame))


def _compared(captured: Side, original: Side, ready: _Prepared, options: Options) -> Result:
    unaligned: list[Unaligned] = []
    spans_a = [(part.start, part.end) for part in ready.frame_a]
    spans_b = [(part.start, part.end) for part in ready.frame_b]
    alignment = align_texts(ready.a, ready.b, spans_a, spans_b, unaligned.append, options.max_cells)
    found = [_judge(ready, change) for change in alignment.changes]
    tally = _tally(captured, original, ready, found, alignment)
    verdict, reason, level = decide(tally)
    if verdict == "different" and any(gap.alike >= _MAYBE_ALIKE for gap in unaligned):
        verdict, reason = (
            "cannot-verify",
            "the texts share passages but are too large to align within the bound",
        )
    edits = tuple(_edit(ready, item, excerpt=is_excerpt(tally)) for item in found)
    return Result(
        verdict=verdict,
        reason=reason,
        level=level,
        coverage=Coverage(captured=tally.coverage_captured, original=tally.coverage_original),
        edits=edits,
        moves=tuple(_move(ready, *spans) for spans in alignment.moves),
        frame=_frame_parts(ready),
        format=differing_kinds(_kept_pairs(ready, alignment)),
        counts=dict(Counter(edit.class_ for edit in edits)),
        sides=_sides(captured, original),
        versions=versions(),
        warnings=(*_side_warnings(captured, original), *map(_overflow, unaligned)),
    )


def _overflow(gap: Unaligned) -> str:
    return (
        f"a gap of {gap.captured} captured and {gap.original} original characters without a common anchor "
        "is beyond the bound of exact alignment and is reported as one edit"
    )


def _judge(ready: _Prepared, change: Change) -> _Found:
    cut = change.a0 == change.a1 and change.b0 < change.b1 and _is_whole_cut(ready, change)
    return _Found(change, classify(ready.a, ready.b, change), cut)


def _is_whole_cut(ready: _Prepared, change: Change) -> bool:
    """Whole paragraphs, or whole sentences at the head or tail of the original's body."""
    b, start, end = ready.b, change.b0, change.b1
    if not (is_sentence_edge(b, start) and is_sentence_edge(b, end)):
        return False
    return _is_paragraphs(b, start, end) or _at_edge(ready, change)


def _is_end_cut(ready: _Prepared, change: Change) -> bool:
    return _at_edge(ready, change) and _is_paragraphs(ready.b, change.b0, change.b1)


def _is_paragraphs(side: Folded, start: int, end: int) -> bool:
    return side.breaks_at(start) and (end == len(side.text) or side.breaks_at(end))


def _at_edge(ready: _Prepared, change: Change) -> bool:
    head, tail = _body_edges(ready.b, ready.frame_b)
    return change.b0 <= head or change.b1 >= tail


def _body_edges(side: Folded, frame: Sequence[FrameSpan]) -> tuple[int, int]:
    head, tail = 0, len(side.text)
    for part in frame:
        head = part.end if part.start == head else head
    for part in reversed(frame):
        tail = part.start if part.end == tail else tail
    return head, tail


def _tally(
    captured: Side, original: Side, ready: _Prepared, found: Sequence[_Found], alignment: Alignment
) -> Tally:
    size_a, size_b = len(_body(ready.a, ready.frame_a)), len(_body(ready.b, ready.frame_b))
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


def _kept_pairs(ready: _Prepared, alignment: Alignment) -> Iterator[tuple[str, str]]:
    """Yield the stored text of both sides between the changes; where moves disturb the order, nothing."""
    (at_a, end_a), (at_b, end_b) = _body_edges(ready.a, ready.frame_a), _body_edges(ready.b, ready.frame_b)
    for change in [*alignment.changes, Change(end_a, end_a, end_b, end_b)]:
        if ready.a.key[at_a : change.a0] == ready.b.key[at_b : change.b0] and at_a < change.a0:
            low_a, high_a = ready.a.span(at_a, change.a0)
            low_b, high_b = ready.b.span(at_b, change.b0)
            yield ready.a.raw[low_a:high_a], ready.b.raw[low_b:high_b]
        at_a, at_b = change.a1, change.b1


def _edit(ready: _Prepared, item: _Found, *, excerpt: bool) -> Edit:
    rule = rule_data.rules()["omission.excerpt"] if item.cut and excerpt else item.finding.rule
    change = item.change
    return Edit(
        class_=rule.class_,
        material=rule.effect == "edit",
        rule=rule.id,
        captured=_stored(ready.a, change.a0, change.a1, opens_line=ready.b.breaks_at(change.b0)),
        original=_stored(ready.b, change.b0, change.b1, opens_line=ready.a.breaks_at(change.a0)),
        note=item.finding.note,
    )


def _stored(side: Folded, start: int, end: int, *, opens_line: bool = False) -> Span:
    low, high = side.span(start, end, opens_line=opens_line)
    return Span(start=low, end=high, text=side.raw[low:high])


def _move(ready: _Prepared, a: tuple[int, int], b: tuple[int, int]) -> Move:
    return Move(captured=_stored(ready.a, *a), original=_stored(ready.b, *b))


def _frame_parts(ready: _Prepared) -> tuple[FramePart, ...]:
    parts = []
    for name, side, spans in (("captured", ready.a, ready.frame_a), ("original", ready.b, ready.frame_b)):
        for part in spans:
            span = _stored(side, part.start, part.end)
            parts.append(
                FramePart(
                    side=name,
                    role=part.role,
                    rule=part.rule,
                    start=span.start,
                    end=span.end,
                    text=span.text,
                )
            )
    return tuple(parts)


def _body(side: Folded, frame: Sequence[FrameSpan]) -> str:
    pieces, place = [], 0
    for part in frame:
        pieces.append(side.text[place : part.start])
        place = part.end
    return "".join([*pieces, side.text[place:]])


def _has_letters(text: str, least: int) -> bool:
    letters = (char for char in text if char.isalnum())
    return sum(1 for _ in islice(letters, least)) == least


# ---- results without alignment --------------------------------------------------------------------


def _why_not(side: Side, name: str, options: Options) -> str | None:
    if side.problem is not None:
        return f"the {name} side has no text: {side.problem}"
    if len(side.text) > options.max_characters:
        return (
            f"the {name} side has {len(side.text)} characters, more than the bound {options.max_characters}"
        )
    if not _has_letters(side.text, 1):
        return f"the {name} side has no text (an article of pictures only, perhaps)"
    return None


def _cannot(captured: Side, original: Side, reason: str, frame: tuple[FramePart, ...]) -> Result:
    return _bare(captured, original, "cannot-verify", reason, frame)


def _identical(captured: Side, original: Side) -> Result:
    return _bare(captured, original, "identical", None, ())


def _bare(
    captured: Side, original: Side, verdict: str, reason: str | None, frame: tuple[FramePart, ...]
) -> Result:
    share = 1.0 if verdict == "identical" else 0.0
    return Result(
        verdict=verdict,
        reason=reason,
        level="identical" if verdict == "identical" else None,
        coverage=Coverage(captured=share, original=share),
        edits=(),
        moves=(),
        frame=frame,
        format=(),
        counts={},
        sides=_sides(captured, original),
        versions=versions(),
        warnings=_side_warnings(captured, original),
    )


# ---- facts ----------------------------------------------------------------------------------------


def versions() -> dict[str, str]:
    """Return the versions a result depends on."""
    return {
        "harvester": __version__,
        "rules": rule_data.version(),
        "rapidfuzz": rapidfuzz.__version__,
        "unicode": unicodedata.unidata_version,
        "python": ".".join(map(str, sys.version_info[:3])),
    }


def _side_warnings(captured: Side, original: Side) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*captured.warnings, *original.warnings)))


def _sides(captured: Side, original: Side) -> Sides:
    return Sides(captured=_facts(captured), original=_facts(original))


def _facts(side: Side) -> SideFacts:
    source = side.document or side.page_state
    return SideFacts(
        label=side.label,
        title=side.title,
        text_sha256=hashlib.sha256(side.text.encode("utf-8", "surrogatepass")).hexdigest(),
        characters=len(side.text),
        record_id=source.provenance.record_id if source else None,
        payload_digest=source.provenance.payload_digest if source else None,
        rehearsal=side.rehearsal,
        software=source.provenance.software if source else {},
        origin=dict(side.origin),
    )

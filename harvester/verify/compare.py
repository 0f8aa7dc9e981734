"""Compare two texts: fold, split off the frame, align, classify, decide."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice

from harvester.errors import UsageError
from harvester.verify import rules as rule_data
from harvester.verify.align import align_texts
from harvester.verify.chars import MAX_CELLS, Unaligned
from harvester.verify.facts import side_warnings, sides, versions
from harvester.verify.fold import differing_kinds, fold
from harvester.verify.frame import fold_title, split_frame
from harvester.verify.remarks import remarks
from harvester.verify.result import LEVELS, Coverage, FramePart, Result
from harvester.verify.sides import Side
from harvester.verify.stored import edit, frame_parts, kept_pairs, move, units_of
from harvester.verify.tally import Prepared, body, judge, tally
from harvester.verify.verdict import decide, is_excerpt, part_level


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Bounds of a comparison.

    `max_cells` bounds the exact table of one gap between anchors, in cells of one bit; `max_characters`
    bounds each side. `level` is the loosest level of sameness that counts as the same for the exit code:
    `identical`, `format` or `punctuation`; it changes no verdict. Raises `UsageError` for bounds that are
    not positive and for other levels.
    """

    max_cells: int = MAX_CELLS
    max_characters: int = 20_000_000
    level: str = "punctuation"

    def __post_init__(self) -> None:
        if self.level not in LEVELS[:-1]:
            raise UsageError(
                f"the level of a comparison is one of {', '.join(LEVELS[:-1])}, not {self.level}"
            )
        if self.max_cells < 1 or self.max_characters < 1:
            raise UsageError("bounds of a comparison must be positive")


DEFAULT = Options()


def compare(captured: Side, original: Side, options: Options = DEFAULT) -> Result:
    """Compare a captured text with an original. Pure: the same sides give the same result.

    Never raises for what the texts hold: nothing to compare is the verdict `cannot-verify`.
    """
    reason = _why_not(captured, "captured", options) or _why_not(original, "original", options)
    if reason is not None:
        return _bare(captured, original, "cannot-verify", options, reason=reason)
    least = int(rule_data.thresholds()["min_characters"])
    if captured.text == original.text and _has_letters(captured.text, least):
        return _bare(captured, original, "identical", options)
    ready = _prepare(captured, original)
    frame = frame_parts(ready)
    for name, side, spans in (("captured", ready.a, ready.frame_a), ("original", ready.b, ready.frame_b)):
        if not _has_letters(body(side, spans), least):
            reason = f"the {name} side has too little text to compare ({_TOO_SHORT})"
            return _bare(captured, original, "cannot-verify", options, reason=reason, frame=frame)
    return _compared(captured, original, ready, options)


_TOO_LARGE = "the texts share passages but are too large to be aligned within the bound"
_MAYBE_ALIKE = 0.05
_FOLDED_ONLY = "punctuation.list-number"  # what only folding makes unlike is no edit
_TOO_SHORT = "fewer letters, digits and ideographs than the rules ask for"


def _prepare(captured: Side, original: Side) -> Prepared:
    a, b = fold(captured.text), fold(original.text)
    titles = frozenset(filter(None, (fold_title(captured.title), fold_title(original.title))))
    frame_a = split_frame(a, b, titles, captured.frame)
    return Prepared(a, b, frame_a, split_frame(b, a, titles, original.frame))


def _compared(captured: Side, original: Side, ready: Prepared, options: Options) -> Result:
    unaligned: list[Unaligned] = []
    spans_a = [(part.start, part.end) for part in ready.frame_a]
    spans_b = [(part.start, part.end) for part in ready.frame_b]
    alignment = align_texts(ready.a, ready.b, spans_a, spans_b, unaligned.append, options.max_cells)
    judged = (judge(ready, change) for change in alignment.changes)
    found = [item for item in judged if item.finding.rule.id != _FOLDED_ONLY]
    counted = tally(captured, original, ready, found, alignment)
    verdict, reason, level = decide(counted)
    if verdict == "different" and any(gap.alike >= _MAYBE_ALIKE for gap in unaligned):
        verdict, reason = "cannot-verify", _TOO_LARGE
    excerpt = is_excerpt(counted)
    edits = tuple(edit(ready, item, excerpt=excerpt) for item in found)
    paragraphs, sentences, units = units_of(ready, alignment, found)
    return Result(
        verdict=verdict,
        reason=reason,
        level=level,
        part_level=part_level(counted) if excerpt else level,
        required=options.level,
        remarks=remarks(verdict, edits, alignment, ready),
        coverage=Coverage(captured=counted.coverage_captured, original=counted.coverage_original),
        edits=edits,
        moves=tuple(move(ready, *spans) for spans in alignment.moves),
        frame=frame_parts(ready),
        format=differing_kinds(kept_pairs(ready, alignment)),
        paragraphs=paragraphs,
        sentences=sentences,
        units=units,
        counts=dict(Counter(edit.class_ for edit in edits)),
        sides=sides(captured, original),
        versions=versions(),
        warnings=(*side_warnings(captured, original), *map(_overflow, unaligned)),
    )


def _overflow(gap: Unaligned) -> str:
    return (
        f"a gap of {gap.captured} captured and {gap.original} original characters without a common anchor "
        "is beyond the bound of exact alignment and is reported as one edit"
    )


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


def _bare(
    captured: Side,
    original: Side,
    verdict: str,
    options: Options,
    *,
    reason: str | None = None,
    frame: tuple[FramePart, ...] = (),
) -> Result:
    share = 1.0 if verdict == "identical" else 0.0
    level = "identical" if verdict == "identical" else None
    return Result(
        verdict=verdict,
        reason=reason,
        level=level,
        part_level=level,
        required=options.level,
        coverage=Coverage(captured=share, original=share),
        edits=(),
        moves=(),
        frame=frame,
        format=(),
        counts={},
        sides=sides(captured, original),
        versions=versions(),
        warnings=side_warnings(captured, original),
    )

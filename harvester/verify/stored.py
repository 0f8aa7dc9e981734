"""From folded offsets back to the stored texts: edits, moves, frame lines, passages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harvester.verify import rules as rule_data
from harvester.verify.align import Alignment
from harvester.verify.chars import Change
from harvester.verify.fold import Folded
from harvester.verify.passages import passages
from harvester.verify.result import Edit, FramePart, Move, Passage, Range, Span, Unit
from harvester.verify.tally import Found, Prepared, body_edges
from harvester.verify.units import paragraphs


def edit(ready: Prepared, item: Found, *, excerpt: bool) -> Edit:
    """Return an edit; what an excerpt leaves out has a rule of its own."""
    rule = rule_data.rules()["omission.excerpt"] if item.cut and excerpt else item.finding.rule
    change = item.change
    return Edit(
        class_=rule.class_,
        material=rule.effect == "edit",
        rule=rule.id,
        captured=_stored(ready.a, change.a0, change.a1, opens_line=ready.b.breaks_at(change.b0)),
        original=_stored(ready.b, change.b0, change.b1, opens_line=ready.a.breaks_at(change.a0)),
        note=item.finding.note,
        why=rule.why,
    )


def move(ready: Prepared, a: tuple[int, int], b: tuple[int, int]) -> Move:
    """Return a move."""
    return Move(captured=_stored(ready.a, *a), original=_stored(ready.b, *b))


def _stored(side: Folded, start: int, end: int, *, opens_line: bool = False) -> Span:
    low, high = side.span(start, end, opens_line=opens_line)
    return Span(start=low, end=high, text=side.raw[low:high])


def frame_parts(ready: Prepared) -> tuple[FramePart, ...]:
    """Return the frame lines of both sides, the captured one's first."""
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


def kept_pairs(ready: Prepared, alignment: Alignment) -> Iterator[tuple[str, str]]:
    """Yield the stored text of both sides between the changes; where moves disturb the order, nothing."""
    (at_a, end_a), (at_b, end_b) = body_edges(ready.a, ready.frame_a), body_edges(ready.b, ready.frame_b)
    for change in [*alignment.changes, Change(end_a, end_a, end_b, end_b)]:
        if ready.a.key[at_a : change.a0] == ready.b.key[at_b : change.b0] and at_a < change.a0:
            low_a, high_a = ready.a.span(at_a, change.a0)
            low_b, high_b = ready.b.span(at_b, change.b0)
            yield ready.a.raw[low_a:high_a], ready.b.raw[low_b:high_b]
        at_a, at_b = change.a1, change.b1


def units_of(
    ready: Prepared, alignment: Alignment, found: Sequence[Found]
) -> tuple[tuple[Passage, ...], tuple[Passage, ...], dict[str, Unit]]:
    """Return the paragraphs and the sentences that are not simply the same, and how many there are."""
    changes = [item.change for item in found if item.finding.rule.effect != "format"]
    lists, counts = [], {}
    lines_a = _outside(paragraphs(ready.a), [(part.start, part.end) for part in ready.frame_a])
    lines_b = _outside(paragraphs(ready.b), [(part.start, part.end) for part in ready.frame_b])
    for name, units_a, units_b in (
        ("paragraphs", lines_a, lines_b),
        ("sentences", alignment.units_a, alignment.units_b),
    ):
        groups, same = passages(units_a, units_b, alignment.runs, changes)
        counts[name] = Unit(captured=len(units_a), original=len(units_b), same=same)
        lists.append(
            tuple(
                Passage(
                    kind=group.kind,
                    edited=group.edited,
                    moved=group.moved,
                    captured=tuple(_range(ready.a, units_a[i]) for i in group.a),
                    original=tuple(_range(ready.b, units_b[j]) for j in group.b),
                )
                for group in groups
            )
        )
    return lists[0], lists[1], counts


def _outside(units: Sequence[tuple[int, int]], frame: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    if not frame:
        return list(units)
    return [unit for unit in units if not any(low <= unit[0] < high for low, high in frame)]


def _range(side: Folded, unit: tuple[int, int]) -> Range:
    low, high = side.span(*unit)
    return Range(start=low, end=high)

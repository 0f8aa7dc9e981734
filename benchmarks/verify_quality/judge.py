"""Hold a result against what was done: located, invented, class, material."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

from benchmarks.verify_quality.mutate import Pair, Seeded
from benchmarks.verify_quality.noise import ZERO_WIDTH, Noisy, bare_of, is_bare
from benchmarks.verify_quality.words import CLASS_OF, EITHER, IMMATERIAL
from harvester.verify import Edit, Result, Span
from harvester.verify.anchors import MOVE_MIN_CHARACTERS

Place = tuple[int, int, int, int]
_SHOWN = 60


@dataclass
class Score:
    """What a run counted. `table` counts (class expected, class found)."""

    pairs: int = 0
    seeded: int = 0
    located: int = 0
    in_parts: int = 0
    invented: int = 0
    quiet: int = 0
    alarms: int = 0
    moves: int = 0
    moves_exact: int = 0
    material_right: int = 0
    table: Counter[tuple[str, str]] = field(default_factory=Counter)
    kinds: Counter[tuple[str, bool]] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def class_right(self) -> float:
        """Share of located edits with the expected class, among those of which one is expected."""
        total = self.table.total()
        return sum(count for (wanted, got), count in self.table.items() if wanted == got) / max(1, total)

    def fail(self, line: str) -> None:
        """Keep a failure to be shown."""
        if len(self.failures) < _SHOWN:
            self.failures.append(line)


def judge(pair: Pair, noise: Noisy, result: Result, score: Score) -> None:
    """Count one pair."""
    score.pairs += 1
    score.texts[pair.kind] += 1
    places_b = [n for n, char in enumerate(pair.original) if is_bare(char)]
    found = [(_bare_place(edit, noise, places_b), edit) for edit in result.edits]
    for edit in result.edits:
        exact = noise.text[edit.captured.start : edit.captured.end] == edit.captured.text
        exact = exact and pair.original[edit.original.start : edit.original.end] == edit.original.text
        if not (exact and _tight(edit.captured, noise.starts, noise.ends)):
            score.fail(f"offsets: {edit}")
            score.invented += 1
    if pair.moved is not None:
        _judge_move(pair, result, score)
        return
    for seeded in pair.edits:
        _judge_edit(pair, seeded, found, result, score)
    score.invented += len(found)
    for _, edit in found:
        near = pair.original[max(0, edit.original.start - 12) : edit.original.end + 12]
        score.fail(f"invented: {edit.rule} {edit.captured} {edit.original} in {near!r}")
    if not pair.edits:
        score.quiet += 1
        if result.moves or result.verdict not in {"identical", "same-text"}:
            score.alarms += 1
            score.fail(f"false alarm: {result.verdict} {result.reason} {len(result.edits)} edits")
    elif result.moves:
        score.invented += 1
        score.fail(f"a move that was not made: {result.moves[0]}")


def _judge_edit(
    pair: Pair, seeded: Seeded, found: list[tuple[Place, Edit]], result: Result, score: Score
) -> None:
    score.seeded += 1
    bare = _bare_seeded(pair, seeded)
    allowed = _placements(bare, bare_of(pair.captured), bare_of(pair.original))
    match = next((item for item in found if item[0] in allowed), None)
    if match is None and _is_frame(pair, seeded, result):
        score.located += 1
        score.material_right += 1  # shown as an editorial line, and not counted
        return
    if match is None:
        parts = _parts(pair, seeded, found)
        if not parts:
            nearby = [(edit.rule, edit.captured.text, edit.original.text) for _, edit in found][:3]
            score.fail(
                f"not located: {seeded.kind} {pair.original[seeded.b0 - 8 : seeded.b1 + 8]!r} "
                f"→ {pair.captured[seeded.a0 - 8 : seeded.a1 + 8]!r}: {nearby}"
            )
            return
        score.in_parts += 1
        for part in parts:
            found.remove(part)
        match = parts[0]
        score.fail(f"in parts: {seeded.kind} {[(e.captured.text, e.original.text) for _, e in parts]}")
    else:
        found.remove(match)
    score.located += 1
    _judge_class(pair, seeded, match[1], result, score)


def _is_frame(pair: Pair, seeded: Seeded, result: Result) -> bool:
    """Tell whether what was changed or cut is an editorial line, which the result shows as such."""
    low, high = seeded.b0, seeded.b1
    while low < high and not is_bare(pair.original[low]):
        low += 1
    while low < high and not is_bare(pair.original[high - 1]):
        high -= 1
    lines = [part for part in result.frame if part.side == "original"]
    return any(part.start <= low and high <= part.end for part in lines)


def _judge_class(pair: Pair, seeded: Seeded, edit: Edit, result: Result, score: Score) -> None:
    wanted = CLASS_OF.get(seeded.kind)
    material = seeded.kind not in IMMATERIAL
    right = edit.material == material or (seeded.kind in EITHER and result.verdict.startswith("excerpt"))
    score.material_right += right
    if wanted is not None:
        score.table[wanted, edit.class_] += 1
        score.kinds[seeded.kind, wanted == edit.class_] += 1
    if not right or (wanted is not None and wanted != edit.class_):
        around = pair.original[max(0, seeded.token[2] - 10) : seeded.token[3] + 10]
        score.fail(
            f"class: {seeded.kind} {edit.rule} {edit.original.text!r} → {edit.captured.text!r} in {around!r}"
        )


def _judge_move(pair: Pair, result: Result, score: Score) -> None:
    if pair.moved is None:
        return
    sizes = [len(bare_of(text)) for text in pair.moved]
    if min(sizes) < 2 * MOVE_MIN_CHARACTERS or pair.repeated:
        return  # what may well have been written twice is an omission and an addition: docs/verify.md, Limits
    score.moves += 1
    moved = sum(len(bare_of(move.original.text)) for move in result.moves)
    if moved in sizes and not result.edits and result.verdict == "altered":
        score.moves_exact += 1
    else:
        score.fail(
            f"move: {moved} characters for {sizes}, {result.verdict}, {len(result.edits)} edits, "
            f"{pair.moved[0][:40]!r}"
        )


# ---- places ---------------------------------------------------------------------------------------


def _bare_place(edit: Edit, noise: Noisy, places_b: list[int]) -> Place:
    a0, a1 = (bisect_left(noise.starts, at) for at in (edit.captured.start, edit.captured.end))
    b0, b1 = (bisect_left(places_b, at) for at in (edit.original.start, edit.original.end))
    return a0, a1, b0, b1


def _tight(span: Span, starts: list[int], ends: list[int]) -> bool:
    """Tell whether a span begins and ends with characters of the text, and not with noise."""
    start, end = span.start, span.end
    if not span.text.strip(" " + ZERO_WIDTH):
        return True
    text = span.text  # a space between words is text, and may be part of what was put in
    unseen = " \n\t\u3000" + ZERO_WIDTH
    if " " in text or "\n" in text:
        start += len(text) - len(text.lstrip(unseen))
        end -= len(text) - len(text.rstrip(unseen))
    low, high = bisect_left(starts, start), bisect_left(starts, end)
    return low < high and starts[low] == start and ends[high - 1] == end


def _bare_seeded(pair: Pair, seeded: Seeded) -> Place:
    a, b = pair.captured, pair.original
    return (
        len(bare_of(a[: seeded.a0])),
        len(bare_of(a[: seeded.a1])),
        len(bare_of(b[: seeded.b0])),
        len(bare_of(b[: seeded.b1])),
    )


def _placements(place: Place, a: str, b: str) -> set[Place]:
    """Every place at which an insertion or deletion of that length makes the same texts."""
    found = {place}
    for step in (1, -1):
        a0, a1, b0, b1 = place
        text, low, high = (a, a0, a1) if b0 == b1 else (b, b0, b1)
        while (a0 == a1 or b0 == b1) and _slides(text, low, high, step):
            low, high, a0, a1, b0, b1 = (n + step for n in (low, high, a0, a1, b0, b1))
            found.add((a0, a1, b0, b1))
    return found


def _slides(text: str, low: int, high: int, step: int) -> bool:
    if step > 0:
        return high < len(text) and text[low] == text[high]
    return low > 0 and text[low - 1] == text[high - 1]


def _parts(pair: Pair, seeded: Seeded, found: list[tuple[Place, Edit]]) -> list[tuple[Place, Edit]]:
    """Edits that lie in the mutated word and together make one of it of the other."""
    a0, a1, b0, b1 = seeded.token
    low_a, high_a = len(bare_of(pair.captured[:a0])), len(bare_of(pair.captured[:a1]))
    low_b, high_b = len(bare_of(pair.original[:b0])), len(bare_of(pair.original[:b1]))
    inside = [
        item
        for item in found
        if low_a <= item[0][0] <= item[0][1] <= high_a and low_b <= item[0][2] <= item[0][3] <= high_b
    ]
    a, b = bare_of(pair.captured), bare_of(pair.original)
    made, at = "", low_a
    for place, _ in inside:
        made += a[at : place[0]] + b[place[2] : place[3]]
        at = place[1]
    return inside if len(inside) > 1 and made + a[at:high_a] == b[low_b:high_b] else []

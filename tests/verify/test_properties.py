"""What holds for any two texts: edits are true, answers repeat, folding is reversible."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.verify import Result, Side, compare, to_bytes
from harvester.verify.anchors import heaviest_chain
from harvester.verify.chars import Change, align, common_prefix, common_suffix
from harvester.verify.fold import fold
from harvester.verify.tidy import best_offset, tidy
from harvester.verify.values import date_value, number_value
from harvester.verify.view import view

ALPHABET = "甲乙丙丁双方不未年月日二十2０3.，。、；！？“”「」\"'（）()《》·—…-～ \u3000\u200b\n國国發发Aab%"
texts = st.text(ALPHABET, max_size=120)
any_text = st.text(max_size=80)
sentences = st.lists(
    st.sampled_from(
        [
            "双方同意设立小组。",
            "北岚不接受该方案。",
            "会议于五月召开！",
            "第二条",
            "他说：“好。”",
            "此后各方离席；",
            "与此无关的一句话？",
        ]
    ),
    max_size=14,
)


def checked(captured: str, original: str) -> Result:
    return compare(Side(text=captured, label="a"), Side(text=original, label="b"))


def plain_changes(a: str, b: str, max_cells: int = 400_000_000) -> list[Change]:
    left, right = fold(a), fold(b)
    raw = align(left.key, right.key, lambda gap: None, max_cells)
    return tidy(raw, view(left, []), view(right, []))


def applied(changes: list[Change], a: str, b: str) -> str:
    pieces, place = [], 0
    for change in changes:
        pieces += [a[place : change.a0], b[change.b0 : change.b1]]
        place = change.a1
    return "".join([*pieces, a[place:]])


@given(texts, texts)
def test_changes_applied_to_one_side_give_the_other(a: str, b: str) -> None:
    """Replacing each changed stretch by its counterpart turns the captured side into the original."""
    left, right = fold(a), fold(b)
    assert applied(plain_changes(a, b), left.key, right.key) == right.key


@given(texts, texts)
def test_a_small_bound_still_gives_true_changes(a: str, b: str) -> None:
    """Beyond the bound the changes are coarser, never untrue."""
    left, right = fold(a), fold(b)
    assert applied(plain_changes(a, b, max_cells=40), left.key, right.key) == right.key


@given(sentences, sentences, st.randoms(use_true_random=False))
def test_edits_and_moves_account_for_every_character(first, second, chance: random.Random) -> None:
    """What is in neither an edit, nor a move, nor the frame reads the same on both sides."""
    joined = [chance.choice(["", "\n\n"]).join(part) for part in (first, second)]
    result = checked(*joined)
    if result.verdict in ("cannot-verify", "identical"):
        return
    rest = []
    for side, stored in (("captured", joined[0]), ("original", joined[1])):
        spans = [(part.start, part.end) for part in result.frame if part.side == side]
        for item in (*result.edits, *result.moves):
            span = getattr(item, side)
            spans.append((span.start, span.end))
        covered = {place for low, high in spans for place in range(low, high)}
        rest.append("".join(char for place, char in enumerate(stored) if place not in covered))
    assert fold(rest[0]).text == fold(rest[1]).text


def replayed(result: Result, captured: str, original: str) -> tuple[str, str]:
    """Return the captured body with every edit undone, and the original body."""
    pieces, place = [], 0
    spans = [(e.captured.start, e.captured.end, e.original.text) for e in result.edits]
    spans += [(p.start, p.end, "") for p in result.frame if p.side == "captured"]
    for start, end, put in sorted(spans, key=lambda span: span[:2]):
        pieces += [captured[place:start], put]
        place = end
    body = original
    for part in reversed([p for p in result.frame if p.side == "original"]):
        body = body[: part.start] + body[part.end :]
    return "".join([*pieces, captured[place:]]), body


def loose(text: str) -> str:
    """Fold, and drop what folding reads by its neighbours: list marks, bullets, space, apostrophes."""
    kept = fold(text).key
    return "".join(char for char in kept if char not in "().、-—…•· '\"")


@given(texts, texts)
def test_edits_undone_give_the_original(captured: str, original: str) -> None:
    """Putting the original's text in the place of each edit turns the captured text into the original."""
    result = checked(captured, original)
    if result.verdict != "cannot-verify" and not result.moves:
        ours, theirs = replayed(result, captured, original)
        assert loose(ours) == loose(theirs)


@given(
    st.sampled_from(
        ["Both sides agreed on 8 May 2024 to build twenty stations.", "It isn't “binding”, it’s void."]
    ),
    st.integers(0, 60),
    st.text("ab 2.,'’-\n", max_size=5),
)
def test_edits_undone_in_latin_script(original: str, place: int, put: str) -> None:
    """The same for English: words, apostrophes, hyphens, figures, line breaks."""
    captured = original[:place] + put + original[place + len(put) // 2 :]
    result = checked(captured, original)
    ours, theirs = replayed(result, captured, original)
    assert loose(ours) == loose(theirs)


@given(st.text("零〇一二三十百千万亿两廿点分之0123,.%‰/年月日号时:星期周a -", max_size=9))
def test_any_text_is_a_value_or_none(text: str) -> None:
    """Nothing raises, and nothing that holds a letter of no number has a value."""
    number_value(text)
    date_value(text)
    assert "a" not in text or number_value(text) is None


@given(any_text, any_text)
def test_any_text_gives_a_verdict_and_true_offsets(a: str, b: str) -> None:
    """No text raises; every span is exact; both orders agree on whether anything differs."""
    result, back = checked(a, b), checked(b, a)
    for edit in result.edits:
        assert a[edit.captured.start : edit.captured.end] == edit.captured.text
        assert b[edit.original.start : edit.original.end] == edit.original.text
    same = ("identical", "same-text")
    assert (result.verdict in same) == (back.verdict in same)
    assert to_bytes(result) == to_bytes(checked(a, b))


@given(texts)
def test_folding_is_reversible_to_offsets(text: str) -> None:
    """Folded characters have stored spans that rise, do not overlap and hold them."""
    folded = fold(text)
    spans = [(folded.start(i), folded.end(i)) for i in range(len(folded.text))]
    assert all(low < high <= len(text) for low, high in spans)
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(spans))
    assert len(folded.key) == len(folded.text)
    kept = {place for low, high in spans for place in range(low, high)}
    lost = "".join(char for place, char in enumerate(text) if place not in kept)
    assert not any(char.isalnum() for char in lost)


@given(texts)
def test_a_text_is_the_same_text_as_itself_with_noise(text: str) -> None:
    """Indentation, other line ends and a byte-order mark change nothing but format."""
    noisy = "\ufeff" + "\r\n".join("\u3000\u3000" + line for line in text.split("\n"))
    assert checked(noisy, text).verdict in ("same-text", "cannot-verify")


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(1, 9)), max_size=7, unique_by=lambda p: p[0]))
def test_the_chain_is_the_heaviest(drawn: list[tuple[int, int]]) -> None:
    """Against every subset: no rising chain weighs more."""
    pairs = [(i, b) for i, (b, _) in enumerate(drawn)]
    weights = [weight for _, weight in drawn]
    chain = heaviest_chain(pairs, weights)
    assert all(pairs[m][1] < pairs[n][1] for m, n in itertools.pairwise(chain))
    best = 0
    for size in range(len(pairs) + 1):
        for subset in itertools.combinations(range(len(pairs)), size):
            if all(pairs[m][1] < pairs[n][1] for m, n in itertools.pairwise(subset)):
                best = max(best, sum(weights[n] for n in subset))
    assert sum(weights[n] for n in chain) == best


@given(st.text("ab", max_size=12), st.text("ab", max_size=12))
def test_common_ends(a: str, b: str) -> None:
    """Against the plain loop."""
    assert common_prefix(a, b) == len(
        list(itertools.takewhile(lambda p: p[0] == p[1], zip(a, b, strict=False)))
    )
    assert common_suffix(a, b) == common_prefix(a[::-1], b[::-1])


@given(st.text("ab，", min_size=1, max_size=16), st.data())
def test_sliding_keeps_what_is_left(text: str, data) -> None:
    """Wherever a deletion slides to, cutting it out leaves the same text; one place is chosen."""
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    side = view(fold(text), [])
    offset = best_offset(side, start, end, 0, len(text))
    moved = text[: start + offset] + text[end + offset :]
    assert moved == text[:start] + text[end:]
    assert best_offset(side, start + offset, end + offset, 0, len(text)) == 0


@pytest.mark.slow
@settings(max_examples=20_000)
@given(texts, texts)
def test_changes_applied_at_length(a: str, b: str) -> None:
    """The long form of the first property."""
    assert applied(plain_changes(a, b), fold(a).key, fold(b).key) == fold(b).key

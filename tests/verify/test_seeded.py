"""Seeded mutations: every edit that was made is found at its place, and none that was not made.

The generator (`benchmarks/verify_quality`) has words of its own, none of them taken from the rules.
"""

from __future__ import annotations

import random

import pytest

from benchmarks.verify_quality import misses, run, show
from benchmarks.verify_quality.judge import Score, judge
from benchmarks.verify_quality.mutate import Pair, Seeded, make_pair
from benchmarks.verify_quality.noise import Noisy, bare_of, noisy
from benchmarks.verify_quality.texts import text
from harvester.verify import Side, compare


def test_two_thousand_seeded_pairs() -> None:
    """All edits located exactly, none invented, no false alarm, moves exact, class and material right."""
    score = run(2_000, 1)
    show(score)
    assert not misses(score)


@pytest.mark.slow
def test_a_hundred_thousand_seeded_pairs() -> None:
    """The same over a hundred thousand pairs; of their edits, one in ten thousand may be told otherwise."""
    score = run(100_000, 2)
    show(score)
    assert not misses(score, rare=0.0001)


ORIGINAL = "双方同意建成20座监测站，投资约3.5亿美元。\n\n北岚不接受外部干预，愿同邻国协商。"


def _score(captured: str, edits: list[Seeded]) -> Score:
    score = Score()
    pair = Pair("by hand", captured, ORIGINAL, edits)
    noise = noisy(captured, random.Random(1), 0.0)
    judge(pair, noise, compare(Side(text=captured, label="a"), Side(text=ORIGINAL, label="b")), score)
    return score


def test_the_judge_sees_what_is_missed_and_what_is_invented() -> None:
    """An edit said to be elsewhere is neither located nor expected; one at its place is both."""
    at = ORIGINAL.index("20")
    captured = ORIGINAL.replace("20", "30")
    right = _score(captured, [Seeded("number", at, at + 1, at, at + 1, (at, at + 2, at, at + 2))])
    assert not misses(right)
    assert (right.located, right.invented) == (1, 0)
    shifted = _score(captured, [Seeded("number", at + 2, at + 3, at + 2, at + 3, (at + 2,) * 4)])
    assert (shifted.located, shifted.invented) == (0, 1)
    alarm = _score(captured, [])
    assert (alarm.alarms, alarm.invented) == (1, 1)


def test_the_judge_sees_a_wrong_class() -> None:
    """What is expected of the kind of mutation is held against what the rules say."""
    at = ORIGINAL.index("20")
    made = Seeded("name", at, at + 1, at, at + 1, (at, at + 2, at, at + 2))
    score = _score(ORIGINAL.replace("20", "30"), [made])
    assert score.table == {("name", "number"): 1}
    assert misses(score)


def test_noise_knows_its_way_back() -> None:
    """Every character of a text is where the noise says that it is."""
    for seed in range(20):
        chance = random.Random(seed)
        pair = make_pair(text(chance), chance)
        if pair is None:
            continue
        noise: Noisy = noisy(pair.captured, chance, 0.05)
        kept = list(bare_of(pair.captured))
        assert len(kept) == len(noise.starts) == len(noise.ends)
        same = sum(noise.text[start] == char for start, char in zip(noise.starts, kept, strict=True))
        assert same > 0.7 * len(kept)
        assert all(low < high for low, high in zip(noise.starts, noise.ends, strict=True))

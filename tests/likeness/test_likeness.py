"""Folding, shingles, winnowing and sketches: what they promise."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harvester.likeness import (
    GUARANTEE,
    SHINGLE,
    bands,
    folded,
    folding_version,
    hashes,
    jaccard,
    minhash,
    shared,
    shingles,
    winnow,
)
from harvester.likeness.winnowing import least

CHINESE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x4E40))
SAMPLE = (
    "2031年5月20日，外交部发言人就界河联合测绘工作组第二轮磋商的成果答记者问，双方愿在平等基础上继续推进。"
    * 2
)
PINNED_HASH = 16895218124976390423
PINNED_SKETCH = (5642210450126344294, 100992696307548043)


@given(st.text())
@example("İſßŉǰ")
@example("ȺȾ")
@example("e\u0301\ud800")
def test_folding_twice_is_folding_once(text: str) -> None:
    """Folding is idempotent, so every function may be given a folded text."""
    assert folded(folded(text)) == folded(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("　“外交部”：Ａ１\u200b。\n", "外交部a1"),
        ("外交部發言人", "外交部发言人"),
        ("São Tomé e Príncipe", "saotomeeprincipe"),
        ("Sa\u0303o Tome\u0301", "saotome"),
        ("弗洛伦·塔维奇・总统", "弗洛伦塔维奇总统"),
        ("😀▲【】\ue000\ud800", ""),
        ("МИД Китая", "мидкитая"),
        ("二〇三一年々", "二〇三一年々"),
        ("㐀𠀀𪚥", "㐀𠀀𪚥"),
        ("", ""),
    ],
)
def test_only_letters_digits_and_ideographs_stay(text: str, kept: str) -> None:
    """White space, punctuation, symbols and invisible characters go; width, case, accent, script are one."""
    assert folded(text) == kept


def test_the_folding_is_named() -> None:
    """The name is of the table, so that stored fingerprints of another folding are recognised."""
    assert len(folding_version()) == 16


def test_shingles_of_a_short_text_are_the_text() -> None:
    """A text of at most the size is one shingle; an empty one has none."""
    assert shingles("外交部", 5) == {"外交部"}
    assert shingles("外交部。", 3) == {"外交部"}
    assert shingles("外交部发", 3) == {"外交部", "交部发"}
    assert shingles("……", 3) == frozenset()


@given(CHINESE, st.integers(1, 12))
def test_hashes_stand_for_shingles(text: str, size: int) -> None:
    """One hash a place; equal shingles have equal hashes, unlike ones unlike hashes."""
    plain = folded(text)
    values = hashes(text, size)
    assert len(values) == max(0, len(plain) - size + 1)
    if len(plain) >= size:
        assert len(set(values)) == len(shingles(text, size))


@given(st.lists(st.integers(0, 30), min_size=1), st.integers(1, 8))
def test_winnowing_keeps_the_least_of_every_window(values: list[int], window: int) -> None:
    """As the paper defines it: each window's least value, the rightmost of equals, each place once."""
    places: list[int] = []
    for start in range(max(1, len(values) - window + 1)):
        part = values[start : start + window]
        place = start + max(at for at, value in enumerate(part) if value == min(part))
        if not places or places[-1] != place:
            places.append(place)
    assert least(values, window) == [values[place] for place in places]


@given(CHINESE, CHINESE, CHINESE, CHINESE, st.text("外交部发言人表示", min_size=GUARANTEE))
def test_a_long_shared_stretch_always_shares_a_fingerprint(a: str, b: str, c: str, d: str, same: str) -> None:
    """The guarantee: from 48 shared folded characters on, two texts share a fingerprint."""
    assert set(winnow(a + same + b)) & set(winnow(c + same + d))


@given(st.integers(1, 6), st.integers(0, 12), st.data())
def test_the_guarantee_holds_for_any_lengths(size: int, more: int, data: st.DataObject) -> None:
    """`size` and `guarantee` are parameters; the promise is theirs."""
    guarantee = size + more
    same = data.draw(st.text("甲乙丙", min_size=guarantee, max_size=guarantee))
    one, other = data.draw(st.text("甲乙丙丁")), data.draw(st.text("甲乙丙戊"))
    a = winnow(one + same + other, size=size, guarantee=guarantee)
    b = winnow(other + same + one, size=size, guarantee=guarantee)
    assert set(a) & set(b)


def test_nothing_shorter_than_a_shingle_is_found() -> None:
    """Noise below the shingle's length leaves no fingerprint."""
    assert winnow("外" * (SHINGLE - 1)) == ()
    assert len(winnow("外" * SHINGLE)) == 1


def test_format_changes_no_fingerprint() -> None:
    """Spaces, widths, quotes and script variants give the same fingerprints and the same sketch."""
    noisy = "　" + SAMPLE.replace("，", " , ").replace("2031", "２０３１").replace("发", "發") + "\u200b"
    assert winnow(noisy) == winnow(SAMPLE)
    assert minhash(noisy) == minhash(SAMPLE)


def test_values_are_the_same_in_every_process() -> None:
    """Another process, another hash seed, another locale: the same numbers; and these, on any machine."""
    program = "from harvester.likeness import winnow, minhash; import sys; t=sys.stdin.buffer.read().decode()"
    program += "\nprint(winnow(t)[0], minhash(t)[0], len(winnow(t)))"
    answers = set()
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", program],
            input=SAMPLE.encode(),
            env={"PYTHONHASHSEED": seed, "LC_ALL": "C", "PATH": ""},
            capture_output=True,
            check=True,
        )
        answers.add(done.stdout)
    assert answers == {f"{winnow(SAMPLE)[0]} {minhash(SAMPLE)[0]} {len(winnow(SAMPLE))}\n".encode()}
    assert hashes("外交部发言人表示", 8) == [PINNED_HASH]
    assert minhash("外交部发言人表示")[:2] == PINNED_SKETCH


def test_a_sketch_estimates_jaccard() -> None:
    """The share of equal numbers is near the real similarity (128 numbers: within 0.15)."""
    other = SAMPLE[:60] + "此外，各方商定在六月前完成海关单证的电子化改造，并设立咨询热线与夜间引航服务。"
    real = jaccard(shingles(SAMPLE, 5), shingles(other, 5))
    equal = sum(a == b for a, b in zip(minhash(SAMPLE), minhash(other), strict=True)) / 128
    assert 0.1 < real < 0.9
    assert abs(real - equal) < 0.15
    assert minhash("外交部") == ()


def test_bands_cut_a_sketch_in_pieces() -> None:
    """Each number is in one band; what is left over at the end is in none."""
    assert list(bands((1, 2, 3, 4, 5), 2)) == [(1, 2), (3, 4)]


def test_what_two_sets_share() -> None:
    """Jaccard and the share of each side; empty sets share nothing."""
    found = shared({1, 2, 3, 4}, {3, 4, 5})
    assert (found.jaccard, found.of_a, found.of_b, found.count) == (0.4, 0.5, 2 / 3, 2)
    assert shared(set(), set()).jaccard == 0.0


def test_datasketch_is_not_loaded_before_a_sketch() -> None:
    """The heavy library is imported only where a sketch is made."""
    program = (
        "import harvester.likeness, sys; sys.exit('datasketch' in sys.modules or 'numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0

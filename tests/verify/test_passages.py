"""Paragraphs and sentences: split, merged, moved, cut, inserted and changed ones are told apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import UsageError
from harvester.verify import Options, Passage, Result, Side, compare, exit_code

P = (
    "北岚共和国与南屿联邦就灯塔管理举行会晤。双方回顾了去年的合作。",
    "双方同意在浅湾增设浮标。浮标的维护由港务局负责。",
    "夜间引航服务自六月起恢复。费用由船东承担。",
    "会后双方代表参观了澄江港务局的陈列室。陈列室新近修缮。",
)
TEXT = "\n\n".join(P)


def result(captured: str, original: str = TEXT, **options) -> Result:
    return compare(Side(text=captured, label="a"), Side(text=original, label="b"), Options(**options))


def cut(passage: Passage, captured: str, original: str) -> tuple[list[str], list[str]]:
    """Return the passage's texts on both sides."""
    return [captured[r.start : r.end] for r in passage.captured], [
        original[r.start : r.end] for r in passage.original
    ]


@pytest.mark.parametrize(
    ("captured", "kind", "sizes", "verdict"),
    [
        (TEXT.replace("合作。\n\n", "合作。"), "merged", (1, 2), "same-text"),
        (TEXT.replace("浮标。浮", "浮标。\n浮"), "split", (2, 1), "same-text"),
        (
            TEXT.replace("合作。\n\n双", "合作。双").replace("浮标。浮", "浮标。\n浮"),
            "regrouped",
            (2, 2),
            "same-text",
        ),
        ("\n\n".join([P[0], P[2], P[3]]), "cut", (0, 1), "altered"),
        ("\n\n".join([*P[:2], "潮汐表将于年底重印。", *P[2:]]), "inserted", (1, 0), "altered"),
        (TEXT.replace("六月", "八月"), "changed", (1, 1), "altered"),
        ("\n\n".join([P[3], *P[:3]]), "moved", (1, 1), "altered"),
    ],
)
def test_each_kind_of_passage(captured: str, kind: str, sizes: tuple[int, int], verdict: str) -> None:
    """One thing was done, one passage says so, with whole paragraphs by exact offsets."""
    found = result(captured)
    (passage,) = found.paragraphs
    assert (passage.kind, found.verdict) == (kind, verdict)
    texts = cut(passage, captured, TEXT)
    assert tuple(map(len, texts)) == sizes
    assert all(text in captured.split("\n") for text in texts[0])
    assert all(text in P for text in texts[1])


def test_a_split_paragraph_with_an_edit_is_split_and_edited() -> None:
    """The kinds do not hide each other; the sentences tell where the edit is."""
    captured = TEXT.replace("浮标。浮", "浮标。\n浮").replace("港务局负责", "渔政局负责")
    found = result(captured)
    (passage,) = found.paragraphs
    assert (passage.kind, passage.edited, passage.moved) == ("split", True, False)
    (sentence,) = found.sentences
    assert cut(sentence, captured, TEXT) == (["浮标的维护由渔政局负责。"], ["浮标的维护由港务局负责。"])
    assert (found.units["sentences"].original, found.units["sentences"].same) == (8, 7)


lines = st.lists(st.sampled_from([*P, P[0][:20], "其他。", "夜间。费用由船东承担。"]), min_size=1, max_size=8)


@given(lines, lines, st.sampled_from(["", "\n\n"]))
def test_every_paragraph_is_accounted_for(first: list[str], second: list[str], joint: str) -> None:
    """Each paragraph is the same, or in exactly one passage; kinds fit the numbers of paragraphs."""
    captured, original = joint.join(first), "\n\n".join(second)
    found = result(captured, original)
    if not found.units:
        return
    for side in ("captured", "original"):
        ranges = [(r.start, r.end) for passage in found.paragraphs for r in getattr(passage, side)]
        assert len(ranges) == len(set(ranges))
        assert len(ranges) + found.units["paragraphs"].same == getattr(found.units["paragraphs"], side)
    for passage in found.paragraphs:
        sizes = len(passage.captured), len(passage.original)
        assert (passage.kind == "inserted") == (sizes[1] == 0)
        assert (passage.kind == "cut") == (sizes[0] == 0)


@pytest.mark.parametrize(
    ("captured", "codes"),
    [
        (TEXT, (0, 0, 0)),
        (TEXT.replace("\n\n", "\n\u3000\u3000"), (1, 0, 0)),
        (TEXT.replace("晤。", "晤，"), (1, 1, 0)),
        (TEXT.replace("六月", "八月"), (1, 1, 1)),
        ("\n\n".join(P[:2]), (1, 0, 0)),
        ("\n\n".join(P[:2]).replace("晤。", "晤，"), (1, 1, 0)),
        ("", (4, 4, 4)),
    ],
)
def test_the_level_that_is_required(captured: str, codes: tuple[int, ...]) -> None:
    """A stricter level turns exit 0 into 1, of an excerpt by the part it keeps; the verdict stays."""
    found = [result(captured, level=level) for level in ("identical", "format", "punctuation")]
    assert tuple(map(exit_code, found)) == codes
    assert len({one.verdict for one in found}) == 1


def test_an_unknown_level_is_a_usage_error() -> None:
    """`edited` is never the same."""
    with pytest.raises(UsageError, match="identical, format, punctuation"):
        Options(level="edited")


@pytest.mark.parametrize(
    ("captured", "original", "remarks"),
    [
        (TEXT.replace("国", "國"), TEXT, ("only-script",)),
        (TEXT.replace("国", "國").replace("六月", "八月"), TEXT, ()),
        ("\n\n".join([P[3], *P[:3]]), TEXT, ("only-order",)),
        (f"{TEXT}\n\n另有一份声明，与此无关，说的是渔船。", TEXT, ("original-inside",)),
        (
            "Both sides agreed to add buoys in the shallow bay, and the port will keep them.",
            TEXT,
            ("other-language",),
        ),
    ],
)
def test_remarks_on_the_whole(captured: str, original: str, remarks: tuple[str, ...]) -> None:
    """What a reader should know of the whole has a key, whose words are data."""
    assert result(captured, original).remarks == remarks


def test_marks_that_stand_alone_between_merged_paragraphs_are_no_edit() -> None:
    """Paragraphs of one mark, merged with their neighbours, stand on both sides: nothing was changed."""
    original = f"{P[0]}\n\n✦十一年来，双方的贸易额增长了九倍。\n\n往期回顾\n\n✦\n\n{P[1]}"
    captured = f"{P[0]}\n\n\u3000✦\n\n\t十一年来，双方的贸易额增长了九倍。\n\n\t往期回顾✦{P[1]}"
    found = result(captured, original)
    assert (found.verdict, found.edits, found.moves) == ("same-text", (), ())

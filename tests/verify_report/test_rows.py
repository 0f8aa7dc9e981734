"""Lines, runs and rows: what is shown is the whole stored text, marked where the result says."""

from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.verify import Side, compare
from harvester.verify_report.rows import Row, rows
from harvester.verify_report.segments import Line, lines, marks

SENTENCES = (
    "双方同意建立联合观测站。", "首批二十座必须在年底前建成。", "不得单方面改变现状。", "原文来源：外交部",
    "会议在浅湾镇举行，持续三天。", "The two sides agreed to 20 patrols.", "渔业资源的养护以科学评估为依据。",
    "\u3000\u3000本声明一式两份。", "与会各方达成谅解", "责编：田禾", "\u200b", "是的。",
)  # fmt: skip
BLOCKS = st.lists(
    st.tuples(st.sampled_from(SENTENCES), st.sampled_from(["", "\n", "\n\n", " \n", "\r\n"])), max_size=14
)


def made(captured: str, original: str) -> tuple[list[Row], tuple[list[Line], list[Line]]]:
    result = compare(Side(text=captured, label="a"), Side(text=original, label="b"))
    marked = (marks(result, "captured"), marks(result, "original"))
    cut = (lines(captured, marked[0]), lines(original, marked[1]))
    return rows(result, *cut, (captured, original), marked), cut


def mutated(text: str, seed: int) -> str:
    chance = random.Random(seed)
    for _ in range(chance.randint(0, 4)):
        place = chance.randint(0, len(text))
        text = (
            text[:place] + chance.choice(["", "不", "\n", "，", "三"]) + text[place + chance.randint(0, 3) :]
        )
    return text


@settings(max_examples=300, deadline=None)
@given(BLOCKS, BLOCKS, st.integers(0, 1 << 30), st.booleans())
def test_each_column_is_the_whole_text(
    one: list[tuple[str, str]], two: list[tuple[str, str]], seed: int, own: bool
) -> None:
    """Down each column stands every line once, in its order, and a line's runs are its stored text."""
    captured = "".join(a + b for a, b in one)
    original = mutated(captured, seed) if own else "".join(a + b for a, b in two)
    found, cut = made(captured, original)
    for side, text in ((0, captured), (1, original)):
        shown = [line for row in found for line in (row.captured, row.original)[side]]
        assert [line.start for line in shown] == [line.start for line in cut[side]]
        assert all("".join(run.text for run in line.runs) == text[line.start : line.end] for line in shown)
        seen = {place for line in shown for place in range(line.start, line.end)}
        assert {place for place, char in enumerate(text) if not char.isspace()} <= seen
        assert all(before.end < after.start for before, after in pairwise(shown))


@settings(max_examples=300, deadline=None)
@given(BLOCKS, st.integers(0, 1 << 30))
def test_every_edit_has_its_place_on_both_sides(one: list[tuple[str, str]], seed: int) -> None:
    """Each edit of the result opens exactly once on each side, and its runs there are its own text."""
    captured = "".join(a + b for a, b in one)
    original = mutated(captured, seed)
    result = compare(Side(text=captured, label="a"), Side(text=original, label="b"))
    for side, text in (("captured", captured), ("original", original)):
        cut = lines(text, marks(result, side))  # type: ignore[arg-type]
        runs = [run for line in cut for run in line.runs]
        assert sorted(run.edit for run in runs if run.first) == list(range(len(result.edits)))  # type: ignore[type-var]
        for number, edit in enumerate(result.edits):
            span = getattr(edit, side)
            told = "".join(run.text for run in runs if run.edit == number)
            assert told == span.text.replace("\n", "")


def pairs(captured: str, original: str) -> list[tuple[list[str], list[str]]]:
    found, _ = made(captured, original)
    return [
        ([_words(line) for line in row.captured], [_words(line) for line in row.original]) for row in found
    ]


def _words(line: Line) -> str:
    return "".join(run.text for run in line.runs)


ONE = "双方同意建立联合观测站并共同管理。"
TWO = "渔业资源的养护以科学评估为依据，不得滥捕。"
THREE = "会议在浅湾镇举行，持续了整整三天。"


def test_a_split_paragraph_stands_beside_its_parts() -> None:
    """Two lines that were one stand in one row with it."""
    assert pairs(f"{ONE}\n{TWO}\n{THREE}", f"{ONE}{TWO}\n{THREE}") == [
        ([ONE, TWO], [ONE + TWO]),
        ([THREE], [THREE]),
    ]


def test_a_moved_paragraph_stands_alone_on_both_sides() -> None:
    """Neither side's order is changed to show a move."""
    long = "为此，两国外交部门将设立热线，并于每年秋季轮流主办磋商。"
    found = pairs(f"{ONE}\n{long}\n{TWO}\n{THREE}", f"{TWO}\n{ONE}\n{long}\n{THREE}")
    assert found == [([], [TWO]), ([ONE], [ONE]), ([long], [long]), ([TWO], []), ([THREE], [THREE])]


def test_cut_and_inserted_paragraphs_have_nothing_beside_them() -> None:
    """What only one side has stands alone where it is missing; a paragraph changed in a word has its pair."""
    changed = TWO.replace("不得", "可以")
    assert pairs(f"{changed}\n新增的一段话在此。\n{THREE}", f"{ONE}\n{TWO}\n{THREE}") == [
        ([], [ONE]),
        ([changed], [TWO]),
        (["新增的一段话在此。"], []),
        ([THREE], [THREE]),
    ]


def test_a_paragraph_written_anew_stands_beside_what_it_replaces() -> None:
    """Lines that one edit replaces are paired, though they share nothing."""
    assert pairs(f"{ONE}\n甲乙丙丁戊己庚辛壬癸\n{THREE}{THREE}尾", f"{ONE}\n{TWO}\n{THREE}{THREE}尾")[1] == (
        ["甲乙丙丁戊己庚辛壬癸"],
        [TWO],
    )

"""Differences of texts: nothing is invented, nothing lost, and little is shown of what is alike."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harvester.comparing.pieces import pieces
from harvester.comparing.result import Piece

TEXT = st.text(st.sampled_from("雾港灯a。\n "), max_size=40)


def side(found: tuple[Piece, ...], op: str) -> str:
    return "".join(piece.text for piece in found if piece.op in {"=", op})


@given(TEXT, TEXT)
def test_each_side_can_be_put_together_again(old: str, new: str) -> None:
    """What is kept with what is gone is the old text, with what is new the new one."""
    found = pieces(old, new)
    if not any(piece.op == "…" for piece in found):
        assert side(found, "-") == old
        assert side(found, "+") == new


@given(st.text(st.sampled_from("雾港灯a。\n"), max_size=300), st.integers(0, 300), TEXT)
def test_what_is_left_out_is_counted(text: str, at: int, inserted: str) -> None:
    """Characters kept and left out are together those of the text."""
    found = pieces(text, text[:at] + inserted + text[at:])
    kept = sum(piece.characters for piece in found if piece.op in {"=", "…", "-"})
    assert kept == len(text)


def test_a_change_within_a_paragraph_is_shown_by_characters() -> None:
    """The paragraph is not struck out as a whole."""
    old, new = "雾港的灯塔每晚亮得更早。\n\n第二段。", "雾　港的灯塔每晚亮得更早。\n\n第二段。"
    found = pieces(old, new)
    assert [(piece.op, piece.text) for piece in found if piece.op in "+-"] == [("+", "　")]


def test_scraps_between_changes_are_read_as_part_of_them() -> None:
    """One character that two words happen to share does not tear the change apart."""
    found = pieces("今天是二〇二五年", "今天在一〇一六年")
    assert [(piece.op, piece.text) for piece in found] == [
        ("=", "今天"),
        ("-", "是二〇二五"),
        ("+", "在一〇一六"),
        ("=", "年"),
    ]


def test_long_texts_are_cut() -> None:
    """Of two long texts that share nothing a beginning is shown, with how long they are."""
    found = pieces("雾" * 50_000, "港" * 50_000)
    assert [(piece.op, piece.characters) for piece in found] == [("-", 50_000), ("+", 50_000)]
    assert all(len(piece.text) < 700 for piece in found)
    old, new = ("\n".join(f"{n}{sign}{n}\n{n}" for n in range(900)) for sign in "行航")
    many = pieces(old, new)
    assert len(many) <= 61
    assert many[-1].op == "…"

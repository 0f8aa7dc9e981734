"""Editorial lines: recognised, placed, and left in the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.sites.wechat.frame import find_frame

PROSE = "\n\n".join(f"第{n}段，讲雾港的事。" for n in range(30))


@pytest.mark.parametrize(
    ("line", "role", "value"),
    [
        ("原文来源：外交部", "source", "外交部"),
        ("来源：新雾社客户端", "source", "新雾社客户端"),
        ("来源丨雾港日报（ID：fogdaily）", "source", "雾港日报"),
        ("（来源：雾港日报）", "source", "雾港日报"),
        ("【来源：《雾港日报》】", "source", "《雾港日报》"),
        ("来源 | 雾港", "source", "雾港"),
        ("▌来源：雾港日报", "source", "雾港日报"),
        ("来 源：新雾社", "source", "新雾社"),
        ("来　源：新雾社", "source", "新雾社"),
        ("来源于：新雾社", "source", "新雾社"),
        ("作 者：守塔人", "author", "守塔人"),
        ("转自：雾港发布", "reposted-from", "雾港发布"),
        ("本文转载自：雾港发布", "reposted-from", "雾港发布"),
        ("文/守塔人", "author", "守塔人"),
        ("（图文：守塔人）", "author", "守塔人"),
        ("文/图：守塔人", "author", "守塔人"),
        ("文｜守塔人", "author", "守塔人"),
        ("作者：守塔人", "author", "守塔人"),
        ("责任编辑：周雾", "editor", "周雾"),
        ("责编：周雾", "editor", "周雾"),
        ("审核：港务局", "reviewer", "港务局"),
    ],
)
@pytest.mark.parametrize("place", ["head", "tail"])
def test_a_labelled_line_near_an_end(line, role, value, place):
    """The line's place is exact: its slice of the text holds label and value."""
    text = f"题目\n\n{line}\n\n{PROSE}" if place == "head" else f"{PROSE}\n\n{line}"
    frame = find_frame(text)
    assert [(one.role, one.value) for one in frame.lines] == [(role, value)]
    assert value in text[frame.lines[0].start : frame.lines[0].end]
    wanted = value.strip("《》") if role in {"source", "reposted-from"} else None
    assert frame.original_source == wanted


@pytest.mark.parametrize(
    ("value", "source"),
    [
        ("《雾港日报》（2024年3月1日 第01版）", "《雾港日报》（2024年3月1日 第01版）"),
        ("“雾港发言人办公室”公众号", "“雾港发言人办公室”公众号"),
        ("公众号“雾港”", "公众号“雾港”"),
        ("“雾港发言人办公室”", "雾港发言人办公室"),
        ("“《雾港日报》”", "雾港日报"),
        ("《雾港日报》《灯塔报》", "《雾港日报》《灯塔报》"),
        ('"雾港"', "雾港"),
    ],
)
def test_quotes_around_a_whole_source_go(value, source):
    """A pair that encloses all of it is dress; one around a part is the part's and never loses a half."""
    assert find_frame(f"{PROSE}\n\n文章来源：{value}").original_source == source


def test_several_labels_in_one_line():
    """Each label has its value."""
    frame = find_frame(PROSE + "\n\n来源：雾港日报 编辑：周雾 审核：港务局\n编辑丨老周 | 校对丨小周")
    assert [(one.role, one.value) for one in frame.lines] == [
        ("source", "雾港日报"), ("editor", "周雾"), ("reviewer", "港务局"),
        ("editor", "老周"), ("proofreader", "小周"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "他说，消息来源：不便透露，因为那个人还在船上，而且这件事还没有结束，谁也说不清楚它将怎样收场，只有等雾散了以后再看。"
        * 2,
        "来源不明的信号又响了",
        "作者说：雾大的时候，声音比光走得远。",
        "图：",
        "记者：你怕雾吗？",
        "文章很长",
    ],
)
def test_prose_is_not_a_frame(line):
    """A long line, a sentence, a label without a sign or without a value: none of them."""
    assert find_frame(f"{PROSE}\n\n{line}").lines == ()


def test_the_middle_of_a_text_is_left_alone():
    """Only the head and the tail have editorial lines."""
    assert find_frame(f"{PROSE}\n\n来源：雾港日报\n\n{PROSE}").lines == ()


@given(st.text(alphabet="来源：:作者文图/|丨（）()【】《》 \n\u3000甲乙ID。，", max_size=200))
def test_offsets_hold_for_any_text(text):
    """Offsets are within the text, in order, and every value stands in its slice."""
    frame = find_frame(text)
    for line in frame.lines:
        assert 0 <= line.start < line.end <= len(text)
        assert line.value in text[line.start : line.end]
        assert line.value == line.value.strip()

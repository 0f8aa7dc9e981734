"""The editorial frame is split off and shown; body text never is."""

from __future__ import annotations

import pytest

from harvester.verify import Side, compare

BODY = [
    "北岚共和国外交部发言人就界河水位问题发表谈话。",
    "发言人表示，上游水库将按约定下泄，下游各镇不必担心。",
    "双方水文部门保持每日通报。",
]
TEXT = "\n\n".join(BODY)


def verdict(captured: str, original: str = TEXT, **side):
    return compare(Side(text=captured, label="a", **side), Side(text=original, label="b"))


@pytest.mark.parametrize(
    "line",
    [
        "来源：北岚外交部", "原文来源：外交部网站", "文章来源 | 界河观察", "转自：青屏时报", "责编：田禾",
        "编辑：田禾 审核：林木",
        "责任编辑｜田禾", "长按识别二维码，关注我们", "点击左下角阅读原文", "阅读原文", "（完）", "— END —",
        "【打印】【关闭】", "编者按：以下为谈话全文，供读者参考。",
    ],
)  # fmt: skip
@pytest.mark.parametrize("head", [True, False])
def test_an_editorial_line_is_frame_at_either_end(line: str, head: bool) -> None:
    """Shown with its offsets, and not counted."""
    captured = f"{line}\n\n{TEXT}" if head else f"{TEXT}\n\n{line}"
    result = verdict(captured)
    assert result.verdict == "same-text"
    assert result.coverage.captured == 1.0
    (part,) = result.frame
    assert (part.side, captured[part.start : part.end], part.text) == ("captured", line, line)


@pytest.mark.parametrize(
    "line",
    [
        "来源：北岚外交部表示绝不让步。双方已中断联系。",
        "记者：南屿是否已经撤回代表？",
        "北岚保留采取一切措施的权利。",
        "来源不明的消息不足为信",
    ],
)
def test_a_sentence_is_never_frame(line: str) -> None:
    """What is not an editorial line is an addition, wherever it stands."""
    result = verdict(f"{TEXT}\n\n{line}")
    assert (result.verdict, result.frame) == ("altered", ())


def test_a_frame_line_in_the_middle_is_an_addition() -> None:
    """Only head and tail are searched."""
    assert verdict("\n\n".join([BODY[0], "来源：北岚外交部", *BODY[1:]])).verdict == "altered"


def test_a_line_that_both_sides_have_is_body() -> None:
    """The line is aligned, so that a change beside it is still seen."""
    line = "来源：北岚外交部"
    assert verdict(f"{TEXT}\n\n{line}", f"{TEXT}\n\n\u3000{line}").frame == ()


def test_a_repeated_headline_and_what_stands_above_it() -> None:
    """The original's text lacks the headline that a repost repeats as its first line."""
    title = "外交部发言人就界河水位问题答问"
    result = verdict(f"界河观察\n\n{title}\n\n{TEXT}", title=f"《{title}》 ".strip("《》 "))
    assert result.verdict == "same-text"
    assert [part.role for part in result.frame] == ["masthead", "title"]


def test_a_headline_only_the_original_has() -> None:
    """The same on the other side."""
    title = "外交部发言人就界河水位问题答问"
    result = compare(Side(text=TEXT, label="a"), Side(text=f"{title}\n\n{TEXT}", label="b", title=title))
    assert (result.verdict, [part.side for part in result.frame]) == ("same-text", ["original"])


def test_a_changed_headline_in_the_body_is_an_edit() -> None:
    """A headline that is not the page's own title is text."""
    assert verdict(f"北岚拒绝放水\n\n{TEXT}", title="外交部发言人答问").verdict == "altered"


def test_lines_the_reader_declared() -> None:
    """Frame lines found by the page's reader are taken when the other side lacks them."""
    line = "界河观察编辑部整理"
    start = len(TEXT) + 2
    result = verdict(f"{TEXT}\n\n{line}", frame=((start, start + len(line), "credit"),))
    assert [(part.role, part.rule) for part in result.frame] == [("credit", "frame.declared")]

"""Text, image positions and Markdown of blocks."""

# ruff: noqa: E501 - markup and tables read best unbroken
from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.extraction.body import (
    BOLD,
    CODE,
    ITALIC,
    Body,
    Break,
    Cell,
    Code,
    Heading,
    Item,
    Listing,
    Paragraph,
    Picture,
    Quote,
    Rule,
    Table,
    Text,
    Widget,
)
from harvester.extraction.plain import body_from_text
from harvester.extraction.render import render


def paragraph(*pieces) -> Paragraph:
    return Paragraph(tuple(Text(piece) if isinstance(piece, str) else piece for piece in pieces))


def test_image_positions_are_offsets_into_the_text():
    """Between paragraphs: the next one's start; inside: where it stands; at the end: the text's length."""
    body = Body((
        paragraph(Picture("a")), paragraph("甲乙"), paragraph(Picture("b")), paragraph("丙", Picture("c"), "丁"), paragraph(Picture("d")),
    ))  # fmt: skip
    rendered = render(body)
    assert rendered.text == "甲乙\n\n丙丁"
    assert [(image.url, image.position) for image in rendered.images] == [
        ("a", 0),
        ("b", 4),
        ("c", 5),
        ("d", 6),
    ]


def test_a_table_is_lines_with_tabs():
    """Empty cells keep their place; rules and markers are Markdown's."""
    table = Table(((Cell((paragraph("甲"),)), Cell(())), (Cell(()), Cell((paragraph("乙|丙"),)))))
    rendered = render(Body((paragraph("前"), table, paragraph("后"))))
    assert rendered.text.split("\n\n")[0] == "前"
    assert rendered.text.split("\n\n")[-1] == "后"
    assert rendered.text.replace("\t", "").split() == ["前", "甲", "乙|丙", "后"]
    assert "| 甲 |  |\n| --- | --- |\n|  | 乙\\|丙 |" in rendered.markdown


def test_spans_make_an_html_table():
    """What Markdown's tables cannot say is said in HTML, escaped."""
    table = Table(
        (
            (Cell((paragraph("a<b"),), columns=2, header=True),),
            (Cell((paragraph("1"),)), Cell((paragraph("2"),))),
        )
    )
    markdown = render(Body((table,))).markdown
    assert '<th colspan="2">a&lt;b</th>' in markdown


def test_nested_lists_are_indented():
    """An item's further blocks stand under its words."""
    inner = Listing(True, 2, (Item((paragraph("乙"),)), Item((paragraph("丙"),))))
    markdown = render(Body((Listing(False, 1, (Item((paragraph("甲"), inner)),)),))).markdown
    assert markdown == "- 甲\n\n  2. 乙\n  3. 丙"


@pytest.mark.parametrize(
    ("block", "markdown"),
    [
        (paragraph("# 不是标题"), "\\# 不是标题"),
        (paragraph("1. 不是列表"), "1\\. 不是列表"),
        (paragraph("- 不是"), "\\- 不是"),
        (paragraph("> 不是"), "\\> 不是"),
        (paragraph("a*b_c`d[e]<f>|~"), "a\\*b\\_c\\`d\\[e\\]\\<f\\>\\|\\~"),
        (paragraph("&amp; & &x"), "\\&amp; & \\&x"),
        (paragraph(Text("粗", BOLD), Text("斜", ITALIC), Text("a`b", CODE)), "**粗***斜*``a`b``"),
        (paragraph(Text(" 粗 ", BOLD), "x"), " **粗** x"),
        (paragraph(Text("链", 0, "https://h/a b(c)"), Text("接", BOLD, "https://h/a b(c)")), "[链**接**](https://h/a%20b%28c%29)"),
        (paragraph("甲", Break(), "乙"), "甲\\\n乙"),
        (paragraph(Picture("https://h/1", "替*代")), "![替\\*代](https://h/1)"),
        (paragraph(Widget("视频"), "(不是链接)"), "[视频]\\(不是链接)"),
        (Heading(3, (Text("题"), Break(), Text("二"))), "### 题 二"),
        (Quote((paragraph("甲"), paragraph("乙"))), "> 甲\n>\n> 乙"),
        (Code("a\n```\nb", "py"), "````py\na\n```\nb\n````"),
        (Rule(), "---"),
    ],
)  # fmt: skip
def test_markdown(block, markdown):
    """Each kind of block has one form, and no text is read as markup."""
    assert render(Body((block,))).markdown == markdown


def test_plain_text_bodies():
    """An empty line parts paragraphs, a line end is a line break."""
    rendered = render(body_from_text("甲\r\n乙\n\n\n 丙 \n"))
    assert rendered.text == "甲\n乙\n\n丙"


@given(st.text(max_size=200))
def test_plain_text_loses_only_white_space(text):
    """Every character but white space survives."""
    text = text.replace("\ufffc", "")
    kept = render(body_from_text(text)).text
    assert re.sub(r"[\s\x1c-\x1f\u200a-\u200b]", "", kept) == re.sub(r"[\s\x1c-\x1f\u200a-\u200b]", "", text)

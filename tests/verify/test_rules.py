"""Classes of edits, values of numbers, and the rules as data."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.verify import LEVELS, VERDICTS, Result, Side, compare, words
from harvester.verify.rules import frame_rules, rules, script_table
from harvester.verify.values import date_value, number_value

FRAME = "北岚共和国与南屿联邦就灯塔管理举行会晤。{}与会人员随后参观了澄江港务局的陈列室。"


def one_edit(captured: str, original: str) -> Result:
    return compare(Side(text=FRAME.format(captured), label="a"), Side(text=FRAME.format(original), label="b"))


@pytest.mark.parametrize(
    ("captured", "original", "rule"),
    [
        ("双方同意共建20座灯塔。", "双方同意共建30座灯塔。", "number.value"),
        ("双方同意共建二十座灯塔。", "双方同意共建20座灯塔。", "number.style"),
        ("增长百分之五。", "增长5%。", "number.style"),
        ("增长5%。", "增长5‰。", "number.value"),
        ("增长35%。", "增长3.5%。", "number.value"),
        ("投资35亿元。", "投资3.5亿元。", "number.value"),
        ("投资三分之一。", "投资四分之一。", "number.value"),
        ("共1000人到场。", "共1,000人到场。", "number.style"),
        ("气温3-5度。", "气温3、5度。", "number.mark"),
        ("近3000人到场。", "3000人到场。", "number.qualifier"),
        ("会议于5月6日举行。", "会议于5月7日举行。", "date.value"),
        ("会议于五月六日举行。", "会议于5月6日举行。", "date.style"),
        ("会议于2024年举行。", "会议于二〇二三年举行。", "date.value"),
        ("援助300万欧元。", "援助300万美元。", "unit.changed"),
        ("双方不接受仲裁。", "双方接受仲裁。", "negation.changed"),
        ("双方未接受仲裁。", "双方不接受仲裁。", "negation.changed"),
        ("这是针对渔民的。", "这并非针对渔民的。", "negation.changed"),
        ("双方不同意延期。", "双方同意延期。", "negation.changed"),
        ("双方可以遵守规则。", "双方必须遵守规则。", "modality.changed"),
        ("北岚愿参加磋商。", "北岚将参加磋商。", "modality.changed"),
        ("外交部发言人到场。", "国防部发言人到场。", "name.body"),
        ("签署《浅湾公报》。", "签署《深港公报》。", "name.title-marks"),
        ("弗洛伦·科斯塔到场。", "弗洛伦·迪亚斯到场。", "name.person"),
        ("他称灯塔完好。", "他承认灯塔完好。", "attribution.changed"),
        ("他说灯塔“完好”。", "他说灯塔完好。", "quotation.marks"),
        ("灯塔完好？", "灯塔完好。", "punctuation.sentence"),
        ("灯塔完好、", "灯塔完好，", "punctuation.style"),
        ("灯塔（含浮标）完好。", "灯塔，含浮标，完好。", "punctuation.brackets"),
        ("灯塔完好……", "灯塔完好。", "punctuation.ellipsis"),
        ("燈塔完好。", "灯塔完好。", "script.variant"),
        ("⽔塔完好。", "水塔完好。", "script.form"),
        ("在经费落实的前提下，启动修缮。", "启动修缮。", "addition.qualifier"),
        ("启动修缮。", "在经费落实的前提下，启动修缮。", "omission.qualifier"),
        ("", "灯塔完好无损。", "omission.sentence"),
        ("灯塔完好无损。", "", "addition.sentence"),
        ("灯塔外观完好。", "灯塔外表完好。", "wording.changed"),
        ("人工智能安全。", "人工智慧安全。", "wording.changed"),
        ("cannot accept。", "can accept。", "negation.changed"),
        ("双方商定3至5年内完成。", "双方商定3-5年内完成。", "number.style"),
        ("坚持一个中国原则。", "坚持两个中国原则。", "number.value"),
        ("三五人到场。", "35人到场。", "number.value"),
        ("王毅外长到场。", "王义外长到场。", "name.person"),
        ("会见泽连斯基。", "会见布林肯。", "name.person"),
        ("商务部介绍情况。", "教育部介绍情况。", "name.body"),
        ("批准气候变化公约。", "批准生物多样性公约。", "name.treaty"),
        ("他还访问了里约。", "他还访问了巴黎。", "name.place"),
        ("会议于今年举行。", "会议于去年举行。", "date.value"),
        ("“一带一路”倡议提出。", "一带一路倡议提出。", "quotation.marks"),
        ("$3 million came.", "€3 million came.", "unit.changed"),
        ("about 300 people came.", "300 people came.", "number.qualifier"),
        ("one third of it.", "4 of it.", "number.value"),
        ("On the 8th of May they met.", "On May 8 they met.", "date.style"),
        ("They re-signed it.", "They resigned it.", "wording.spelling"),
        ("ﬁnal words.", "final words.", "script.ligature"),
        ("The Paris text.", "The Kyoto text.", "name.capitalised"),
        ("It doesn’t apply.", "It does apply.", "negation.changed"),
    ],
)
def test_the_rule_for_an_edit(captured: str, original: str, rule: str) -> None:
    """Each kind of edit gets its class, and is material as the rule says."""
    result = one_edit(captured, original)
    assert {edit.rule for edit in result.edits} == {rule}
    assert {edit.material for edit in result.edits} == {rules()[rule].effect == "edit"}
    assert all(edit.why and words.why(edit.why, "zh") and words.why(edit.why, "en") for edit in result.edits)
    expected = {"format": "same-text", "punctuation": "minor", "edit": "altered"}
    assert result.verdict == expected[rules()[rule].effect]


@pytest.mark.parametrize(
    ("captured", "original"),
    [
        ("灯塔   完好。", "灯塔完好。"),
        ("灯\u200b塔完\ufeff好。", "灯塔完好。"),
        ("灯塔完好（见图），编号：12。", "灯塔完好(见图),编号:１２。"),
        ("「灯塔」完好。", "“灯塔”完好。"),
        ("灯塔——浮标完好。", "灯塔—浮标完好。"),
        ("灯塔……完好。", "灯塔...完好。"),
        ("\n1、灯塔。\n2、浮标。", "\n1.灯塔。\n2.浮标。"),
        ("\n（一）灯塔。\n（二）浮标。", "\n一、灯塔。\n二、浮标。"),
        ("\n• 灯塔\n• 浮标", "\n灯塔\n浮标"),
        ("AI\u00a0for  good 倡议。", "AI for good倡议。"),
    ],
)
def test_what_is_only_format(captured: str, original: str) -> None:
    """The declared folding: no edit, `same-text`, and the kinds of difference are named."""
    result = one_edit(captured, original)
    assert (result.verdict, result.edits) == ("same-text", ())
    assert result.format != () or "•" in captured


@pytest.mark.parametrize(
    ("captured", "original"),
    [
        ("now here", "nowhere"),
        ("20 30座", "2030座"),
        ("US", "us"),
        ("灯塔\u202e完好", "灯塔完好"),
        ("１０座", "1.0座"),
        ("十座", "千座"),
    ],
)
def test_what_is_never_folded(captured: str, original: str) -> None:
    """Word and number boundaries, letter case, direction overrides and values are material."""
    assert one_edit(captured, original).verdict == "altered"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("二十", 20), ("十五", 15), ("一百零五", 105), ("两千", 2000), ("二〇二四", 2024),
        ("三万五千", 35000),
        ("一亿二千万", 120_000_000), ("廿三", 23), ("3.5亿", 350_000_000), ("1,000", 1000),
        ("2万亿", 2 * 10**12), ("20%", Fraction(1, 5)), ("百分之二十", Fraction(1, 5)),
        ("三分之二", Fraction(2, 3)), ("3‰", Fraction(3, 1000)), ("零点五", Fraction(1, 2)),
        ("三万五", 35000), ("两百五", 250), ("1亿5000万", 150_000_000), ("一点五亿", 150_000_000),
        ("1/3", Fraction(1, 3)),
        ("二○二四", 2024), ("三五", None), ("十五六", None), ("百千", None), ("壹佰贰拾", 120),
        ("twenty-five", 25), ("two hundred and five thousand", 205_000), ("1.5billion", 1_500_000_000),
        ("20 per cent", Fraction(1, 5)), ("one third", Fraction(1, 3)), ("half", Fraction(1, 2)),
        ("five six", None),
        ("twenty-first", 21), ("11th", 11), ("百分之3.5", Fraction(35, 1000)),
        ("座", None), ("", None), ("零分之一", None),
    ],
)  # fmt: skip
def test_values(text: str, value: Fraction | int | None) -> None:
    """Arabic and Chinese numerals, percentages and fractions are compared as values."""
    assert number_value(text) == value


@given(st.integers(1, 99_999_999))
def test_chinese_numerals_round_trip(number: int) -> None:
    """Every number written in Chinese numerals is read back."""
    assert number_value(in_chinese(number)) == number
    assert number_value(f"{number:,}") == number


def in_chinese(number: int) -> str:
    if number >= 10_000:
        rest = number % 10_000
        gap = "零" if 0 < rest < 1000 else ""
        return in_chinese(number // 10_000) + "万" + (gap + in_chinese(rest) if rest else "")
    made = ""
    for unit, mark in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            made += "零一二三四五六七八九"[digit] + mark
        elif made and number and not made.endswith("零"):
            made += "零"
    return made


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2024年5月8日", "2024-05-08"), ("星期三", "周三"), ("9时30分", "9:30"),
        ("二○二四年五月", "2024年5月"),
        ("8May2024", "May8,2024"), ("8th of May", "May8"), ("September2024", "Sept2024"),
    ],
)  # fmt: skip
def test_one_date_in_several_forms(one: str, other: str) -> None:
    """Dates, weekdays and times of day are compared as values, in Chinese and in English."""
    assert date_value(one) == date_value(other) is not None


def test_dates_as_values() -> None:
    """A date in either numerals is one date; a part that is missing is not assumed."""
    assert date_value("2024年5月8日") == date_value("二〇二四年五月八日") == date_value("2024年5月8号")
    assert date_value("5月8日") != date_value("2024年5月8日")
    assert date_value("8吨") is None


def test_rules_are_sound() -> None:
    """Every rule has a known effect and a reason; frame patterns are valid and bounded; variants are 1:1."""
    assert all(rule.effect in ("format", "punctuation", "edit") for rule in rules().values())
    for language in words.LANGUAGES:
        assert all(words.why(rule.why, language) for rule in rules().values())
        assert all(words.name("class", rule.class_, language) != "" for rule in rules().values())
        assert all(words.name("verdict", verdict, language) != verdict for verdict in VERDICTS)
        assert all(words.name("level", level, language) != level for level in LEVELS)
    for rule in frame_rules():
        re.compile(rule.pattern)
        assert 0 < rule.most <= 600
    table = script_table()
    assert all(len(kept) == 1 and ord(kept) not in table for kept in table.values())

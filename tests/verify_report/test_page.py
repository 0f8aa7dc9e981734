"""The page: inert, whole, linked, in two languages, legible."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from harvester.verify import Options, Side, compare, result_from_bytes
from harvester.verify_report import Entry, Given, Language, Words, overview_html, report_html
from harvester.verifying.originals import ABSENT, NOT_FOUND, UNLIKE

Report = Callable[..., str]
GOLDEN = Path(__file__).parent / "golden"
STYLE = resources.files("harvester.verify_report").joinpath("report.css").read_text(encoding="utf-8")
ALTERED = ": its text does not fit its own text_sha256; it was altered"
HOSTILE = (
    "外交部发言人<script>alert(1)</script>表示\u202e反转\u2066孤立，\u200b零宽</p></td></table>"
    '<img src="//evil.example/x" onerror="alert(1)"><style>*{display:none}</style>&lt;b&gt;\x07\x00\ud800中\n'
    '"><a href="javascript:alert(1)">坚决反对</a>\n' + "长" * 5000
)


def tags(page: str) -> set[str]:
    return {node.tag for node in LexborHTMLParser(page).root.traverse()} - {"-undef"}  # type: ignore[union-attr]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_bytes_are_those_written_down(texts: tuple[str, str], language: Language) -> None:
    """The same result, texts and versions give the same bytes: those of the golden page.

    Its style, which is a file of its own, is left out, and why edits matter, which is the comparison's data.
    For a wanted change delete the golden page, run this test twice, and look at what is new.
    """
    result = result_from_bytes((GOLDEN / "altered.json").read_bytes())
    sides = (Side(text=texts[0], label="captured.txt"), Side(text=texts[1], label="original.txt"))
    page = report_html(Given(result=result, captured=sides[0], original=sides[1], words=Words(language)))
    plain = re.sub(rb'(?s)<style>.*?</style>|<p class="why">.*?</p>|sha256-[^\']+', b"", page)
    golden = GOLDEN / f"altered.{language}.html"
    if not golden.exists():
        golden.write_bytes(plain)
        pytest.fail("there was no golden page; it is written now: look at it")
    assert plain.decode() == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_script_and_nothing_from_elsewhere(report: Report, language: str) -> None:
    """A report holds no script, no frame, no picture, no style or font from elsewhere."""
    page = report(HOSTILE, HOSTILE.replace("坚决", "").replace("零宽", "零"), language=language)
    forbidden = {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "form",
        "svg",
        "audio",
        "video",
    }
    assert not tags(page) & forbidden
    tree = LexborHTMLParser(page)
    for node in tree.css("*"):
        attributes = node.attributes
        assert not {
            name for name in attributes if name.startswith("on") or name in {"src", "srcset", "style"}
        }
        assert (attributes.get("href") or "#").startswith("#")  # no side has an address
    assert len(tree.css("style")) == 1
    assert not re.search(r"url\(|@import|expression", STYLE)


def test_the_browser_is_told_to_fetch_and_run_nothing(report: Report, texts: tuple[str, str]) -> None:
    """The Content-Security-Policy allows this page's style by its digest and nothing else."""
    page = report(*texts)
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in page
    assert page.index("Content-Security-Policy") < page.index("<style>")


def test_what_steers_or_hides_is_seen(report: Report) -> None:
    """Marks that turn the direction of writing, characters without width, control characters and lone
    surrogates stand as signs with their code points; none of them is in the page itself.
    """
    page = report(HOSTILE, HOSTILE)
    assert not re.search("[\u202e\u2066\u200b\x07\x00\ud800]", page)
    for code in ("U+202E RIGHT-TO-LEFT OVERRIDE", "U+200B ZERO WIDTH SPACE", "U+0007", "U+0000", "U+D800"):
        assert f'title="{code}"' in page
    shown = LexborHTMLParser(page).css_first(".texts").text()  # type: ignore[union-attr]
    assert "<script>alert(1)</script>" in shown
    assert "&lt;b&gt;" in shown


def test_every_link_leads_somewhere(report: Report) -> None:
    """Ids are given once; each link leads to one; each edit has its entry and a place on both sides."""
    moved, kept = "第二段讲渔业资源的养护与利用办法。", "甲方决定在澄江建立观测站，并共同管理三十年。"
    a = f"{kept}\n\n{moved}\n\n第三段讲二十次海上搜救合作的安排。\n\n尾段。"
    b = f"{moved}\n\n{kept}\n\n第三段讲三十次海上救助合作的安排。\n\n缺段在此。\n\n尾段。"
    page = report(a, b)
    tree = LexborHTMLParser(page)
    ids = [node.attributes["id"] for node in tree.css("[id]")]
    assert len(ids) == len(set(ids))
    links = {(node.attributes.get("href") or "")[1:] for node in tree.css("a")}
    assert links <= set(ids)
    edits = [one for one in ids if re.fullmatch("e[0-9]+", one or "")]
    assert len(edits) >= 3
    for edit in edits:
        assert {f"c{edit[1:]}", f"o{edit[1:]}"} <= set(ids)  # type: ignore[index]
    assert {"m1", "mc1", "mo1"} <= set(ids)


def test_a_missing_paragraph_is_shown_where_it_is_missing(report: Report, texts: tuple[str, str]) -> None:
    """Beside a paragraph that only the original has stands a cell that says so, with the edit's number."""
    tree = LexborHTMLParser(report(*texts))
    rows = [list(row.css("td")) for row in tree.css(".texts tbody tr")]
    (row,) = [row for row in rows if len(row) == 2 and "养护" in row[1].text()]
    assert "absent" in (row[0].attributes["class"] or "")
    number = row[1].css_first("a.num").text()  # type: ignore[union-attr]
    assert row[0].css_first("a.num").text() == number  # type: ignore[union-attr]
    assert number.startswith("－")


def test_material_edits_come_first(report: Report) -> None:
    """The list has material edits on top, numbered as they come in the text."""
    a = "双方同意、建立观测站；首批三十座。会议持续三天，气氛友好。"
    b = "双方同意，建立观测站；首批二十座。会议持续三天，气氛友好。"
    order = [node.attributes["value"] for node in LexborHTMLParser(report(a, b)).css("ol.edits > li")]
    assert order == ["2", "1"]


def test_frame_lines_are_grey_and_named(report: Report, texts: tuple[str, str]) -> None:
    """A line that is not counted says so and what it is; it has no edit."""
    (frame,) = LexborHTMLParser(report(*texts)).css("p.frame")
    assert frame.text() == "1不计：来源来源：外交部"
    assert not frame.css("ins")


@pytest.mark.parametrize(
    ("captured", "verdict"),
    [("", "无法判断。"), ("图片", "无法判断。"), ("完全不同的另一篇文章，讲的是园艺。", "不是同一文本。")],
)
def test_what_cannot_be_told_still_makes_a_page(
    report: Report, texts: tuple[str, str], captured: str, verdict: str
) -> None:
    """Without an alignment the page says why, in its language, and shows what text there is."""
    tree = LexborHTMLParser(report(captured, texts[1]))
    assert tree.css_first(".answer strong").text() == verdict  # type: ignore[union-attr]
    reason = tree.css_first(".reason")
    assert reason is not None
    assert not re.search("[a-z]", reason.text())
    assert "联合观测站" in tree.css_first(".texts").text()  # type: ignore[union-attr]


def test_a_rehearsal_is_told_before_all_else(report: Report, texts: tuple[str, str]) -> None:
    """A side whose capture was mapped is no evidence, and the page says so above the verdict."""
    page = report(*texts, rehearsal={"connect_to": ["mp.weixin.qq.com:443:127.0.0.1:1"]})
    assert page.index("演练，不是证据") < page.index('class="answer"')
    assert "mp.weixin.qq.com:443:127.0.0.1:1" in page


def test_the_overview_puts_first_what_asks_for_a_look() -> None:
    """Altered texts come first, then those that could not be told, then the same; words stay inert."""
    entries = [
        Entry(
            id=f"wechat-{n}",
            verdict=verdict,
            reason=None,
            title=f"<b>{verdict}</b>\u202e",
            source=None,
            date=None,
            original=None,
            first=("number", "20", "30") if verdict == "altered" else None,
            report=f"wechat-{n}.html" if verdict != "cannot-verify" else None,
            rehearsal=False,
        )
        for n, verdict in enumerate(("identical", "cannot-verify", "altered", "same-text"))
    ]
    page = overview_html(entries, Words("zh")).decode()
    rows = [row.css("td")[1].text() for row in LexborHTMLParser(page).css("tbody tr")]
    assert [row.split(">")[1].split("<")[0] for row in rows] == [
        "altered",
        "cannot-verify",
        "identical",
        "same-text",
    ]
    assert "\u202e" not in page
    assert "script" not in tags(page)
    assert page.count('<a href="wechat-') == 3


def test_words_are_there_in_both_languages() -> None:
    """Every text of the page exists in Chinese and in English, with the same values to fill in."""
    from harvester.verify_report.words import data

    for section, entries in data().items():
        for key, entry in entries.items() if section != "said" else ():
            assert set(entry) == {"zh", "en"}, f"{section}.{key}"
            filled = [sorted(re.findall(r"\{\w+\}", text)) for text in entry.values()]
            assert filled[0] == filled[1], f"{section}.{key}"


def test_frame_roles_formats_and_verdicts_have_words() -> None:
    """Whatever the comparison's rules can name has a name here."""
    from harvester.verify import VERDICTS
    from harvester.verify.rules import fold_rules, frame_rules
    from harvester.verify_report.words import data

    assert {rule.role for rule in frame_rules()} | {"title", "masthead"} <= set(data()["frame"])
    assert set(fold_rules().kinds) <= set(data()["format"])
    assert set(VERDICTS) == set(data()["meaning"])


def test_sentences_of_the_comparison_are_said_in_chinese() -> None:
    """A reason or a warning is said in the page's language; one that is not known is marked as English."""
    words = Words("zh")
    said, language = words.said(
        "the captured side has no text: x is not an article but a page of state “deleted”"
    )
    assert (said, language) == ("x 不是文章，而是状态为“deleted”的页面，没有文本可比。", None)
    assert words.said("something new") == ("something new", "en")
    assert Words("en").said("anything") == ("anything", None)


def test_every_sentence_of_the_comparison_has_its_chinese() -> None:
    """Whatever reason or warning a comparison can give is said in Chinese in a Chinese report."""
    text = "双方决定建立联合观测站，首批建设二十座，必须在年底前完成。\n" * 4
    anew = "今年园艺展的郁金香开得比往年早了十来天，游人如织，四方称道。\n" * 4
    sides = {
        "": Side(
            text=text, label="a", warnings=("a: its text does not fit its own text_sha256; it was altered",)
        ),
        "state": Side(text="", label="a", problem="a is not an article but a page of state “deleted”"),
        "absent": ABSENT,
        "pictures": Side(text=" ", label="a"),
        "short": Side(text="短", label="a"),
        "other": Side(text=anew, label="a"),
        "long": Side(text="甲" + text * 30 + "乙" + anew * 30, label="a"),
    }
    said: set[str] = set()
    for options in (Options(), Options(max_cells=1), Options(max_characters=200)):
        for one in sides.values():
            for pair in ((one, sides[""]), (sides[""], one), (one, sides["long"])):
                result = compare(*pair, options)
                said |= {*result.warnings, *filter(None, [result.reason])}
    said |= {NOT_FOUND, f"{NOT_FOUND}; an address that the text gives could be fetched", UNLIKE}
    said |= {"the texts share passages but are too large to be aligned within the bound"}
    assert len(said) > 10
    assert not [sentence for sentence in said if Words("zh").said(sentence)[1] is not None]


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_contrast(scheme: str) -> None:
    """Each colour of text has a contrast of at least 4.5 on each ground it stands on (WCAG 2.2, 1.4.3)."""
    light, dark = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[:2]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light))
    if scheme == "dark":
        colours |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", dark))
    pairs = [
        *(
            (ink, ground)
            for ink in ("ink", "quiet", "link", "m-ink", "i-ink", "move")
            for ground in ("paper", "wash")
        ),
        ("m-ink", "m-back"),
        ("i-ink", "i-back"),
        ("alarm-ink", "alarm-back"),
        ("ink", "note-back"),
        ("m-line", "paper"),
        ("i-line", "paper"),
    ]
    for ink, ground in pairs:
        high, low = sorted((_luminance(colours[ink]), _luminance(colours[ground])), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, (scheme, ink, ground)

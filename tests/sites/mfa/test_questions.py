"""Press conferences as questions and answers: every layout, pages written for these tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.extraction.body import BOLD, Paragraph, Text
from harvester.reading import Article
from harvester.sites.mfa.questions import find_questions
from harvester.sites.mfa.rules import load

Read = Callable[..., Article]
Turn = tuple[str | None, str | None, str | None, str | None]
TITLE = "2031年5月8日外交部发言人何岚主持例行记者会"


def turns(seen: Article) -> list[Turn]:
    """(asker, question, speaker, answer), the offsets resolved."""

    def cut(span: tuple[int, int] | None) -> str | None:
        return None if span is None else seen.text[slice(*span)]

    return [(q.asker, cut(q.question), q.speaker, cut(q.answer)) for q in seen.questions]


@pytest.fixture
def press(article: Read, zh_b: Callable[..., str]) -> Callable[..., list[Turn]]:
    """Read paragraphs as the body of a Chinese press conference."""

    def read(*paragraphs: str, title: str = TITLE) -> list[Turn]:
        body = "".join(f"<p>　　{words}</p>" for words in paragraphs)
        return turns(
            article(zh_b(body=body, title=title), "https://www.mfa.gov.cn/web/jzhsl_673025/t1.shtml")
        )

    return read


def test_chinese_bold_questions_with_outlets(press: Callable[..., list[Turn]]) -> None:
    """The bold run is the question, split by tags or not; an answer has several paragraphs."""
    assert press(
        "<strong>雾港社</strong><strong>记者：青屿开放锚地，有何评论？</strong>",
        "<strong>何岚：</strong>我们注意到有关报道。",
        "这里补充一点：沟通是畅通的。",
        "<b>《海报》：第一部分。</b>",
        "<b>第二部分？</b>",
        '<span style="font-weight:bold">何岚</span>：请见公告。',
    ) == [
        (
            "雾港社记者",
            "青屿开放锚地，有何评论？",
            "何岚",
            "我们注意到有关报道。\n\n这里补充一点：沟通是畅通的。",
        ),
        ("《海报》", "第一部分。\n\n第二部分？", "何岚", "请见公告。"),
    ]


def test_no_bold_at_all(press: Callable[..., list[Turn]]) -> None:
    """Labels alone tell; a multi-paragraph question lasts until the answer's label."""
    assert press(
        "记者：第一问？",
        "何岚：答一。",
        "我要强调：这很重要。",
        "路透社记者：背景。",
        "那么？",
        "何岚：答二。",
    ) == [
        ("记者", "第一问？", "何岚", "答一。\n\n我要强调：这很重要。"),
        ("路透社记者", "背景。\n\n那么？", "何岚", "答二。"),
    ]


def test_ask_and_answer_words_of_older_pages(press: Callable[..., list[Turn]]) -> None:
    """问／答: the asker is not said; the answer is the person's whom the headline names."""
    found = press(
        "问：一？",
        "答：甲。",
        "追问：二？",
        "答：乙。",
        "法新社记者追问：三？<br>答：丙。",
        "问：四？答：丁。",
    )
    assert found == [
        (None, "一？", "何岚", "甲。"),
        (None, "二？", "何岚", "乙。"),
        ("法新社记者", "三？", "何岚", "丙。"),
        (None, "四？", "何岚", "丁。"),
    ]
    assert press("问：一？", "答：甲。", title="例行记者会") == [(None, "一？", None, "甲。")]


def test_an_opening_statement_has_no_question(press: Callable[..., list[Turn]]) -> None:
    """Labelled or not; the page's own sentence about the event, and its date line, are nobody's words."""
    intro = "2031年5月8日，外交部发言人何岚主持例行记者会。"
    rest = ("雾港社记者：一？", "何岚：甲。")
    pair = ("雾港社记者", "一？", "何岚", "甲。")
    assert press(intro, "（2031年5月8日）", "应邀请，某外长将访华。", "会期三天。", *rest) == [
        (None, None, "何岚", "应邀请，某外长将访华。\n\n会期三天。"),
        pair,
    ]
    assert press("何岚：大家好。", *rest) == [(None, None, "何岚", "大家好。"), pair]


def test_after_a_line_of_asterisks_another_statement_begins(press: Callable[..., list[Turn]]) -> None:
    """The divider belongs to no turn; questions after the event are turns."""
    assert press(
        "海报记者：一？", "何岚：甲。", "*　　*　　*", "另有通告一则。", "会后有记者问：二？", "答：乙。"
    ) == [
        ("海报记者", "一？", "何岚", "甲。"),
        (None, None, "何岚", "另有通告一则。"),
        (None, "二？", "何岚", "乙。"),
    ]


def test_bold_questions_without_labels(press: Callable[..., list[Turn]]) -> None:
    """Only the bold run tells question from answer: names are unknown but the headline's."""
    assert press("<strong>一是什么？</strong>", "甲。", "甲二。", "<strong>二呢？</strong>", "乙。") == [
        (None, "一是什么？", "何岚", "甲。\n\n甲二。"),
        (None, "二呢？", "何岚", "乙。"),
    ]


def test_a_question_without_an_answer_and_labels_alone_on_their_lines(
    press: Callable[..., list[Turn]],
) -> None:
    """What the page does not give is None; a label alone opens the turn of the next line."""
    assert press("海报记者：一？", "雾港社记者：", "二？", "何岚：", "乙。") == [
        ("海报记者", "一？", None, None),
        ("雾港社记者", "二？", "何岚", "乙。"),
    ]


def test_colons_inside_turns_open_nothing(press: Callable[..., list[Turn]]) -> None:
    """Phrases, times, addresses, and quoted speakers of other countries are text."""
    answer = "日本发言人昨天表示：不好。"
    assert press("海报记者：他说：“好”？", "何岚：甲。", "时间是8:30。", "https://example.org/a", answer) == [
        ("海报记者", "他说：“好”？", "何岚", f"甲。\n\n时间是8:30。\n\nhttps://example.org/a\n\n{answer}")
    ]


def test_a_speaker_whom_no_headline_names(press: Callable[..., list[Turn]]) -> None:
    """Who answers alternates with those who ask, and asks nothing."""
    found = press("林一：问题一？", "顾南：甲。", "赵二：请介绍情况。", "顾南：乙。", title="例行记者会")
    assert found == [("林一", "问题一？", "顾南", "甲。"), ("赵二", "请介绍情况。", "顾南", "乙。")]


def test_the_speaker_is_named_by_the_sentence_about_the_event(press: Callable[..., list[Turn]]) -> None:
    """Pages of 2009: the headline names the office only; the greeting has the name, answers have 答."""
    assert press(
        "2031年5月8日，外交部发言人何岚举行例行记者会，就某事等答问。答问如下。",
        "何岚：各位下午好。",
        "何岚首先发布消息：",
        "一、某人将访华。",
        "问：一？请证实。",
        "答：甲。",
        title="外交部发言人举行例行记者会",
    ) == [
        (None, None, "何岚", "各位下午好。\n\n何岚首先发布消息：\n\n一、某人将访华。"),
        (None, "一？请证实。", "何岚", "甲。"),
    ]


def test_pages_in_traditional_characters(press: Callable[..., list[Turn]]) -> None:
    """Hong Kong: 問／答, 記者, 發言人."""
    title = "2031年5月8日外交部發言人何嵐舉行例行記者會"
    found = press("何嵐：大家好。", "問：一？", "答：甲。", "某社記者：二？", "何嵐：乙。", title=title)
    assert found == [
        (None, None, "何嵐", "大家好。"),
        (None, "一？", "何嵐", "甲。"),
        ("某社記者", "二？", "何嵐", "乙。"),
    ]


def test_french_embassies(article: Read) -> None:
    """`Q : … R : …` and names, with a space before the colon; several people may speak."""
    head = (
        "Conférence de presse du 8 mai 2031 tenue par la porte-parole "
        "du Ministère des Affaires étrangères He Lan"
    )
    body = (
        "<p>Gu Nan : Bonjour. He Lan répondra.</p><p>He Lan : Merci.</p>"
        "<p>Agence de Presse de la Brume : Selon certains, oui ?</p><p>He Lan : Nous le savons.</p>"
        "<p>Premièrement, A.</p><p>Q : Et B ?</p><p>R : Non.</p>"
    )
    html = f'<html><body><div class="title">{head}</div><div class="TRS_Editor">{body}</div></body></html>'
    seen = article(html, "http://zz.china-embassy.gov.cn/fra/fyrth/203105/t20310509_2068147.htm")
    assert (seen.kind, seen.event_date, seen.language) == ("press_conference", "2031-05-08", "fr")
    assert turns(seen)[-2:] == [
        (
            "Agence de Presse de la Brume",
            "Selon certains, oui ?",
            "He Lan",
            "Nous le savons.\n\nPremièrement, A.",
        ),
        (None, "Et B ?", "He Lan", "Non."),
    ]


@pytest.mark.parametrize(
    ("folder", "title", "lines", "expected"),
    [
        (
            "jpn",
            "2031年5月8日 外交部の何嵐報道官定例記者会見",
            ("記者：一？", "何嵐：甲。", "問：二？", "答：乙。"),
            [("記者", "一？", "何嵐", "甲。"), (None, "二？", None, "乙。")],
        ),
        (
            "kor",
            "2031년 5월 8일 외교부 대변인 허란 정례 기자회견",
            ("기자: 일?", "허란: 갑.", "문: 이?", "답: 을."),
            [("기자", "일?", "허란", "갑."), (None, "이?", None, "을.")],
        ),
        (
            "rus",
            "Очередная пресс-конференция 8 мая 2031 г. у официального представителя МИД КНР Хэ Лань",
            ("Вопрос: Один?", "Ответ: Да.", "ТАСС: Два?", "Хэ Лань: Нет."),
            [(None, "Один?", None, "Да."), ("ТАСС", "Два?", "Хэ Лань", "Нет.")],
        ),
    ],
)
def test_other_languages(
    article: Read, folder: str, title: str, lines: tuple[str, ...], expected: list[Turn]
) -> None:
    """Words for question and answer, and a name that the headline has, in the missions' languages."""
    body = "".join(f"<p>{line}</p>" for line in lines)
    html = f'<html><body><div class="title">{title}</div><div class="TRS_Editor">{body}</div></body></html>'
    seen = article(html, f"http://zz.china-embassy.gov.cn/{folder}/fyrth/t20310509_2068147.htm")
    assert (seen.kind, seen.event_date) == ("press_conference", "2031-05-08")
    assert turns(seen) == expected


EN = """<html><head><meta charset="utf-8"><title>x</title></head><body>
<div class="news_header_title">Foreign Ministry Spokesperson He Lan’s Regular Press Conference on
May 8, 2031</div>
<div class="xltime">Updated: May 08, 2031 19:00</div><div class="content_text">{}</div></body></html>"""
EN_URL = "https://www.mfa.gov.cn/eng/xw/fyrbt/lxjzh/203105/t20310508_99900004.html"


@pytest.mark.parametrize("bold", ["<p><strong>{}</strong></p>", "<p>{}</p>"])
def test_english_with_outlets(article: Read, bold: str) -> None:
    """`AFP: …` and `He Lan: …`, with and without bold; phrases with a colon stay text."""
    html = "".join(
        [
            "<p>At the invitation of X, Y will visit China.</p>",
            bold.format("AFP: Any comment on this?"),
            "<p>He Lan: We noted it.</p>",
            "<p>Our position is consistent: dialogue.</p>",
            bold.format("Fog Harbour Daily: Could you tell us more?"),
            "<p><strong>He Lan:</strong> See the notice.</p>",
            bold.format("Dragon: We saw the news."),
            bold.format("Two questions: where, and how?"),
            "<p>He Lan: Here.</p>",
            bold.format("Follow-up: When?"),
            "<p>He Lan: Soon.</p>",
        ]
    )
    seen = article(EN.format(html), EN_URL)
    assert seen.event_date == "2031-05-08"
    assert turns(seen) == [
        (None, None, "He Lan", "At the invitation of X, Y will visit China."),
        ("AFP", "Any comment on this?", "He Lan", "We noted it.\n\nOur position is consistent: dialogue."),
        ("Fog Harbour Daily", "Could you tell us more?", "He Lan", "See the notice."),
        ("Dragon", "We saw the news.\n\nTwo questions: where, and how?", "He Lan", "Here."),
        (None, "When?", "He Lan", "Soon."),
    ]


def test_english_with_ask_and_answer_letters_in_the_oldest_system(article: Read) -> None:
    """`Q:` and `A:` in one paragraph with line breaks."""
    html = """<html><head><title>Foreign Ministry Spokesperson He Lan's Regular Press
Conference on 8 May 2001</title>
    </head><body><table><tr><td>2001/05/09</td></tr><tr><td><meta name="TRSWCM.ContStart">
    <p>On the afternoon of May 8, Foreign Ministry Spokesperson He Lan held a regular press conference.</p>
    <p>Q: One?<br>A: Yes.<br><br>Q: Two?<br>A: No.<br>Really.</p>
    <meta name="TRSWCM.ContEnd"></td></tr></table>"""
    seen = article(html, "http://www.fmprc.gov.cn/eng/xwfw/s2510/2511/t14561.htm")
    assert turns(seen) == [
        (None, "One?", "He Lan", "Yes."),
        (None, "Two?", "He Lan", "No.\nReally."),
    ]
    assert (seen.event_date, seen.published_at and seen.published_at.date().isoformat()) == (
        "2001-05-08",
        "2001-05-09",
    )


def test_written_answers_are_articles_with_questions(article: Read, zh_b: Callable[..., str]) -> None:
    """答记者问 is no press conference; other articles have no questions, whatever they quote."""
    body = "<p>问：一？</p><p>答：甲。</p>"
    seen = article(zh_b(body=body, title="外交部发言人何岚就某事答记者问"))
    assert (seen.kind, turns(seen)) == ("article", [(None, "一？", "何岚", "甲。")])
    assert article(zh_b(body=body, title="某大使发表文章")).questions == ()


def test_a_press_conference_told_as_news_has_no_questions(press: Callable[..., list[Turn]]) -> None:
    """Nothing marks a turn: nothing is invented."""
    assert press("何岚就多个问题作答。", "会议结束。") == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["记者：", "何岚：", "问：", "A:", "AFP: ", "***", "林一：", "", "：", "8:30 "]),
            st.sampled_from(["甲。", "乙？", "", "Why?", "\U00020000"]),
            st.booleans(),
        ),
        max_size=12,
    )
)
def test_spans_are_in_order_and_inside_the_text(lines: list[tuple[str, str, bool]]) -> None:
    """For any sequence of labels: spans do not overlap, follow each other, and are never empty."""
    blocks = [Paragraph((Text(a + b, BOLD if c else 0),)) for a, b, c in lines if a + b]
    text = "\n\n".join(a + b for a, b, _ in lines if a + b)
    position = 0
    for found in find_questions(blocks, text, TITLE, load().press):
        assert found.question or found.answer
        for span in (found.question, found.answer):
            if span is not None:
                assert position <= span[0] < span[1] <= len(text)
                position = span[1]


@pytest.mark.parametrize(
    "label",
    [
        "会后，有记者问：",
        "例行记者会后，有记者问及：",
        "记者会后，有记者追问：",
        "当日，有记者问：",
        "关于丙，有记者问：",
        "会后，有记者问道：",
    ],
)
def test_a_question_told_with_a_comma_before_it(press: Callable[..., list[Turn]], label: str) -> None:
    """The occasion or the matter before 有记者问 is part of the label, in every wording."""
    seen = press("甲记者：一？", "何岚：甲。", "＊＊＊＊＊＊", f"{label}丙？", "何岚：丁。")
    assert seen[1:] == [(None, "丙？", "何岚", "丁。")]


def test_a_speakers_own_tale_of_a_question_is_no_question(press: Callable[..., list[Turn]]) -> None:
    """Words before the comma that tell of no occasion make no label."""
    seen = press("甲记者：一？", "何岚：甲。", "我还记得，有记者问：雾会散吗？", "会的。")
    assert seen == [("甲记者", "一？", "何岚", "甲。\n\n我还记得，有记者问：雾会散吗？\n\n会的。")]


@pytest.mark.parametrize(
    "title",
    ["Foreign Ministry Spokesperson He Lan’s Remarks on the Fog", "Embassy Spokesperson's Remarks"],
)
def test_a_spokespersons_remarks_have_questions_where_they_have_both(
    article: Read, zh_b: Callable[..., str], title: str
) -> None:
    """Remarks in English answer a question if a question and its answer are in them."""
    seen = article(zh_b(title=title, body="<p>Q: Will it lift?</p><p>A: It will.</p>"))
    assert [(q, a) for _, q, _, a in turns(seen)] == [("Will it lift?", "It will.")]
    assert article(zh_b(title=title, body="<p>A: It will.</p>")).questions == ()

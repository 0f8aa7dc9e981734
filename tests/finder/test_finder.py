"""The finder: what it finds, in which order, for which reasons; and what it does not find."""

from __future__ import annotations

import random

import msgspec
import pytest

from benchmarks.shelf import FORMULAS, Shelf, document, prose
from harvester.document import Document
from harvester.finder import Candidate, Finder, Found
from harvester.verify import Side

LONG_FRAME = "".join(
    f"\n\n【第{n}条】长按识别二维码关注本号，后台回复关键词领取资料第{n}份。" for n in range(60)
)


def find(archive: Shelf, captured: Document | Side, limit: int = 10) -> list[Candidate]:
    with Finder.open(archive.archive, archive.library) as finder:
        return finder.find(captured, limit)


def search(archive: Shelf, captured: Document | Side) -> Found:
    with Finder.open(archive.archive, archive.library) as finder:
        return finder.search(captured)


def rules_of(candidate: Candidate) -> list[str]:
    return [reason.rule for reason in candidate.reasons]


def repost(text: str, **facts: str | None) -> Document:
    return document(text, site="wechat", key="wechat:MzA=:1:1", **facts)  # type: ignore[arg-type]


def test_a_faithful_excerpt_finds_its_original(still: Shelf, ministry: list[Document]) -> None:
    """A part of a text, from 48 folded characters on, brings up the whole, by fingerprints alone."""
    for original in ministry[:20:2]:
        middle = len(original.text) // 3
        found = find(still, repost(original.text[middle : middle + 75]))
        assert found[0].id == original.id
        assert found[0].reasons[0].rule == "text.shared"
        assert found[0].reasons[0].value > 0.9


def test_two_joined_statements_find_both(still: Shelf, ministry: list[Document]) -> None:
    """A captured text made of two originals gives both, before all others."""
    found = find(still, repost(ministry[3].text + "\n\n" + ministry[8].text))
    assert {candidate.id for candidate in found[:2]} == {ministry[3].id, ministry[8].id}
    assert all(candidate.score > 0.9 for candidate in found[:2])


def test_a_long_frame_does_not_hide_the_original(still: Shelf, ministry: list[Document]) -> None:
    """What an account puts around a text lowers its share of the captured text, not that of the original."""
    found = find(still, repost(ministry[5].text + LONG_FRAME))
    assert found[0].id == ministry[5].id
    assert found[0].score > 0.9


def test_an_edited_and_cut_repost_is_found(
    still: Shelf, ministry: list[Document], chance: random.Random
) -> None:
    """A third cut and every thirtieth character changed: still the likeliest."""
    for original in ministry[20:40:2]:
        text = list(original.text[: int(len(original.text) * 0.7)])
        for place in chance.sample(range(len(text)), len(text) // 30):
            text[place] = "砚"
        assert find(still, repost("".join(text)))[0].id == original.id


def test_a_translation_is_found_by_its_link_only(still: Shelf, ministry: list[Document]) -> None:
    """Texts in another language share nothing: nothing is found, but where a link leads."""
    english = "The two sides agreed to continue the joint survey of the river on an equal footing. " * 6
    assert find(still, repost(english, title="Joint survey of the river to continue")) == []
    found = find(still, repost(english, source_url=ministry[7].url))
    assert [(candidate.id, rules_of(candidate)) for candidate in found] == [
        (ministry[7].id, ["link.source-url"])
    ]


def test_an_unrelated_text_finds_nothing(still: Shelf) -> None:
    """A text that shares no stretch of eight characters has no original here."""
    text = "森林防火联络机制运行平稳，边民往来秩序良好，博物馆藏品互换展览如期举行。" * 5
    assert find(still, repost(text, title="关于山河湖海的随笔")) == []


def test_formulas_prove_little(archive: Shelf) -> None:
    """A stretch that many documents have weighs less than a shorter one that hardly any other has."""
    formula = "".join(FORMULAS[:4])
    chance = random.Random(4)
    archive.put_many(document(prose(chance, 90) + formula, key=f"mfa:t{n}") for n in range(40))
    own = (
        "森林防火联络机制运行平稳，边民往来秩序良好，博物馆藏品互换展览如期举行，灯塔维护经费的分摊已有谅解。"
    )
    only = document(prose(chance, 300) + own + prose(chance, 300), key="mfa:t77")
    archive.put(only)
    found = find(archive, repost(formula + own))
    assert len(formula) > len(own)
    assert found[0].id == only.id
    assert len(found) > 1


def test_a_title_finds_where_the_text_is_too_short(still: Shelf, ministry: list[Document]) -> None:
    """The same title, or one with words around it, is a reason; other figures make another title."""
    title = ministry[9].title or ""
    same = find(still, repost("全文见下图。", title=f"　{title}。"))
    assert (same[0].id, rules_of(same[0])[0]) == (ministry[9].id, "title.same")
    near = find(still, repost("全文见下图。", title=f"转载｜{title}"))
    assert (near[0].id, rules_of(near[0])[0]) == (ministry[9].id, "title.near")
    assert find(still, repost("全文见下图。", title=f"第2期：{title}")) == []


def test_a_common_title_says_little(archive: Shelf) -> None:
    """A title that many documents have weighs less for each; the nearest in date comes first."""
    title = "外交部发言人主持例行记者会"
    chance = random.Random(3)
    days = [document(prose(chance, 300), title=title, date=f"2030-03-{day:02}") for day in range(1, 21)]
    archive.put_many(iter(days))
    found = find(archive, repost("内容从略，请看视频。", title=title, date="2030-03-09"))
    assert found[0].date == "2030-03-09"
    assert found[0].score < 0.3
    assert rules_of(found[0]) == ["title.same", "date.near"]


def test_date_and_attribution_alone_are_no_reason(still: Shelf, ministry: list[Document]) -> None:
    """They only stand beside another reason; there they raise the score."""
    facts = {"date": ministry[2].date, "original_source": "外交部网站"}
    assert find(still, repost("今日天气晴。", **facts)) == []
    bare, told = (
        find(still, repost(ministry[2].text[:90], date=None)),
        find(still, repost(ministry[2].text[:90], **facts)),
    )
    assert rules_of(bare[0]) == ["text.shared"]
    assert rules_of(told[0]) == ["text.shared", "date.near", "attribution"]
    assert "外交部网站" in told[0].reasons[2].words
    assert told[0].score > bare[0].score


def test_captures_of_one_text_on_several_hosts_are_one_candidate(
    archive: Shelf, ministry: list[Document]
) -> None:
    """The publisher's number names the text: copies and later versions are versions of one original."""
    first = ministry[4]
    key = first.identity.key
    copy = document(
        first.text,
        title=first.title,
        key=key,
        date=first.date,
        url="https://us.china-embassy.gov.cn/zgyw/t10000004.htm",
        fetch_date="2031-08-01T08:00:00Z",
    )
    edited = document(
        first.text.replace("。", "。据悉，", 1),
        title=first.title,
        key=key,
        date=first.date,
        url=first.url,
        fetch_date="2031-09-01T08:00:00Z",
    )
    archive.put(copy, edited)
    found = find(archive, repost(first.text))
    assert found[0].id == first.id
    assert found[0].versions == (copy.id, edited.id)
    assert [candidate.identity_key for candidate in found].count(key) == 1
    later = find(archive, repost(edited.text))
    assert later[0].id == edited.id
    assert set(later[0].versions) == {first.id, copy.id}


def test_a_document_is_not_its_own_original(archive: Shelf, ministry: list[Document]) -> None:
    """Neither it nor another capture of it; another number with the same text is."""
    own = ministry[6]
    archive.put(document(own.text, key=own.identity.key, fetch_date="2031-10-01T08:00:00Z"))
    assert find(archive, own) == []
    twin = document(own.text, key="mfa:t99", title=own.title)
    archive.put(twin)
    assert [candidate.id for candidate in find(archive, own)] == [twin.id]


def test_what_is_not_archived_is_offered(still: Shelf, ministry: list[Document]) -> None:
    """Addresses that the text gives and that no article is archived of are offered, once, never guessed."""
    missing = "https://www.mfa.gov.cn/web/zyxw/203105/t20310520_11115555.shtml"
    text = f"全文见{missing}，或www.mfa.gov.cn/web/zyxw/203105/t20310520_11115555.shtml。广告：https://shop.example/a"
    found = search(still, repost(text, source_url="https://paper.example/news/1"))
    assert [(item.url, item.rule) for item in found.suggested] == [
        ("https://paper.example/news/1", "link.source-url"),
        (missing, "link.in-text"),
    ]
    assert found.candidates == ()
    other_host = f"详见 http://www.fmprc.gov.cn/mfa/t{10_000_000 + 12}.html"
    known = search(still, repost(other_host))
    assert [(item.id, rules_of(item)) for item in known.candidates] == [(ministry[12].id, ["link.in-text"])]
    assert known.suggested == ()


def test_a_file_is_sought_by_its_front_matter(still: Shelf, ministry: list[Document]) -> None:
    """A text file has its first line as title; a Markdown file's front matter gives date and source."""
    original = ministry[15]
    plain = find(still, Side(text=f"{original.title}\n\n（内容从略）", label="a.txt"))
    assert rules_of(plain[0])[0] == "title.same"
    origin = {"date": original.date, "source": "外交部", "n": 3}
    told = find(still, Side(text=original.text, label="a.md", title=original.title, origin=origin))
    assert set(rules_of(told[0])) == {"text.shared", "title.same", "date.near", "attribution"}


@pytest.mark.parametrize(
    "text", ["", "。", "\ud800", "a" * 7, "🙂" * 100, "http://", "www.", "https://[", "\x00" * 50]
)
def test_odd_texts_find_nothing_and_raise_nothing(still: Shelf, text: str) -> None:
    """There is an answer for any text."""
    assert search(still, Side(text=text, label="x", title=text)) == Found(candidates=(), suggested=())


def test_the_same_archive_gives_the_same_answer(archive: Shelf, ministry: list[Document]) -> None:
    """Whatever the order in which documents came in; and `limit` only cuts."""
    captured = repost(ministry[1].text + ministry[2].text + ministry[3].text, title=ministry[30].title)
    found = find(archive, captured)
    assert found[:2] == find(archive, captured, 2)
    with Finder.open(archive.archive, archive.library) as finder:
        Finder.renew(archive.archive, archive.library)
    again = find(archive, captured)
    assert msgspec.json.encode(found) == msgspec.json.encode(again)
    del finder

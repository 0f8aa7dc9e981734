"""Relations between documents: which there are, on what evidence, and which there are not."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.shelf import document, prose, shelf
from harvester.dedup import Deduplicated, Input, related, source_of
from harvester.dedup.item import Item, item_from_json, item_from_row, url_keys
from harvester.document import Document, Identity, OriginalAccount, to_bytes
from harvester.finder import Finder
from harvester.tables.rows import DocumentRow, to_line

LONG = prose(random.Random(1), 600)
OTHER = prose(random.Random(2), 600)


def items(documents: Iterable[Document]) -> list[Input]:
    return [(found.id, item_from_json(to_bytes(found))) for found in documents]


def relate(*documents: Document) -> Deduplicated:
    """Relate documents in their order and backwards: both must be one answer, byte for byte."""
    forth, back = related(items(documents)), related(items(reversed(documents)))
    assert msgspec.json.encode(forth) == msgspec.json.encode(back)
    return forth


def wechat(text: str, mid: str, **facts: Any) -> Document:
    return document(text, **{"site": "wechat", "key": f"wechat:MzA=:{mid}:1", **facts})


def kinds(found: Deduplicated) -> list[tuple[str, str, str]]:
    return [(relation.kind, relation.a, relation.b) for relation in found.relations]


def test_short_and_long_address_are_one_article() -> None:
    """A capture by the short link, which names no identity, joins the one whose page names both."""
    short = "https://mp.weixin.qq.com/s/FixtureShortId00"
    by_short = wechat(
        LONG, "1", key="wechat:s:FixtureShortId00", url=short, fetch_date="2031-01-02T00:00:00Z"
    )
    identity = Identity(key="wechat:MzA=:1:1", biz="MzA=", mid="1", idx="1", short_url=short)
    by_long = msgspec.structs.replace(wechat(LONG, "1", fetch_date="2031-01-03T00:00:00Z"), identity=identity)
    found = relate(by_short, by_long)
    assert kinds(found) == [("same-article", by_short.id, by_long.id)]
    assert found.clusters[0].canonical == by_short.id
    assert found.clusters[0].why == "captured-first"


def test_an_edited_article_has_versions_in_order() -> None:
    """Each new text of an article is related to the one before it; what came again, to its first capture."""
    texts = [LONG, LONG, LONG.replace("。", "。据悉，", 1), OTHER, LONG]
    made = [wechat(text, "7", fetch_date=f"2031-01-0{n}T00:00:00Z") for n, text in enumerate(texts, 1)]
    found = relate(*made)
    ids = [item.id for item in made]
    assert sorted(kinds(found)) == sorted(
        [
            ("same-article", ids[0], ids[1]),
            ("edited", ids[0], ids[2]),
            ("edited", ids[2], ids[3]),
            ("same-article", ids[0], ids[4]),
        ]
    )
    slight = next(relation for relation in found.relations if relation.b == ids[2])
    assert slight.jaccard is not None
    assert 0.95 < slight.jaccard < 1
    assert set(found.clusters[0].members) == set(ids)


def test_the_same_text_of_two_articles() -> None:
    """Equal digests, or equal but for format, width and script."""
    one, two = wechat(LONG, "1"), wechat(LONG, "2")
    three = wechat("　" + LONG.replace("，", "， ").replace("国", "國"), "3", date="2031-05-21")
    found = relate(one, two, three)
    assert {(relation.kind, relation.by) for relation in found.relations} == {
        ("same-text", "text-sha256"),
        ("same-text", "folded-text"),
    }
    (cluster,) = found.clusters
    assert set(cluster.members) == {one.id, two.id, three.id}


def test_nearly_the_same_text_is_counted_not_estimated() -> None:
    """A few characters changed: near; half of it other: not. The value is the real similarity."""
    changed = LONG.replace("合作", "协作", 2)
    half = LONG[:300] + OTHER[300:]
    one, near, unlike = wechat(LONG, "1"), wechat(changed, "2"), wechat(half, "3")
    found = relate(one, near, unlike)
    assert len(found.relations) == 1
    (relation,) = found.relations
    assert (relation.kind, relation.by) == ("near-text", "shingles")
    assert relation.jaccard is not None
    assert relation.jaccard >= 0.8
    assert {relation.a, relation.b} == {one.id, near.id}


def test_greetings_are_not_merged() -> None:
    """Short texts that many accounts post are related only under one telling title, or as one article."""
    greeting = "新年快乐！祝大家万事如意，阖家幸福。"
    plain = [
        wechat(greeting, str(n), title=title)
        for n, title in enumerate(["新年快乐", "新年快乐", None, "贺岁"])
    ]
    empty = [wechat("", str(n), title="分享一张图片而已吧朋友们") for n in range(10, 12)]
    assert relate(*plain, *empty).relations == ()
    title = "关于界河联合测绘的公告"
    one = wechat("公告全文见图，请各单位遵照执行，联系电话见文末。", "20", title=title)
    other = wechat("公告全文见图，请各单位遵照执行，联系电话见文后。", "21", title=f"【{title}】")
    same = wechat("公告全文见图，请各单位遵照执行，联系电话见文末。", "22", title=title)
    unlike = wechat("今年的防汛工作已经全面展开，各地严阵以待。", "23", title=title)
    found = relate(one, other, same, unlike)
    assert sorted((relation.kind, relation.by) for relation in found.relations) == [
        ("near-text", "characters"),
        ("same-text", "text-sha256"),
    ]
    assert unlike.id not in found.clusters[0].members


def test_a_repost_and_its_source() -> None:
    """By the account that the platform states, whatever the text; by a link if the texts share enough."""
    identity = Identity(key="wechat:MzB=:5:2", biz="MzB=", mid="5", idx="2")
    source = msgspec.structs.replace(wechat(LONG, "5"), identity=identity, site="wechat")
    stated = wechat(
        "转载按语。" + prose(random.Random(3), 300),
        "6",
        original_account=OriginalAccount(name="某号", biz="MzB=", mid="5", idx="2"),
    )
    ministry = document(OTHER, key="mfa:t55", url="https://www.mfa.gov.cn/web/t55.shtml", title="声明")
    host = "https://us.china-embassy.gov.cn/x/t55.htm"
    linked = wechat(OTHER[:250], "8", source_url=host)
    only_link = wechat("Translation. " * 30, "9", source_url=host)
    gone = wechat("无关。" * 30, "10", source_url="https://www.mfa.gov.cn/web/t56.shtml")
    found = relate(source, stated, ministry, linked, only_link, gone)
    assert kinds(found) == [
        ("links-to", only_link.id, ministry.id),
        *sorted([("repost", stated.id, source.id), ("repost", linked.id, ministry.id)]),
    ]
    by = {relation.a: relation for relation in found.relations}
    assert by[stated.id].by == "original-account"
    assert by[linked.id].value == "mfa:t55"
    assert by[only_link.id].containment == 0


def test_the_canonical_document_and_why() -> None:
    """The Ministry's own before others, then what is no repost, then by publication, capture, id."""
    ministry = document(LONG, key="mfa:t1", date="2031-05-22")
    early, late = wechat(LONG, "1", date="2031-05-20"), wechat(LONG, "2", date="2031-05-21")
    assert [(c.canonical, c.why) for c in relate(ministry, early, late).clusters] == [
        (ministry.id, "publisher")
    ]
    assert [(c.canonical, c.why) for c in relate(early, late).clusters] == [(early.id, "published-first")]
    repost = wechat(
        LONG, "3", date="2031-05-01", source_url="https://mp.weixin.qq.com/s?__biz=MzA=&mid=2&idx=1"
    )
    cluster = relate(repost, late).clusters[0]
    assert (cluster.canonical, cluster.why) == (late.id, "not-a-repost")
    twins = relate(wechat(LONG, "4"), wechat(LONG, "5")).clusters[0]
    assert twins.why == "id"


def test_a_cluster_keeps_its_id() -> None:
    """It is made of the canonical document's id, whatever else joins."""
    one, two, three = (wechat(LONG, str(n), date=f"2031-05-0{n}") for n in (1, 2, 3))
    unrelated = wechat(OTHER, "9")
    assert relate(one, two).clusters[0].id == relate(one, two, three, unrelated).clusters[0].id


def test_one_id_counts_once() -> None:
    """The same document from two inputs is one document; of two readings one is kept, whatever the order."""
    one = wechat(LONG, "1")
    again = msgspec.structs.replace(one, text=OTHER, text_sha256="0" * 64)
    found = relate(one, again, one)
    assert (found.documents, found.clusters, found.relations) == (1, (), ())


def test_a_table_row_is_the_same_document() -> None:
    """A document's JSON, its row, and its row as a line of JSON give the same item."""
    account = OriginalAccount(name="某号", biz="MzB=", mid="5", idx="2")
    made = wechat(LONG, "1", original_account=account, source_url="https://paper.example/1")
    row = DocumentRow.from_document(made)
    item = item_from_json(to_bytes(made))
    assert item_from_json(to_line(row)) == item
    assert item_from_row(msgspec.structs.asdict(row)) == item


def test_addresses_name_articles() -> None:
    """Hosts and paths of one publisher's article give one key; what is no address gives none."""
    one, other = "https://www.mfa.gov.cn/web/a/t20310520_77.shtml", "http://www.fmprc.gov.cn/b/t77.html"
    assert url_keys(one)[0] == url_keys(other)[0] == "mfa:t77"
    assert url_keys(None) == url_keys("") == []
    assert url_keys("not a url") == ["url:not a url"]


def test_the_finder_gives_the_source_of_what_names_the_ministry(tmp_path: Path) -> None:
    """A text with 来源：外交部 that states no source otherwise is related to the original that is found."""
    ministry = document(LONG, key="mfa:t55", title="声明")
    excerpt = wechat(LONG[100:300], "1", original_source="外交部")
    unnamed = wechat(LONG[100:320], "2")
    with shelf(tmp_path / "a") as made:
        made.put(ministry, excerpt, unnamed)
        with Finder.open(made.archive, made.library) as finder:
            found = related(items([ministry, excerpt, unnamed]), lambda item: source_of(item, finder))
    reposts = [relation for relation in found.relations if relation.kind == "repost"]
    assert [(relation.a, relation.b, relation.by) for relation in reposts] == [
        (excerpt.id, ministry.id, "finder")
    ]


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b'{"id": 1}', b'{"identity": "{"}', b"\xff"])
def test_what_is_no_document_is_told(data: bytes) -> None:
    """Anything else than a document is refused as such."""
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        item_from_json(data)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_the_order_of_documents_does_not_count(data: st.DataObject) -> None:
    """Texts, titles, names and times at random, in two orders: one answer."""
    texts = st.sampled_from([LONG, OTHER, LONG[:-3], LONG[:500] + OTHER[:90], "贺岁", ""])
    mids, days = st.sampled_from("1234"), st.sampled_from(["2031-01-01T00:00:00Z", "2031-01-02T00:00:00Z"])
    titles = st.sampled_from([None, "关于界河联合测绘的公告"])
    made = data.draw(
        st.lists(
            st.builds(
                lambda text, mid, day, title: wechat(text, mid, fetch_date=day, title=title),
                texts,
                mids,
                days,
                titles,
            ),
            max_size=9,
        )
    )
    other = data.draw(st.permutations(made))
    one, two = related(items(made)), related(items(other))
    assert msgspec.json.encode(one) == msgspec.json.encode(two)
    members = [id_ for cluster in one.clusters for id_ in cluster.members]
    assert len(members) == len(set(members))
    assert {c.canonical for c in one.clusters} <= set(members)


def test_items_are_plain(tmp_path: Path) -> None:
    """A document without any name but its key is an item too."""
    del tmp_path
    bare = Item(id="a", site="generic", text=LONG, text_sha256="0")
    found = related([("a", bare), ("b", msgspec.structs.replace(bare, id="b"))])
    assert [relation.kind for relation in found.relations] == ["same-text"]

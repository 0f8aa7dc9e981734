"""Links in JSON: whatever nesting tools give it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import UsageError
from harvester.links import Links, Named, links_in

A = "https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA"
B = "http://mp.weixin.qq.com/s?__biz=MzA3&mid=1&idx=2&sn=b#rd"
COVER = "https://mmbiz.qpic.cn/x/0?wx_fmt=jpeg"


def of(value: object, name: str = "a.json") -> Links:
    return links_in(json.dumps(value).encode(), name)


def test_a_list_of_messages_as_wechats_tools_export_it() -> None:
    """`general_msg_list` is JSON in a string: articles and the further ones of a message, with its time."""
    article = {"title": "头条", "content_url": A, "cover": COVER, "source_url": "https://x.example/"}
    second = {"title": "次条", "content_url": B.replace("&", "&amp;"), "cover": COVER}
    message = {
        "comm_msg_info": {"id": 1, "datetime": 1715148245},
        "app_msg_ext_info": {**article, "multi_app_msg_item_list": [second]},
    }
    found = of({"ret": 0, "nick_name": "号", "general_msg_list": json.dumps({"list": [message]})})
    sent = "2024-05-08T06:04:05Z"
    at = "general_msg_list.list[0].app_msg_ext_info"
    assert found.named == (
        Named(url=A, title="头条", account="号", published=sent, where=at),
        Named(url=B, title="次条", account="号", published=sent, where=f"{at}.multi_app_msg_item_list[0]"),
    )


def test_objects_lists_and_lines() -> None:
    """Objects with Chinese keys, lists of strings, JSON lines; a cut line is told."""
    assert of([{"标题": "t", "文章链接": A, "封面": COVER}]).named[0].title == "t"
    assert [one.url for one in of({"links": [A, "no", B]}).named] == [A, B]
    lines = f'{{"url": "{A}"}}\n{{"url": "{B}"}}\n{{"url": "https://x'
    found = links_in(lines.encode(), "a.jsonl")
    assert [(one.url, one.where) for one in found.named] == [(A, "line 1"), (B, "line 2")]
    assert found.skipped == ("line 3: it is no JSON",)


def test_addresses_as_keys_or_under_any_name() -> None:
    """Where addresses are keys, or no key calls one its link, they are taken all the same."""
    assert [(one.url, one.title) for one in of({A: {"title": "t"}}).named] == [(A, "t")]
    assert [(one.url, one.where) for one in of({"x": {"y": A}}).named] == [(A, "x.y")]


def test_parts_of_an_article_are_none() -> None:
    """Within an article's object, what has an address but no title is a picture of it."""
    found = of(
        {"link": A, "title": "t", "images": [{"url": COVER}, COVER], "more": [{"url": B, "title": "u"}]}
    )
    assert [one.url for one in found.named] == [A, B]


def test_cut_characters_are_written_as_unknown() -> None:
    """A tool that cut a text within a character (a lone surrogate) does not make the file unreadable."""
    found = links_in(f'[{{"url": "{A}", "title": "x\\ud83d"}}]'.encode(), "a.json")
    assert found.named[0].title == "x?"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b'{"a": ', "cannot be read as JSON"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"log": {"entries": []}}', "harvester import"),
    ],
)
def test_broken_files_say_so(data: bytes, why: str) -> None:
    """Cut, nested without end, or a HAR capture: one line each."""
    with pytest.raises(UsageError, match=why):
        links_in(data, "a.json")


def test_depth_is_capped() -> None:
    """What is nested deeper than is looked at is told."""
    value: object = {"url": A}
    for _ in range(80):
        value = [value]
    assert "nested too deep" in of(value).skipped[0]


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)


@given(VALUES, st.lists(st.sampled_from(["a", "items", 0]), max_size=6))
def test_any_json_is_read(value: object, path: list[str | int]) -> None:
    """No JSON is an error, and an article is found wherever it lies."""
    inner: object = {"url": A, "title": "t", "other": value}
    for step in path:
        inner = {step: inner} if isinstance(step, str) else [value, inner]
    assert A in [one.url for one in of(inner).named]

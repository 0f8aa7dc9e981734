"""`--shard I/N`: a watch list as a partition over machines, by account or by source."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from harvester.config import Loaded, load
from harvester.discover.approving import approve
from harvester.discover.candidates import Candidate, Candidates
from harvester.discover.led import Led
from harvester.errors import UsageError
from harvester.library import Library
from harvester.shards import Shard
from harvester.watch.journal import FOUND, Find, append, read
from harvester.watch.sharding import owner_key
from harvester.watch.wanted import wanted

LONG = "https://mp.weixin.qq.com/s?__biz={biz}&mid={mid}&idx=1&sn=0"
ACCOUNTS = st.sampled_from([f"Mz{n:08d}==" for n in range(12)])
ARTICLES = st.one_of(
    st.builds(lambda biz, mid: LONG.format(biz=biz, mid=mid), ACCOUNTS, st.integers(1, 9)),
    st.builds(lambda n: f"https://mp.weixin.qq.com/s/ShortLink{n:013d}", st.integers(0, 9)),
    st.builds(lambda n: f"https://www.mfa.gov.cn/web/x/202605/t20260507_{n}.shtml", st.integers(1000, 1009)),
)
SOURCES = st.builds(lambda n: f"https://feeds.example/{n % 3}?id={n}", st.integers(0, 9))
FINDS = st.builds(lambda url, source: (url, source), ARTICLES, st.one_of(st.none(), SOURCES))


def listed(folder: Path, pages: list[str], feeds: list[str]) -> Loaded:
    path = folder / "harvester.toml"
    path.write_text(
        f'[[watch]]\nname = "w"\nurls = {json.dumps([*pages, "https://a.example/"])}\n'
        f"feeds = {json.dumps(feeds)}\n"
    )
    return load(path)


def found(pairs: list[tuple[str, str | None]]) -> list[Find]:
    return [Find(at="2026-01-01T00:00:00Z", url=url, watch="w", via="v", source=one) for url, one in pairs]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lists")


@given(
    st.lists(ARTICLES, max_size=12),
    st.lists(SOURCES, max_size=6),
    st.lists(FINDS, max_size=12),
    st.integers(1, 7),
)
def test_each_item_is_of_exactly_one_shard(
    folder: Path, pages: list[str], feeds: list[str], pairs: list[tuple[str, str | None]], count: int
) -> None:
    """The shards of a list are disjoint, and together the whole list; each knows what is not its own."""
    loaded, finds = listed(folder, pages, feeds), found(pairs)
    whole = wanted(loaded, finds, 0.0)
    parts = [wanted(loaded, finds, 0.0, Shard(number, count)) for number in range(1, count + 1)]
    assert sorted(url for part in parts for url in part.items) == sorted(whole.items)
    assert {url: item for part in parts for url, item in part.items.items()} == whole.items
    assert all(part.items.keys() | part.elsewhere == whole.items.keys() for part in parts)
    strays = {url: owner for part in parts for url, owner in part.strays}
    assert all(url in parts[owner.number - 1].items for url, owner in strays.items())


@given(st.lists(ARTICLES, max_size=8), st.lists(ARTICLES, max_size=8), st.integers(1, 5))
def test_adding_moves_nothing(folder: Path, pages: list[str], more: list[str], count: int) -> None:
    """What is added to a list leaves every item where it was."""
    for number in range(1, count + 1):
        shard = Shard(number, count)
        before = wanted(listed(folder, pages, []), (), 0.0, shard).items.keys()
        after = wanted(listed(folder, [*pages, *more], []), (), 0.0, shard).items.keys()
        assert before <= after
        assert after - before <= set(more)


def test_the_rule() -> None:
    """By account in whatever form the link comes; else by article; else by address; finds by their source."""
    forms = (
        "https://mp.weixin.qq.com/s?__biz=MzA5==&mid=1&idx=1&sn=a",
        "http://mp.weixin.qq.com/s?sn=b&__biz=MzA5%3D%3D&mid=2&idx=3#rd",
        "https://mp.weixin.qq.com/mp/appmsgalbum?__biz=MzA5&action=getalbum&album_id=7",
    )
    assert {owner_key(url) for url in forms} == {"wechat:MzA5"}
    short = "https://mp.weixin.qq.com/s/AbCdEfGhIjKlMnOpQrStUv"
    assert owner_key(short) == owner_key(short + "?from=x") != owner_key(forms[0])
    number = "202605/t20260507_11906123.shtml"
    assert owner_key(f"https://www.mfa.gov.cn/web/a/{number}") == owner_key(
        f"https://www.fmprc.gov.cn/b/{number}"
    )
    assert owner_key("https://Feeds.example/a?id=1") == "feeds.example/a?id=1"
    assert owner_key(short, forms[0]) == "wechat:MzA5"
    assert owner_key("http://[::1/") == "http://[::1/"


def test_shares_are_even_and_said_plainly() -> None:
    """A thousand accounts over four machines: none has twice its part; a share that is none is refused."""
    counts = [sum(Shard(n, 4).has_key(f"wechat:{k}") for k in range(1000)) for n in range(1, 5)]
    assert sum(counts) == 1000
    assert max(counts) < 350
    for text in ("0/2", "3/2", "1", "a/b", "1/0", "-1/2"):
        with pytest.raises(UsageError):
            Shard.parse(text)


class Captures:
    """A library of one capture: an article that was asked for under `url`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def find(self, name: str) -> Captures:
        if name != "wechat-1":
            raise UsageError("none")
        return self

    @property
    def requested_url(self) -> str:
        return self.url


def test_what_an_article_leads_to_goes_with_it(tmp_path: Path) -> None:
    """By the feed that found the article, at any remove; by the article itself if nothing found it."""
    feed = "https://feeds.example/1"
    article, next_one, third = (f"https://mp.weixin.qq.com/s/LedFixture{n:012d}" for n in range(3))
    candidate = Candidate(
        at="2026-01-01T00:00:00Z", url=next_one, route="album-neighbour", via="v", source="wechat-1"
    )
    led = Led(tmp_path, cast(Library, Captures(article)))
    assert led.to(candidate) == article
    append(tmp_path, FOUND, [Find(at="2026-01-01T00:00:00Z", url=article, watch="w", via="v", source=feed)])
    assert led.to(candidate) == feed
    now = datetime(2026, 1, 2, tzinfo=UTC)
    approve(tmp_path, Candidates(tmp_path), [candidate], now=now, by="rule", led_to=led.to)
    [*_, find] = read(tmp_path, FOUND, Find)
    assert (find.url, find.source, find.added) == (next_one, feed, True)
    further = Led(tmp_path, cast(Library, Captures(next_one)))
    assert further.to(structs.replace(candidate, url=third)) == feed
    assert further.to(structs.replace(candidate, source=feed)) == feed
    assert further.to(structs.replace(candidate, source="list.txt")) is None

"""Album pages are listings: their articles in order, with days, and the address of the next part."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from fixtures.content import Album
from fixtures.pages.notices import deleted_page
from fixtures.pages.wechat_album import album_page, album_part, album_refused
from fixtures.stories import OBSERVER, lighthouse_article
from harvester.reading import NotArticle, Page
from harvester.sites.wechat import SITE
from harvester.sites.wechat.urls import album_url

ALBUM = Album("3000000000000000001", "雾港记", OBSERVER)
FIRST = lighthouse_article()
SECOND = replace(
    FIRST, title="潮汐“表”&钟", mid=FIRST.mid - 1, sn="b" * 32, published=FIRST.published - 86_400
)
THIRD = replace(FIRST, title="旧船", mid=FIRST.mid - 2, sn="c" * 32, published=FIRST.published - 172_800)


def read(body: bytes, url: str | None = ALBUM.url) -> NotArticle:
    found = SITE.read(Page(body=body, url=url, status=200))
    assert isinstance(found, NotArticle)
    return found


def test_the_page_lists_its_articles_and_leads_on() -> None:
    """Links in their lasting form, days in Shanghai; the next part begins after the last."""
    found = read(album_page(ALBUM, [FIRST, SECOND], more=True), ALBUM.url + "&scene=173&nolastread=1")
    assert (found.state, found.rule) == ("listing", "wx-album")
    assert [(url, title) for url, title, _ in found.links] == [
        (FIRST.long_url, FIRST.title),
        (SECOND.long_url, SECOND.title),
    ]
    assert [day for _, _, day in found.links] == [FIRST.wall_time[:10], SECOND.wall_time[:10]]
    assert found.next_url == ALBUM.part_url(SECOND)
    assert found.details["album"] == "雾港记"
    assert found.details["nick_name"] == OBSERVER.name
    assert read(album_page(ALBUM, [FIRST], more=False)).next_url is None


def test_a_page_that_does_not_say_whether_there_is_more_says_so_and_leads_on() -> None:
    """Only asking tells; the order that was asked for stays."""
    found = read(album_page(ALBUM, [FIRST, SECOND], more=None), ALBUM.url + "&is_reverse=1")
    assert "the page does not say whether its list goes on" in found.evidence
    assert found.next_url == ALBUM.part_url(SECOND).replace("&count", "&is_reverse=1&count")


def test_a_further_part_is_read_alike() -> None:
    """Of several articles, of one that is not in a list, and of none: there the list ends."""
    url = ALBUM.part_url(FIRST)
    several = read(album_part(ALBUM, [SECOND, THIRD], more=True), url)
    assert [link[0] for link in several.links] == [SECOND.long_url, THIRD.long_url]
    assert several.next_url == ALBUM.part_url(THIRD)
    one = read(album_part(ALBUM, [THIRD]), url)
    assert (len(one.links), one.next_url) == (1, None)
    none = read(album_part(ALBUM, [], more=True), url)
    assert (none.state, none.links, none.next_url) == ("listing", (), None)


@pytest.mark.parametrize(
    "body",
    [
        album_refused(OBSERVER),
        b'{"base_resp": {"ret": 0}}',
        b'{"base_resp": ',
        b"{" * 100_000,
        b'{"base_resp":{"ret":0},"getalbum_resp":{"article_list":' + b"[" * 100_000,
    ],
)
def test_an_answer_without_a_list_is_unknown_and_says_why(body: bytes) -> None:
    """A refusal or a broken answer is never an empty album."""
    found = read(body, ALBUM.part_url(FIRST))
    assert (found.state, found.rule, found.links) == ("unknown", "wx-album-unread", ())


def test_hostile_values_cost_their_item_only() -> None:
    """Links elsewhere, times beyond any calendar, absent members."""
    listed = [
        {"url": "javascript:alert(1)", "title": "x"},
        {"url": "https://elsewhere.example/s?__biz=a&mid=1&idx=1", "title": "x"},
        {"title": "no link"},
        {"url": THIRD.long_url, "title": 7, "create_time": "9" * 4000, "msgid": "../x", "itemidx": None},
    ]
    answer = {"base_resp": {"ret": "0"}, "getalbum_resp": {"article_list": listed, "continue_flag": 1}}
    found = read(json.dumps(answer).encode(), ALBUM.url + "&f=json")
    assert found.links == ((THIRD.long_url, "7", None),)
    assert found.next_url == ALBUM.part_url(THIRD)


def test_a_notice_in_an_albums_place_is_the_notice() -> None:
    """Where the platform shows a message instead, that is what the page is; an unread album is a listing."""
    assert read(deleted_page()).state == "deleted"
    unread = read(b"<html><body><div id='app'></div></body></html>")
    assert (unread.state, unread.rule) == ("listing", "wx-url-album")


def test_a_saved_album_page_is_told_by_its_structure() -> None:
    """Without an address there is a list, but none to go on to."""
    found = read(album_page(ALBUM, [FIRST], more=True), None)
    assert (found.state, found.next_url) == ("listing", None)


def test_an_albums_address_has_one_form() -> None:
    """Other parameters, their order and the paging are no other album."""
    for url in (
        ALBUM.url + "&scene=173&from_msgid=1&from_itemidx=1&count=3&nolastread=1#wechat_redirect",
        ALBUM.part_url(FIRST),
        f"http://mp.weixin.qq.com/mp/appmsgalbum?album_id={ALBUM.id}&__biz={OBSERVER.biz}",
        ALBUM.url.replace("==", "%3D%3D"),
    ):
        assert album_url(url) == ALBUM.url
    assert album_url("https://mp.weixin.qq.com/mp/appmsgalbum?album_id=1") is None
    assert album_url(FIRST.long_url) is None

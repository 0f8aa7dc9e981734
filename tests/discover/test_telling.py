"""Answers are told by their content, whatever their address and type say."""

from __future__ import annotations

import gzip

import pytest

from fixtures.content import Album
from fixtures.pages.mfa_frame import listing_page
from fixtures.pages.notices import deleted_page
from fixtures.pages.wechat_album import album_page
from fixtures.stories import OBSERVER, lighthouse_article
from fixtures.stories_more import LISTING
from harvester.discover.telling import tell
from harvester.errors import UsageError

URL = "https://www.mfa.gov.cn/web/x/"
ARTICLE = "https://www.mfa.gov.cn/web/zyxw/202605/t20260507_99900001.shtml"
SITEMAP = (
    f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>{ARTICLE}</loc></url></urlset>"
)
PAGE = f"<html><body><nav><a href='/'>首页</a></nav><p><a href='{ARTICLE}'>声明</a><a href='https://x.example/'>x</a>"
RSS = f"<?xml version='1.0'?><rss><channel><item><link>{ARTICLE}</link></item></channel></rss>"
FEED = '{"version": "https://jsonfeed.org/version/1.1", "items": [{"url": "%s"}]}'


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (SITEMAP.encode(), "sitemap"),
        (gzip.compress(SITEMAP.encode()), "sitemap"),
        (b"\xef\xbb\xbf" + (FEED % ARTICLE).encode(), "feed"),
        (RSS.encode(), "feed"),
        (PAGE.encode(), "listing"),
    ],
)
def test_a_source_is_told(data: bytes, kind: str) -> None:
    """Feeds, sitemaps and pages with links to publishers that are known, and what each leads to."""
    told = tell(data, URL)
    assert (told.kind, [lead.url for lead in told.leads]) == (kind, [ARTICLE])


def test_a_section_of_the_ministry_and_an_album_lead_on() -> None:
    """Listings of known layout need no selector, and say where their list goes on."""
    section = "https://www.mfa.gov.cn/web/fyrbt_673021/jzhsl_673025/"
    told = tell(listing_page("例行记者会", LISTING, pages=3), section)
    assert (told.kind, told.next_url) == ("listing", f"{section}index_1.shtml")
    assert [lead.title for lead in told.leads] == [title for _, title, _ in LISTING]
    album = Album("1", "雾港记", OBSERVER)
    told = tell(album_page(album, [lighthouse_article()], more=True), album.url)
    assert (told.kind, told.title, told.leads[0].account) == ("listing", "雾港记", OBSERVER.name)
    assert told.next_url == album.part_url(lighthouse_article())


def test_a_list_of_subscriptions_names_sources() -> None:
    """An OPML that a page serves is told as such; its feeds are for whoever asks."""
    told = tell(b'<opml version="2.0"><body><outline xmlUrl="https://f.example/a"/></body></opml>', URL)
    assert (told.kind, [link.url for link in told.sources]) == ("subscriptions", ["https://f.example/a"])


def test_a_selector_chooses_the_links_of_any_page() -> None:
    """Also those to publishers without a folder; one that fits nothing, or is none, is said."""
    assert [lead.url for lead in tell(PAGE.encode(), URL, "p a").leads] == [ARTICLE, "https://x.example/"]
    assert not tell(PAGE.encode(), URL, "p a").is_lasting, "a watch would need the selector, too"
    assert tell(PAGE.encode(), URL, "ul a").why == "no link fits the selector"
    with pytest.raises(UsageError):
        tell(PAGE.encode(), URL, "a[")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (deleted_page(), "deleted: 该内容已被发布者删除"),
        (b"<html><body><p>nothing</p>", "name its links by --links"),
        (b"\x1f\x8bbroken", "no sitemap"),
        (b"<rss", "neither RSS nor Atom"),
        (b"", "name its links"),
        (b"\0" * 100, "name its links"),
    ],
)
def test_what_is_no_source_says_what_it_is(data: bytes, words: str) -> None:
    """A notice is never an empty list."""
    told = tell(
        data, "https://mp.weixin.qq.com/mp/appmsgalbum?__biz=a&album_id=1" if b"weui" in data else URL
    )
    assert told.kind is None
    assert words in (told.why or "")

"""What sources name: feeds, sitemaps, pages with links; and what robots.txt says."""

from __future__ import annotations

import contextlib
import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import UsageError
from harvester.watch.robots import robots_url, rules_of
from harvester.watch.sources import Link, NotASourceError, chosen, feed_links, page_links, sitemap_links

BASE = "https://feeds.example.org/a/feed"
RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>T</title><link>https://feeds.example.org/</link>
<item><title>第一篇</title><link>https://mp.weixin.qq.com/s/AAA</link></item>
<item><title>Two</title><link>/local?a=1&amp;b=2#top</link></item>
<item><title>None</title></item></channel></rss>"""
ATOM = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>
<entry><title>One</title><link rel="alternate" href="https://mp.weixin.qq.com/s/AAA"/></entry></feed>"""


def test_rss_atom_and_json_feeds() -> None:
    """Entries' links, absolute, in order; entries without one are passed over."""
    assert feed_links(RSS.encode(), BASE) == [
        Link("https://mp.weixin.qq.com/s/AAA", "第一篇"),
        Link("https://feeds.example.org/local?a=1&b=2", "Two"),
    ]
    assert feed_links(ATOM.encode(), BASE) == [Link("https://mp.weixin.qq.com/s/AAA", "One")]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [
            {"id": "1", "url": "../x", "title": "X"},
            {"id": "2"},
            {"id": "3", "external_url": "https://y.example/"},
        ],
    }
    data = b"\xef\xbb\xbf" + json.dumps(feed).encode()
    assert feed_links(data, BASE) == [
        Link("https://feeds.example.org/x", "X"),
        Link("https://y.example/", None),
    ]


@pytest.mark.parametrize(
    "data", [b"", b"<html><body>404</body></html>", b'{"version": "1"}', b"{", b"/etc/passwd"]
)
def test_what_is_no_feed_says_so(data: bytes) -> None:
    """A page, another JSON, a file's name: none of them is taken for an empty feed."""
    with pytest.raises(NotASourceError, match="feed"):
        feed_links(data, BASE)


URLSET = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc> https://www.example.org/1 </loc><image:image><image:loc>https://www.example.org/1.png</image:loc></image:image></url>
<url><loc>https://www.example.org/2</loc><lastmod>2026-05-08</lastmod></url></urlset>"""
INDEX = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>/s1.xml.gz</loc></sitemap></sitemapindex>'


def test_sitemaps_and_indexes() -> None:
    """Pages of a sitemap, gzip or not; sitemaps of an index; images are no pages."""
    pages = [Link("https://www.example.org/1"), Link("https://www.example.org/2")]
    assert sitemap_links(URLSET.encode(), BASE).pages == pages
    assert sitemap_links(gzip.compress(URLSET.encode()), BASE).pages == pages
    assert sitemap_links(INDEX.encode(), BASE) == ([], [Link("https://feeds.example.org/s1.xml.gz")])


BOMB = """<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c SYSTEM "file:///etc/passwd">]><urlset><url><loc>https://x.example/&b;&c;</loc></url></urlset>"""


@pytest.mark.parametrize(
    "data", [b"", b"<html/>", b"\x1f\x8bnonsense", b"<urlset>", gzip.compress(b"\0" * (51 << 20))]
)
def test_what_is_no_sitemap_says_so(data: bytes) -> None:
    """Pages, damage and bombs are told as what they are."""
    with pytest.raises(NotASourceError, match="sitemap"):
        sitemap_links(data, BASE)


def test_entities_are_not_followed() -> None:
    """A sitemap's entities bring no file in and do not grow."""
    found = sitemap_links(BOMB.encode(), BASE)
    assert all("root:" not in link.url and len(link.url) < 60 for link in found.pages)


def test_links_of_any_page() -> None:
    """A selector finds the links themselves or what holds them; a wrong one is the configuration's fault."""
    html = (
        '<ul><li class=i><a href="/1">A <b>b</b></a></li><li class=i><a href="javascript:x">no</a></li></ul>'
        "<a href=/2>c</a>"
    )
    assert page_links(html.encode(), BASE, "li.i") == [Link("https://feeds.example.org/1", "A b")]
    assert page_links(html.encode(), BASE, "a") == [
        Link("https://feeds.example.org/1", "A b"),
        Link("https://feeds.example.org/2", "c"),
    ]
    with pytest.raises(UsageError, match="selector"):
        page_links(html.encode(), BASE, "li[")


def test_choosing() -> None:
    """Globs choose whole URLs; excluded wins; each URL comes once."""
    links = [Link(f"https://x.example/{name}") for name in ("a/1", "a/2", "b/1", "a/1")]
    assert [link.url[-3:] for link in chosen(links, (), ())] == ["a/1", "a/2", "b/1"]
    assert [link.url[-3:] for link in chosen(links, ["*/a/*"], ["*/2"])] == ["a/1"]


@given(st.binary(max_size=300))
def test_no_bytes_break_a_source(data: bytes) -> None:
    """Any bytes are links or no source."""
    for read in (feed_links, sitemap_links):
        with contextlib.suppress(NotASourceError):
            read(data, BASE)


def test_robots() -> None:
    """Rules for us or for all, the longest match counts; 4xx and HTML hold none; no answer forbids."""
    text = b"User-agent: *\nDisallow: /private/\nAllow: /private/open\n\nUser-agent: Other\nDisallow: /\n"
    rules = rules_of(200, text)
    assert rules.allow("https://x.example/a")
    assert not rules.allow("https://x.example/private/a")
    assert rules.allow("https://x.example/private/open")
    assert not rules_of(200, b"User-agent: harvester\nDisallow: /").allow("https://x.example/a")
    assert rules_of(404, None).allow("https://x.example/a")
    assert not rules_of(503, None).allow("https://x.example/a")
    assert rules_of(503, None).unavailable
    assert not rules_of(None, None).allow("https://x.example/a")
    assert rules_of(200, b"<!DOCTYPE html><html><body>User-agent: *\nDisallow: /</body></html>").allow(
        "https://x.example/a"
    )
    assert robots_url("https://x.example/a/b?c=d") == "https://x.example/robots.txt"

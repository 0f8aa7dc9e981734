"""`discover`, `approve`, and what `run` and `status` make of it, against the loopback origin."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from fixtures import Origin
from fixtures.behaviours import challenge, plain
from fixtures.content import Album, Heading, Link, Paragraph, WechatArticle, para
from fixtures.pages.failures import verification_page
from fixtures.pages.mfa import zh_b_page
from fixtures.pages.wechat_album import album_page, album_part
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import INSTITUTE, OBSERVER, lighthouse_article, statement_original
from tests.configuring import configured

Serve = Callable[..., Origin]
LAYOUT = Recent(era=2026, script_bytes=2_000, nonce="1")
ALBUM = Album("3000000000000000001", "雾港记", OBSERVER)
STATEMENT = statement_original()
ROBOTS = "https://mp.weixin.qq.com/robots.txt"
FEED = "https://mp.weixin.qq.com/feed.xml"


def article(number: int, title: str, *, account: Any = OBSERVER, **more: Any) -> WechatArticle:
    return replace(
        lighthouse_article(),
        account=account,
        title=title,
        mid=2247480000 + number,
        sn=f"{number:032x}",
        short_id=f"FixtureArticle{number:08d}",
        **more,
    )


OLD = [article(number, f"旧文{number}") for number in range(1, 5)]
FOREIGN = article(9, "别家的文章", account=INSTITUTE)
NEWEST = article(
    10,
    "雾港今天开航",
    album=ALBUM,
    before=OLD[0],
    blocks=(
        para("雾港今天开航。"),
        Heading("往期推荐"),
        Paragraph((Link("旧文二", OLD[1].long_url + "&chksm=1#rd"),)),
        Paragraph((Link("别家的文章", FOREIGN.long_url),)),
        Paragraph((Link("外交部声明", STATEMENT.url),)),
    ),
)


def test_a_list_without_links_is_a_negative_answer(harvester: Any, tmp_path: Path) -> None:
    """Exit 1 says that a source gave nothing, also of a file."""
    (tmp_path / "e.csv").write_bytes(b"")
    assert harvester("discover", "e.csv", "--archive", str(tmp_path / "a")).code == 1


def page(one: WechatArticle) -> Any:
    return plain(article_page(one, LAYOUT))


def json_part(*articles: WechatArticle, more: bool = False) -> Any:
    return plain(album_part(ALBUM, articles, more=more), content_type="application/json")


def world(serve: Serve, **more: Any) -> Origin:
    pages = {one.long_url: page(one) for one in (*OLD, FOREIGN, NEWEST)}
    pages |= {
        NEWEST.short_url: page(NEWEST),
        ALBUM.url: plain(album_page(ALBUM, [NEWEST, OLD[0]], more=True)),
        ALBUM.part_url(OLD[0]): json_part(OLD[1], OLD[2], more=True),
        ALBUM.part_url(OLD[2]): json_part(OLD[3]),
        STATEMENT.url: plain(zh_b_page(STATEMENT)),
    }
    return serve({**pages, **more})


def asked(origin: Origin) -> list[str]:
    return [f"https://{one.host}{one.target}" for one in origin.exchanges]


def by_url(answer: Any) -> dict[str, Any]:
    return {one["url"]: one for one in answer.json["candidates"]}


def test_what_an_article_leads_to_is_proposed_approved_and_captured(
    harvester: Any, serve: Serve, tmp_path: Path
) -> None:
    """From its record alone, once; what is approved is captured with how it was found, an album goes on."""
    origin = world(serve)
    configured(tmp_path, origin)
    harvester("fetch", NEWEST.short_url)
    before = len(origin.exchanges)
    found = harvester("discover", "--json")
    assert len(origin.exchanges) == before, "nothing is asked of the network"
    assert {url: (one["route"], one["kind"], one["of"]) for url, one in by_url(found).items()} == {
        ALBUM.url: ("album", "listing", OBSERVER.name),
        OLD[0].long_url: ("album-neighbour", "page", OBSERVER.name),
        OLD[1].long_url: ("past-issues", "page", OBSERVER.name),
        FOREIGN.long_url: ("past-issues", "page", INSTITUTE.biz),
        STATEMENT.url: ("past-issues", "page", "www.mfa.gov.cn"),
    }
    again = harvester("discover", "--json").json
    assert (again["articles_looked_at"], again["new"], len(again["candidates"])) == (0, 0, 5)
    assert "5 candidates wait for `harvester approve`" in harvester("status").out
    ids = {one["url"]: one["id"] for one in found.json["candidates"]}
    assert harvester("approve", ids[FOREIGN.long_url], "--reject").code == 0
    assert harvester("approve", "--account", OBSERVER.biz, "--route", "album").code == 0
    queued = harvester("approve", STATEMENT.url, "--json").json["queued"]
    assert queued[0]["via"].startswith("approved, past-issues in wechat-")
    harvester("run", "--json")
    visits = asked(origin)
    assert visits.count(ALBUM.url) == visits.count(OLD[0].long_url) == visits.count(STATEMENT.url) == 1
    assert visits.index(ROBOTS) < visits.index(ALBUM.url)
    assert FOREIGN.long_url not in visits
    shown = harvester("show", OLD[0].long_url).json["capture"]
    assert shown["discovered_via"] == f"watch list harvester.toml, added, listing {ALBUM.url}"
    left = harvester("discover", "--json")
    assert set(by_url(left)) == {OLD[1].long_url}
    person = harvester("discover").out
    assert all(words in person for words in ("旧文二", "past-issues", OBSERVER.name))


def test_an_album_is_paged_through_its_own_list(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """A watch of an album needs no selector; of its paging it asks as much as it may, and not in circles."""
    circle = json_part(OLD[1], OLD[2], more=True)
    origin = world(serve, **{ALBUM.part_url(OLD[2]): circle})
    configured(
        tmp_path, origin, f'[[watch]]\nname = "album"\nlistings = ["{ALBUM.url}&scene=1"]\nmax_pages = 9'
    )
    origin.site.routes[("mp.weixin.qq.com", f"{ALBUM.url[24:]}&scene=1")] = plain(  # type: ignore[index]
        album_page(ALBUM, [NEWEST, OLD[0]], more=True)
    )
    results = harvester("run", "--json").json["results"]
    assert {one["url"] for one in results if one["state"] == "ok"} == {
        one.long_url for one in (NEWEST, *OLD[:3])
    }
    assert asked(origin).count(ALBUM.part_url(OLD[2])) == 1
    assert harvester("run", "--json").json["results"] == []


def test_sources_are_told_by_content(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """An album in parts, a feed, a sitemap, subscriptions, a list; robots.txt holds, others are refused."""
    feed = f'<rss version="2.0"><channel><item><link>{OLD[3].short_url}</link></item></channel></rss>'
    form = "http://www.sitemaps.org/schemas/sitemap/0.9"
    sitemap = f"<urlset xmlns='{form}'><url><loc>{STATEMENT.url}</loc></url></urlset>"
    secret = "https://www.mfa.gov.cn/web/secret/"
    origin = world(
        serve,
        **{
            FEED: plain(feed.encode(), content_type="application/xml"),
            "https://www.mfa.gov.cn/map": plain(sitemap.encode()),
            "https://www.mfa.gov.cn/robots.txt": plain(b"User-agent: *\nDisallow: /web/secret\n"),
        },
    )
    configured(tmp_path, origin)
    (tmp_path / "feeds.opml").write_text(
        f'<opml version="2.0"><body><outline xmlUrl="{FEED}"/></body></opml>'
    )
    (tmp_path / "list.txt").write_text(f"{FOREIGN.short_url} 别家\nhttps://elsewhere.example/x\n")
    sources = (ALBUM.url, "feeds.opml", "list.txt", "https://www.mfa.gov.cn/map", secret, NEWEST.short_url)
    found = harvester("discover", *sources, "https://feeds.example/x", "--pages", "2", "--json")
    kinds = [(one["source"], one["kind"]) for one in found.json["sources"]]
    assert kinds == [
        (ALBUM.url, "listing"),
        ("feeds.opml", "subscriptions"),
        (FEED, "feed"),
        ("list.txt", "list"),
        ("https://www.mfa.gov.cn/map", "sitemap"),
        (secret, None),
        (NEWEST.short_url, None),
        ("https://feeds.example/x", None),
    ]
    messages = [one["message"] for one in found.json["sources"]]
    assert "robots.txt forbids it" in messages[5]
    assert "it is an article" in messages[6]
    assert "allow_hosts" in messages[7]
    assert found.code == 1
    proposed = {url: (one["route"], one["kind"]) for url, one in by_url(found).items()}
    assert proposed == {
        ALBUM.url: ("listing", "listing"),
        **{one.long_url: ("listing", "page") for one in (NEWEST, *OLD[:3])},
        FEED: ("list", "feed"),
        OLD[3].short_url: ("feed", "page"),
        FOREIGN.short_url: ("list", "page"),
        "https://www.mfa.gov.cn/map": ("sitemap", "sitemap"),
        STATEMENT.url: ("sitemap", "page"),
    }
    assert [one["text"] for one in found.json["refused"]] == ["https://elsewhere.example/x"]
    assert secret not in asked(origin)


def test_an_account_is_followed_by_rule(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """What leads to it is queued without asking, an album is watched; what leads elsewhere is left out."""
    origin = world(serve)
    configured(
        tmp_path,
        origin,
        f'[[watch]]\nname = "fog"\nurls = ["{NEWEST.short_url}"]\naccounts = ["{OBSERVER.user_name}"]\n'
        'approve = "auto"\nmax_pages = 9',
    )
    harvester("run", "--json")
    visits = asked(origin)
    assert all(visits.count(one.long_url) == 1 for one in OLD)
    assert not {FOREIGN.long_url, STATEMENT.url} & set(visits)
    shown = harvester("show", OLD[1].long_url).json["capture"]["discovered_via"]
    assert shown.startswith("approved by rule, past-issues in wechat-") or "listing" in shown
    assert harvester("run", "--json").json["results"] == []
    standing = {one["account"]: one for one in harvester("status", "--json").json["accounts"]}
    fog = standing[OBSERVER.name]
    assert fog["has_route"]
    assert (fog["articles"], fog["watched"]) == (5, ["fog"])
    assert {(one["kind"], one["source"]) for one in fog["routes"] if one["standing"]} == {
        ("links", None),
        ("listing", ALBUM.url),
    }


def test_an_account_that_is_to_be_asked_about_only_proposes(
    harvester: Any, serve: Serve, tmp_path: Path
) -> None:
    """Without the rule its leads wait; status says that it has no route."""
    origin = world(serve)
    urls = json.dumps([NEWEST.short_url, STATEMENT.url])
    configured(tmp_path, origin, f'[[watch]]\nurls = {urls}\naccounts = ["{OBSERVER.name}", "没有的号"]')
    harvester("run")
    assert not {one.long_url for one in OLD} & set(asked(origin))
    waiting = harvester("approve")
    assert waiting.code == 2
    assert "3 waiting" in waiting.err
    value = harvester("status", "--json").json["accounts"]
    assert {one["account"]: (one["has_route"], one["articles"]) for one in value} == {
        OBSERVER.name: (False, 1),
        "没有的号": (False, 0),
        "www.mfa.gov.cn": (False, 1),
    }
    assert "NO ROUTE" in harvester("status").out


def test_what_is_no_candidate_is_told(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """An unknown id, route, watch or file is one line and exit 2; nothing meant is exit 1."""
    origin = world(serve)
    configured(tmp_path, origin)
    harvester("fetch", NEWEST.short_url)
    harvester("discover")
    for arguments, words in (
        (("approve", "ffffffff"), "no candidate 'ffffffff' waits"),
        (("approve", ""), "no candidate"),
        (("approve", "--all", "--route", "rumour"), "no such kind of route"),
        (("approve", "--all", "--watch", "x"), "no watch 'x'"),
        (("discover", "nothing.csv"), "nothing.csv"),
        (("discover", "--watch", "x", "y"), "no watch 'x'"),
    ):
        answer = harvester(*arguments)
        assert (answer.code, words in answer.err) == (2, True), answer
    assert harvester("approve", "--account", "nobody").code == 1


def test_a_demand_for_verification_is_a_no(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """By redirect or in the album's own place: exit 3; what was read before is kept, the host left alone."""
    for block in (challenge(), plain(verification_page(ALBUM.url))):
        folder = tmp_path / str(id(block))
        folder.mkdir()
        origin = world(serve, **{ALBUM.part_url(OLD[0]): block})
        configured(tmp_path, origin)
        found = harvester("discover", ALBUM.url, "--pages", "9", "--json", "--archive", folder / "a")
        assert found.code == 3
        assert {NEWEST.long_url, OLD[0].long_url} <= set(by_url(found))
        before = len(origin.exchanges)
        again = harvester("discover", ALBUM.url, "--json", "--archive", folder / "a")
        assert (again.code, len(origin.exchanges)) == (3, before)
        assert harvester("breaker", "--close", "mp.weixin.qq.com").code == 0

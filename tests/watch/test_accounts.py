"""What `status` tells of accounts: what brought articles, which routes stand, and where there is none."""

from __future__ import annotations

import msgspec
import pytest

from harvester.discover.whose import Whose
from harvester.library import ArticleRow
from harvester.watch.accounts import Standing, route_of, standings
from harvester.watch.config import Watch
from harvester.watch.wanted import item_of

BIZ = "MzkwMDAwMDAwMg=="
ALBUM = f"https://mp.weixin.qq.com/mp/appmsgalbum?__biz={BIZ}&action=getalbum&album_id=1"
FEED = "https://feeds.example.org/fog.xml"
SECTION = "https://www.mfa.gov.cn/web/fyrbt_673021/"


def row(number: int, via: str | None, *, first: str = "2026-05-08T06:00:00Z", **more: object) -> ArticleRow:
    made = ArticleRow(
        id=f"wechat-{number}",
        site="wechat",
        source="雾港观测站",
        url=f"https://mp.weixin.qq.com/s?__biz={BIZ}&mid={number}&idx=1&sn=a",
        requested_url=None,
        method="live",
        discovered_via=via,
        first=first,
        captures=2,
    )
    return msgspec.structs.replace(made, **more)


def told(rows: list[ArticleRow], sources: list[tuple[str, str]], **watches: Watch) -> dict[str, Standing]:
    whose = Whose()
    for one in rows:
        if one.site == "wechat":
            whose.learn(f"wechat:{BIZ.rstrip('=')}", one.source)
    items = [item_of(url, kind, "w", "", 0.0) for kind, url in sources]  # type: ignore[arg-type]
    return {one.account: one for one in standings(rows, items, watches, whose)}


@pytest.mark.parametrize(
    ("via", "route"),
    [
        (f"watch list harvester.toml, name, listing {ALBUM}", ("listing", ALBUM)),
        (f"watch list harvester.toml, feed {FEED}", ("feed", FEED)),
        ("approved, past-issues in wechat-1", ("past-issues", None)),
        (f"approved, listing on {ALBUM}", ("listing", ALBUM)),
        ("approved, list in file a.csv", ("list", None)),
        ("approved by rule, past-issues in wechat-1", ("links", None)),
        ("watch list harvester.toml, statements", ("named", None)),
        ("added by hand, links.txt", ("added by hand", None)),
        (None, ("fetch", None)),
    ],
)
def test_the_words_of_how_a_url_was_found_tell_the_route(via: str | None, route: tuple[str, str]) -> None:
    """They are kept with every capture, so routes are known from WARC files alone."""
    assert route_of(row(1, via)) == route
    assert route_of(row(1, via, method="import")) == ("import", None)


def test_a_route_stands_while_its_source_is_looked_at() -> None:
    """A feed that is no longer watched is told with what it brought, but is no route any more."""
    rows = [
        row(1, f"watch list h, feed {FEED}"),
        row(2, f"watch list h, feed {FEED}", first="2026-05-09T06:00:00Z"),
        row(3, None, first="2026-05-10T06:00:00Z"),
    ]
    now = told(rows, [("feed", FEED)])["雾港观测站"]
    assert (now.has_route, now.articles, now.captures, now.last_yield) == (True, 3, 6, "2026-05-10T06:00:00Z")
    assert [(one.kind, one.standing, one.articles, one.last_yield) for one in now.routes] == [
        ("feed", True, 2, "2026-05-09T06:00:00Z"),
        ("fetch", False, 1, "2026-05-10T06:00:00Z"),
    ]
    assert not told(rows, [])["雾港观测站"].has_route


def test_an_album_and_a_section_are_routes_before_they_yield() -> None:
    """An album is its account's by its address, a section of the Ministry its host's; accounts without a
    route come first.
    """
    ministry = row(4, None, site="mfa", source="外交部", url=f"{SECTION}202605/t20260508_1.shtml")
    found = told([row(1, None), ministry], [("listing", ALBUM), ("listing", SECTION)])
    first = found["雾港观测站"].routes[0]
    assert (first.kind, first.standing, first.last_yield) == ("listing", True, None)
    assert found["www.mfa.gov.cn"].has_route
    assert list(told([row(1, None), ministry], [("listing", ALBUM)])) == ["www.mfa.gov.cn", "雾港观测站"]


def test_accounts_of_the_configuration_are_told_though_nothing_came() -> None:
    """An account is the same by any of its names; followed by rule, it has a route once it is known."""
    by_rule = Watch(accounts=(BIZ, "新号"), approve="auto")
    found = told([row(1, None)], [], fog=by_rule)
    assert found["雾港观测站"].watched == found["新号"].watched == ("fog",)
    assert found["雾港观测站"].has_route
    assert not found["新号"].has_route, "nothing is captured whose links could be followed"
    assert not told([row(1, None)], [], fog=Watch(accounts=(BIZ,)))["雾港观测站"].has_route

"""`discover --index`: a CDX server and TimeMaps on the loopback origin; copies state-checked before use."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from fixtures import Origin
from fixtures.behaviours import plain
from fixtures.pages.failures import verification_page
from fixtures.pages.notices import deleted_page
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article
from fixtures.webarchive import CDX, HOST, TIMEMAP, Stored, WebArchive

Serve = Callable[..., Origin]
LAYOUT = Recent(era=2026, script_bytes=2_000, nonce="1")
PREFIX = "mp.weixin.qq.com/s*"


def article(number: int) -> Any:
    return replace(
        lighthouse_article(),
        title=f"灯塔{number}",
        mid=2247480000 + number,
        sn=f"{number:032x}",
        short_id=f"FixtureArticle{number:08d}",
    )


ONE, TWO, THREE = map(article, (1, 2, 3))
DELETED = deleted_page()


def good(one: Any) -> bytes:
    return article_page(one, LAYOUT)


CAPTCHA = f"https://mp.weixin.qq.com/mp/wappoc_appmsgcaptcha?target_url={ONE.short_url}"
STORED = [
    Stored(url=ONE.short_url, stamp="20240101000000", body=good(ONE)),
    Stored(url=ONE.short_url, stamp="20240201000000", body=DELETED),
    Stored(url=f"{ONE.short_url}?scene=1", stamp="20240202000000", body=DELETED, digest="20240201000000"),
    Stored(url=ONE.short_url, stamp="20240301000000", body=verification_page(ONE.short_url)),
    Stored(url=ONE.short_url, stamp="20240401000000", location=CAPTCHA),
    Stored(url=CAPTCHA, stamp="20240401000000", body=verification_page(ONE.short_url)),
    Stored(url=TWO.long_url, stamp="20240101000000", body=DELETED),
    Stored(url=THREE.long_url, stamp="20240101000000", body=good(ONE)),
    Stored(url="https://mp.weixin.qq.com/s/logo.png", stamp="20240101000000", mime="image/png"),
    Stored(url="https://mp.weixin.qq.com/other", stamp="20240101000000", body=b"x"),
]


def served(serve: Serve, stored: list[Stored] = STORED, **more: Any) -> Origin:
    return serve({ONE.short_url: plain(good(ONE))}, fallbacks={HOST: WebArchive(stored, **more)})


def discover(harvester: Any, origin: Origin, index: str, match: str, *more: str, archive: str = "a") -> Any:
    options = ("--json", "--archive", archive, "--allow-host", HOST, *origin.options)
    return harvester("discover", "--index", index, "--match", match, *more, *options)


def asked(origin: Origin) -> list[str]:
    return [one.target for one in origin.exchanges if one.host == HOST]


def test_pages_of_an_index_are_proposed_with_their_copies(harvester: Any, serve: Serve) -> None:
    """Articles of the prefix, one a page, with how many copies of when; robots.txt is asked first."""
    origin = served(serve)
    found = discover(harvester, origin, f"{CDX}?limit=4", PREFIX, "--pages", "9")
    assert found.code == 0
    told = {one["url"]: (one["route"], one["via"], one["note"]) for one in found.json["candidates"]}
    via = f"index in the index {CDX}?limit=4"
    assert told == {
        ONE.short_url: ("index", via, "5 copies in the index, 2024-01-01 to 2024-04-01"),
        TWO.long_url: ("index", via, "1 copy in the index, of 2024-01-01"),
        THREE.long_url: ("index", via, "1 copy in the index, of 2024-01-01"),
    }
    assert asked(origin)[0] == "/robots.txt"
    assert [("resumeKey=4" in one) for one in asked(origin)[1:]] == [False, True]
    part = discover(harvester, origin, f"{CDX}?limit=4", PREFIX, archive="b")
    assert "--pages" in part.json["sources"][0]["message"]


def test_only_a_copy_that_is_an_article_is_offered(harvester: Any, serve: Serve) -> None:
    """Deleted pages, demands for verification and other articles are copied, all with status 200.

    Equal copies are looked at once; what was looked at is not asked for again; no visit is in the timeline.
    """
    origin = served(serve)
    found = discover(harvester, origin, CDX, PREFIX, "--copies", "5")
    assert found.code == 0, found.err
    looked = [(one["url"], one["at"][:10], one["state"], one["offered"]) for one in found.json["copies"]]
    assert looked == [
        (ONE.short_url, "2024-03-01", "verification", False),
        (ONE.short_url, "2024-02-02", "deleted", False),
        (ONE.short_url, "2024-01-01", "ok", True),
        (TWO.long_url, "2024-01-01", "deleted", False),
        (THREE.long_url, "2024-01-01", "elsewhere", False),
    ]
    notes = {one["url"]: one["note"] for one in found.json["candidates"]}
    shown = f"https://{HOST}/web/20240101000000id_/{ONE.short_url}"
    assert notes[ONE.short_url].endswith(
        f"that archive's copy of 2024-01-01T00:00:00Z is an article: {shown}"
    )
    assert notes[TWO.long_url].endswith("none is an article (deleted)")
    assert found.json["copies"][2]["title"] == "灯塔1"
    before = len(asked(origin))
    again = discover(harvester, origin, CDX, PREFIX, "--copies", "5")
    assert all(one["held"] for one in again.json["copies"])
    assert not [one for one in asked(origin)[before:] if "id_" in one]
    assert harvester("list", "--json", "--archive", "a").json == []
    assert "no capture of the publisher" in again.err


def test_a_copy_that_is_taken_in_says_what_it_is(harvester: Any, serve: Serve) -> None:
    """It becomes a document of the original, by its own method, with that archive's time; rebuilt equally."""
    origin = served(serve)
    found = discover(harvester, origin, CDX, PREFIX, "--copies", "5", "--take")
    assert "taken in as wechat-" in found.err
    (row,) = harvester("list", "--json", "--archive", "a").json
    shown = harvester("show", row["id"], "--archive", "a").json
    assert (shown["url"], shown["capture"]["method"]) == (ONE.long_url, "archive-copy")
    assert shown["fetch_date"] == "2024-01-01T00:00:00Z"
    assert any("that archive's answer" in words for words in shown["provenance"]["warnings"])
    events = harvester("timeline", ONE.short_url, "--json", "--archive", "a").json["events"]
    assert [event["kind"] for event in events] == ["imported"]
    again = discover(harvester, origin, CDX, PREFIX, "--copies", "5", "--take")
    assert len(harvester("list", "--json", "--archive", "a").json) == 1
    assert ONE.short_url not in {one["url"] for one in again.json["copies"]}
    assert harvester("rebuild", "a", "--check").code == 0


def test_what_the_archive_has_is_not_looked_for(harvester: Any, serve: Serve) -> None:
    """Of an article with a good capture no copy is asked for."""
    origin = served(serve)
    harvester("fetch", ONE.short_url, "--no-images", "--no-requisites", "--archive", "a", *origin.options)
    found = discover(harvester, origin, CDX, ONE.short_url, "--copies", "5")
    assert (found.json["copies"], found.json["candidates"]) == ([], [])


def test_a_timemap_names_copies_of_one_page(harvester: Any, serve: Serve) -> None:
    """Mementos are asked for as they were captured, without the archive's frame; redirects are followed."""
    origin = served(serve)
    found = discover(harvester, origin, TIMEMAP, ONE.short_url, "--copies", "9")
    assert [one["state"] for one in found.json["copies"]] == ["verification", "verification", "deleted", "ok"]
    assert all("id_/" in one for one in asked(origin) if "/web/2024" in one)


@pytest.mark.parametrize("forbidden", ["/cdx", "/web/"])
def test_robots_txt_of_the_archive_is_obeyed(harvester: Any, serve: Serve, forbidden: str) -> None:
    """For its index, and for its copies."""
    origin = served(serve, robots=f"User-agent: *\nDisallow: {forbidden}\n")
    found = discover(harvester, origin, CDX, PREFIX, "--copies", "1")
    assert not [one for one in asked(origin) if "id_" in one or forbidden in one]
    assert "robots.txt forbids it" in json.dumps([found.json["copies"], found.json["sources"]])


def test_bad_calls_say_what_to_do(harvester: Any, serve: Serve) -> None:
    """A host that is not allowed, no prefix, options without an index, a page for an answer."""
    origin = served(serve)
    options = ("--archive", "a", *origin.options)
    closed = harvester("discover", "--index", CDX, "--match", PREFIX, "--json", *options)
    assert closed.code == 2
    assert "--allow-host" in closed.json["sources"][0]["message"]
    assert asked(origin) == []
    for call, words in (
        (("--index", CDX), "--match"),
        (("--match", PREFIX), "--index"),
        (("--index", f"https://{HOST}/api", "--match", "x", "--copies", "1"), "--replay"),
        (("--index", CDX, "--match", "x", ONE.short_url), "either"),
    ):
        answer = harvester("discover", *call, *options)
        assert answer.code == 2
        assert words in answer.err
    page = discover(harvester, origin, f"https://{HOST}/robots.txt", "x")
    assert page.code == 1
    assert "no index of captures" in page.json["sources"][0]["message"]

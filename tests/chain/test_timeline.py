"""`harvester timeline` and `changes` over visits to an origin that edits and deletes."""

from __future__ import annotations

import dataclasses
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fixtures import Origin
from fixtures.behaviours import by_visit, plain, redirect
from fixtures.content import para
from fixtures.misbehaviours import no_answer
from fixtures.pages.notices import deleted_page
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article

ARTICLE = lighthouse_article()
URL = ARTICLE.short_url
BARE = ("--no-images", "--no-requisites")
Serve = Callable[..., Origin]


def page(nonce: str, *, edited: bool = False) -> bytes:
    article = ARTICLE
    if edited:
        extra = para("观测站补充：上述数据已经更正。")
        article = dataclasses.replace(
            ARTICLE, blocks=(*ARTICLE.blocks, extra), modified=ARTICLE.published + 900
        )
    return article_page(article, Recent(era=2026, script_bytes=5_000, nonce=nonce))


def visits(harvester: Any, origin: Origin, count: int, *urls: str) -> None:
    for _ in range(count):
        harvester("fetch", *(urls or (URL,)), "--archive", "a", *BARE, *origin.options)


def kinds(harvester: Any, *arguments: str) -> list[str]:
    return [
        event["kind"]
        for event in harvester("timeline", *arguments, "--archive", "a", "--json").json["events"]
    ]


def test_the_story_of_an_article(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """Captured, unchanged with another nonce, edited with a diff, reported gone; so after a reindex, too."""
    origin = serve(
        {
            URL: by_visit(
                {1: plain(page("1")), 2: plain(page("2")), 3: plain(page("3", edited=True))},
                plain(deleted_page()),
            )
        }
    )
    visits(harvester, origin, 4)
    story = ["captured", "unchanged", "edited", "reported-gone"]
    value = harvester("timeline", URL, "--archive", "a", "--json").json
    assert [event["kind"] for event in value["events"]] == story
    edit = value["events"][2]
    assert set(edit["fields"]) == {"text", "modified_at"}
    assert edit["declared"] is not None
    assert "已经更正" in edit["diff"]["edits"][0]["captured"]["text"]
    assert value["events"][3]["notice"] == "该内容已被发布者删除"
    shown = harvester("timeline", value["events"][0]["id"], "--archive", "a")
    assert "已经更正" in shown.out
    assert harvester("changes", "--archive", "a").out.count("captured") == 1
    listed = harvester("changes", "--archive", "a", "--json", "--all").json
    assert [event["kind"] for event in listed] == story
    assert [
        event["kind"] for event in harvester("changes", "--kind", "edited", "--archive", "a", "--json").json
    ] == ["edited"]
    assert harvester("reindex", "--archive", "a").code == 0
    assert kinds(harvester, URL) == story
    checked = harvester("check", "a", "--json")
    assert not [found for found in checked.json["findings"] if found["severity"] != "info"], checked.out
    shutil.rmtree(tmp_path / "a" / "library")
    visits(harvester, origin, 1)
    assert kinds(harvester, URL) == [*story, "unchanged"]


def test_attempts_of_one_visit_are_one_event(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """Answers of 503 before a good page are part of its visit; three broken connections are a failure."""
    busy = plain(b"<html><body>busy</body></html>", status=503)
    origin = serve(
        {
            URL: by_visit(
                {1: busy, 2: plain(page("1")), 3: no_answer(), 4: no_answer(), 5: no_answer()},
                plain(page("2")),
            )
        }
    )
    visits(harvester, origin, 3)
    value = harvester("timeline", URL, "--archive", "a", "--json").json["events"]
    assert [(event["kind"], event["attempts"]) for event in value] == [
        ("captured", 2),
        ("failed", 3),
        ("unchanged", 1),
    ]
    assert harvester("reindex", "--archive", "a").code == 0
    assert harvester("timeline", URL, "--archive", "a", "--json").json["events"] == value


def test_a_redirect_is_part_of_the_visit(harvester: Any, serve: Serve) -> None:
    """A page reached over a redirect is one visit, told under the address asked for and the article's own."""
    other = "https://mp.weixin.qq.com/s/FixtureOldAddress00001"
    origin = serve({other: redirect(URL), URL: plain(page("1"))})
    visits(harvester, origin, 2, other)
    value = harvester("timeline", other, "--archive", "a", "--json").json
    assert [event["kind"] for event in value["events"]] == ["captured", "unchanged"]
    own = next(url for url in value["urls"] if url != other)
    assert kinds(harvester, own) == ["captured", "unchanged"]


def test_many_pages_that_lead_to_one_notice_stay_apart(harvester: Any, serve: Serve) -> None:
    """Where a redirect ended names no article unless one is there."""
    first, second = (f"https://mp.weixin.qq.com/s/FixtureLostArticle000{number}" for number in (1, 2))
    notice = "https://mp.weixin.qq.com/mp/notice"
    origin = serve({first: redirect(notice), second: redirect(notice), notice: plain(deleted_page())})
    visits(harvester, origin, 1, first, second)
    value = harvester("timeline", first, "--archive", "a", "--json").json
    assert [event["kind"] for event in value["events"]] == ["reported-gone"]
    assert second not in value["urls"]


def test_an_extractor_upgrade_is_no_edit(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """A capture read by other rules, with another core, is read again by today's before it is compared."""
    origin = serve({URL: by_visit({1: plain(page("1")), 2: plain(page("2"))}, plain(page("3", edited=True)))})
    visits(harvester, origin, 2)
    database = sqlite3.connect(tmp_path / "a/library/library.sqlite")
    with database:
        database.execute(
            "update pages set core = replace(core, 'text=', 'text=0'), core_rules = 'older' "
            "where fetch_date = (select min(fetch_date) from pages)"
        )
        database.execute("update pages set core = replace(core, '1:', '1:0')")
    database.close()
    assert kinds(harvester, URL) == ["captured", "unchanged"]
    visits(harvester, origin, 1)
    assert kinds(harvester, URL) == ["captured", "unchanged", "edited"]


def test_what_was_never_visited(harvester: Any, serve: Serve) -> None:
    """An unknown URL is a negative answer, an unknown id and a senseless time are the call's fault."""
    visits(harvester, serve({URL: plain(page("1"))}), 1)
    assert (
        harvester("timeline", "https://mp.weixin.qq.com/s/FixtureNeverSeen000001", "--archive", "a").code == 1
    )
    assert harvester("timeline", "wechat-nothing", "--archive", "a").code == 2
    assert harvester("changes", "--since", "soon", "--archive", "a").code == 2
    assert harvester("changes", "--kind", "exploded", "--archive", "a").code == 2
    assert harvester("changes", "--since", "2099-01-01", "--archive", "a").code == 0

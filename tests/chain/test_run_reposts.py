"""`harvester run` holds reposts against their originals as they come, and again when these are edited."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from fixtures import Origin
from fixtures.behaviours import by_visit, plain
from fixtures.pages.mfa import zh_b_page
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.saved import saved_html
from fixtures.stories import lighthouse_article, statement_original, statement_repost
from harvester import config
from harvester.cli.handing import Beside
from harvester.cli.session import Session
from harvester.clock import SystemClock
from harvester.watch.events import Event
from harvester.watch.queue import Queue, queue_path
from harvester.watch.runner import Runner
from harvester.watch.timeline import Story

ORIGINAL, REPOST, OTHER = statement_original(), statement_repost(), lighthouse_article()
FIRST = zh_b_page(ORIGINAL)
EDITED = FIRST.replace("必须".encode(), "可以".encode())
Serve = Callable[..., Origin]


class Later(SystemClock):
    """The machine's clock, days on."""

    def __init__(self, days: float) -> None:
        self._ahead = timedelta(days=days)

    def now(self) -> Any:
        return super().now() + self._ahead


def wechat(article: Any, *changed: tuple[str, str]) -> bytes:
    page = article_page(article, Recent(era=2026, script_bytes=5_000, nonce="1"))
    for old, new in changed:
        page = page.replace(old.encode(), new.encode())
    return page


FAITHFUL = wechat(REPOST, ("可以", "必须"))


def watching(folder: Path, origin: Origin, *urls: str, more: str = "") -> None:
    (folder / "harvester.toml").write_text(
        f'archive = "a"\n[operator]\ncontact = "a@example.org"\n[fetch]\nimages = false\nrequisites = false\n'
        f'ca_file = "{origin.ca_file}"\nconnect_to = {json.dumps(origin.connect_to)}\n'
        f"[[watch]]\nurls = {json.dumps(urls)}\n{more}",
        encoding="utf-8",
    )


def run_later(folder: Path, days: float) -> tuple[list[tuple[str, str]], list[str]]:
    """Do what `harvester run` does, so many days on; return what was told, by URL and kind, and faults."""
    loaded, clock = config.load(folder / "harvester.toml"), Later(days)
    told: list[tuple[str, str]] = []
    faults: list[str] = []

    def hear(_story: Story, events: Sequence[Event]) -> None:
        told.extend((event.url, event.kind) for event in events)

    with (
        Session(folder / "a", loaded, clock=clock) as session,
        Queue(queue_path(folder / "state", folder / "a")) as queue,
    ):
        runner = Runner(session, loaded, queue, clock, hear, on_fault=faults.append)
        try:
            runner.sync()
            list(runner.once())
        finally:
            runner.close()
    return told, faults


def story(harvester: Any, url: str) -> list[dict[str, Any]]:
    return list(harvester("timeline", url, "--archive", "a", "--json").json["events"])


def kinds(harvester: Any, url: str) -> list[str]:
    return [event["kind"] for event in story(harvester, url)]


def test_a_repost_is_verified_as_it_comes(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """A changed word is an event of the repost; an edit of its original one of both; so after a reindex."""
    origin = serve(
        {
            ORIGINAL.url: by_visit({1: plain(FIRST)}, plain(EDITED)),
            REPOST.short_url: plain(wechat(REPOST)),
            OTHER.short_url: plain(wechat(OTHER)),
        }
    )
    watching(tmp_path, origin, ORIGINAL.url)
    assert run_later(tmp_path, 0) == ([(ORIGINAL.url, "captured")], [])
    watching(tmp_path, origin, ORIGINAL.url, REPOST.short_url, OTHER.short_url, more='every = "2d"')
    told, faults = run_later(tmp_path, 1)
    assert (REPOST.short_url, "differs") in told
    assert not faults
    assert kinds(harvester, OTHER.short_url) == ["captured"]
    differs = story(harvester, REPOST.short_url)[-1]
    assert differs["compared"]["verdict"] == "altered"
    assert differs["compared"]["first"] == ["modality", "必须", "可以"]
    assert differs["compared"]["original"] == story(harvester, ORIGINAL.url)[0]["id"]
    stands = harvester("status", "--archive", "a", "--json").json["reposts"]
    assert (stands["compared"], [one["verdict"] for one in stands["differing"]]) == (1, ["altered"])
    assert "1; 1 differs" in harvester("status", "--archive", "a").out
    watching(tmp_path, origin, REPOST.short_url)
    assert run_later(tmp_path, 3) == ([(REPOST.short_url, "unchanged")], [])
    watching(tmp_path, origin, ORIGINAL.url)
    told, faults = run_later(tmp_path, 4)
    assert told == [(ORIGINAL.url, "edited"), (REPOST.short_url, "original-edited")]
    edit = story(harvester, REPOST.short_url)[-1]["compared"]
    assert (edit["verdict"], edit["first"]) == ("same-text", None)  # it says now what the repost said
    after = kinds(harvester, REPOST.short_url)
    assert after == ["captured", "differs", "unchanged", "original-edited"]
    assert harvester("status", "--archive", "a", "--json").json["reposts"]["differing"] == []
    changed = harvester("changes", "--since", "30d", "--kind", "differs", "--archive", "a", "--json").json
    assert [event["url"] for event in changed] == [REPOST.short_url]
    assert "必须 → 可以" in harvester("timeline", REPOST.short_url, "--archive", "a").out
    assert run_later(tmp_path, 4) == ([], [])  # nothing is told twice
    assert harvester("reindex", "--archive", "a").code == 0
    assert kinds(harvester, REPOST.short_url) == after
    assert not harvester("verify", "--recheck", "--archive", "a").code
    checked = harvester("check", "a", "--json").json
    assert not [found for found in checked["findings"] if found["severity"] != "info"]


def test_an_original_that_comes_later_is_what_archived_reposts_are_held_against(
    harvester: Any, serve: Serve, tmp_path: Path
) -> None:
    """So is what `fetch` captured meanwhile: the next run makes up for it."""
    origin = serve({ORIGINAL.url: plain(FIRST), REPOST.short_url: plain(FAITHFUL)})
    fetched = harvester(
        "fetch", REPOST.short_url, "--archive", "a", "--no-images", "--no-requisites", *origin.options
    )
    assert fetched.code == 0
    watching(tmp_path, origin, ORIGINAL.url)
    told, _ = run_later(tmp_path, 0)
    assert told == [(ORIGINAL.url, "captured"), (REPOST.short_url, "verified")]
    assert "verified" not in harvester("changes", "--since", "30d", "--archive", "a").out


def test_verify_false_compares_nothing(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """A watch that says so is not verified, also not by the next run."""
    origin = serve({ORIGINAL.url: plain(FIRST), REPOST.short_url: plain(FAITHFUL)})
    watching(tmp_path, origin, ORIGINAL.url, REPOST.short_url, more="verify = false")
    run_later(tmp_path, 0)
    told, _ = run_later(tmp_path, 2)
    assert {kind for _, kind in told} == {"unchanged"}


def test_a_fault_of_verification_harms_no_run(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """A stored original that was tampered with is told; the capture stays, and a later run verifies it."""
    origin = serve({ORIGINAL.url: plain(FIRST), REPOST.short_url: plain(FAITHFUL)})
    watching(tmp_path, origin, ORIGINAL.url)
    run_later(tmp_path, 0)
    (document,) = (tmp_path / "a/documents").rglob("*.json")
    document.write_bytes(document.read_bytes().replace("必须".encode(), "应当".encode()))
    watching(tmp_path, origin, REPOST.short_url)
    told, faults = run_later(tmp_path, 0.1)
    assert told == [(REPOST.short_url, "captured")]
    assert "could not be verified" in faults[0]
    assert "is not what its WARC record gives" in faults[0]
    assert harvester("reindex", "--archive", "a").code == 0
    assert run_later(tmp_path, 0.2) == ([(REPOST.short_url, "verified")], [])


def test_a_difference_is_told_and_goes_with_its_original(
    harvester: Any, serve: Serve, tmp_path: Path
) -> None:
    """`run` tells feeds of it in words; a comparison that quotes a withdrawn page is shown no more."""
    origin = serve({ORIGINAL.url: plain(FIRST), REPOST.short_url: plain(wechat(REPOST))})
    watching(tmp_path, origin, ORIGINAL.url, REPOST.short_url, more='[[notify]]\nfeed = "feed.json"\n')
    said = harvester("run")
    assert said.code == 0
    assert "modality: 必须 → 可以" in said.err
    items = json.loads((tmp_path / "feed.json").read_bytes())["items"]
    (told,) = (item["content_text"] for item in items if "differs from" in item["content_text"])
    assert "altered" in told
    assert "modality: “必须” → “可以”" in told
    withdrawn = harvester("withdraw", ORIGINAL.url, "--reason", "a test", "--archive", "a")
    assert withdrawn.code == 0
    assert kinds(harvester, REPOST.short_url) == ["captured"]
    assert harvester("run").code == 0
    assert kinds(harvester, REPOST.short_url) == ["captured"]


def test_what_the_inbox_brings_is_verified_as_it_comes(serve: Serve, tmp_path: Path) -> None:
    """A run that stays holds a saved repost against its original when it takes it in, not the day after."""
    origin = serve({ORIGINAL.url: plain(FIRST)})
    watching(tmp_path, origin, ORIGINAL.url, more='[inbox]\ndir = "in"\nsettle_s = 0\n')
    (tmp_path / "in").mkdir()
    loaded = config.load(tmp_path / "harvester.toml")
    with (
        Session(tmp_path / "a", loaded) as session,
        Queue(queue_path(tmp_path / "state", tmp_path / "a")) as queue,
    ):
        runner = Runner(session, loaded, queue, session.clock)
        runner.sync()
        list(runner.once())
        beside = Beside(session, loaded, runner)
        (tmp_path / "in" / "page.html").write_bytes(saved_html(wechat(REPOST), REPOST.short_url))
        beside.turn()
        kept = session.library.comparisons.all()
        runner.close()
    assert [row.verdict for row in kept] == ["altered"]

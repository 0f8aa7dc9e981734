"""`harvester run`, `status`, `breaker`, `init`, `note`: a watch against the loopback origin."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive import Archive
from fixtures import Origin, crowd
from fixtures.behaviours import by_visit, challenge, plain, slow
from fixtures.exchange import Reply, Request
from fixtures.pages.mfa import zh_b_page
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.site import address
from fixtures.stories import lighthouse_article, statement_original
from harvester import config
from harvester.cli.running import PLACEHOLDER
from harvester.cli.session import Session
from harvester.watch.adding import add
from harvester.watch.queue import Item, Queue, queue_path
from harvester.watch.runner import Runner
from harvester.watch.sources import Link
from tests.configuring import configured

ARTICLE = lighthouse_article()
PAGE = plain(article_page(ARTICLE, Recent(era=2026, script_bytes=5_000, nonce="1")))
STATEMENT = statement_original()
STATEMENT_PAGE = plain(zh_b_page(STATEMENT))
FEED = "https://mp.weixin.qq.com/feed.xml"
INDEX = "https://www.mfa.gov.cn/web/fixture_1/"
NO_ROBOTS = plain(b"User-agent: *\nDisallow: /web/secret\n", content_type="text/plain")
Serve = Callable[..., Origin]


def rss(*urls: str) -> bytes:
    items = "".join(f"<item><title>t</title><link>{url}</link></item>" for url in urls)
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()
    )


def listing(*urls: str) -> bytes:
    items = "".join(f'<li><a href="{url}">标题</a></li>' for url in urls)
    return f"<html><head><title>列表</title></head><body><ul class='n'>{items}</ul></body></html>".encode()


def asked(origin: Origin) -> list[str]:
    return [f"https://{one.host}{one.target}" for one in origin.exchanges]


def test_sources_name_and_the_run_captures(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """A feed and a listing are asked after robots.txt; what they name is captured, once."""
    secret = "https://www.mfa.gov.cn/web/secret/202605/t20260507_1.shtml"
    origin = serve(
        {
            FEED: plain(
                rss(ARTICLE.short_url, "https://elsewhere.example/x"), content_type="application/rss+xml"
            ),
            ARTICLE.short_url: PAGE,
            INDEX: plain(listing(STATEMENT.url, secret)),
            STATEMENT.url: STATEMENT_PAGE,
            "https://www.mfa.gov.cn/robots.txt": NO_ROBOTS,
        }
    )
    configured(
        tmp_path,
        origin,
        f'[[watch]]\nname = "feed"\nfeeds = ["{FEED}"]\ntags = ["x"]\n',
        f'[[watch]]\nname = "section"\nlistings = ["{INDEX}"]\nlinks = "ul.n a"\n',
    )
    first = harvester("run", "--json")
    assert {one["url"]: one["state"] for one in first.json["results"]}[ARTICLE.short_url] == "ok", first.out
    visits = asked(origin)
    assert visits.count(ARTICLE.short_url) == visits.count(STATEMENT.url) == 1
    assert secret not in visits
    assert visits.index("https://www.mfa.gov.cn/robots.txt") < visits.index(INDEX)
    assert visits.count("https://mp.weixin.qq.com/robots.txt") == 1
    shown = harvester("show", STATEMENT.url).json
    assert shown["capture"]["discovered_via"] == f"watch list harvester.toml, section, listing {INDEX}"
    again = harvester("run", "--json")
    assert again.json["results"] == []
    assert asked(origin) == visits
    status = harvester("status", "--json").json
    assert {one["watch"]: (one["items"], one["found"]) for one in status["watches"]} == {
        "feed": (2, 1),
        "section": (2, 1),
    }
    assert "section" in harvester("status").out


def test_a_listing_of_unknown_layout_is_no_news(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """A page that is watched for the links a selector finds is a listing, and nobody is told of it."""
    origin = serve({INDEX: plain(listing(STATEMENT.url)), STATEMENT.url: STATEMENT_PAGE})
    told = '[[notify]]\nfeed = "events.json"\n'
    configured(tmp_path, origin, f'[[watch]]\nlistings = ["{INDEX}"]\nlinks = "ul.n a"\n', told)
    first = harvester("run", "--json")
    assert [(one["url"], one["state"]) for one in first.json["results"]] == [
        (INDEX, "listing"),
        (STATEMENT.url, "ok"),
    ]
    assert "please report" not in first.err
    changed = harvester("changes", "--json").json
    assert [(one["kind"], one["url"]) for one in changed] == [("captured", STATEMENT.url)]
    shown = json.loads((tmp_path / "events.json").read_text(encoding="utf-8"))["items"]
    assert [one["url"] for one in shown] == [STATEMENT.url]
    status = harvester("status").out
    assert "events.json: made anew" in status
    assert "errors in seven days: none" in status


def test_the_contact_of_the_example_is_nobodys(harvester: Any, tmp_path: Path) -> None:
    """What `init` wrote is not run before somebody has put their own contact in."""
    (tmp_path / "harvester.toml").unlink(missing_ok=True)
    assert harvester("init").code == 0
    refused = harvester("run", "--archive", str(tmp_path / "a"))
    assert refused.code == 2
    assert "still the example" in refused.err
    assert PLACEHOLDER in (tmp_path / "harvester.toml").read_text(encoding="utf-8")


def test_a_list_that_is_away_stops_nothing_else(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """A file of links that cannot be read is told (exit 1); the other watches are looked at."""
    origin = serve({ARTICLE.short_url: PAGE})
    configured(
        tmp_path, origin, f'[[watch]]\nfiles = ["away.txt"]\n[[watch]]\nurls = ["{ARTICLE.short_url}"]\n'
    )
    ran = harvester("run", "--json")
    assert ran.code == 1
    assert {one["url"]: one["state"] for one in ran.json["results"]} == {
        "away.txt": "refused",
        ARTICLE.short_url: "ok",
    }
    assert "cannot read" in ran.err


def test_a_lost_queue_is_made_again(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """Without its queue a run knows from library and journal what was found and when it is due: not yet."""
    origin = serve(
        {FEED: by_visit({1: plain(rss(ARTICLE.short_url))}, plain(rss())), ARTICLE.short_url: PAGE}
    )
    configured(tmp_path, origin, f'[[watch]]\nfeeds = ["{FEED}"]\n')
    harvester("run")
    before = harvester("status", "--json").json["watches"]
    for path in (tmp_path / "state" / "queues").glob("*.sqlite3*"):
        path.unlink()
    visits = asked(origin)
    assert harvester("run", "--json").json["results"] == []
    assert asked(origin) == visits
    after = harvester("status", "--json").json["watches"]
    assert (after[0]["items"], after[0]["found"]) == (before[0]["items"], before[0]["found"]) == (2, 1)


def test_what_was_fetched_meanwhile_is_not_due(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """A page that `fetch` captured, or that a crash left leased, is not asked for within its interval."""
    origin = serve({ARTICLE.short_url: PAGE, STATEMENT.url: STATEMENT_PAGE})
    urls = json.dumps([ARTICLE.short_url, STATEMENT.url])
    configured(tmp_path, origin, f'[[watch]]\nurls = {urls}\nevery = "1d"\n')
    harvester("fetch", ARTICLE.short_url, *origin.options)
    results = harvester("run", "--json").json["results"]
    assert [one["url"] for one in results] == [STATEMENT.url]
    with Queue(queue_path(tmp_path / "state", tmp_path / "a")) as queue:
        item = queue.get(STATEMENT.url)
        assert item
        queue.lease(item, time.time() + 900)
    assert harvester("run", "--json").json["results"] == []


def test_a_start_changes_no_turn(serve: Serve, tmp_path: Path) -> None:
    """What was never tried keeps its turn when a run begins again; what failed is known without the queue."""
    origin = serve({STATEMENT.url: lambda _request: Reply(steps=(), close=True)})
    urls = [ARTICLE.short_url, STATEMENT.url]
    configured(tmp_path, origin, f"[[watch]]\nurls = {json.dumps(urls)}\n")

    def items() -> dict[str, Item]:
        with Queue(queue_path(tmp_path / "state", tmp_path / "a")) as queue:
            return {item.url: item for item in queue.items()}

    with session(tmp_path) as (runner, _):
        runner.sync()
    first = items()
    with session(tmp_path) as (runner, opened):
        runner.sync()
        assert items() == first
        [outcome] = opened.fetch_all([STATEMENT.url])
        assert outcome.state == "failed"
    queue_path(tmp_path / "state", tmp_path / "a").unlink()
    with session(tmp_path) as (runner, _):
        runner.sync()
    assert [items()[url].failures > 0 for url in urls] == [False, True]


def test_a_breaker_is_seen_and_closed_by_the_operator(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """A demand for verification stops its host: exit 3, then silence; status shows it; a word closes it."""
    origin = serve({ARTICLE.short_url: by_visit({1: challenge()}, PAGE)})
    configured(tmp_path, origin, f'[[watch]]\nurls = ["{ARTICLE.short_url}"]\n')
    assert harvester("run").code == 3
    visits = len(asked(origin))
    assert harvester("run").code == 0
    assert len(asked(origin)) == visits
    [host] = harvester("status", "--json").json["hosts"]
    assert host["breaker"]["reason"] == "verification"
    assert harvester("breaker", "--close", "www.mfa.gov.cn").code == 1
    assert len(harvester("breaker", "--json").json["open"]) == 1
    assert harvester("breaker", "--close", "mp.weixin.qq.com").code == 0
    assert harvester("breaker", "--json").json["open"] == []


def test_a_robots_txt_that_forbids_is_obeyed_for_discovery_only(
    harvester: Any, serve: Serve, tmp_path: Path
) -> None:
    """A forbidden listing is not asked for: a negative answer; a page that the operator names is."""
    origin = serve(
        {
            "https://www.mfa.gov.cn/robots.txt": plain(
                b"User-agent: *\nDisallow: /\n", content_type="text/plain"
            ),
            INDEX: plain(listing(STATEMENT.url)),
            STATEMENT.url: STATEMENT_PAGE,
        }
    )
    configured(
        tmp_path,
        origin,
        f'[[watch]]\nlistings = ["{INDEX}"]\nlinks = "a"\n[[watch]]\nurls = ["{STATEMENT.url}"]\n',
    )
    answer = harvester("run", "--json")
    assert answer.code == 1
    assert INDEX not in asked(origin)
    assert STATEMENT.url in asked(origin)


def test_unattended_needs_a_contact(harvester: Any, tmp_path: Path) -> None:
    """Without a contact nothing is asked for by a program that nobody looks at; a rehearsal may."""
    text = '[[watch]]\nurls = ["https://www.mfa.gov.cn/web/x.shtml"]\n'
    (tmp_path / "harvester.toml").write_text(f'archive = "a"\n{text}', encoding="utf-8")
    for arguments in (["run"], ["run", "--forever"]):
        answer = harvester(*arguments)
        assert answer.code == 2
        assert "contact" in answer.err


def started(config: Path, tmp_path: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = os.environ | {"HARVESTER_STATE": str(tmp_path / "state")}
    command = [sys.executable, "-m", "harvester", "run", str(config), *arguments]
    return subprocess.Popen(
        command, env=environment, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )


def until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def test_for_ever_until_sigterm(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """SIGHUP brings new pages in, a second runner is refused, SIGTERM lets the request in hand end."""
    came = threading.Event()

    def slowly(request: Request) -> Reply:
        came.set()
        return slow(STATEMENT_PAGE, 1.0)(request)

    origin = serve({ARTICLE.short_url: PAGE, STATEMENT.url: slowly})
    config = configured(tmp_path, origin, f'[[watch]]\nurls = ["{ARTICLE.short_url}"]\n')
    process = started(config, tmp_path, "--forever")
    try:
        until(lambda: ARTICLE.short_url in asked(origin), "the first page")
        assert harvester("run").code == 5
        more = f'[[watch]]\nurls = ["{ARTICLE.short_url}", "{STATEMENT.url}"]\n[log]\nfile = "run.log"\n'
        configured(tmp_path, origin, more)
        process.send_signal(signal.SIGHUP)
        until(came.is_set, "the second page")
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, said
    assert "was read again" in said
    assert said.rstrip().endswith("stopped, as asked; what was acknowledged is safe")
    assert f"event=visit url={STATEMENT.url}" in (tmp_path / "run.log").read_text(encoding="utf-8")
    assert harvester("show", STATEMENT.url, "--archive", "a").code == 0
    assert not list((tmp_path / "a" / "warc").glob("*.open"))


def test_init_and_note(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """`init` overwrites nothing; tags and notes are added to and taken back, never lost."""
    assert harvester("init").code == 2
    assert harvester("init", "fresh").code == 0
    assert (tmp_path / "fresh" / "harvester.toml").exists()
    origin = serve({ARTICLE.short_url: PAGE})
    harvester("fetch", ARTICLE.short_url, "--archive", "a", "--no-images", "--no-requisites", *origin.options)
    harvester("note", ARTICLE.short_url, "look here", "--tag", "x", "--tag", "y", "--archive", "a")
    value = harvester("note", ARTICLE.short_url, "--untag", "x", "--archive", "a", "--json").json
    assert value["tags"] == ["y"]
    assert [one["text"] for one in value["notes"]] == ["look here"]
    assert harvester("check", "a").code == 0


def test_killed_runners_lose_nothing_and_fetch_nothing_twice(
    harvester: Any, serve: Serve, tmp_path: Path
) -> None:
    """SIGKILL in the middle, twice, then two runners at once: every page once, but for those in hand."""
    _, urls = crowd(30)
    site, _ = crowd(30)
    origin = serve({url: site.routes[address(url)] for url in urls})
    config = configured(tmp_path, origin, f"[[watch]]\nurls = {json.dumps(urls)}\n")
    for some in (5, 15):
        process = started(config, tmp_path)
        until(lambda some=some: len(asked(origin)) >= some, "some pages")  # type: ignore[misc]
        process.kill()
        process.communicate()
    both = [started(config, tmp_path) for _ in range(2)]
    for process in both:
        process.communicate(timeout=120)
    codes = sorted(process.returncode for process in both)
    assert codes in ([0, 0], [0, 5])
    visits = Counter(url for url in asked(origin) if url in urls)
    assert visits.keys() == set(urls)
    assert sum(visits.values()) <= len(urls) + 2
    assert harvester("run", "--json").json["results"] == []
    assert len(harvester("list", "--archive", "a", "--json").json) >= len(urls)


def test_what_was_added_is_looked_at(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """Without any [[watch]] a run does what was added by hand; a run that stays takes it in as it comes."""
    origin = serve({ARTICLE.short_url: PAGE, STATEMENT.url: STATEMENT_PAGE})
    configured(tmp_path, origin)
    refused = harvester("run")
    assert (refused.code, "watches nothing" in refused.err) == (2, True)
    Archive.open(tmp_path / "a", create=True).close()
    add(tmp_path / "a", [Link(ARTICLE.short_url)], via="by hand", now=datetime.now(UTC))
    assert [one["url"] for one in harvester("run", "--json").json["results"]] == [ARTICLE.short_url]
    assert harvester("show", ARTICLE.short_url).json["capture"]["discovered_via"] == "by hand"
    [watch] = harvester("status", "--json").json["watches"]
    assert (watch["watch"], watch["items"], watch["found"], watch["due"]) == ("added", 1, 1, 0)
    with session(tmp_path) as (runner, _):
        assert (list(runner.sync()), runner.take()) == ([], None)
        add(tmp_path / "a", [Link(STATEMENT.url)], via="by hand", now=datetime.now(UTC))
        item = runner.take()
        assert item
        assert [one.state for one in runner.visit(item)] == ["ok"]
        assert runner.take() is None
    assert asked(origin) == [ARTICLE.short_url, STATEMENT.url]


@contextlib.contextmanager
def session(folder: Path) -> Iterator[tuple[Runner, Session]]:
    loaded = config.load(folder / "harvester.toml")
    path = queue_path(folder / "state", folder / "a")
    with Session(folder / "a", loaded) as opened, Queue(path) as queue:
        yield Runner(opened, loaded, queue, opened.clock), opened

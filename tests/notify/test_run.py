"""`harvester run` and `notify` over the loopback origin: what is seen is told, once by its id."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import feedparser
import pytest

from fixtures import Origin, Site, watched_world
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.saved import mhtml
from fixtures.stories import statement_repost
from tests.configuring import configured
from tests.notify.conftest import SECRET, VARIABLE

# Runs as `harvester run`, and is killed when a visit is told, before anything is put into the outbox.
KILLED = """
import os, signal, sys
from harvester.watch.notify import notifier
notifier.Notifier.told = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from harvester.cli.app import run
run(sys.argv[1:])
"""


@pytest.fixture
def origin() -> Iterator[tuple[Origin, str]]:
    """One article: edited at the third visit, deleted from the fourth on."""
    site, url = watched_world(script_bytes=2_000)
    with Origin(site) as running:
        yield running, url


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", VARIABLE)


def watching(folder: Path, running: Origin, url: str, *more: str) -> None:
    configured(folder, running, f'[[watch]]\nurls = ["{url}"]\nevery = "1d"\ntags = ["press"]', *more)


def webhook(hook: Any, *more: str) -> str:
    return "\n".join(("[[notify]]", f'webhook = "{hook.url}"', 'secret_env = "HOOK_SECRET"', *more))


def kinds(hook: Any) -> list[str]:
    return [event["kind"] for event in hook.events]


def visit(harvester: Any, url: str, running: Origin) -> None:
    harvester("fetch", url, "--archive", "a", "--no-images", "--no-requisites", *running.options)


def test_a_story_is_told(harvester: Any, hooks: Callable[..., Any], origin: Any, tmp_path: Path) -> None:
    """What `run` and `fetch` see is told, signed, to each as it chose; feeds hold it; none comes twice."""
    running, url = origin
    everything, edits, others = hooks(), hooks(), hooks()
    watching(
        tmp_path,
        running,
        url,
        webhook(everything),
        webhook(edits, 'events = ["edited"]'),
        webhook(others, 'tags = ["another"]'),
        '[[notify]]\nfeed = "feeds/events.json"',
        '[[notify]]\nfeed = "events.atom"\nevents = ["edited", "reported-gone"]',
    )
    assert harvester("run").code == 0
    assert kinds(everything) == ["captured"]
    for _ in range(3):
        visit(harvester, url, running)
    assert harvester("run").code == 0
    assert kinds(everything) == ["captured", "edited", "reported-gone"]
    assert everything.signed_with(SECRET)
    assert kinds(edits) == ["edited"]
    assert kinds(others) == []
    edit = edits.events[0]
    assert edit["changes"][0]["after"] == "更正：上文的潮位应为4.2米。"
    assert edit["tags"] == ["press"]
    assert edit["capture"]
    assert edit["record_id"].startswith("<urn:uuid:")
    value = json.loads((tmp_path / "feeds/events.json").read_bytes())
    assert [item["tags"][0] for item in value["items"]] == ["reported-gone", "edited", "captured"]
    atom = (tmp_path / "events.atom").read_bytes()
    assert [entry.tags[0].term for entry in feedparser.parse(atom).entries] == ["reported-gone", "edited"]
    text = (tmp_path / "harvester.toml").read_text(encoding="utf-8")
    (tmp_path / "harvester.toml").write_text(
        text.replace(
            'feed = "feeds/events.json"', 'feed = "feeds/events.json"\nevents = ["gone", "captured"]'
        ),
        encoding="utf-8",
    )
    harvester("run")
    value = json.loads((tmp_path / "feeds/events.json").read_bytes())
    assert [item["tags"][0] for item in value["items"]] == ["captured"]
    (tmp_path / "events.atom").unlink()
    harvester("run")
    assert harvester("notify").code == 0
    assert (tmp_path / "events.atom").read_bytes() == atom
    assert kinds(everything) == ["captured", "edited", "reported-gone"]
    again = harvester("notify", "--since", "1d", "--json").json
    assert [one["told"] for one in again["receivers"]] == [3, 1, 0, 0, 0]
    assert everything.ids[3:] == everything.ids[:3]


def test_a_dead_receiver_is_told_later_and_holds_nothing_up(
    harvester: Any, hooks: Callable[..., Any], origin: Any, tmp_path: Path
) -> None:
    """A failure is told and kept; `notify` tries at once; `status` says what waits."""
    running, url = origin
    hook = hooks(500, 500)
    watching(tmp_path, running, url, webhook(hook, 'name = "desk"'))
    first = harvester("run")
    assert first.code == 0
    assert "not told     desk: status 500" in first.err
    [standing] = harvester("status", "--json").json["receivers"]
    assert (standing["receiver"], standing["waiting"], standing["error"]) == (
        "desk",
        1,
        "status 500 (refused)",
    )
    assert harvester("notify").code == 1
    assert harvester("notify").code == 0
    assert len(set(hook.ids)) == 1
    assert len(hook.ids) == 3
    assert "desk" in harvester("status").out


def test_what_the_inbox_brings_is_told(
    harvester: Any, hooks: Callable[..., Any], origin: Any, tmp_path: Path
) -> None:
    """A saved page that a run takes in is an event of that run."""
    running, url = origin
    hook = hooks()
    watching(tmp_path, running, url, webhook(hook), '[inbox]\ndir = "in"\nsettle_s = 0')
    (tmp_path / "in").mkdir()
    page = article_page(statement_repost(), Recent(era=2026, script_bytes=2_000))
    (tmp_path / "in" / "saved.mhtml").write_bytes(mhtml(page, statement_repost().short_url))
    harvester("run")
    assert sorted(kinds(hook)) == ["captured", "imported"]


def test_killed_before_the_outbox(
    harvester: Any, hooks: Callable[..., Any], origin: Any, tmp_path: Path
) -> None:
    """kill -9 between the capture and the outbox: the next run tells the event, once."""
    running, url = origin
    hook = hooks()
    watching(tmp_path, running, url, webhook(hook))
    done = subprocess.run(
        [sys.executable, "-c", KILLED, "run"], check=False, env=os.environ, cwd=tmp_path, timeout=60
    )
    assert done.returncode == -signal.SIGKILL
    assert hook.posts == []
    assert harvester("run", "--json").json["results"] == []  # it is captured, and not due again
    assert kinds(hook) == ["captured"]
    harvester("run")
    assert kinds(hook) == ["captured"]


def test_a_lost_outbox_does_not_tell_the_past(
    harvester: Any, hooks: Callable[..., Any], origin: Any, tmp_path: Path
) -> None:
    """A new outbox, or a new receiver, begins with what comes; feeds are filled from the archive."""
    running, url = origin
    first, second = hooks(), hooks()
    watching(tmp_path, running, url, webhook(first))
    harvester("run")
    for path in (tmp_path / "state/notices").glob("*"):
        path.unlink()
    watching(tmp_path, running, url, webhook(first), webhook(second), '[[notify]]\nfeed = "events.json"')
    harvester("run")
    assert (len(first.posts), len(second.posts)) == (1, 0)
    assert len(json.loads((tmp_path / "events.json").read_bytes())["items"]) == 1
    visit(harvester, url, running)
    visit(harvester, url, running)
    harvester("run")
    assert kinds(second) == ["edited"]


def test_a_slow_receiver_does_not_hold_captures_up(
    hooks: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one is silent, pages are captured; SIGTERM is heard meanwhile, and SIGHUP names others."""
    from fixtures import crowd

    site, urls = crowd(6)
    slow, other = hooks(*[20.0] * 9), hooks()
    with Origin(Site(routes=site.routes, fallbacks=site.fallbacks, hosts=site.hosts)) as running:
        watching(tmp_path, running, urls[0], f"[[watch]]\nurls = {json.dumps(urls[1:3])}", webhook(slow))
        environment = {**os.environ, "HARVESTER_STATE": str(tmp_path / "state")}
        process = subprocess.Popen(
            [sys.executable, "-m", "harvester", "run", "--forever", "--log-file", "run.log"],
            cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            until(lambda: len(asked(running, urls)) == 3 and slow.posts, process)
            watching(tmp_path, running, urls[0], f"[[watch]]\nurls = {json.dumps(urls[1:])}", webhook(other))
            process.send_signal(signal.SIGHUP)
            until(lambda: len(other.posts) == 3, process)
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=30)
        finally:
            process.kill()
            process.wait()
    assert process.returncode == 0, said
    assert time.monotonic() - began < 10
    assert len(slow.posts) == 1
    log = (tmp_path / "run.log").read_text(encoding="utf-8")
    assert log.count("event=visit") == 6
    assert "event=reload state=ok" in log
    assert log.count("event=notification") >= 3


def asked(running: Origin, urls: list[str]) -> set[str]:
    return {f"https://{one.host}{one.target}" for one in running.exchanges} & set(urls)


def until(holds: Callable[[], Any], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.05)


def test_secrets_stay_in_the_environment(
    harvester: Any, hooks: Callable[..., Any], origin: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the key nor a secret address is in the archive, the state, the log or any message."""
    running, url = origin
    hook = hooks(500)
    monkeypatch.setenv("PLACE", f"{hook.url}/T0P-SECRET")
    hidden = '[[notify]]\nwebhook_env = "PLACE"\nsecret_env = "HOOK_SECRET"'
    watching(
        tmp_path, running, url, hidden, '[[notify]]\nwebhook_env = "MISSING"\nsecret_env = "HOOK_SECRET"'
    )
    answers = [harvester(*line) for line in (("run", "--log-file", "l"), ("notify", "--test"), ("notify",))]
    assert "environment variable MISSING is not set" in answers[0].err
    assert len(hook.posts) == 3
    assert hook.events[1]["test"] is True
    said = "".join(answer.out + answer.err for answer in answers).encode()
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    for part in (said, *kept):
        assert b"T0P-SECRET" not in part
        assert VARIABLE.removeprefix("whsec_").encode() not in part
    database = sqlite3.connect(next((tmp_path / "state/notices").glob("*.sqlite3")))
    assert database.execute("select count(*) from deliveries").fetchone() == (2,)
    database.close()


def test_the_call_is_told_what_is_wrong(harvester: Any, origin: Any, tmp_path: Path) -> None:
    """Nobody to tell, a time that is none: exit 2. A feed that cannot be written is told; captures go on."""
    running, url = origin
    watching(tmp_path, running, url)
    assert harvester("notify").code == 2
    (tmp_path / "file").write_text("x")
    watching(tmp_path, running, url, '[[notify]]\nfeed = "file/events.json"')
    assert harvester("notify", "--since", "soon").code == 2
    answer = harvester("run")
    assert answer.code == 0
    assert "cannot be written" in answer.err
    assert harvester("notify").code == 1


def test_what_was_withdrawn_is_in_no_feed(harvester: Any, origin: Any, tmp_path: Path) -> None:
    """A capture that was withdrawn is taken out of the feeds by the next run."""
    running, url = origin
    watching(tmp_path, running, url, '[[notify]]\nfeed = "events.json"')
    harvester("run")
    [item] = json.loads((tmp_path / "events.json").read_bytes())["items"]
    assert harvester("withdraw", item["_harvester"]["capture"], "--reason", "asked").code == 0
    harvester("run")
    assert item["id"] not in (tmp_path / "events.json").read_text(encoding="utf-8")

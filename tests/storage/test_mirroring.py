"""`--mirror URL` of `fetch`, `run` and `import`: sent when all is closed; no fault there costs a capture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from archive.storage import RemotePath
from archive.storage.manifest import read_manifest
from fixtures import Origin, watched_world
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import statement_repost
from harvester.cli.mirroring import Mirror
from harvester.cli.running import lively, until_tomorrow
from harvester.cli.session import Session
from harvester.cli.staying import stay
from harvester.clock import SystemClock
from harvester.config import Loaded, load
from harvester.fetching import Outcome
from harvester.watch.heartbeat import Heart
from harvester.watch.stopping import StoppableClock, Wishes
from tests.configuring import configured
from tests.notify.events import Clock

from .conftest import Fault, Proxy
from .test_mirror import files_of


@pytest.fixture
def origin() -> Iterator[tuple[Origin, str]]:
    """One article."""
    site, url = watched_world(script_bytes=2_000)
    with Origin(site) as running:
        yield running, url


def watching(folder: Path, running: Origin, url: str, top: str = "") -> None:
    configured(folder, running, f'[[watch]]\nurls = ["{url}"]\nevery = "1d"', top=top)


def warcs(root: Path) -> set[str]:
    return {path.name for path in root.glob("warc/*.warc.gz")}


def mirrored(root: RemotePath) -> set[str]:
    return {name.removeprefix("warc/") for name in files_of(root) if name.endswith(".warc.gz")}


def test_what_is_captured_is_mirrored(
    harvester: Any, origin: tuple[Origin, str], folder: RemotePath, tmp_path: Path
) -> None:
    """`run` by its configuration, `fetch` and `import` by their option: each sends what it closed."""
    running, url = origin
    watching(tmp_path, running, url, f'mirror = "{folder}"')
    first = harvester("run")
    assert first.code == 0
    assert "sent and proven" in first.err
    assert mirrored(folder) == warcs(tmp_path / "a")
    watching(tmp_path, running, url)
    assert "mirror" not in harvester("fetch", url, "--json").json
    assert mirrored(folder) < warcs(tmp_path / "a")
    (tmp_path / "page.html").write_bytes(article_page(statement_repost(), Recent(script_bytes=2_000)))
    taken = harvester("import", "page.html", "--mirror", folder, "--json")
    assert (taken.code, taken.json["mirror"]["failed"]) == (0, [])
    assert mirrored(folder) == warcs(tmp_path / "a")
    again = harvester("fetch", url, "--mirror", folder, "--json").json
    assert len([name for name in again["mirror"]["sent"] if name.endswith(".warc.gz")]) == 1
    assert harvester("check", tmp_path / "a").code == 0


def test_a_fault_there_costs_no_capture(
    harvester: Any, origin: tuple[Origin, str], bucket: RemotePath, proxy: Proxy, tmp_path: Path
) -> None:
    """A store that refuses is one line and 5, and the capture is whole; the next command takes it up."""
    running, url = origin
    watching(tmp_path, running, url)
    proxy.fault = lambda _: "403"
    refused = harvester("fetch", url, "--mirror", bucket / "m", "--json")
    assert (refused.code, refused.json["exit_code"]) == (5, 5)
    assert refused.json["results"][0]["state"] == "ok"
    assert bucket.url in refused.json["mirror"]["url"]
    assert f"harvester sync a {bucket}/m" in refused.err.replace(f"{tmp_path}/", "")
    assert harvester("check", "a").code == 0
    proxy.fault = lambda request: "403" if b"PUT" in request and b".warc.gz" in request else None
    assert harvester("run", "--mirror", bucket / "m").code == 5
    proxy.fault = lambda _: None
    assert harvester("fetch", url, "--mirror", bucket / "m").code == 0
    assert mirrored(bucket / "m") == warcs(tmp_path / "a")


@pytest.mark.parametrize(
    ("named", "words"),
    [("folder/x", "no URL"), ("s3://key:secret@b/x", "credentials"), ("what://x/y", "what")],
)
def test_no_place_is_refused_first(
    harvester: Any, origin: tuple[Origin, str], named: str, words: str, tmp_path: Path
) -> None:
    """What can be no mirror is told before anything is captured."""
    running, url = origin
    watching(tmp_path, running, url, f'mirror = "{named}"')
    for command in (("fetch", url), ("run",), ("import", "harvester.toml")):
        answer = harvester(*command)
        assert answer.code == 2
        assert words in answer.err
        assert "secret" not in answer.err
    assert not (tmp_path / "a").exists()


def test_an_archive_at_a_url_leads_to_the_mirror(harvester: Any) -> None:
    """Who names a URL as archive is told how closed files get there."""
    assert "--mirror s3://bucket/x" in harvester("fetch", "https://e.org/", "--archive", "s3://bucket/x").err


class Days(Clock):
    """A clock that waiting moves. Told of each wait, and of the day that it leads to."""

    def __init__(self, on_wait: Callable[[datetime], None]) -> None:
        self.at = datetime(2026, 6, 1, 12, tzinfo=UTC)
        self.on_wait = on_wait

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.on_wait(self.at)


class Daily:
    """A `Day` under that clock, over a loopback origin."""

    def __init__(self, folder: Path, days: Days, wishes: Wishes, heart: Heart) -> None:
        self.folder, self.days, self.wishes, self.heart = folder, days, wishes, heart
        self.beats = 0

    def session(self, loaded: Loaded) -> Session:
        clock = StoppableClock(self.days, self.wishes, slice_s=1e9)
        return Session(self.folder / "a", loaded, clock=clock)

    def mirror(self, loaded: Loaded) -> Mirror:
        return Mirror.of(None, loaded, self.folder / "a", at_times=self.alive)

    def alive(self) -> None:
        self.beats += 1
        lively(self.wishes, self.heart)

    def work(self, session: Session, loaded: Loaded) -> Iterable[Outcome]:
        return until_tomorrow(session, loaded, self.wishes, longest_wait_s=7200.0)

    def again(self, loaded: Loaded) -> Loaded:
        return load(self.folder / "harvester.toml")


def test_a_runner_that_stays_mirrors_each_day(
    harvester: Any,
    origin: tuple[Origin, str],
    bucket: RemotePath,
    proxy: Proxy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """When a day is over its file goes to the mirror. A store that refuses, or does not answer, costs a line
    and no capture; the next day takes it up, through a bad network too. Meanwhile it gives signs of life."""
    monkeypatch.setattr("archive.storage.faults.FIRST_WAIT_S", 0.001)
    running, url = origin
    watching(tmp_path, running, url, f'mirror = "{bucket}/m"')
    turn = cycle(["reset", None, "503", None, "truncate", None, None])
    network: dict[int, Fault] = {
        1: lambda _: None,
        2: lambda request: "403" if b".warc.gz HTTP" in request and request.startswith(b"PUT") else None,
        3: lambda _: "503",
        4: lambda _: next(turn),
    }

    def look(now: datetime) -> None:
        ended = (now - timedelta(days=1)).day  # its file goes to the mirror right after midnight
        proxy.fault = network.get(ended, lambda _: None)
        wishes.stop = ended == 5

    days, wishes = Days(look), Wishes()
    heart = Heart(tmp_path / "state/beat", days, forever=True)
    day = Daily(tmp_path, days, wishes, heart)
    stay(day, load(tmp_path / "harvester.toml"), wishes, heart, days)
    said = [line for line in capfd.readouterr().err.splitlines() if str(bucket) in line]
    whole, few, some, all_lost, unsure = said
    assert "sent and proven, 0 were there" in whole
    assert "(0 bytes)" not in few
    assert "not all is mirrored; all is safe" in some
    assert "not mirrored: cannot mirror" in all_lost
    assert "does not answer as it should (Service Unavailable)" in all_lost
    assert "sent and proven" in unsure
    assert proxy.faults > 10
    assert (day.beats > 20, (tmp_path / "state/beat").exists()) == (True, True)
    assert len(warcs(tmp_path / "a") - mirrored(bucket / "m")) == 1  # it was asked to stop on that day
    assert harvester("check", bucket / "m").code == 0


def test_who_is_asked_to_stop_stops_mirroring(
    harvester: Any, origin: tuple[Origin, str], folder: RemotePath, tmp_path: Path
) -> None:
    """What was proven until then counts; the rest is the next command's."""
    running, url = origin
    watching(tmp_path, running, url)
    harvester("fetch", url)
    wishes, heart = Wishes(), Heart(tmp_path / "state/beat", SystemClock(), forever=True)
    calls = iter([False] * 3 + [True] * 9)

    def ask() -> None:
        wishes.stop = next(calls)
        lively(wishes, heart)

    codes, facts = Mirror(tmp_path / "a", folder, ask).update()
    assert (codes, facts["mirror"]["error"]) == ((), "stopped")
    proven = len(read_manifest(folder))
    assert 0 < proven < 4
    rest = harvester("sync", "a", folder, "--json").json
    assert (rest["present"], rest["failed"]) == (proven, [])
    assert mirrored(folder) == warcs(tmp_path / "a")

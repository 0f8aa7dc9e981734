"""SIGKILL at random moments: nothing acknowledged is lost, every WARC is whole afterwards."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive import Archive, read_warc
from fixtures import Origin
from fixtures.behaviours import plain
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article

PAGES = 400
PAGE = article_page(lighthouse_article(), Recent(era=2026, script_bytes=20_000, nonce="1"))
URLS = [f"https://mp.weixin.qq.com/s/KillFixture{number:011d}" for number in range(PAGES)]
LAST = "https://mp.weixin.qq.com/s/KillFixtureLastOfAll00"


def killed_fetch(origin: Origin, archive: Path, state: Path, after_s: float) -> list[str]:
    """Start fetching many pages, kill the process after a while, return what it had acknowledged."""
    command = [
        sys.executable,
        "-m",
        "harvester",
        "fetch",
        *URLS,
        "--no-images",
        "--no-requisites",
        "--archive",
        str(archive),
    ]
    environment = os.environ | {"HARVESTER_STATE": str(state), "COLUMNS": "300"}
    with subprocess.Popen(
        [*command, *origin.options], stderr=subprocess.PIPE, text=True, env=environment
    ) as child:
        assert child.stderr
        first = child.stderr.readline()
        time.sleep(after_s)
        child.send_signal(signal.SIGKILL)
        lines = [first, *child.stderr.read().splitlines(keepends=True)]
    # A line without its end was cut in the pipe: not acknowledged.
    whole = [line for line in lines if line.endswith("\n")]
    return [line.split()[1] for line in whole if line.startswith("captured ")]


def check(harvester: Any, origin: Origin, archive: Path, acknowledged: set[str]) -> None:
    """Fetch one page more, then hold the archive against what was acknowledged."""
    after = harvester("fetch", LAST, "--no-images", "--no-requisites", "--archive", archive, *origin.options)
    assert after.code == 0, after.err
    assert not list(archive.glob("warc/*.open"))
    records = [record for path in archive.glob("warc/*.warc.gz") for record in read_warc(path)]
    captures = [record for record in records if record.type in {"response", "revisit"}]
    kept = {record.target_uri for record in captures}
    assert acknowledged <= kept
    listed = harvester("list", "--archive", archive, "--json").json
    assert {row["requested_url"] for row in listed} == kept
    assert len(listed) == len(captures)
    with Archive.open(archive) as opened:
        for record in captures:
            assert opened.resolved(record).block.endswith(PAGE[-1000:])
    for row in listed:
        month = row["fetch_date"][:7].replace("-", "/")
        assert (archive / "documents" / month / f"{row['id']}.json").exists()


def kill_rounds(harvester: Any, serve: Callable[..., Origin], tmp_path: Path, rounds: int) -> None:
    # Every second page is the same, so that half of them are stored as revisits.
    bodies = [PAGE if number % 2 else b"<!-- %d -->" % number + PAGE for number in range(PAGES)]
    origin = serve({url: plain(body) for url, body in zip([*URLS, LAST], [*bodies, PAGE], strict=True)})
    archive, state = tmp_path / "a", tmp_path / "state"
    moments = random.Random(rounds)
    acknowledged: set[str] = set()
    for _ in range(rounds):
        acknowledged |= set(killed_fetch(origin, archive, state, moments.uniform(0, 0.6)))
        check(harvester, origin, archive, acknowledged)
    assert acknowledged


def test_four_kills(harvester: Any, serve: Callable[..., Origin], tmp_path: Path) -> None:
    """After each of 4 kills all that was acknowledged is there and whole, and fetching goes on cleanly."""
    kill_rounds(harvester, serve, tmp_path, 4)


def test_kills_among_images(harvester: Any, world: Any, tmp_path: Path) -> None:
    """Three kills while pages and their images come in: then one fetch more, and `check` finds nothing."""
    pages, origin = world
    archive, state = tmp_path / "a", tmp_path / "state"
    urls = [pages.article_url, pages.repost_url, pages.original_url]
    moments = random.Random(5)
    for _ in range(3):
        command = [
            sys.executable,
            "-m",
            "harvester",
            "fetch",
            *urls,
            "--archive",
            str(archive),
            *origin.options,
        ]
        environment = os.environ | {"HARVESTER_STATE": str(state)}
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as child:
            time.sleep(moments.uniform(0.4, 1.2))
            child.send_signal(signal.SIGKILL)
            child.communicate()
        after = harvester("fetch", *urls, "--archive", archive, *origin.options)
        assert after.code == 0, after.err
        checked = harvester("check", archive, "--json")
        assert checked.code == 0, checked.out


@pytest.mark.slow
def test_two_hundred_kills(harvester: Any, serve: Callable[..., Origin], tmp_path: Path) -> None:
    """The same for 200 kills, into a fresh archive every 20 so that listing stays quick."""
    for number in range(10):
        folder = tmp_path / str(number)
        folder.mkdir()
        kill_rounds(harvester, serve, folder, 20)

"""A watch list over two machines, merged: what one machine would have had."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fixtures import Origin, Site, crowd
from fixtures.behaviours import plain
from fixtures.site import address
from tests.chain.test_run import FEED, configured, rss


@pytest.fixture
def origin_of() -> Any:
    running: list[Origin] = []

    def start(pages: dict[str, Any]) -> Origin:
        running.append(Origin(Site.of(pages)).__enter__())
        return running[-1]

    yield start
    for origin in running:
        origin.close()


def told(harvester: Any, urls: list[str], archive: str) -> dict[str, Any]:
    """Return of each page its text and the kinds of its events."""
    found = {}
    for url in urls:
        story = harvester("timeline", url, "--archive", archive, "--json").json
        text = harvester("show", url, "--format", "txt", "--archive", archive).out
        found[url] = (text, [event["kind"] for event in story["events"]])
    return found


def test_merged_shards_are_what_one_machine_has(
    harvester: Any, origin_of: Callable[..., Origin], tmp_path: Path
) -> None:
    """Texts, timelines and finds of two merged shards equal those of a single run, page by page."""
    site, urls = crowd(8)
    pages = {url: site.routes[address(url)] for url in urls}
    origin = origin_of({**pages, FEED: plain(rss(*urls[5:]), content_type="application/rss+xml")})
    watched = f'[[watch]]\nname = "w"\nurls = {json.dumps(urls[:5])}\nfeeds = ["{FEED}"]\n'
    configured(tmp_path, origin, watched)
    assert harvester("run", "--archive", "single").code == 0
    for number in (1, 2):
        assert harvester("run", "--archive", f"m{number}", "--shard", f"{number}/2").code == 0
    assert harvester("merge", "m1", "m2", "--archive", "t").code == 0
    assert told(harvester, urls, "t") == told(harvester, urls, "single")
    found = [
        json.loads(line)["url"] for line in (tmp_path / "t/journal/found.jsonl").read_text().splitlines()
    ]
    assert sorted(found) == sorted(urls[5:])
    assert harvester("check", "t").code == 0
    before = len(origin.exchanges)
    assert harvester("run", "--archive", "t", "--json").json["results"] == []  # nothing is due: all is known
    assert len(origin.exchanges) == before

"""One watch list over two machines: `run --shard`, `status` of each, and the health of a runner."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

from fixtures import crowd
from fixtures.site import address
from harvester.shards import Shard
from harvester.watch.config import ADDED
from harvester.watch.journal import FOUND, Find, append
from harvester.watch.sharding import owner_key
from tests.chain.test_run import Serve, asked, configured, started, until


def test_two_machines_ask_for_each_page_once(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """Two shards over two archives ask for all pages, none twice; what was added on the wrong one is said."""
    site, urls = crowd(8)
    origin = serve({url: site.routes[address(url)] for url in urls})
    configured(tmp_path, origin, f"[[watch]]\nurls = {json.dumps(urls)}\n")
    shares = {n: [url for url in urls if Shard(n, 2).has_key(owner_key(url))] for n in (1, 2)}
    for number, share in shares.items():
        answer = harvester("run", "--shard", f"{number}/2", "--archive", f"m{number}", "--json")
        assert sorted(one["url"] for one in answer.json["results"]) == sorted(share), answer.err
        status = harvester("status", "--archive", f"m{number}", "--json").json
        assert (status["shard"], status["elsewhere"]) == (f"{number}/2", len(urls) - len(share))
        assert sum(one["items"] for one in status["watches"]) == len(share)
    assert sorted(url for url in asked(origin) if url in urls) == sorted(urls)
    assert harvester("run", "--shard", "3/2", "--archive", "m1").code == 2
    (tmp_path / "harvester.toml").write_text(
        (tmp_path / "harvester.toml").read_text().replace(json.dumps(urls), json.dumps(urls[:1]))
    )
    stranger = next(url for url in urls[1:] if url in shares[2])
    find = Find(at="2026-05-07T00:00:00Z", url=stranger, watch=ADDED, via="by hand")
    append(tmp_path / "m1", FOUND, [find])
    said = harvester("run", "--shard", "1/2", "--archive", "m1").err
    assert "of shard 2/2" in said
    assert stranger in said


def test_health_of_a_runner(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """Exit 0 while `run --forever` is at work, 1 before and after a kill; asking disturbs nobody."""
    site, urls = crowd(1)
    origin = serve({url: site.routes[address(url)] for url in urls})
    config = configured(tmp_path, origin, f"[[watch]]\nurls = {json.dumps(urls)}\n")
    assert harvester("status", "--health").code == 1
    process = started(config, tmp_path, "--forever")
    try:
        until(lambda: urls[0] in asked(origin), "the page")
        answer = harvester("status", "--health", "--json")
        assert (answer.code, answer.json["healthy"]) == (0, True), answer.out
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    answer = harvester("status", "--health")
    assert answer.code == 1
    assert "no runner is at work" in answer.out
    assert harvester("run").code == 0

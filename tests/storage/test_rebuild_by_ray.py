"""A rebuild into a store by a Ray cluster: what the local engine gives, begun here and finished there."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from archive.storage import RemotePath
from benchmarks.rebuild import MFA, WECHAT, write
from benchmarks.scale.measure import captures, sized, small
from harvester.engines.cluster import IN_FLIGHT_PER_CPU, Cluster
from harvester.rebuild import Options, Shard, rebuild
from harvester.rebuild.inputs import units_of
from tests.rebuild.conftest import contents, make, response, world
from tests.rebuild.test_cluster import DeadlyCluster, _left_by_ray, pytestmark
from tests.rebuild.test_cluster import nodes as cluster

from .conftest import Proxy
from .test_rebuild_there import expected, puts, results

__all__ = ["_left_by_ray", "cluster", "contents", "make", "pytestmark", "world"]


@pytest.fixture(scope="module")
def nodes(_one_proxy: Proxy, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The cluster, begun when the store's address is in the environment that its workers inherit."""
    return request.getfixturevalue("cluster")  # type: ignore[no-any-return]


def test_the_output_is_the_local_engines(
    world: Path, tmp_path: Path, bucket: RemotePath, proxy: Proxy, nodes: Any
) -> None:
    """One share by the local engine, the rest by a cluster, over a network that refuses every fourth request:
    each unit once, byte for byte what a disk has.
    """
    turn = iter(range(1_000_000))
    proxy.fault = lambda _: "503" if next(turn) % 4 == 0 else None
    out = str(bucket / "out")
    rebuild([world], out, shard=Shard(1, 2))
    begun = puts(proxy)
    proxy.requests.clear()
    rebuild([world], out, engine=Cluster(nodes.address))
    proxy.fault = lambda _: None
    assert begun
    assert not set(begun) & set(puts(proxy)) - {one for one in begun if "places" in one}
    assert results(bucket / "out") == expected([world], tmp_path / "expected")


@pytest.mark.slow
def test_a_record_that_kills_is_told_of_and_passed_by(
    make: Callable[..., list[Path]], tmp_path: Path, bucket: RemotePath, nodes: Any
) -> None:
    """As into a folder."""
    files = make(*([response(10 * one + two) for two in range(3)] for one in range(2)))
    engine = DeadlyCluster(nodes.address, units_of(files)[1].id, 2, 0, tmp_path / "marks")
    report = rebuild(files, str(bucket / "out"), engine=engine)
    assert (report.outcomes, report.whole, report.exit) == ({"failed": 1, "ok": 5}, True, 1)


@pytest.mark.slow  # thousands of captures over a network that fails
def test_a_large_set_over_a_bad_network(tmp_path: Path, bucket: RemotePath, proxy: Proxy, nodes: Any) -> None:
    """4 000 captures in 40 files at the store, every seventh request late, refused, reset or cut off, the
    driver killed half-way: byte for byte what a disk has, and no unit done twice but those in hand.
    """
    local = tmp_path / "in"
    local.mkdir()
    for number in range(40):
        rows = captures(WECHAT, sized(0, 50), 1000 * number) + captures(MFA, small(50), 1000 * number)
        path = write(local / f"{number:03}.warc.gz", rows, 1000 * number)
        (bucket / "in" / path.name).write_bytes(path.read_bytes())
    options = Options(format="jsonl")
    turn, faults = itertools.count(), itertools.cycle(("late", "503", "reset", "truncate"))

    def bad(_: bytes) -> str | None:
        if next(turn) % 7:
            return None
        fault = next(faults)
        if fault == "late":
            time.sleep(0.3)
        return None if fault == "late" else fault

    proxy.requests.clear()
    proxy.fault = bad
    source, out = str(bucket / "in"), str(bucket / "out")
    command = [sys.executable, "-m", "harvester", "rebuild", source, "--output", out, "--format", "jsonl"]
    command += ["--engine", "ray", "--address", nodes.address]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as driver:
        while len(puts(proxy)) < 8:
            assert driver.poll() is None
            time.sleep(0.01)
        driver.kill()
    begun = set(puts(proxy))
    proxy.requests.clear()
    report = rebuild([source], out, options, engine=Cluster(nodes.address))
    proxy.fault = lambda _: None
    assert (report.responses, report.exit) == (4000, 0)
    assert proxy.faults > 50
    assert len(begun & set(puts(proxy))) <= IN_FLIGHT_PER_CPU * 2
    assert results(bucket / "out") == expected([local], tmp_path / "expected", options)

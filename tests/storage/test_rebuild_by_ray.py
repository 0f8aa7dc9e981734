"""A rebuild into a store by a Ray cluster: what the local engine gives, begun here and finished there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from archive.storage import RemotePath
from harvester.engines.cluster import Cluster
from harvester.rebuild import Shard, rebuild
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

"""The Ray engine on a real cluster of this machine: what it gives is what the local engine gives."""

from __future__ import annotations

import gc
import logging
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harvester.cli.app import run
from harvester.dedup import batches_of, folder_items, related, related_by, to_bytes
from harvester.engines.cluster import Cluster
from harvester.engines.engine import Beat
from harvester.errors import StorageError
from harvester.rebuild import Done, Unit, rebuild
from harvester.rebuild.inputs import units_of
from tests.chain.test_verify_workers import always_killed, an_archive, killed_once, told
from tests.check.test_side_by_side import checked
from tests.rebuild.conftest import contents, response
from tests.rebuild.test_killed import DOUBTFUL, Deadly

ray: Any = pytest.importorskip("ray", reason="SKIPPED: Ray is not installed (extra `ray`)")
pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::DeprecationWarning", "ignore::FutureWarning"
)


@pytest.fixture(autouse=True)
def _left_by_ray() -> Iterator[None]:
    """Ray leaves files to the collector; found later, they would be laid at another test's door."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="module")
def nodes() -> Iterator[Any]:
    """A cluster of two nodes, one CPU each; the first is the head."""
    from ray.cluster_utils import Cluster as Nodes

    logging.getLogger("ray").setLevel(logging.ERROR)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent.parent.parent))  # workers find `Deadly`
        cluster = Nodes(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        cluster.add_node(num_cpus=1)
    yield cluster
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        cluster.shutdown()
        del cluster
        gc.collect()


@pytest.fixture
def files(make: Callable[..., list[Path]]) -> list[Path]:
    return make(*([response(10 * one + two) for two in range(3)] for one in range(4)))


class DeadlyCluster:
    """The Ray engine, its tasks handed the deadly work of test_killed."""

    def __init__(self, address: str, unit: str, record: int, times: int, marks: Path) -> None:
        marks.mkdir()
        self._engine = Cluster(address)
        self._how = (unit, record, times, str(marks))

    def run(self, units: Any, work: Any, tell: Any) -> Any:
        return self._engine.run(units, Deadly(work, *self._how), tell)


def test_the_output_is_the_local_engines(files: list[Path], tmp_path: Path, nodes: Any) -> None:
    """Document for document, byte for byte, the report too."""
    expected = rebuild(files, tmp_path / "expected")
    assert rebuild(files, tmp_path / "out", engine=Cluster(nodes.address)) == expected
    assert contents(tmp_path / "out") == contents(tmp_path / "expected")


def test_begun_here_and_finished_there(files: list[Path], tmp_path: Path, nodes: Any) -> None:
    """Units that were done locally are not done again by a cluster, and the other way round."""
    rebuild(files[:2], tmp_path / "out")
    done = {path: path.stat().st_ino for path in (tmp_path / "out/units").glob("*.json")}
    rebuild(files, tmp_path / "out", engine=Cluster(nodes.address))
    whole = {path: path.stat().st_ino for path in (tmp_path / "out/units").glob("*.json")}
    assert len(done) == 2
    assert len(whole) == 4
    assert done.items() <= whole.items()
    rebuild(files, tmp_path / "out")
    assert {path: path.stat().st_ino for path in whole} == whole
    rebuild(files, tmp_path / "expected")
    assert contents(tmp_path / "out") == contents(tmp_path / "expected")


def test_a_killed_worker_costs_a_retry(files: list[Path], tmp_path: Path, nodes: Any) -> None:
    """SIGKILL of a task's process: the unit is done again, and the output is equal."""
    rebuild(files, tmp_path / "expected")
    engine = DeadlyCluster(nodes.address, units_of(files)[1].id, 2, 1, tmp_path / "marks")
    report = rebuild(files, tmp_path / "out", engine=engine)
    assert len(list((tmp_path / "marks").iterdir())) == 1
    assert (report.documents, report.exit) == (12, 0)
    assert contents(tmp_path / "out") == contents(tmp_path / "expected")


def test_a_record_that_kills_is_told_of_and_passed_by(files: list[Path], tmp_path: Path, nodes: Any) -> None:
    """As on one machine: a row says so, and all other records of its file are read."""
    engine = DeadlyCluster(nodes.address, units_of(files)[1].id, 2, 0, tmp_path / "marks")
    report = rebuild(files, tmp_path / "out", engine=engine)
    assert report.outcomes == {"failed": 1, "ok": 11}
    assert (report.whole, report.exit) == (True, 1)


@dataclass(frozen=True)
class Holding:
    """The work, its beginnings marked in a folder. It stops at a record: on one node for good, on others
    until that one has begun with a unit.
    """

    work: Any
    node: str
    begun: str

    def __call__(self, unit: Unit, beat: Beat) -> Done:
        def holding(position: int, record: int) -> None:
            beat(position, record)
            until = time.monotonic() + 120
            while record == 2 and time.monotonic() < until:
                if here != self.node and any(Path(self.begun).glob(f"*.{self.node}.*")):
                    return
                time.sleep(0.01)

        here = ray.get_runtime_context().get_node_id() if ray.is_initialized() else "apart"
        (Path(self.begun) / f"{unit.id}.{here}.{time.monotonic_ns()}").touch()
        return self.work(unit, holding)


class LosingANode:
    """The Ray engine with a node more, which is killed when it has units in hand."""

    def __init__(self, nodes: Any, begun: Path, within: Any = None) -> None:
        begun.mkdir()
        self._nodes, self._begun = nodes, begun
        self._within = within or Cluster(nodes.address)
        self._lost = nodes.add_node(num_cpus=2)

    def run(self, units: Any, work: Any, tell: Any) -> Any:
        killing = threading.Thread(target=self._lose)
        killing.start()
        yield from self._within.run(units, Holding(work, self._lost.node_id, str(self._begun)), tell)
        killing.join()

    def _lose(self) -> None:
        until = time.monotonic() + 120
        while not self.in_hand() and time.monotonic() < until:
            time.sleep(0.01)
        self._nodes.remove_node(self._lost, allow_graceful=False)

    def in_hand(self) -> set[str]:
        """Return the units that were in hand on the node that was killed: it finishes none."""
        return {path.name.split(".")[0] for path in self._begun.glob(f"*.{self._lost.node_id}.*")}

    def begun(self) -> Counter[str]:
        """Return how often each unit was begun."""
        return Counter(path.name.split(".")[0] for path in self._begun.iterdir())


def test_a_node_lost_half_way(make: Callable[..., list[Path]], tmp_path: Path, nodes: Any) -> None:
    """A machine goes away with units in hand: others do them, and no unit else twice; the output is equal."""
    files = make(*([response(10 * one + two) for two in range(2)] for one in range(6)))
    rebuild(files, tmp_path / "expected")
    engine = LosingANode(nodes, tmp_path / "begun")
    report = rebuild(files, tmp_path / "out", engine=engine)
    assert report.exit == 0
    assert engine.in_hand()
    assert {unit for unit, times in engine.begun().items() if times > 1} <= engine.in_hand()
    assert contents(tmp_path / "out") == contents(tmp_path / "expected")


@pytest.mark.parametrize("number", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_the_driver_killed_and_run_again(
    make: Callable[..., list[Path]], tmp_path: Path, nodes: Any, number: signal.Signals
) -> None:
    """The driver killed, or ended: what was done stays done, the second run does the rest, all is equal."""
    files = make(*([response(10 * one + two, body=DOUBTFUL) for two in range(2)] for one in range(4)))
    rebuild(files, tmp_path / "expected")
    out = tmp_path / "out"
    command = [sys.executable, "-m", "harvester", "rebuild", *map(str, files), "--output", str(out)]
    command += ["--engine", "ray", "--address", nodes.address]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as driver:
        while not list((out / "units").glob("*.json")):
            assert driver.poll() is None
            time.sleep(0.01)
        driver.send_signal(number)
    assert driver.returncode == (130 if number == signal.SIGTERM else -number)
    again = subprocess.run([*command, "--json"], capture_output=True, check=False, text=True)
    assert again.returncode == 0, again.stderr
    assert contents(out) == contents(tmp_path / "expected")


class Counting(Cluster):
    """Counts how often it connects."""

    connected = 0

    def _connected(self, ray: Any) -> Any:
        self.connected += not ray.is_initialized()
        return super()._connected(ray)


def test_one_connection_for_all_rounds(world: Path, tmp_path: Path, nodes: Any) -> None:
    """A rebuild with revisits has two rounds and one connection; afterwards there is none."""
    engine = Counting(nodes.address)
    rebuild([world], tmp_path / "out", engine=engine)
    rebuild([world], tmp_path / "expected")
    assert contents(tmp_path / "out") == contents(tmp_path / "expected")
    assert engine.connected == 1
    assert not ray.is_initialized()


def test_a_check_tells_what_one_process_tells(
    files: list[Path], tmp_path: Path, nodes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Findings, counts and places, though workers stand elsewhere than the driver."""
    monkeypatch.chdir(tmp_path)
    archive = files[0].parent.parent.relative_to(tmp_path)
    assert run(["reindex", "--archive", str(archive)]) == 0
    files[1].write_bytes(files[1].read_bytes()[:-20])
    min(archive.glob("documents/*/*/*.json")).write_bytes(b"{}")
    found = checked(archive, Cluster(nodes.address))
    assert {"E003", "E060", "E063", "E074"} <= set(found.counts)
    assert found == checked(archive)


def test_dedup_answers_what_one_process_answers(
    files: list[Path], tmp_path: Path, nodes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Byte for byte, of documents that workers find in the driver's folder."""
    monkeypatch.chdir(tmp_path)
    rebuild([files[0], files[1]], Path("out"))
    found = related_by(Cluster(nodes.address), batches_of([], [Path("out")]))
    assert found.documents == 6
    assert to_bytes(found) == to_bytes(related(folder_items([Path("out")])))


@pytest.mark.slow  # many kills, many files
def test_a_large_set_with_a_worker_a_node_and_the_driver_lost(
    make: Callable[..., list[Path]], tmp_path: Path, nodes: Any
) -> None:
    """400 captures in 40 files: a worker killed, a node lost, drivers killed; the output is equal."""
    files = make(*([response(10 * one + two) for two in range(10)] for one in range(40)))
    rebuild(files, tmp_path / "expected")
    out = tmp_path / "out"
    command = [sys.executable, "-m", "harvester", "rebuild", *map(str, files), "--output", str(out)]
    command += ["--engine", "ray", "--address", nodes.address]
    for least in (4, 10):
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as driver:
            while len(list((out / "units").glob("*.json"))) < least and driver.poll() is None:
                time.sleep(0.01)
            driver.kill()
    done = {path.stem for path in (out / "units").glob("*.json")}
    unit = [unit.id for unit in units_of(files) if unit.id not in done][-1]
    deadly = DeadlyCluster(nodes.address, unit, 2, 1, tmp_path / "marks")
    engine = LosingANode(nodes, tmp_path / "begun", deadly)
    report = rebuild(files, out, engine=engine)
    assert (report.documents, report.exit) == (400, 0)
    assert len(list((tmp_path / "marks").iterdir())) == 1
    assert engine.in_hand()
    assert len(engine.begun()) == 40 - len(done)
    assert {unit for unit, times in engine.begun().items() if times > 1} <= engine.in_hand() | {unit}
    assert contents(out) == contents(tmp_path / "expected")


@pytest.mark.slow  # Ray itself waits for 40 s
def test_a_cluster_that_is_not_there(files: list[Path], tmp_path: Path) -> None:
    """One error in words."""
    with pytest.raises(StorageError, match="no Ray cluster at"):
        rebuild(files, tmp_path / "out", engine=Cluster("127.0.0.1:1"))


def test_verify_all_by_a_cluster(
    harvester: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nodes: Any
) -> None:
    """`verify --all` says, writes and keeps what it does alone."""
    an_archive(tmp_path)
    monkeypatch.chdir(tmp_path)
    alone = told(harvester, "alone", words=False)
    assert told(harvester, "other", "--engine", "ray", "--address", nodes.address, words=False) == alone


@pytest.mark.slow
@pytest.mark.parametrize("check", [killed_once, always_killed])
def test_articles_that_kill_a_task(tmp_path: Path, nodes: Any, check: Callable[..., None]) -> None:
    """As with processes of one machine (tests/chain/test_verify_workers.py)."""
    folder = an_archive(tmp_path)
    (tmp_path / "marks").mkdir()
    check(folder, tmp_path / "marks", Cluster(nodes.address))

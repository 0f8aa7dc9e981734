"""What docs/scale.md gives its readers: scripts that give what a single run gives, sums that add up."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.scale.costs import Captures, Cost, Job, cost
from benchmarks.scale.tables import JOBS, kept
from harvester.rebuild import Options, rebuild
from tests.rebuild.conftest import contents, response

SCRIPTS = Path(__file__).parents[2] / "docs" / "scale"


@pytest.fixture
def files(make: Callable[..., list[Path]]) -> list[Path]:
    return make(*([response(10 * one + two) for two in range(2)] for one in range(4)))


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH on which `harvester` is this one."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "harvester"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m harvester "$@"\n')
    program.chmod(0o755)
    return f"{tmp_path / 'bin'}:{os.environ['PATH']}"


def script(name: str, *arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    command = ["bash", str(SCRIPTS / name), *map(str, arguments)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SLURM_")}
    return subprocess.run(command, env=environment | variables, capture_output=True, text=True, check=False)


def test_the_array_and_then_together_are_a_single_run(files: list[Path], path: str, tmp_path: Path) -> None:
    """Each task does its share; what puts together then gives the very bytes of a run without shares."""
    rebuild(files, tmp_path / "expected", Options(format="jsonl"))
    where = (tmp_path / "out", *files)
    for task in "123":
        done = script(
            "slurm-array.sh", *where, PATH=path, SLURM_ARRAY_TASK_ID=task, SLURM_ARRAY_TASK_MIN="1",
            SLURM_ARRAY_TASK_MAX="3",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    before = {one: one.stat().st_ino for one in (tmp_path / "out/documents").iterdir()}
    assert len(before) == 4
    done = script("slurm-together.sh", *where, PATH=path)
    assert done.returncode == 0, done.stderr
    assert {one: one.stat().st_ino for one in before} == before
    assert contents(tmp_path / "out") == contents(tmp_path / "expected")


def test_an_array_from_nought_is_refused(path: str, tmp_path: Path) -> None:
    """Shares are counted from one; a share 0 would never be done."""
    task = {"SLURM_ARRAY_TASK_ID": "0", "SLURM_ARRAY_TASK_MIN": "0", "SLURM_ARRAY_TASK_MAX": "3"}
    done = script("slurm-array.sh", tmp_path / "out", tmp_path, PATH=path, **task)
    assert done.returncode == 2
    assert "numbered from 1" in done.stderr


def test_costs_add_up() -> None:
    """A job's cost is the sum of its captures' and files'; more cores shorten the workers' part alone."""
    figures = kept()
    one = Captures("wechat", 1000, 2.0, articles=1000)
    single = cost(Job(captures=(one,), read_bytes=1e9, files=0), figures)
    assert single.workers_s == pytest.approx(figures.kinds["wechat"].ms(2.0))
    double = cost(Job(captures=(one, one), read_bytes=1e9, files=10), figures)
    assert double.workers_s == pytest.approx(2 * single.workers_s + figures.unit_ms / 100)
    assert double.wall_s(4, 0) - double.driver_s == pytest.approx(double.workers_s / 4)


def test_price_is_hours_and_requests_at_the_readers_prices() -> None:
    """Nothing of it is ours: without prices it costs nothing."""
    one = Cost(workers_s=3000, driver_s=600, read_bytes=0, written_bytes=0, requests=5000)
    assert one.price(core_hour=2) == pytest.approx(2)
    assert one.price(core_hour=0, thousand_requests=0.5) == pytest.approx(2.5)


def test_picking_by_an_index_is_cheaper_than_reading_all() -> None:
    """The advice of docs/scale.md holds by its own figures, by core-hours and requests."""
    whole, picked = (cost(JOBS[name], kept()) for name in list(JOBS)[1:])
    assert picked.core_hours < whole.core_hours / 100
    assert picked.requests < whole.requests / 10

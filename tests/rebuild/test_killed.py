"""Rebuild: workers and drivers that are killed, records that kill, records that take too long."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harvester.engines.engine import Beat
from harvester.engines.pool import Pool
from harvester.rebuild import Done, Options, Unit, rebuild
from harvester.rebuild.completion import recipe_for
from harvester.rebuild.deadline import DeadlineError, deadline
from harvester.rebuild.inputs import units_of
from harvester.rebuild.outputs import Folder
from harvester.rebuild.work import UnitWork
from tests.deadly import die
from tests.rebuild.conftest import contents, response

DOUBTFUL = b"<!DOCTYPE html><title>t</title><p>a page that is tried in another process first<plaintext>"


@dataclass(frozen=True)
class Deadly:
    """The work, but at one record of one unit the process is killed: `times` times, or always (0)."""

    work: UnitWork
    unit: str
    record: int
    times: int
    marks: str

    def __call__(self, unit: Unit, beat: Beat) -> Done:
        def deadly(position: int, record: int) -> None:
            beat(position, record)
            if unit.id == self.unit and record == self.record and record not in unit.poisoned:
                die(self.marks, self.times)

        return self.work(unit, deadly)


class Deadlier:
    """An engine that hands its workers the deadly work."""

    def __init__(self, unit: str, record: int, times: int, marks: Path) -> None:
        marks.mkdir()
        self._how = (unit, record, times, str(marks))

    def run(self, units: Any, work: Any, tell: Any) -> Any:
        return Pool(2).run(units, Deadly(work, *self._how), tell)


@pytest.fixture
def files(make: Callable[..., list[Path]]) -> list[Path]:
    return make(*([response(10 * one + two) for two in range(3)] for one in range(3)))


def test_a_killed_worker_costs_a_retry(files: list[Path], tmp_path: Path) -> None:
    """SIGKILL in the middle of a unit: it is done again by another worker, and the output is the same."""
    rebuild(files, tmp_path / "expected")
    engine = Deadlier(units_of(files)[1].id, 2, 1, tmp_path / "marks")
    report = rebuild(files, tmp_path / "out", engine=engine)
    assert len(list((tmp_path / "marks").iterdir())) == 1
    assert (report.documents, report.exit) == (9, 0)
    assert contents(tmp_path / "out") == contents(tmp_path / "expected")


def test_a_record_that_kills_is_told_of_and_passed_by(files: list[Path], tmp_path: Path) -> None:
    """A record at which two workers died has a row that says so; all others of its file are read."""
    engine = Deadlier(units_of(files)[1].id, 2, 0, tmp_path / "marks")
    report = rebuild(files, tmp_path / "out", engine=engine)
    assert report.outcomes == {"failed": 1, "ok": 8}
    assert "two worker processes died" in report.failed[0]
    assert (report.whole, report.exit) == (True, 1)


def test_a_unit_that_kills_between_records_is_lost_and_tried_by_the_next_run(
    files: list[Path], tmp_path: Path
) -> None:
    """Two deaths that no record explains: the unit is a finding, not an end; the next run does only it."""
    lost = units_of(files)[1]
    report = rebuild(files, tmp_path / "out", engine=Deadlier(lost.id, 0, 0, tmp_path / "marks"))
    assert (report.documents, report.exit) == (6, 1)
    assert lost.name in report.lost[0]
    assert "SIGKILL" in report.lost[0]
    before = {path: path.stat().st_ino for path in (tmp_path / "out" / "units").glob("*.json")}
    assert rebuild(files, tmp_path / "out").exit == 0
    assert {path: path.stat().st_ino for path in before} == before, "what was done stays as it was"
    rebuild(files, tmp_path / "expected")
    assert contents(tmp_path / "out") == contents(tmp_path / "expected")


def test_the_driver_killed_and_run_again(make: Callable[..., list[Path]], tmp_path: Path) -> None:
    """SIGKILL of the driver after its first unit: the second run does the others, and the output is equal."""
    slow = [[response(10 * one + two, body=DOUBTFUL) for two in range(2)] for one in range(4)]
    files = make([response(n) for n in range(100, 106)], *slow)
    rebuild(files, tmp_path / "expected")
    out = tmp_path / "out"
    command = [sys.executable, "-m", "harvester", "rebuild", *map(str, files), "--output", str(out)]
    with subprocess.Popen([*command, "--workers", "2"], stderr=subprocess.DEVNULL) as driver:
        while not list((out / "units").glob("*.json")):
            assert driver.poll() is None
        driver.kill()
    done = {path: path.stat().st_ino for path in (out / "units").glob("*.json")}
    assert 1 <= len(done) < len(files)
    again = subprocess.run(
        [*command, "--workers", "1", "--json"], capture_output=True, check=False, text=True
    )
    assert again.returncode == 0, again.stderr
    assert {path: path.stat().st_ino for path in done} == done, "a unit that was done is not done again"
    assert contents(out) == contents(tmp_path / "expected")


def test_a_record_that_takes_too_long_is_told_of(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that does not end is ended by the deadline; the row does not blame the record for it."""

    def endless(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr("harvester.rebuild.look.derive", endless)
    work = UnitWork(Folder(tmp_path / "out"), recipe_for(Options(deadline_s=0.02)))
    done = work(units_of(files)[0])
    assert done.outcomes == {"failed": 3}
    assert "on this machine" in done.failed[0]


def test_the_deadline_cannot_be_swallowed() -> None:
    """No `except Exception` on the way takes a deadline for a fault of its own; it ends with its block."""

    def forgiving() -> None:
        while True:
            with contextlib.suppress(Exception):
                sum(range(1000))

    with pytest.raises(DeadlineError), deadline(0.01):
        forgiving()
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


@pytest.mark.slow
def test_a_stalled_worker_is_given_up(files: list[Path], tmp_path: Path) -> None:
    """A worker that hangs where no signal reaches it is killed after a while, and its record told of."""

    class Stalling:
        def run(self, units: Any, work: Any, tell: Any) -> Any:
            return Pool(2, stalled_after_s=2.0).run(units, Stuck(work), tell)

    report = rebuild(files[:1], tmp_path / "out", engine=Stalling())
    assert report.outcomes == {"failed": 1, "ok": 2}


@dataclass(frozen=True)
class Stuck:
    """The work, but its second record stops the process, as a fault in a library's code would."""

    work: UnitWork

    def __call__(self, unit: Unit, beat: Beat) -> Done:
        def stopping(position: int, record: int) -> None:
            beat(position, record)
            if record == 2 and record not in unit.poisoned:
                os.kill(os.getpid(), signal.SIGSTOP)

        return self.work(unit, stopping)

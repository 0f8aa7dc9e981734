"""Every row of the table of faults, at a part of its points (`slow`: in full)."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from benchmarks.faults.row import Row
from benchmarks.faults.scenario import Promises, Verdict, judge, opened, response, unclear
from benchmarks.faults.table import Make, markdown, rows

QUICK = Path("/dev/shm")


def _made(make: Make) -> Row:
    with tempfile.TemporaryDirectory(dir=QUICK if QUICK.is_dir() else None) as folder:
        return make(Path(folder))


def _held(row: Row) -> None:
    if row.skipped:
        pytest.skip(f"NOT TRIED: {row.kind}: {row.skipped}")
    assert row.points
    assert row.promised or row.kind.startswith("one byte changed")
    assert row.good, row.failures


@pytest.mark.parametrize("name", rows(large=False, sparse=True))
def test_nothing_acknowledged_is_lost(name: str) -> None:
    """Whatever fails: what was acknowledged is there, nothing false is called whole, errors are one line."""
    _held(_made(rows(large=False, sparse=True)[name]))


@pytest.mark.slow
@pytest.mark.parametrize("name", rows(large=True))
def test_nothing_acknowledged_is_lost_in_full(name: str) -> None:
    """The same for every point there is, and 1000 kills."""
    _held(_made(rows(large=True)[name]))


def test_the_judge_can_say_no(tmp_path: Path) -> None:
    """A lost record, a lost derived file, a traceback, a line without a cure: each is seen."""
    root = tmp_path / "a"
    with opened(root) as archive:
        kept, gone = response(b"kept"), response(b"never appended")
        archive.append([kept])
    blocks = {record.record_id: record.block.read() for record in (kept, gone)}
    promises = Promises(records=blocks, derived={"documents/x": b"x"}, taken={"f.warc.gz": "0"})
    verdict = judge(root, promises)
    assert set(verdict.lost) == {gone.record_id, "documents/x", "f.warc.gz"}
    assert verdict.false_whole == [f"{gone.record_id} is gone and check is content"]
    promises = Promises(errors=[KeyError("x"), OSError(5, "y")])
    assert len(judge(root, promises).unclear) == 2
    assert unclear(RuntimeError("run `harvester reindex`"))
    row = Row("x")
    row.add("y", promises, Verdict(lost=["z"]))
    assert not row.good
    assert not Row("nothing tried").good
    assert "| x | 1 |" in markdown([row])

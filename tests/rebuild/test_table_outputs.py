"""Tables and conversion records are as independent of how they were made as documents are."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.check import Check, Report
from tests.rebuild.conftest import contents
from tests.rebuild.test_determinism import WAYS, command


@pytest.mark.parametrize("form", ["parquet", pytest.param("jsonl", marks=pytest.mark.slow)])
def test_order_workers_and_shares_make_no_difference(form: str, world: Path, tmp_path: Path) -> None:
    """Every file of the output is equal: the other way round, two workers, another zone, or by shares."""
    files = sorted(world.glob("*.warc.gz"))
    options = ("--format", form, "--write-warc")
    outputs = []
    for number, (workers, environment) in enumerate(WAYS[:2]):
        outputs.append(tmp_path / f"out-{number}")
        done = command(*files[::-1], *options, "--output", outputs[-1], "--workers", workers, **environment)
        assert done.returncode == 1, done.stderr  # one revisit cannot be resolved
    shared = tmp_path / "shared"
    for share in ("1/2", "2/2"):
        command(*files, *options, "--output", shared, "--workers", 1, "--shard", share)
    command(*files, *options, "--output", shared, "--workers", 1)
    first, other, third = [contents(out) for out in (*outputs, shared)]
    assert other == first
    for name, data in first.items():
        assert third[name] == data, name
    assert {name.partition("/")[0] for name in first} >= {"documents", "captures", "conversion"}


def test_conversion_records_name_their_sources(world: Path, tmp_path: Path) -> None:
    """Checked together with the inputs, each conversion record's source is there, that of a revisit too."""
    files = sorted(world.glob("*.warc.gz"))
    command(*files, "--write-warc", "--output", tmp_path / "out", "--workers", 1)
    made = sorted((tmp_path / "out/conversion").iterdir())
    report = Report()
    with Check(report) as check:
        for path in (*files, *made):
            check.path(path)
    names = {path.name for path in made}
    assert not [finding for finding in report.findings if finding.file in names]
    assert len(names) >= 2

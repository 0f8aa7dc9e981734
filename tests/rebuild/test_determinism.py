"""Rebuild: the output depends on the inputs, the versions and the options, and on nothing else."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rebuild.conftest import contents, digest

WAYS = [
    (1, {"LANG": "C", "LC_ALL": "C", "TZ": "Pacific/Auckland", "PYTHONHASHSEED": "1", "PYTHONUTF8": "0"}),
    (2, {"LANG": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "2"}),
    (4, {"LANG": "C", "TZ": "America/St_Johns", "PYTHONHASHSEED": "3"}),
]


def command(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "harvester", "rebuild", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    assert "Traceback" not in done.stderr
    return done


def test_order_workers_locale_zone_and_hashes_make_no_difference(world: Path, tmp_path: Path) -> None:
    """Files in any order, 1, 2 or 4 workers, LANG=C, another time zone: every file of the output is equal."""
    files = sorted(world.glob("*.warc.gz"))
    outputs = []
    for number, (workers, environment) in enumerate(WAYS):
        random.Random(number).shuffle(files)
        out = tmp_path / f"out-{number}"
        done = command(*files, "--output", out, "--workers", workers, **environment)
        assert done.returncode == 1, done.stderr  # one revisit cannot be resolved
        outputs.append(out)
    first, *others = [contents(out) for out in outputs]
    for other in others:
        assert other == first
    report = json.loads(first["report.json"])
    assert report["outcomes"] == {"asset": 1, "ok": 8, "unknown": 1, "unresolved": 1, "withdrawn": 1}
    assert report["responses"] == sum(report["outcomes"].values()) == first["captures.jsonl"].count(b"\n")
    assert len([name for name in first if name.endswith(".md")]) == 8


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_any_shuffle(world: Path, tmp_path: Path, seed: int) -> None:
    """The same, with many orders and numbers of workers."""
    rng = random.Random(seed)
    files = sorted(world.glob("*.warc.gz"))
    expected = tmp_path / "expected"
    command(*files, "--output", expected, "--workers", 1)
    rng.shuffle(files)
    command(
        *files,
        "--output",
        tmp_path / "out",
        "--workers",
        rng.randint(1, 6),
        PYTHONHASHSEED=str(seed),
        TZ=rng.choice(["Asia/Shanghai", "Pacific/Auckland", "UTC"]),
    )
    assert digest(tmp_path / "out") == digest(expected)

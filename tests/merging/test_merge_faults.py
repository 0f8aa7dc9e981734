"""Merging cut off at any moment, by a fault of the disk or a SIGKILL: the next merge makes it whole."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive import Archive, Block, Record, new_record_id
from archive.compact import compact
from archive.errors import StorageError
from benchmarks.faults.disks import FaultyDisk
from harvester.clock import SystemClock
from harvester.library import Library
from harvester.merging import Merged, merge
from tests.merging.conftest import contents, evidence, page


def filled(root: Path, files: int, extra_bytes: int = 0, kind: str = "response") -> Path:
    """Make an archive of so many WARC files, each with a page, or a resource that is none."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    for number in range(files):
        body = page(number) + b"<!--" + random.Random(number).randbytes(extra_bytes).hex().encode() + b"-->"
        url = f"https://mp.weixin.qq.com/s/MergeFixture{number:010d}"
        block = Block.of(head + body)
        content = "application/http;msgtype=response" if kind == "response" else "application/octet-stream"
        with Archive.open(root, create=True, write=True, software="t/1") as archive:
            archive.append([Record(kind, new_record_id(), datetime.now(UTC), block, content, url)])
    return root


def merged(sources: list[Path], target: Path, disk: FaultyDisk) -> Merged:
    with (
        Archive.open(target, create=True, write=True, software="t/1", disk=disk) as archive,
        Library(archive, write=True) as library,
    ):
        return merge([str(source) for source in sources], archive, library, SystemClock())


@pytest.mark.parametrize("for_good", [pytest.param(False, marks=pytest.mark.slow), True])
def test_a_full_disk_at_every_operation(tmp_path: Path, for_good: bool) -> None:
    """Whatever change to the disk fails, the error is one line, and the next merge has all, once."""
    source = filled(tmp_path / "s", 1, kind="resource")
    before, whole = contents(source), FaultyDisk()
    merged([source], tmp_path / "whole", whole)
    wanted, told = evidence(source), []
    for at in range(6, whole.count + 1):  # the first ones make the archive (tests/archive/test_faults.py)
        target = tmp_path / f"t{at}"
        try:
            merged([source], target, FaultyDisk(at, errno.ENOSPC, for_good=for_good))
        except StorageError as error:
            told.append(str(error))
        report = merged([source], target, FaultyDisk())
        assert report.whole
        assert evidence(target) == wanted
        assert not list((target / "warc").glob(".tmp-merge*"))
        with Archive.open(target) as archive:
            assert len(list(archive.entries(type="resource"))) == 1
    assert contents(source) == before
    assert not any("\n" in line for line in told)
    assert sum("cannot copy" in line and "the disk is full; make room" in line for line in told) >= 3


@pytest.mark.slow
def test_a_full_disk_while_a_part_comes(tmp_path: Path) -> None:
    """The same where a repacked file is here in part: its other records come once, whatever failed before."""
    source, base = filled(tmp_path / "s", 2, kind="resource"), tmp_path / "base"
    merged([source], base, FaultyDisk())
    filled(source, 1, kind="resource")
    with Archive.open(source, write=True, software="t/1") as archive:
        compact(archive, delete_originals=True)
        wanted = sorted(entry.record_id for entry in archive.entries(type="resource"))
    whole = FaultyDisk()
    shutil.copytree(base, tmp_path / "whole")
    assert merged([source], tmp_path / "whole", whole).sources[0].parts
    for at in range(1, whole.count + 1):
        target = shutil.copytree(base, tmp_path / f"t{at}")
        with contextlib.suppress(StorageError):
            merged([source], target, FaultyDisk(at, errno.ENOSPC))
        assert merged([source], target, FaultyDisk()).whole
        assert not list((target / "warc").glob(".tmp*"))
        with Archive.open(target) as archive:
            assert sorted(entry.record_id for entry in archive.entries(type="resource")) == wanted


def test_kills(harvester: Any, tmp_path: Path) -> None:
    """SIGKILL at eight moments of one merge: each next one goes on; at the end all is whole, and once."""
    sources = [filled(tmp_path / name, 8, extra_bytes=300_000) for name in ("one", "two")]
    before = [contents(source) for source in sources]
    target, moments = tmp_path / "t", random.Random(7)
    command = [sys.executable, "-m", "harvester", "merge", *map(str, sources), "--archive", str(target)]
    kept: dict[str, str] = {}
    for _ in range(8):
        with subprocess.Popen(command, stderr=subprocess.PIPE, env=os.environ) as child:
            _until(lambda: target.is_dir() or child.poll() is not None)
            time.sleep(moments.uniform(0, 0.3))
            child.send_signal(signal.SIGKILL)
            child.communicate()
        now = evidence(target) if (target / "warc").is_dir() else {}
        assert kept.items() <= now.items()  # what came stays
        kept = now
    assert harvester("merge", *sources, "--archive", target).code == 0
    assert evidence(target) == {**evidence(sources[0]), **evidence(sources[1])}
    assert not list((target / "warc").glob(".tmp*"))
    checked = harvester("check", target, "--json")
    assert (checked.code, checked.codes) == (0, set()), checked.out
    assert len(harvester("list", "--archive", target, "--json").json) == 16
    lines = (target / "journal" / "merged.jsonl").read_text().splitlines()
    assert len(lines) == len(set(lines)) == 16
    assert [contents(source) for source in sources] == before


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)

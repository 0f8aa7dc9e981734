"""The local engine and Ray on one machine, 1 to 4 workers: clock time, Ray's start counted apart."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.rebuild import WECHAT, write
from benchmarks.scale.measure import captures, output_in, sized
from benchmarks.scale.tables import kept
from harvester.engines.cluster import Cluster
from harvester.engines.pool import Pool
from harvester.rebuild import Options, rebuild

ALLOWED: Final = 1.3
"""How much longer than the local engine Ray may take, its start left out."""
WORKERS: Final = (1, 2, 3, 4)
_FILES: Final = 24


def compare(folder: Path, rounds: int, seconds: int) -> int:
    """Print the time of each engine; return 1 where Ray takes more than is allowed, with two workers."""
    each = max(1, round(seconds * 1000 / kept().kinds["wechat"].ms(0.037) / _FILES))
    pages = sized(0, each)
    files = [
        write(folder / f"{n:03}.warc.gz", captures(WECHAT, pages, n * each), n * each) for n in range(_FILES)
    ]
    print(
        f"{each * _FILES:,} captures in {_FILES} files, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    found: dict[tuple[str, int], list[float]] = {}
    ratios: dict[int, list[float]] = {}
    for _ in range(rounds):
        for count in WORKERS:
            local = _clock_s(folder, files, Pool(count))
            far, start = _ray_s(folder, files, count)
            ratios.setdefault(count, []).append(far / local)
            for name, value in (("local", local), ("ray", far), ("start", start)):
                found.setdefault((name, count), []).append(value)
            print(
                f"  {count} workers: local {local:.1f} s, Ray {far:.1f} s and {start:.1f} s to start, "
                f"ratio {far / local:.2f}, load {os.getloadavg()[0]:.1f}",
                flush=True,
            )
    for count in WORKERS:
        local, far, start = (statistics.median(found[name, count]) for name in ("local", "ray", "start"))
        ratio = statistics.median(ratios[count])
        print(f"| {count} | {local:.1f} s | {far:.1f} s | {start:.1f} s | {ratio:.2f} |")
    return 0 if statistics.median(ratios[2]) <= ALLOWED else 1


def _ray_s(folder: Path, files: Sequence[Path], count: int) -> tuple[float, float]:
    """Return the clock time of a rebuild on a cluster that stands, and that of making it stand."""
    engine = Cluster(workers=count)
    with engine.held():
        start = _clock_s(folder, [_one(folder)], engine)
        return _clock_s(folder, files, engine), start


def _one(folder: Path) -> Path:
    """Return a file with a single capture."""
    path = folder / "one.warc.gz"
    return path if path.exists() else write(path, captures(WECHAT, sized(0, 1)))


def _clock_s(folder: Path, files: Sequence[Path], engine: Any) -> float:
    with output_in(folder) as output:
        began_s = time.perf_counter()
        report = rebuild(files, output, Options(format="jsonl"), engine=engine)
        if report.exit:
            raise SystemExit(f"the rebuild did not come out: {report}")
        return time.perf_counter() - began_s

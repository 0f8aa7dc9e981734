"""The cost model held against a run: captures of mixed sizes, two workers, predicted first."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path
from typing import Final

from benchmarks.rebuild import MFA, WECHAT, write
from benchmarks.scale.costs import MB, Captures, Cost, Figures, Job, cost
from benchmarks.scale.measure import SCRIPTS, captures, output_in, sized, small
from harvester.engines.pool import Pool
from harvester.rebuild import Options, rebuild

SHARES: Final = {SCRIPTS[0]: 0.08, SCRIPTS[1]: 0.02, SCRIPTS[4]: 0.02}
"""Shares of the WeChat pages, by the size of their script; the rest are the Ministry's."""
FILES: Final = 40
ALLOWED: Final = 0.25
"""By how much of the prediction the measured time may differ: other work on the cores costs caches."""


def check(folder: Path, count: int, figures: Figures) -> int:
    """Predict, run, compare, print; return 1 where the workers' time is off by more than a quarter."""
    files, job = made(folder, count)
    predicted = cost(job, figures)
    print(f"{count:,} captures in {len(files)} files, {job.read_bytes / MB:,.0f} MB, load {_load()}")
    print(f"  predicted: workers {predicted.workers_s:.1f} s, driver {predicted.driver_s:.2f} s", flush=True)
    before = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    began_s = time.perf_counter()
    with output_in(folder) as output:
        report = rebuild(files, output, Options(format="jsonl"), engine=Pool(2))
        clock_s = time.perf_counter() - began_s
        written = sum(one.stat().st_size for one in (output / "documents").rglob("*"))
    after = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    driver_s, workers_s = (
        (new.ru_utime + new.ru_stime) - (old.ru_utime + old.ru_stime)
        for new, old in zip(after, before, strict=True)
    )
    if report.exit or report.responses != count:
        raise SystemExit(f"the rebuild did not come out: {report}")
    return _told(predicted, workers_s, driver_s, clock_s, written, after[1].ru_maxrss / 1024)


def _told(
    predicted: Cost, workers_s: float, driver_s: float, clock_s: float, written: float, worker_mb: float
) -> int:
    off = workers_s / predicted.workers_s - 1
    print(
        f"  measured:  workers {workers_s:.1f} s ({off:+.0%}), driver {driver_s:.2f} s, clock {clock_s:.0f} s"
    )
    print(f"  written: predicted {predicted.written_bytes / MB:,.0f} MB, measured {written / MB:,.0f} MB")
    print(f"  a worker's memory at the peak: {worker_mb:.0f} MB; load at the end {_load()}")
    return 0 if abs(off) <= ALLOWED else 1


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


def made(folder: Path, count: int) -> tuple[list[Path], Job]:
    """Write so many captures to files, sizes mixed in each; return them, and what the model is told."""
    each = count // FILES
    forms = {script: round(each * share) for script, share in SHARES.items()}
    rest = each - sum(forms.values())
    pages = {script: sized(script, number) for script, number in forms.items()}
    plain = small(rest)
    files = []
    for number in range(FILES):
        rows = captures(MFA, plain, number * each)
        for script, bodies in pages.items():
            rows += captures(WECHAT, bodies, number * each + script)
        files.append(write(folder / f"{number:03}.warc.gz", rows, number * each))
    parts = [Captures("mfa", rest * FILES, _mb(plain), articles=rest * FILES)]
    parts += [
        Captures("wechat", len(p) * FILES, _mb(p), articles=len(p) * FILES) for p in pages.values() if p
    ]
    stored = sum(path.stat().st_size for path in files)
    return files, Job(captures=tuple(parts), read_bytes=stored, files=FILES)


def _mb(pages: list[bytes]) -> float:
    return sum(map(len, pages)) / len(pages) / MB

"""The tables of docs/scale.md: the figures that were kept, and what large jobs cost by them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from benchmarks.scale.costs import MB, Captures, Cost, Figures, Job, Line, cost

KEPT: Final = Path(__file__).with_name("figures.json")
STORED_SHARE: Final = 0.21
"""Bytes of `.warc.gz` for a byte of a recent WeChat page: 588 of 2793 kB (docs/scale.md, storage)."""
FILE_BYTES: Final = 1e9
WORKERS: Final = (2, 16, 100, 1000)
_LIBRARY: Final = 10e6 * 2.4 * MB * STORED_SHARE
_OURS: Final = Captures("wechat", 300e3, 2.4, articles=300e3)
JOBS: Final[dict[str, Job]] = {
    "10 million captures of 2.4 MB": Job(
        captures=(Captures("wechat", 10e6, 2.4, articles=10e6),),
        read_bytes=_LIBRARY,
        files=_LIBRARY / FILE_BYTES,
    ),
    "a general crawl, read whole": Job(
        captures=(
            _OURS,
            Captures("skipped", 3e9 - _OURS.count, 400e12 / MB / 3e9),
            Captures("beside", 6e9, 0.001),
        ),
        read_bytes=100e12,
        files=100e3,
    ),
    "the same, picked by CDXJ": Job(
        captures=(_OURS,),
        read_bytes=_OURS.count * _OURS.mb * MB * STORED_SHARE,
        files=100e3,
        picked=True,
    ),
}
"""The jobs that docs/scale.md speaks of, with its assumptions."""


def kept() -> Figures:
    """Return the figures of the last measurement that was kept."""
    return msgspec.json.decode(KEPT.read_bytes(), type=Figures)


def tables(figures: Figures) -> str:
    """Return the figures and what the jobs cost, as docs/scale.md has them."""
    kinds = [
        f"| {words} | {line.base_ms:.2f} ms | {line.ms_per_mb:.1f} ms | {rates(line)} |"
        for name, words in _KINDS.items()
        for line in (figures.kinds[name],)
    ]
    costs = {name: cost(job, figures) for name, job in JOBS.items()}
    return "\n".join(
        [
            "| processor time of a capture | whatever its size | and for each MB | a core-second does |",
            "| --- | --- | --- | --- |",
            *kinds,
            "",
            "| beside it | |",
            "| --- | --- |",
            *(f"| {words} | {value} |" for words, value in _beside(figures)),
            "",
            "| | " + " | ".join(costs) + " |",
            "| --- |" + " --- |" * len(costs),
            *(_row(words, [say(one) for one in costs.values()]) for words, say in _ROWS),
            *(
                _row(f"with {count:,} cores", [_at(one, count, figures) for one in costs.values()])
                for count in WORKERS
            ),
        ]
    )


_KINDS: Final = {
    "wechat": "a WeChat page",
    "mfa": "a page of the Ministry",
    "generic": "a page of another host, read",
    "skipped": "the same, left out by `--site`",
}


def rates(line: Line) -> str:
    """Return captures that a core does in a second, for three sizes."""
    return ", ".join(f"{1000 / line.ms(mb):.0f} of {words}" for mb, words in _SIZES)


_SIZES: Final = ((0.01, "10 kB"), (0.13, "130 kB"), (2.4, "2.4 MB"))


def _beside(figures: Figures) -> list[tuple[str, str]]:
    written = figures.written_bytes
    return [
        ("a file, of a worker", f"{figures.unit_ms:.1f} ms"),
        ("a file, of the driver", f"{figures.driver_unit_ms:.2f} ms"),
        ("`--format json`: an article more, of a worker", f"{figures.file_ms:.2f} ms"),
        ("`--format json`: a row, of the driver", f"{figures.driver_row_ms:.3f} ms"),
        (
            "written for an article, `jsonl`, `json`",
            f"{written['jsonl'] / 1e3:.1f} kB, {written['json'] / 1e3:.1f} kB",
        ),
        ("requests for a file at a URL", f"{figures.requests_a_file:.0f}, and one for each 4 MiB"),
        ("memory of a worker at its peak", f"{figures.worker_mb:.0f} MB"),
        ("two workers begun and ended", f"{figures.start_s:.1f} s"),
    ]


_ROWS: Final = (
    ("core-hours", lambda one: f"**{one.core_hours:,.0f}**"),
    ("read", lambda one: _bytes(one.read_bytes)),
    ("written (`jsonl`)", lambda one: _bytes(one.written_bytes)),
    ("requests, at a URL", lambda one: f"{one.requests:,.0f}"),
    ("the driver alone", lambda one: f"{one.driver_s:,.0f} s"),
)


def _at(one: Cost, workers: int, figures: Figures) -> str:
    hours = one.wall_s(workers, figures.start_s) / 3600
    rate = one.requests / (one.workers_s / workers)
    time = f"{hours:,.1f} h" if hours >= 1 else f"{hours * 60:,.0f} min"
    return f"{time}, {one.read_mb_s(workers):,.0f} MB/s, {rate:,.0f} requests/s"


def _bytes(count: float) -> str:
    return f"{count / 1e12:,.1f} TB" if count >= 1e12 else f"{count / 1e9:,.0f} GB"


def _row(words: str, cells: list[str]) -> str:
    return f"| {words} | " + " | ".join(cells) + " |"

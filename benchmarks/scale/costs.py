"""The cost model: from measured figures to core-hours, bytes and requests of a job. Pure; no prices in it."""

from __future__ import annotations

from typing import Final

import msgspec

MB: Final = 1_000_000
CHUNK_BYTES: Final = 4 << 20
"""What one request reads on from a store (archive/storage/remote.py)."""


class Line(msgspec.Struct, frozen=True):
    """Processor time of one capture: `base_ms` whatever its size, and `ms_per_mb` of its record, inflated."""

    base_ms: float
    ms_per_mb: float

    def ms(self, mb: float) -> float:
        return self.base_ms + self.ms_per_mb * mb


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured, on one core.

    `kinds` are captures by who reads them, of format `jsonl`: `skipped` are pages of other hosts that
    `--site` leaves out, `beside` records that are no captures (requests, metadata). A unit (an input file)
    takes a worker `unit_ms` beside its captures, and the driver `driver_unit_ms`. Format `json` takes
    `file_ms` more for each article, and `driver_row_ms` of the driver for each row. `written_bytes` are of
    one article, by format.
    Requests are those of one file at a URL, beside one for each 4 MiB of it.
    """

    kinds: dict[str, Line]
    unit_ms: float
    driver_unit_ms: float
    file_ms: float
    driver_row_ms: float
    written_bytes: dict[str, float]
    start_s: float
    worker_mb: float
    requests_a_file: float


class Captures(msgspec.Struct, frozen=True):
    """So many captures of a kind, of `mb` each when inflated; `articles` of them give a document."""

    kind: str
    count: float
    mb: float
    articles: float = 0


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """Captures in files: `read_bytes` of them all as they are stored, in `files`.

    With `picked`, those captures alone are read, by the ranges that a CDXJ names, from so many files.
    """

    captures: tuple[Captures, ...]
    read_bytes: float
    files: float
    form: str = "jsonl"
    picked: bool = False


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What a job takes: seconds of cores for the workers, seconds of the one driver, bytes, requests."""

    workers_s: float
    driver_s: float
    read_bytes: float
    written_bytes: float
    requests: float

    @property
    def core_hours(self) -> float:
        return (self.workers_s + self.driver_s) / 3600

    def wall_s(self, workers: int, start_s: float) -> float:
        """Return how long it takes at best: the workers share what is theirs evenly, the driver is one."""
        return start_s + self.workers_s / workers + self.driver_s

    def read_mb_s(self, workers: int) -> float:
        """Return the megabytes a second that so many busy workers read together."""
        return self.read_bytes / MB / (self.workers_s / workers)

    def price(self, *, core_hour: float, thousand_requests: float = 0.0) -> float:
        """Return what it costs at the reader's prices, in their currency."""
        return self.core_hours * core_hour + self.requests / 1000 * thousand_requests


def cost(job: Job, figures: Figures) -> Cost:
    """Return what a job costs by the figures."""
    rows = sum(part.count for part in job.captures if part.kind not in {"skipped", "beside"})
    articles = sum(part.articles for part in job.captures)
    workers_ms = sum(part.count * figures.kinds[part.kind].ms(part.mb) for part in job.captures)
    workers_ms += job.files * figures.unit_ms
    driver_ms = job.files * figures.driver_unit_ms
    if job.form == "json":
        workers_ms += articles * figures.file_ms
        driver_ms += rows * figures.driver_row_ms
    return Cost(
        workers_s=workers_ms / 1000,
        driver_s=driver_ms / 1000,
        read_bytes=job.read_bytes,
        written_bytes=articles * figures.written_bytes[job.form],
        requests=rows + job.files if job.picked else requests(job.files, job.read_bytes, figures),
    )


def requests(files: float, read_bytes: float, figures: Figures) -> float:
    """Return the requests for files that are read whole at a URL."""
    return files * figures.requests_a_file + read_bytes / CHUNK_BYTES

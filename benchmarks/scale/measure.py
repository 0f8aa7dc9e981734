"""Measuring what the cost model needs: a few minutes of one core."""

from __future__ import annotations

import logging
import os
import resource
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from benchmarks.rebuild import MFA, SMALL, WECHAT, pages_of, write
from benchmarks.scale.costs import CHUNK_BYTES, MB, Figures, Line
from fixtures.catalogue import build
from harvester.rebuild import Options, rebuild

OTHER: Final = "https://www.example.org/news/{:08d}.html"
FOREIGN: Final = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>The harbour</title></head><body><nav>'
    "<a href=/>Home</a></nav><article><h1>The harbour</h1><p>{0}</p><p>{0}</p></article><script>{1}</script>"
    "</body></html>"
)
SCRIPTS: Final = (0, 200_000, 800_000, 1_500_000, 2_580_000)
"""Bytes of script in the pages that give the line of cost over size: pages of 40 kB to 2.6 MB."""
COUNTS: Final = (300, 100, 60, 50, 40)
FOREIGN_SIZES: Final = ((20_000, 600), (130_000, 300), (800_000, 150))
BESIDE_MS: Final = 0.07
"""What a small record takes that is read and passed by (docs/performance.md)."""
_SMALL_PAGES: Final = 2_000
_UNITS: Final = 200


def sized(script_bytes: int, count: int) -> list[bytes]:
    """Return pages of WeChat of a size; 40 forms, again and again."""
    forms = pages_of(min(count, 40), script_bytes=max(script_bytes, 1))
    return [forms[n % len(forms)] for n in range(count)]


def foreign(script_bytes: int, count: int) -> list[bytes]:
    """Return pages of no publisher's: a short text, and script of a size."""
    page = FOREIGN.format("The harbour was quiet that morning. " * 40, "var i=1;" * (script_bytes // 8))
    return [page.encode()] * count


def small(count: int) -> list[bytes]:
    """Return pages of the Ministry: 2 to 4 kB."""
    forms = [build(name, arguments) for name, arguments in SMALL]
    return [forms[n % len(forms)] for n in range(count)]


def captures(url: str, pages: Sequence[bytes], start: int = 0) -> list[tuple[str, bytes]]:
    """Return pages with addresses of their own."""
    return [(url.format(start + n), page) for n, page in enumerate(pages)]


def measured(folder: Path, rounds: int = 3) -> Figures:
    """Measure all figures; files go to a folder, which needs 1 GB."""
    kinds: dict[str, Line] = {}
    lines = {
        "wechat": ([captures(WECHAT, sized(*how)) for how in zip(SCRIPTS, COUNTS, strict=True)], {}),
        "generic": ([captures(OTHER, foreign(*how)) for how in FOREIGN_SIZES], {}),
        "skipped": ([captures(OTHER, foreign(*how)) for how in FOREIGN_SIZES], {"site": "wechat"}),
    }
    for kind, (sets, options) in lines.items():
        kinds[kind] = _line(kind, folder, sets, rounds, Options(format="jsonl", **options))
    kinds["mfa"] = _small_line(folder, kinds["wechat"], rounds)
    kinds["beside"] = Line(BESIDE_MS, 0.0)
    unit_ms, driver_unit_ms, driver_row_ms = _units(folder, kinds["mfa"])
    return Figures(
        kinds=kinds,
        unit_ms=unit_ms,
        driver_unit_ms=driver_unit_ms,
        driver_row_ms=driver_row_ms,
        file_ms=_file_ms(folder, rounds),
        written_bytes={form: _written(folder, form) for form in ("json", "jsonl")},
        start_s=_start(folder),
        worker_mb=resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        requests_a_file=_requests_a_file(folder),
    )


def _line(
    kind: str, folder: Path, sets: Sequence[list[tuple[str, bytes]]], rounds: int, options: Options
) -> Line:
    sizes, times = [], []
    for number, pages in enumerate(sets):
        path = write(folder / f"{kind}-{number}.warc.gz", pages)
        mb = statistics.mean(len(page) for _, page in pages) / MB
        ms = _ms_each([path], folder, len(pages), rounds, options)
        print(f"  {kind:<10}{mb:>8.3f} MB{ms:>10.2f} ms", flush=True)
        sizes.append(mb)
        times.append(ms)
    slope, base = statistics.linear_regression(sizes, times)
    return Line(base, slope)


def _small_line(folder: Path, like: Line, rounds: int) -> Line:
    """Pages of the Ministry have one size; what a megabyte more would cost is taken from the others."""
    pages = small(_SMALL_PAGES)
    path = write(folder / "mfa.warc.gz", captures(MFA, pages))
    mb = statistics.mean(map(len, pages)) / MB
    ms = _ms_each([path], folder, len(pages), rounds, Options(format="jsonl"))
    print(f"  {'mfa':<10}{mb:>8.3f} MB{ms:>10.2f} ms", flush=True)
    return Line(ms - like.ms_per_mb * mb, like.ms_per_mb)


def _ms_each(files: Sequence[Path], folder: Path, count: int, rounds: int, options: Options) -> float:
    """Return the median processor time of a capture, in this process; the first round brings modules in."""
    times = []
    for _ in range(rounds + 1):
        with output_in(folder) as output:
            began_s = time.process_time()
            rebuild(files, output, options)
            times.append((time.process_time() - began_s) / count * 1000)
    return statistics.median(times[1:])


def _units(folder: Path, line: Line) -> tuple[float, float, float]:
    """Return what a unit takes beside its captures, and what putting together takes for a unit and a row."""
    pages = small(_UNITS)
    many = [write(folder / f"unit-{n:05}.warc.gz", captures(MFA, [page], n)) for n, page in enumerate(pages)]
    mb = statistics.mean(map(len, pages)) / MB
    each = _ms_each(many, folder, _UNITS, 1, Options(format="jsonl"))
    again = _again_ms(many, folder, "jsonl") / _UNITS
    rows = folder / "mfa.warc.gz"
    row_ms = (_again_ms([rows], folder, "json") - again) / _SMALL_PAGES
    return max(0.0, each - line.ms(mb) - again), again, max(0.0, row_ms)


def _file_ms(folder: Path, rounds: int) -> float:
    """Return what format `json`, two files an article, takes a worker more than a row of a table."""
    path = folder / "mfa.warc.gz"
    both = [
        _ms_each([path], folder, _SMALL_PAGES, rounds, Options(format=form)) for form in ("json", "jsonl")
    ]
    return max(0.0, both[0] - both[1])


def _again_ms(files: Sequence[Path], folder: Path, form: str) -> float:
    """Return what a run takes that finds all units done: what the driver does in every run."""
    with output_in(folder) as output:
        rebuild(files, output, Options(format=form))
        began_s = time.process_time()
        rebuild(files, output, Options(format=form))
        return (time.process_time() - began_s) * 1000


def _written(folder: Path, form: str) -> float:
    """Return the bytes that are written for an article of a WeChat page."""
    path = folder / "wechat-1.warc.gz"
    with output_in(folder) as output:
        report = rebuild([path], output, Options(format=form))
        files = [one for one in output.rglob("*") if one.is_file() and "units" not in one.parts]
        return sum(one.stat().st_size for one in files) / report.documents


def _start(folder: Path) -> float:
    """Return the seconds until two worker processes have begun and ended."""
    from harvester.engines.pool import Pool

    files = [folder / "unit-00000.warc.gz", folder / "unit-00001.warc.gz"]
    with output_in(folder) as output:
        began_s = time.perf_counter()
        rebuild(files, output, Options(format="jsonl"), engine=Pool(2))
        return time.perf_counter() - began_s


def _requests_a_file(folder: Path) -> float:
    """Return the requests for a file at an S3 server, beside those for each 4 MiB of it."""
    path = folder / "wechat-4.warc.gz"
    with counted_store() as (store, requests):
        (store / path.name).write_bytes(path.read_bytes())
        requests.clear()
        with output_in(folder) as output:
            rebuild([store / path.name], output, Options(format="jsonl"))
        return len(requests) - path.stat().st_size / CHUNK_BYTES


@contextmanager
def counted_store() -> Iterator[tuple[Any, list[str]]]:
    """Give a new bucket at an S3 server on loopback, and the list of the requests that it answered."""
    import fsspec
    from moto.server import ThreadedMotoServer

    from archive.storage import RemotePath

    requests: list[str] = []

    class Counting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            requests.append(record.getMessage())

    log = logging.getLogger("werkzeug")
    log.handlers, log.propagate = [Counting()], False
    log.setLevel(logging.INFO)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=True)
    server.start()
    host, port = server.get_host_and_port()
    known = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}
    before = dict(os.environ)
    os.environ.update(known | {"AWS_ENDPOINT_URL": f"http://{host}:{port}"})
    try:
        bucket = f"scale-{uuid.uuid4().hex[:12]}"
        fsspec.filesystem("s3").mkdir(bucket)
        yield RemotePath.of(f"s3://{bucket}"), requests
    finally:
        server.stop()
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def output_in(folder: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=folder) as name:
        yield Path(name) / "out"

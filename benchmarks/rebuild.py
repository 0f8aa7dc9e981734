"""Rebuilding: against the least that must be done, and against warcio with trafilatura.

The least, "bare", inflates each record and has Lexbor parse each page: nothing is verified, read or written.
Each way runs in a process of its own, in turn; times are processor time without the start of the
interpreter, ratios medians of the rounds' own. `--curve` measures the cost by the number of captures and
draws docs/rebuild-cost.svg; `--scaling` two workers against two bare processes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from isal import isal_zlib
from selectolax.lexbor import LexborHTMLParser
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from fixtures.catalogue import build
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article

CORPUS = Path(os.environ.get("HARVESTER_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))
PLOT = Path(__file__).parents[1] / "docs" / "rebuild-cost.svg"
WHOLE_PAGE_BYTES = 1_500_000
WECHAT = "https://mp.weixin.qq.com/s/Bench{:017d}"
MFA = "https://www.mfa.gov.cn/zyxw/202505/t20250501_{:08d}.shtml"
SMALL = (
    ("mfa.zh-b", {"story": "visit"}),
    ("mfa.zh-a", {"story": "visit"}),
    ("mfa.zh-b", {"story": "speech"}),
    ("mfa.english", {"story": "english"}),
)
CURVE = (1_000, 3_000, 10_000, 30_000, 100_000)
PER_FILE = 5_000
_SCALED_PAGES = 600


def main(arguments: Sequence[str] = ()) -> None:
    """Print the tables that were asked for, without an argument the first."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--one", nargs=2, metavar=("WAY", "FILES"))
    parser.add_argument("--curve", action="store_true")
    parser.add_argument("--scaling", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--most", type=int, default=CURVE[-1])
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if asked.one:
            print(json.dumps(_one(asked.one[0], asked.one[1].split(os.pathsep), folder)))
        elif asked.curve:
            _curve(folder, [count for count in CURVE if count <= asked.most])
        elif asked.scaling:
            _scaling(folder, asked.rounds)
        else:
            _per_core(folder, asked.rounds)


# -- the ways ------------------------------------------------------------------------------------------


def _one(way: str, files: Sequence[str], folder: Path) -> dict[str, float]:
    """Do one way on files, in this process; its first page has brought in whatever is loaded late."""
    ways = {"bare": _bare, "ours": _ours, "ours-jsonl": _ours_jsonl, "two": _two, "trafilatura": _trafilatura}
    warm = folder / "warm.warc.gz"
    write(warm, [(WECHAT.format(0), pages_of(1)[0])])
    ways[way if way != "two" else "ours"]([str(warm)], folder / "warm")
    cpu, clock = time.process_time(), time.perf_counter()
    ways[way](files, folder / "out")
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "cpu": time.process_time() - cpu,
        "clock": time.perf_counter() - clock,
        "peak_mb": used.ru_maxrss / 1024,
        "peak_child_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
    }


def _bare(files: Iterable[str], _: Path) -> None:
    for file in files:
        for record in _inflated(Path(file).read_bytes()):
            if b"WARC-Type: response" in record[:600]:
                head = record.index(b"\r\n\r\n") + 4
                LexborHTMLParser(record[record.index(b"\r\n\r\n", head) + 4 :])


def _inflated(data: bytes) -> Iterator[bytes]:
    view, position = memoryview(data), 0
    while position < len(data):
        decoder, pieces = isal_zlib.decompressobj(31), []
        while not decoder.eof:
            piece = view[position : position + 65536]
            pieces.append(decoder.decompress(piece))
            position += len(piece)
        position -= len(decoder.unused_data)
        yield b"".join(pieces)


def _ours(files: Sequence[str], output: Path, form: str = "json") -> None:
    from harvester.rebuild import Options, rebuild

    report = rebuild(list(files), output, Options(format=form))
    if report.exit or not report.documents:
        raise SystemExit(f"the rebuild did not come out: {report}")


def _ours_jsonl(files: Sequence[str], output: Path) -> None:
    _ours(files, output, "jsonl")


def _two(files: Sequence[str], output: Path) -> None:
    from harvester.engines.pool import Pool
    from harvester.rebuild import rebuild

    rebuild(list(files), output, engine=Pool(2))


def _trafilatura(files: Iterable[str], _: Path) -> None:
    import trafilatura

    for file in files:
        with Path(file).open("rb") as stream:
            for record in ArchiveIterator(stream):
                if record.rec_type == "response":
                    trafilatura.extract(
                        record.content_stream().read(), with_metadata=True, output_format="json"
                    )


def _in_process(way: str, files: Sequence[Path]) -> subprocess.Popen[str]:
    named = os.pathsep.join(map(str, files))
    command = [sys.executable, "-m", "benchmarks.rebuild", "--one", way, named]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _measured(way: str, files: Sequence[Path]) -> dict[str, float]:
    with _in_process(way, files) as running:
        out = running.communicate()[0]
    return dict(json.loads(out))


# -- what is rebuilt -----------------------------------------------------------------------------------


def pages_of(count: int, **layout: Any) -> list[bytes]:
    return [
        article_page(lighthouse_article(), Recent(era=2025 + n % 2, nonce=str(n), **layout))
        for n in range(count)
    ]


def _saved() -> list[bytes]:
    saved = [gzip.decompress(path.read_bytes()) for path in sorted((CORPUS / "wechat").glob("*.html.gz"))]
    return [body for body in saved if len(body) >= WHOLE_PAGE_BYTES]


def write(path: Path, pages: Iterable[tuple[str, bytes]], start: int = 0) -> Path:
    """Write captures as warcio does, with its digests."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True, warc_version="1.1")
        for number, (url, body) in enumerate(pages, start):
            when = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
            http = StatusAndHeaders(
                "200 OK",
                [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))],
                protocol="HTTP/1.1",
            )
            dated = {"WARC-Date": when.strftime("%Y-%m-%dT%H:%M:%SZ")}
            record = writer.create_warc_record(
                url, "response", payload=BytesIO(body), http_headers=http, warc_headers_dict=dated
            )
            writer.write_record(record)
    return path


# -- tables --------------------------------------------------------------------------------------------


def _per_core(folder: Path, rounds: int) -> None:
    print(
        "\nrebuilding, one process (processor time for a page; ratios: to the bare pipeline on the same file)"
    )
    print(f"  {'':<34}{'bare, ms':>9}{'json':>8}{'jsonl':>8}{'trafilatura':>13}{'ours/traf.':>12}")
    for title, pages in _rows().items():
        path = write(
            folder / f"{len(pages)}.warc.gz", [(WECHAT.format(n), page) for n, page in enumerate(pages)]
        )
        found: dict[str, list[float]] = {}
        for _ in range(rounds):
            for way in ("bare", "ours", "ours-jsonl", "trafilatura"):
                found.setdefault(way, []).append(_measured(way, [path])["cpu"])
        base = found["bare"]
        ratios = {
            way: statistics.median(mine / least for mine, least in zip(times, base, strict=True))
            for way, times in found.items()
        }
        print(
            f"  {title:<34}{statistics.median(base) / len(pages) * 1000:>9.2f}{ratios['ours']:>8.2f}"
            f"{ratios['ours-jsonl']:>8.2f}{ratios['trafilatura']:>13.1f}"
            f"{ratios['trafilatura'] / ratios['ours']:>12.1f}"
        )


def _rows() -> dict[str, list[bytes]]:
    rows = {
        "our pages of true size (60)": pages_of(60),
        "our pages of 26 kB (500)": pages_of(500, script_bytes=2000),
    }
    saved = _saved() * 3
    if saved:
        rows[f"saved whole pages ({len(saved)})"] = saved
    else:
        print(f"\nno saved pages in {CORPUS}: their row is left out")
    return rows


def _scaling(folder: Path, rounds: int) -> None:
    """Two workers against one, beside two bare processes at once against one that does the work of both.

    Large enough that the start of the workers, which is in it, is not most of it.
    """
    pages = pages_of(100)
    rows = [(WECHAT.format(n), pages[n % len(pages)]) for n in range(_SCALED_PAGES)]
    halves = [write(folder / f"{half}.warc.gz", rows) for half in "ab"]
    found = []
    for _ in range(rounds):
        single = _measured("ours", halves)["clock"]
        double = _measured("two", halves)["clock"]
        bare_single = _measured("bare", halves * 4)["clock"]
        running = [_in_process("bare", [half] * 4) for half in halves]
        bare_double = max(json.loads(process.communicate()[0])["clock"] for process in running)
        found.append((single / double, bare_single / bare_double))
    ours, bare = (statistics.median(column) for column in zip(*found, strict=True))
    share = statistics.median(mine / least for mine, least in found)
    print(f"\ntwo workers: {ours:.2f} times one; two bare processes: {bare:.2f} times one; share {share:.2f}")
    print("  rounds: " + ", ".join(f"{mine:.2f}/{least:.2f}" for mine, least in found))


def _curve(folder: Path, counts: Sequence[int]) -> None:
    """Measure the cost and the memory of more and more captures of small pages."""
    bodies = [build(name, arguments) for name, arguments in SMALL]
    files = []
    print(f"\n  {'captures':>10}{'cpu, s':>10}{'ms each':>10}{'peak, MB':>10}")
    points = []
    for count in counts:
        while len(files) * PER_FILE < count and (len(files) + 1) * PER_FILE <= max(count, PER_FILE):
            start = len(files) * PER_FILE
            rows = [(MFA.format(n), bodies[n % len(bodies)]) for n in range(start, start + PER_FILE)]
            files.append(write(folder / f"{start:06}.warc.gz", rows, start))
        used = files[: count // PER_FILE]
        if count < PER_FILE:
            rows = [(MFA.format(n), bodies[n % len(bodies)]) for n in range(count)]
            used = [write(folder / f"only-{count}.warc.gz", rows)]
        measured = _measured("ours", used)
        points.append((count, measured["cpu"], measured["peak_mb"]))
        seconds, peak = measured["cpu"], measured["peak_mb"]
        print(f"  {count:>10}{seconds:>10.1f}{seconds / count * 1000:>10.2f}{peak:>10.0f}")
        sys.stdout.flush()
    _draw(points)


# -- the plot ------------------------------------------------------------------------------------------


def _draw(points: Sequence[tuple[int, float, float]]) -> None:
    """Draw time (logarithmic, with the straight line of equal cost) and memory over captures."""
    from benchmarks.plot import Axis, plot

    counts = [count for count, _, _ in points]
    first = points[0]
    line = [first[1] / first[0] * count for count in counts]
    PLOT.write_text(
        plot(
            "Cost of a rebuild by captures: processor time and peak memory of one process",
            counts,
            Axis(
                "seconds", [seconds for _, seconds, _ in points], also=line, also_title="equal cost for each"
            ),
            Axis("MB at the peak", [mb for _, _, mb in points]),
        ),
        encoding="utf-8",
    )
    print(f"  drawn: {PLOT}")


if __name__ == "__main__":
    main(sys.argv[1:])

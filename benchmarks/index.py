"""The index at a million captures: what a group costs to add, and a look-up to answer, as it grows.

`python -m benchmarks.index [--captures N]`. Each synthetic capture is what one image leaves: a note, a
request and a response, added as one durable transaction, as `fetch` adds them. Most are put in without
that wait, in large transactions as `reindex` does; at each tenth a thousand are added one by one and timed.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from archive.cdxj import entry_line, write_lines
from archive.index import RecordIndex
from archive.record import IndexEntry, Location, StoredRecord
from archive.runs import SortedLines
from archive.surt import surt

CAPTURES = 100_000
_ONE_BY_ONE = 1000
_LOOKUPS = 500
_STEPS = 10
_START = datetime(2026, 1, 1, tzinfo=UTC)
_PER_FILE = 20_000


def capture(number: int) -> list[IndexEntry]:
    """Return the rows of one synthetic capture; every tenth payload came before."""
    file = f"HARVESTER-{number // _PER_FILE:08d}.warc.gz"
    at = _START + timedelta(seconds=7 * number)
    url = f"https://mmbiz.qpic.cn/mmbiz_png/{number % (9 * CAPTURES):012d}/640?wx_fmt=png"
    digest = "sha256:" + hashlib.sha256(str(number - number % 10).encode()).hexdigest()
    response = f"<urn:uuid:{number:032x}>"
    rows = []
    for place, kind in enumerate(("metadata", "request", "response")):
        is_response = kind == "response"
        rows.append(
            IndexEntry(
                record_id=response if is_response else f"<urn:uuid:{place + 1}{number:031x}>",
                type=kind,
                date=at,
                target_uri=url,
                location=Location(file, (number % _PER_FILE) * 60_000 + place * 1000, 1000),
                content_type="application/http;msgtype=response"
                if is_response
                else "application/warc-fields",
                status=200 if is_response else None,
                mime="image/png" if is_response else None,
                block_digest="sha256:" + hashlib.sha256(f"{number}/{place}".encode()).hexdigest(),
                payload_digest=digest if is_response else None,
                truncated=None,
                refers_to=None,
                concurrent_to=() if is_response else (response,),
                cdx_mime="image/png" if is_response else None,
                surt=surt(url) if is_response else None,
            )
        )
    return rows


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--captures", type=int, default=CAPTURES)
    captures = parser.parse_args(arguments or []).captures
    print(f"\nINDEX  {captures} captures, three records each\n")
    print(
        f"  {'captures':>9}  {'add, durable':>12}  {'by id':>8}  {'URL, time':>9}  {'payload':>8}  {'MB':>6}"
    )
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        path = Path(folder) / "records.sqlite"
        index = RecordIndex.create(path)
        held, step = 0, max(captures // _STEPS, _ONE_BY_ONE)
        while held < captures:
            until = min(held + step, captures)
            alone = max(until - _ONE_BY_ONE, held)
            if alone > held:
                rows = (row for number in range(held, alone) for row in capture(number))
                index.replace_all([(f"bulk-{held}", rows, 0)], gone=[])
            added = [
                timed(lambda number=number: index.add(capture(number))) for number in range(alone, until)
            ]
            held = until
            print(row(held, added, index, path))
        listed(index)
        index.close()


def row(held: int, added: list[float], index: RecordIndex, path: Path) -> str:
    """Time look-ups in random places; return a line of medians in milliseconds."""
    chosen = [capture(random.Random(n).randrange(held))[2] for n in range(_LOOKUPS)]  # no secret
    questions: list[Callable[[IndexEntry], object]] = [
        lambda entry: index.get(entry.record_id),
        lambda entry: index.closest(entry.target_uri or "", entry.date + timedelta(hours=1)),
        lambda entry: index.with_payload(entry.payload_digest or "", 100),
    ]
    asked = [median(timed(lambda e=entry, q=ask: q(e)) for entry in chosen) for ask in questions]
    size = sum(part.stat().st_size for part in path.parent.iterdir()) / 1e6
    ms = "  ".join(f"{1000 * value:{width}.3f}" for value, width in zip(asked, (8, 9, 8), strict=True))
    return f"  {held:9d}  {1000 * median(added):12.3f}  {ms}  {size:6.0f}"


def listed(index: RecordIndex) -> None:
    """Sort and write the whole as CDXJ."""

    def never() -> StoredRecord:
        raise AssertionError("every response here states its payload digest")

    def lines() -> Iterator[bytes]:
        for entry in index.entries("response"):
            line = entry_line(entry, never)
            if line is not None:
                yield line + b"\n"

    started = time.perf_counter()
    with SortedLines() as lines_sorted:
        for line in lines():
            lines_sorted.add(line)
        out = io.BytesIO()
        count = write_lines(lines_sorted, out)
    seconds = time.perf_counter() - started
    print(f"\n  CDXJ of the whole: {count} lines, {len(out.getvalue()) / 1e6:.0f} MB in {seconds:.1f} s")


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds a call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])

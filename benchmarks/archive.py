"""Keeping, reading and checking records: ours against warcio, FastWARC, and the least that must be done.

Writing: ours is synced and indexed before it answers, warcio's writer (its own defaults: gzip level 9, sha1
of block and payload) is neither. Reading: FastWARC verifies both digests; the least is to inflate with the
library we use and take one sha256. Ratios are medians over rounds in which each way has its turn.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import random
import statistics
import tempfile
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from fastwarc.warc import ArchiveIterator
from isal import isal_zlib
from warcio.warcwriter import WARCWriter

from archive import Archive, Block, Record, new_record_id, read_warc
from archive.check import Check, Report
from benchmarks.timing import interleaved, ratio
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article

URL = "https://example.org/"
KIND = "application/http;msgtype=response"
ROUNDS = 7
CORPUS = Path(os.environ.get("HARVESTER_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))
WHOLE_PAGE_BYTES = 1_500_000


def main() -> None:
    """Print both tables."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = {title: [_response(body) for body in bodies] for title, bodies in _bodies().items()}
        print("\nwriting, one thread (times: warcio's over ours; size: ours over warcio's)")
        print(f"  {'':<34}{'MB':>7}{'cpu':>8}{'clock':>8}{'size':>8}{'ours, ms each':>16}")
        files = {title: _write(folder, title, blocks) for title, blocks in rows.items()}
        print("\nreading and checking (times of processor: the other's over ours)")
        print(f"  {'':<34}{'':>10}{'FastWARC':>10}{'inflate+sha256':>16}{'zlib+sha256':>13}{'MB/s':>8}")
        for title, path in files.items():
            _read(title, path, sum(map(len, rows[title])))


def _bodies() -> dict[str, list[bytes]]:
    noise = random.Random(1)
    pages = [article_page(lighthouse_article(), Recent(era=2025 + n % 2, nonce=str(n))) for n in range(8)]
    bodies = {
        "our pages of true size (8)": pages,
        "small records (500)": [b"<p>%d</p>" % n * 100 for n in range(500)],
        "images (40, as noise)": [noise.randbytes(noise.randrange(40_000, 400_000)) for _ in range(40)],
    }
    saved = [gzip.decompress(path.read_bytes()) for path in sorted((CORPUS / "wechat").glob("*.html.gz"))]
    whole = [body for body in saved if len(body) >= WHOLE_PAGE_BYTES]
    if whole:
        bodies[f"saved whole pages ({len(whole)})"] = whole
    else:
        print(f"\nno saved pages in {CORPUS}: their rows are left out")
    return bodies


def _response(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def _write(folder: Path, title: str, blocks: Sequence[bytes]) -> Path:
    """Measure writing; return a WARC file of ours that holds each block once."""
    sizes: dict[str, list[int]] = {"ours": [], "warcio": []}
    name = hashlib.sha256(title.encode()).hexdigest()[:8]
    theirs_path = folder / f"{name}.theirs.warc.gz"
    archive = Archive.open(folder / name, create=True, write=True)
    with archive, theirs_path.open("wb") as file:
        writer = WARCWriter(file, gzip=True, warc_version="1.1")

        def ours() -> None:
            length = 0
            for block in blocks:
                record = Record("response", new_record_id(), datetime.now(UTC), Block.of(block), KIND, URL)
                (location,) = archive.append([record])
                length += location.length
            sizes["ours"].append(length)

        def theirs() -> None:
            before = file.tell()
            for block in blocks:
                writer.write_record(writer.create_warc_record(URL, "response", payload=BytesIO(block)))
            sizes["warcio"].append(file.tell() - before)

        times = interleaved({"ours": ours, "warcio": theirs}, ROUNDS)
    cpu, clock = (ratio(times["warcio"], times["ours"], which) for which in (0, 1))
    size = statistics.median(sizes["ours"]) / statistics.median(sizes["warcio"])
    each_ms = statistics.median(pair[0] for pair in times["ours"]) * 1000 / len(blocks)
    megabytes = sum(map(len, blocks)) / 1e6
    print(f"  {title:<34}{megabytes:>7.1f}{cpu:>8.2f}{clock:>8.2f}{size:>8.3f}{each_ms:>16.2f}")
    return _once(folder / f"{name}.read", blocks)


def _once(root: Path, blocks: Sequence[bytes]) -> Path:
    with Archive.open(root, create=True, write=True) as archive:
        for block in blocks:
            archive.append(
                [Record("response", new_record_id(), datetime.now(UTC), Block.of(block), KIND, URL)]
            )
    closed = next((root / "warc").glob("*.warc.gz"))
    # Without its sidecar: the check would take one digest more, of the file itself, than the others do.
    return closed.rename(root / closed.name)


def _read(title: str, path: Path, size: int) -> None:
    times = interleaved(
        {
            "check": lambda: _check(path),
            "strict reader": lambda: sum(1 for _ in read_warc(path)),
            "FastWARC": lambda: _fastwarc(path),
            "inflate+sha256": lambda: _least(path, isal_zlib.decompressobj),
            "zlib+sha256": lambda: _least(path, zlib.decompressobj),
        },
        ROUNDS,
    )
    for way in ("check", "strict reader"):
        others = [
            f"{ratio(times[other], times[way]):>{width}.2f}"
            for other, width in (("FastWARC", 6), ("inflate+sha256", 16), ("zlib+sha256", 13))
        ]
        speed = size / 1e6 / statistics.median(pair[0] for pair in times[way])
        print(f"  {title if way == 'check' else '':<34}{way:<14}{''.join(others)}{speed:>8.0f}")


def _check(path: Path) -> None:
    report = Report()
    with Check(report) as check:
        check.path(path)
    if report.damaged:
        raise ValueError(f"a sound file was called damaged: {report.counts}")


def _fastwarc(path: Path) -> None:
    with path.open("rb") as file:
        for record in ArchiveIterator(file, parse_http=False):
            sound = record.verify_block_digest()
            if record.headers.get("WARC-Payload-Digest"):
                record.parse_http()
                sound = record.verify_payload_digest() and sound
            if not sound:
                raise ValueError("FastWARC refused a sound record")


def _least(path: Path, opened: Callable[[int], Any]) -> None:
    """Inflate each member piece by piece and take one digest of it."""
    with path.open("rb") as file:
        rest = file.read(1 << 16)
        while rest:
            inflate = opened(31)
            digest = hashlib.sha256()
            while not inflate.eof:
                digest.update(inflate.decompress(rest, 1 << 17))
                rest = inflate.unconsumed_tail or (b"" if inflate.eof else file.read(1 << 16))
            rest = inflate.unused_data or file.read(1 << 16)


if __name__ == "__main__":
    main()

"""Compact form against `.warc.gz`: size with every dictionary counted, speed of reading, memory."""

from __future__ import annotations

import gzip
import os
import random
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import zstandard

from archive import Archive, Block, Record, new_record_id
from archive.compact import compact
from archive.foreign.forms import detect
from archive.members import Input
from archive.reader import read_warc
from benchmarks.timing import medians, table
from fixtures.content import para
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article

CORPUS = Path(os.environ.get("HARVESTER_CORPUS") or Path(__file__).resolve().parents[2] / "shared" / "corpus")
PAGES = 200
_CHARACTERS = "雾港灯塔潮位船只寒潮观测站今年本周最高最低周一周二周三北风长鲸离港修理舵机守人说声音比光走得远"


def one_layout(count: int) -> Iterator[tuple[str, bytes]]:
    """Yield fixture pages of true size: one layout, each with its own text, nonce and address."""
    rng = random.Random(1)
    story = lighthouse_article()
    for number in range(count):
        text = tuple(para("".join(rng.choices(_CHARACTERS, k=rng.randrange(40, 200)))) for _ in range(20))
        article = replace(story, blocks=text, title=f"第{number}期", mid=story.mid + number)
        nonce = str(rng.randrange(10**8, 10**9))
        url = f"https://mp.weixin.qq.com/s/{number:022d}"
        yield url, article_page(article, Recent(era=2026, nonce=nonce))


def saved(*patterns: str) -> Iterator[tuple[str, bytes]]:
    """Yield saved pages, in the order of their names."""
    for pattern in patterns:
        for path in sorted(CORPUS.glob(pattern)):
            yield f"https://saved.example/{path.name}", gzip.decompress(path.read_bytes())


def archived(root: Path, pages: Iterator[tuple[str, bytes]]) -> int:
    """Archive pages as responses, one file; return their octets."""
    size = 0
    kind = "application/http;msgtype=response"
    with Archive.open(root, create=True, write=True) as archive:
        for url, page in pages:
            block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(page)
            record = Record("response", new_record_id(), datetime.now(UTC), Block.of(block + page), kind, url)
            archive.append([record])
            size += len(page)
    return size


def inflated(path: Path) -> int:
    """Inflate every member as our readers do, and count the octets."""
    size = 0
    with path.open("rb") as file:
        source = Input(file, str(path))
        form = detect(source)
        while source.peek(1):
            member = form.member(source)
            while data := member.read(1 << 22):
                size += len(data)
    return size


def bare(path: Path) -> Callable[[], object]:
    """Return what inflates the frames with the library alone: the bound for any reader."""
    data = path.read_bytes()
    places = [(record.location.offset, record.location.length) for record in read_warc(path)]
    head = data[8 : places[0][0]]
    dictionary = zstandard.ZstdCompressionDict(zstandard.decompress(head)) if head else None
    inflater = zstandard.ZstdDecompressor(dict_data=dictionary)
    return lambda: [inflater.decompress(data[offset : offset + length]) for offset, length in places]


def deflated(path: Path) -> Callable[[], object]:
    """Return what inflates the gzip members with zlib alone."""
    data = path.read_bytes()
    places = [(record.location.offset, record.location.length) for record in read_warc(path)]
    return lambda: [zlib.decompress(data[offset : offset + length], 31) for offset, length in places]


def every(ways: list[Callable[[], object]]) -> Callable[[], object]:
    """Return what does one after the other."""
    return lambda: [way() for way in ways]


def compacted(root: Path) -> int:
    """Compact an archive in a process of its own; return the most memory it took, in MB."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.compact", str(root)], check=True, capture_output=True, text=True
    )
    return int(done.stdout)


def peak_mb() -> int:
    """Return the most memory this process took; `getrusage` would count what it was forked from."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


def measure(title: str, pages: Iterator[tuple[str, bytes]], *, speed: bool) -> None:
    """Print the sizes of one set of pages, and how fast they are read."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "a"
        octets = archived(root, pages)
        if not octets:
            print(f"\n{title}: left out, no saved pages at {CORPUS} (set HARVESTER_CORPUS)")
            return
        (original,) = (root / "warc").glob("*.gz")
        kept = Path(shutil.copy(original, folder))
        before = kept.stat().st_size
        memory = compacted(root)
        small = sorted((root / "warc").glob("*.zst"))
        after = sum(path.stat().st_size for path in small)
        print(
            f"\n{title}: {octets / 1e6:.1f} MB of pages\n"
            f"  .warc.gz {before / 1e6:.2f} MB, .warc.zst {after / 1e6:.2f} MB in {len(small)} with "
            f"dictionaries: "
            f"{before / after:.2f} times smaller; {octets / after:.1f} to 1 of the pages; "
            f"{memory} MB of memory"
        )
        if speed:
            ways: dict[str, Callable[[], object]] = {
                "zlib alone, .warc.gz": deflated(kept),
                "zstandard alone": every([bare(path) for path in small]),
                "inflating as our readers do": lambda: sum(map(inflated, small)),
                "read_warc .warc.gz (all digests)": lambda: sum(len(r.block) for r in read_warc(kept)),
                "read_warc .warc.zst (all digests)": lambda: sum(
                    len(r.block) for path in small for r in read_warc(path)
                ),
            }
            measured = medians(ways, rounds=3)
            table(f"reading {title}", measured, "zlib alone, .warc.gz")
            for name, seconds in measured.items():
                print(f"  {name:<34} {octets / seconds / 1e6:>10.0f} MB/s")


def main() -> None:
    """Measure a mixed set, pages of one layout of our own, and saved pages of one layout."""
    measure("saved pages, mixed", saved("wechat/*.gz", "mfa/*.gz"), speed=True)
    measure(f"{PAGES} fixture pages of one layout", one_layout(PAGES), speed=True)
    measure(
        "saved articles of one layout",
        saved("wechat/wae-article-0*.gz", "wechat/wae-repost-*.gz"),
        speed=False,
    )
    measure("saved text shares of one layout", saved("wechat/wae-text-share-c*.gz"), speed=False)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        with Archive.open(sys.argv[1], write=True) as opened:
            compact(opened, delete_originals=True)
        print(peak_mb())
    else:
        main()

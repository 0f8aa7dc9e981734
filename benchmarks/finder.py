"""The original finder on made-up documents: size of its index, time of a query, and what it finds again.

Times are of the processor, so that a busy machine does not count.

`python -m benchmarks.finder [DOCUMENTS]` (20 000; the figures of docs/finder.md are of 100 000). The peer is
SQLite's own full-text index, FTS5 with trigrams, asked for the same texts, on the first 5 000 documents.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.shelf import document, originals, prose, shelf
from harvester.document import Document
from harvester.finder import Finder
from harvester.finder.database import FILE
from harvester.likeness import folded

_QUERIES = 200
_PEER_DOCUMENTS = 5000
_FRAME = "点击上方蓝字关注我们\n\n{}\n\n来源：外交部\n编辑：某某\n长按识别二维码，获取更多内容"

Mutation = Callable[[str, random.Random], str]


def _stretch(text: str, length: int, chance: random.Random) -> str:
    start = chance.randrange(max(1, len(text) - length))
    return text[start : start + length]


def _cut(text: str, chance: random.Random) -> str:
    sentences = text.split("。")
    kept = [sentence for sentence in sentences if chance.random() >= 0.3]
    return "。".join(kept or sentences[:1])


def _edited(text: str, every: int, chance: random.Random) -> str:
    characters = list(text)
    for place in chance.sample(range(len(text)), max(1, len(text) // every)):
        characters[place] = chance.choice("砚穗鹊榫琥犁绡骊")
    return "".join(characters)


MUTATIONS: dict[str, Mutation] = {
    "the whole, framed": lambda text, _: _FRAME.format(text),
    "an excerpt of 60 characters": lambda text, chance: _stretch(text, 60, chance),
    "an excerpt of 150 characters": lambda text, chance: _stretch(text, 150, chance),
    "30 % of the sentences cut": _cut,
    "one character in 50 changed": lambda text, chance: _edited(text, 50, chance),
    "one character in 20 changed": lambda text, chance: _edited(text, 20, chance),
    "one in 12 changed, 30 % cut": lambda text, chance: _edited(_cut(text, chance), 12, chance),
    "quoted in 2 000 other characters": lambda text, chance: (
        prose(chance, 1000) + _stretch(text, 120, chance) + prose(chance, 1000)
    ),
}


def main(count: int = 20_000) -> None:
    """Print what is measured."""
    with tempfile.TemporaryDirectory() as folder, shelf(Path(folder) / "a") as made:
        made.put_many(originals(count))
        sample = random.Random(3).sample(list(originals(count)), _QUERIES)
        average = statistics.mean(len(found.text) for found in sample)
        print(f"\n{count:,} documents, {average:.0f} characters at an average")
        start = time.process_time()
        finder = Finder.open(made.archive, made.library)
        taken = time.process_time() - start
        octets = sum(path.stat().st_size for path in (Path(folder) / "a/library").glob(Path(FILE).name + "*"))
        each = taken / count * 1000
        print(f"  index made in {taken:.1f} s ({each:.2f} ms each), {octets / count:.0f} bytes each")
        finder.close()
        start = time.process_time()
        with Finder.open(made.archive, made.library) as finder:
            print(f"  opened again, nothing new: {(time.process_time() - start) * 1000:.0f} ms")
            ours = _recall(finder, sample)
        _peer(sample, ours, count)


def _recall(finder: Finder, sample: list[Document]) -> float:
    """Print recall and time of each mutation; return the median time of a whole framed text in seconds."""
    print(f"  {'captured text':<34} {'first':>6} {'in 5':>6} {'median':>9} {'p99':>9}")
    medians = []
    for name, mutate in MUTATIONS.items():
        chance = random.Random(name)
        first = five = 0
        times = []
        for original in sample:
            captured = document(mutate(original.text, chance), site="wechat", title=None, date=None)
            start = time.process_time()
            found = [candidate.id for candidate in finder.find(captured, 5)]
            times.append(time.process_time() - start)
            first += found[:1] == [original.id]
            five += original.id in found
        times.sort()
        medians.append(statistics.median(times))
        shares = f"{first / len(sample):>6.1%} {five / len(sample):>6.1%}"
        p99 = times[int(len(times) * 0.99)]
        print(f"  {name:<34} {shares} {medians[-1] * 1000:>6.1f} ms {p99 * 1000:>6.1f} ms")
    return medians[0]


def _peer(sample: list[Document], ours: float, count: int) -> None:
    """Print FTS5's size and time beside ours."""
    database = sqlite3.connect(":memory:")
    database.execute("create virtual table t using fts5(text, tokenize='trigram', content='', columnsize=0)")
    start = time.process_time()
    rows = [(number, folded(found.text)) for number, found in enumerate(originals(_PEER_DOCUMENTS))]
    database.executemany("insert into t (rowid, text) values (?, ?)", rows)
    taken = time.process_time() - start
    (pages,) = database.execute("pragma page_count").fetchone()
    times = []
    for original in sample[:20]:
        plain = folded(original.text)
        words = " OR ".join(f'"{plain[at : at + 3]}"' for at in range(min(len(plain) - 2, 300)))
        start = time.process_time()
        database.execute("select rowid from t where t match ? order by rank limit 5", [words]).fetchall()
        times.append(time.process_time() - start)
    median = statistics.median(times)
    each = taken / _PEER_DOCUMENTS * 1000
    octets = pages * 4096 / _PEER_DOCUMENTS
    print(
        f"  FTS5 with trigrams, {_PEER_DOCUMENTS:,} documents: {octets:.0f} bytes and {each:.2f} ms each; "
        f"a query of 300 trigrams {median * 1000:.1f} ms, {median / ours:.1f} x ours at {count:,} documents"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

"""Deduplication of made-up documents: time and memory, and what is found of what was put in.

`python -m benchmarks.dedup [DOCUMENTS]` (10 000; the figures of docs/dedup.md are of 100 000). A tenth of the
originals have a copy with every fiftieth character changed, a twentieth an exact copy, a twentieth an
excerpt of a third, which is no duplicate. The peer is datasketch's own index, MinHashLSH, in memory.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator

from benchmarks.shelf import document, originals
from harvester.dedup import Input, Item, related
from harvester.likeness import minhash

_FACTS = ("id", "site", "text", "text_sha256", "title", "date", "fetch_date")


def _varied(count: int) -> Iterator[tuple[str, Item]]:
    """Yield items, each with what it is: `own`, `copy`, `near`, `excerpt`."""
    chance = random.Random(9)
    for number, original in enumerate(originals(count)):
        what, text = "own", original.text
        if number % 20 == 1:
            what = "copy"
        elif number % 10 == 3:
            what = "near"
        elif number % 20 == 5:
            what, text = "excerpt", original.text[: len(original.text) // 3]
        yield "own", _item(original.text, f"mfa:{number}")
        if what == "near":
            places = set(chance.sample(range(len(text)), len(text) // 50))
            text = "".join("砚" if at in places else char for at, char in enumerate(text))
        if what != "own":
            yield what, _item(text, f"wechat:{number}")


def _item(text: str, key: str) -> Item:
    made = document(text, key=key, site=key.split(":", maxsplit=1)[0])
    return Item(**{name: getattr(made, name) for name in _FACTS})


def main(count: int = 10_000) -> None:
    """Print what is measured."""
    what: dict[str, str] = {}

    def inputs() -> Iterator[Input]:
        left = count
        for kind, item in _varied(count):
            if not left:
                return
            left -= 1
            what[item.id] = kind
            yield item.id, item

    made = Counter(kind for kind, _ in zip((kind for kind, _ in _varied(count)), range(count), strict=False))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    found = related(inputs())
    taken = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    hit = Counter(
        kind for relation in found.relations for kind in {what[relation.a], what[relation.b]} - {"own"}
    )
    print(f"\n{count:,} documents: {taken:.1f} s of the processor, {taken / count * 1000:.2f} ms each")
    print(f"  peak memory {peak / 1024:.0f} MB, {before / 1024:.0f} MB of it before")
    for kind in ("copy", "near", "excerpt"):
        print(f"  {kind:<8} {made[kind]:>7,} put in, {hit[kind]:>7,} related")
    _peer(min(count, 10_000), taken / count)


def _peer(count: int, ours: float) -> None:
    from datasketch import MinHash, MinHashLSH

    start = time.process_time()
    index = MinHashLSH(threshold=0.8, num_perm=128)
    for (_, item), _left in zip(_varied(count), range(count), strict=False):
        values = minhash(item.text)
        sketch = MinHash(128, hashvalues=values, scheme="affine64")
        index.query(sketch)
        index.insert(item.id, sketch, check_duplication=False)
    each = (time.process_time() - start) / count
    figures = f"{each * 1000:.2f} ms each, {each / ours:.2f} x ours"
    print(f"  MinHashLSH, nothing verified, {count:,} documents: {figures}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

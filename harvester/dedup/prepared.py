"""A document made ready to be related: a pure function of it, wherever that is done."""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec
import xxhash

from harvester.dedup.item import Item
from harvester.likeness import bands, folded
from harvester.likeness.shingles import hashes_of_folded
from harvester.likeness.sketch import SKETCH_SHINGLE, minhash_of

SHORT: Final = 60
"""Below so many folded characters a text is short: its sketch says little, and greetings are alike."""
_ROWS: Final = 6
"""Of 21 bands: a pair of similarity 0.8 meets in one with probability 0.998, of 0.5 with 0.28."""


class Facts(msgspec.Struct, frozen=True):
    """What stays in memory of a document. `key` and `length` are of its folded text; `title` is folded.

    `moment` is what the page says of its publication, `fetched` when it was captured; both sort as text.
    """

    id: str
    key: bytes
    sha: str
    length: int
    title: str
    site: str
    moment: str
    fetched: str
    names: tuple[str, ...]

    @property
    def age(self) -> tuple[str, str, str]:
        """What documents of one article are put in order of time by."""
        return self.fetched, self.moment, self.id


class Prepared(msgspec.Struct, frozen=True, array_like=True):
    """What a document's relations are found by: its facts, its folded text, and its bands, where made."""

    facts: Facts
    folded: str
    bands: tuple[int, ...] = ()


class Ready(NamedTuple):
    """A document made ready elsewhere: its id, its item as JSON, its `Prepared` as MessagePack."""

    id: str
    data: bytes
    made: bytes


def prepared(item: Item, *, sketched: bool = False) -> Prepared:
    """Return a document made ready; `sketched`, with the bands of a text that is not short.

    Raises `UsageError` for these where datasketch is not installed.
    """
    plain = folded(item.text)
    facts = Facts(
        item.id,
        xxhash.xxh3_128_digest(plain.encode("utf-8")),
        item.text_sha256,
        len(plain),
        folded(item.title or ""),
        item.site,
        item.published_at or item.date or "9999",
        item.fetch_date or "9999",
        tuple(item.keys()),
    )
    return Prepared(facts, plain, bands_of(plain) if sketched and len(plain) >= SHORT else ())


def bands_of(plain: str) -> tuple[int, ...]:
    """Return the bands of a folded text's sketch, each as one number that SQLite can hold."""
    sketch = minhash_of(hashes_of_folded(plain, SKETCH_SHINGLE))
    found = []
    for number, band in enumerate(bands(sketch, _ROWS)):
        octets = b"".join(value.to_bytes(8, "little") for value in (number, *band))
        found.append(xxhash.xxh3_64_intdigest(octets) - (1 << 63))
    return tuple(found)


def ready(item: Item) -> Ready:
    """Return a document made ready for a `Workspace` of another process. Raises as `prepared`."""
    made = msgspec.msgpack.encode(prepared(item, sketched=True))
    return Ready(item.id, msgspec.json.encode(item), made)

"""The index of fingerprints: which documents hold a fingerprint, in SQLite, six bytes each.

A fingerprint is the upper 32 bits of a 64-bit hash. Its upper 16 bits name a bucket, a row whose blob is
the sorted lower halves (16 bits each) and then the numbers of their documents (32 bits each), both
little-endian. Two fingerprints that fall together by chance cost a look at a document, never an answer:
what is found is compared by its texts.
"""

from __future__ import annotations

import sqlite3
import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import groupby
from typing import Final

TABLE: Final = "create table if not exists buckets (bucket integer primary key, data blob not null) strict;"
_HALF_BITS: Final = 16
_HALF: Final = (1 << _HALF_BITS) - 1
_BYTES: Final = 6
_MARKS: Final = 500

Posting = tuple[int, int]
"""A fingerprint and the number of a document that holds it."""


def print_of(value: int) -> int:
    """Return the fingerprint of a 64-bit hash."""
    return value >> 32


class Postings:
    """The buckets of an open database. Writing needs a transaction of the caller's."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database

    def add(self, postings: Iterable[Posting]) -> None:
        """Put postings; numbers of documents fit 32 bits. Those that are there already are kept once."""
        for bucket, group in groupby(sorted(set(postings)), lambda posting: posting[0] >> _HALF_BITS):
            new = [(fingerprint & _HALF, number) for fingerprint, number in group]
            found = self._db.execute("select data from buckets where bucket = ?", [bucket]).fetchone()
            merged = sorted({*_pairs(found[0]), *new}) if found else new
            self._put(bucket, merged)

    def drop(self, numbers: AbstractSet[int]) -> None:
        """Take out the postings of these documents; reads the whole index."""
        buckets = [bucket for (bucket,) in self._db.execute("select bucket from buckets")]
        for bucket in buckets:
            (data,) = self._db.execute("select data from buckets where bucket = ?", [bucket]).fetchone()
            pairs = _pairs(data)
            kept = [pair for pair in pairs if pair[1] not in numbers]
            if len(kept) < len(pairs):
                self._put(bucket, kept)

    def holders(self, fingerprints: Iterable[int]) -> dict[int, Sequence[int]]:
        """Return the documents of each fingerprint that has any, in order of number."""
        wanted = {
            bucket: list(group)
            for bucket, group in groupby(sorted(set(fingerprints)), lambda value: value >> _HALF_BITS)
        }
        found: dict[int, Sequence[int]] = {}
        for bucket, data in self._read(list(wanted)):
            halves, numbers = _columns(data)
            for fingerprint in wanted[bucket]:
                low = bisect_left(halves, fingerprint & _HALF)
                high = bisect_right(halves, fingerprint & _HALF, lo=low)
                if low < high:
                    found[fingerprint] = numbers[low:high]
        return found

    def _read(self, buckets: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        for at in range(0, len(buckets), _MARKS):
            part = buckets[at : at + _MARKS]
            marks = ", ".join("?" * len(part))
            yield from self._db.execute(f"select bucket, data from buckets where bucket in ({marks})", part)  # noqa: S608 - marks only

    def _put(self, bucket: int, pairs: Sequence[Posting]) -> None:
        if not pairs:
            self._db.execute("delete from buckets where bucket = ?", [bucket])
            return
        halves, numbers = array("H", [half for half, _ in pairs]), array("I", [number for _, number in pairs])
        if sys.byteorder == "big":
            halves.byteswap()
            numbers.byteswap()
        data = halves.tobytes() + numbers.tobytes()
        self._db.execute("insert or replace into buckets values (?, ?)", [bucket, data])


def _columns(data: bytes) -> tuple[array[int], array[int]]:
    """Return the halves and the numbers of a bucket. Raises `sqlite3.DatabaseError` for one cut short."""
    count, over = divmod(len(data), _BYTES)
    if over:
        raise sqlite3.DatabaseError("a bucket of fingerprints is not whole")
    halves, numbers = array("H"), array("I")
    halves.frombytes(data[: 2 * count])
    numbers.frombytes(data[2 * count :])
    if sys.byteorder == "big":
        halves.byteswap()
        numbers.byteswap()
    return halves, numbers


def _pairs(data: bytes) -> list[Posting]:
    return list(zip(*_columns(data), strict=True))

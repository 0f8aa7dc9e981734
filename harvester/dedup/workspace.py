"""What deduplication works on: a temporary database on disk, so that memory does not grow with the texts."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Final, Self

import msgspec

from harvester.dedup.inputs import Input
from harvester.dedup.item import Item
from harvester.dedup.prepared import Facts, Prepared, Ready, prepared
from harvester.errors import StorageError
from harvester.likeness import Shared, shared, shingles
from harvester.likeness.sketch import SKETCH_SHINGLE

_SCHEMA: Final = """
create table items (id text primary key, data blob not null, made blob) without rowid;
create table texts (key blob primary key, folded text not null) without rowid;
create table names (name text, id text, primary key (name, id)) without rowid;
create table bands (hash integer, key blob, primary key (hash, key)) without rowid;
"""
_CACHE_KIB: Final = 64 << 10
_PREPARED: Final = msgspec.msgpack.Decoder(Prepared)


class Workspace:
    """Documents, their folded texts, the names of their articles, and bands of sketches. Close it."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)  # a private file that goes with the process
        self._db.executescript(_SCHEMA)
        self._db.execute(f"pragma cache_size=-{_CACHE_KIB}")
        self._db.execute("pragma journal_mode=off")
        self._db.execute("pragma synchronous=off")
        self._set = lru_cache(maxsize=256)(self._shingles)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def load(self, inputs: Iterable[Input]) -> list[str]:
        """Take documents in, one of each id whatever their order. Return what was no document."""
        skipped: list[str] = []
        with _worded(), self._transaction():
            for where, item in inputs:
                if isinstance(item, str):
                    skipped.append(f"{where}: {item}")
                else:
                    self._put(item.id, msgspec.json.encode(item), None)
        return sorted(skipped)

    def load_ready(self, inputs: Iterable[tuple[Iterable[Ready], Iterable[str]]]) -> list[str]:
        """Take in documents that others have made ready, and what was none. As `load`."""
        skipped: list[str] = []
        with _worded(), self._transaction():
            for ready, others in inputs:
                skipped += others
                for one in ready:
                    self._put(*one)
        return sorted(skipped)

    def _put(self, id_: str, data: bytes, made: bytes | None) -> None:
        held = self._db.execute("select data from items where id = ?", [id_]).fetchone()
        if held is None or data < held[0]:
            self._db.execute("insert or replace into items values (?, ?, ?)", [id_, data, made])

    def items(self) -> Iterator[Item]:
        """Yield the documents in order of id."""
        with _worded():
            for (data,) in self._db.execute("select data from items order by id"):
                yield msgspec.json.decode(data, type=Item)

    def prepare(self) -> dict[str, Facts]:
        """Fold every text and note every name, where others have not; return what stays in memory, by id."""
        facts: dict[str, Facts] = {}
        with _worded(), self._transaction():
            for data, made in self._db.execute("select data, made from items order by id"):
                found = _PREPARED.decode(made) if made else prepared(msgspec.json.decode(data, type=Item))
                fact = facts[found.facts.id] = found.facts
                self._db.execute("insert or ignore into texts values (?, ?)", [fact.key, found.folded])
                self._db.executemany(
                    "insert or ignore into names values (?, ?)", [(name, fact.id) for name in fact.names]
                )
                self._bands((band, fact.key) for band in found.bands)
        return facts

    def groups(self) -> Iterator[tuple[str, list[str]]]:
        """Yield each name that several documents have, with their ids, in order."""
        with _worded():
            rows = self._db.execute("select name, id from names order by name, id")
            for name, group in groupby(rows, lambda row: row[0]):
                ids = [id_ for _, id_ in group]
                if len(ids) > 1:
                    yield name, ids

    def named(self, names: Sequence[str]) -> list[tuple[str, str]]:
        """Return (name, id) of the documents that have one of these names, in the order of the names."""
        found: list[tuple[str, str]] = []
        with _worded():
            for name in names:
                rows = self._db.execute("select id from names where name = ? order by id", [name])
                found += [(name, id_) for (id_,) in rows]
        return found

    def texts(self) -> Iterator[tuple[bytes, str]]:
        """Yield every folded text once, in order of key."""
        with _worded():
            yield from self._db.execute("select key, folded from texts order by key")

    def put_bands(self, rows: Iterable[tuple[int, bytes]]) -> None:
        """Note in which bands texts fall."""
        with _worded(), self._transaction():
            self._bands(rows)

    def _bands(self, rows: Iterable[tuple[int, bytes]]) -> None:
        self._db.executemany("insert or ignore into bands values (?, ?)", rows)

    def buckets(self) -> Iterator[list[bytes]]:
        """Yield the texts of each band's value that several have, in order of key."""
        with _worded():
            rows = self._db.execute("select hash, key from bands order by hash, key")
            for _, group in groupby(rows, lambda row: row[0]):
                keys = [key for _, key in group]
                if len(keys) > 1:
                    yield keys

    def folded(self, key: bytes) -> str:
        """Return a folded text."""
        with _worded():
            return str(self._db.execute("select folded from texts where key = ?", [key]).fetchone()[0])

    def shared(self, one: bytes, other: bytes) -> Shared:
        """Return what two texts share, counted over their shingles."""
        return shared(self._set(one), self._set(other))

    def _shingles(self, key: bytes) -> frozenset[str]:
        return shingles(self.folded(key), SKETCH_SHINGLE)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("begin")
        yield
        self._db.execute("commit")


@contextlib.contextmanager
def _worded() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StorageError(
            f"deduplication needs room for a temporary database (SQLITE_TMPDIR names another place): {error}"
        ) from error

"""The index of possible originals: kept up with the library, asked by fingerprint and by title."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from pathlib import Path
from typing import Final

import msgspec
import xxhash

from harvester.errors import GiveUpError
from harvester.finder import rules
from harvester.finder.database import TITLE_GUARANTEE, TITLE_SHINGLE, WORDS, opened
from harvester.finder.postings import Postings, print_of
from harvester.library import Library
from harvester.likeness import folded, winnow
from harvester.sqlite import transaction, worded

_BATCH: Final = 2000
_SIGN: Final = 1 << 63
_ALWAYS: Final = 4
"""So many of the likeliest documents are given, however far behind the first they are."""
_PACKED_FROM: Final = 1000
"""An index that gained so many documents, and half of what it has, is packed: its rows grew bit by bit."""

Progress = Callable[[int, int], None]


class Text(msgspec.Struct, frozen=True):
    """What is read of a document to index it or to compare it."""

    text: str
    title: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    """A document to be put: `text` and `title` are hashes, signed as SQLite has its integers."""

    id: str
    text: int
    title: int | None
    day: int | None
    prints: frozenset[int]


class Index:
    """The index in one archive. Close it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db = opened(path)
        self._postings = Postings(self._db)
        (_, _, file), *_ = self._db.execute("pragma database_list")
        self._in_memory = not file
        self.shared = True
        """Whether the file holds the same: not where it was behind and cannot be written."""
        self._count = 0
        self._carriers: dict[tuple[int, int | None], int] = {}
        self._last = 0
        self._ids: set[str] = set()

    def close(self) -> None:
        self._db.close()

    def catch_up(self, library: Library, sites: Sequence[str], progress: Progress) -> int:
        """Take in the articles of these sites that are new or changed, take out those that are gone.

        `progress` is told how many of the new ones are done. Return how many could not be read: the library
        names their files if asked.
        """
        wanted = {
            id_: _of_hex(digest) for site in sites for id_, digest in library.text_digests(site).items()
        }
        with worded(self._path, WORDS):
            held = list(self._db.execute("select number, id, text, carrier from docs"))
            gone = {number for number, id_, text, _ in held if wanted.get(id_) != text}
            gone |= {number for number, _, _, carrier in held if carrier in gone}
            if gone:
                self._forget(gone)
            for number, id_, _, _ in held:
                if number not in gone:
                    del wanted[id_]
            self.shared = not (self._in_memory and (gone or wanted))
            self._carriers, self._last, self._ids = {}, 0, set()
            unread = self._take(library, sorted(wanted), progress) if wanted else 0
            if len(wanted) >= max(_PACKED_FROM, len(held)):
                self._pack()
            self.look()
            return unread

    def look(self) -> None:
        """See how many documents it holds, which their ranking needs."""
        with worded(self._path, WORDS):
            (self._count,) = self._db.execute("select count(*) from docs").fetchone()

    def take(self, library: Library, ids: Sequence[str]) -> None:
        """Take in articles that came since `catch_up`, without looking through all there are."""
        with worded(self._path, WORDS):
            self._take(library, ids, lambda _done, _all: None)
        self.look()

    def by_prints(self, hashes: Iterable[int], most: int) -> dict[int, float]:
        """Return up to `most` documents that hold most of these fingerprints, the likeliest first.

        A fingerprint counts the more, the fewer documents hold it; rare ones are looked at first, and the
        common ones only within a limit. The value (0 to 1) tells how rare the shared ones are on average: 1
        is what hardly any other document has.
        """
        with worded(self._path, WORDS):
            found = self._postings.holders(print_of(value) for value in hashes)
        scores: defaultdict[int, float] = defaultdict(float)
        rarities: defaultdict[int, list[float]] = defaultdict(list)
        left = rules.limit("postings")
        for _, numbers in sorted(found.items(), key=lambda item: (len(item[1]), item[0])):
            left -= len(numbers)
            if left < 0:
                break
            weight, rarity = math.log((self._count + 1) / len(numbers)), self._rarity(len(numbers))
            for number in numbers:
                scores[number] += weight
                rarities[number].append(rarity)
        best = nsmallest(most, scores, key=lambda number: (-scores[number], number))
        least = rules.level("least_of_best") * scores[best[0]] if best else 0.0
        return {
            number: sum(rarities[number]) / len(rarities[number])
            for place, number in enumerate(best)
            if scores[number] >= least or place < _ALWAYS
        }

    def _rarity(self, holders: int) -> float:
        common = rules.limit("common")
        if holders <= common:
            return 1.0
        return math.log((self._count + 1) / holders) / math.log((self._count + 1) / common)

    def by_title(self, title: str, day: int | None, most: int) -> tuple[int, list[int]]:
        """Return how many texts have exactly this folded title, and up to `most`, nearest in date first."""
        with worded(self._path, WORDS):
            rows = self._db.execute(
                "select number, day from docs where title = ? and carrier = number", [_title_hash(title)]
            ).fetchall()
        far = dt.date.max.toordinal()
        rows.sort(key=lambda row: (abs(row[1] - day) if day and row[1] else far, row[0]))
        return len(rows), [number for number, _ in rows[:most]]

    def ids(self, numbers: Iterable[int]) -> dict[str, int]:
        """Return the ids of documents and of those of the same text and title, with the number asked for."""
        wanted = sorted(set(numbers))
        marks = ", ".join("?" * len(wanted))
        query = (
            f"select id, carrier from docs where number in ({marks}) "  # noqa: S608 - marks only
            f"union all select id, carrier from docs where carrier in ({marks}) and carrier <> number"
        )
        with worded(self._path, WORDS):
            return dict(self._db.execute(query, [*wanted, *wanted]))

    def _forget(self, numbers: set[int]) -> None:
        with transaction(self._db):
            self._postings.drop(numbers)
            self._db.executemany("delete from docs where number = ?", [(number,) for number in numbers])

    def _take(self, library: Library, ids: Sequence[str], progress: Progress) -> int:
        unread = 0
        for at in range(0, len(ids), _BATCH):
            part = ids[at : at + _BATCH]
            rows = list(_read(library, part))
            unread += len(part) - len(rows)
            with transaction(self._db):
                self._see_others()
                self._put([row for row in rows if row.id not in self._ids])
            progress(min(at + _BATCH, len(ids)), len(ids))
        return unread

    def _see_others(self) -> None:
        """Note what stands in the index after the last known: another process may be filling it, too."""
        query = "select number, id, text, title, carrier from docs where number > ?"
        for number, id_, text, title, carrier in self._db.execute(query, [self._last]):
            self._ids.add(id_)
            self._carriers.setdefault((text, title), carrier)
            self._last = max(self._last, number)

    def _put(self, rows: Sequence[_Row]) -> None:
        postings: list[tuple[int, int]] = []
        for row in rows:
            self._last += 1
            self._ids.add(row.id)
            carrier = self._carriers.setdefault((row.text, row.title), self._last)
            values = (self._last, row.id, row.text, row.title, row.day, carrier)
            self._db.execute("insert into docs values (?, ?, ?, ?, ?, ?)", values)
            if carrier == self._last:
                postings += [(fingerprint, self._last) for fingerprint in row.prints]
        self._postings.add(postings)

    def _pack(self) -> None:
        self._db.execute("vacuum")
        self._db.execute("pragma wal_checkpoint(truncate)")


def _read(library: Library, ids: Sequence[str]) -> Iterator[_Row]:
    """Yield what is indexed of documents; one that cannot be read is passed over."""
    rows = library.named(ids)
    for id_ in ids:
        if id_ not in rows:
            continue
        try:
            found = msgspec.json.decode(library.document_bytes(rows[id_]), type=Text)
        except (GiveUpError, msgspec.DecodeError):
            continue
        title = folded(found.title or "")
        prints = {*winnow(found.text), *title_prints(title)}
        yield _Row(
            id_,
            _of_hex(rows[id_].text_sha256 or "0"),
            _title_hash(title) if title else None,
            day_of(found.date),
            frozenset(map(print_of, prints)),
        )


def title_prints(title: str) -> tuple[int, ...]:
    """Return the fingerprints of a folded title."""
    return winnow(title, size=TITLE_SHINGLE, guarantee=TITLE_GUARANTEE)


def day_of(date: str | None) -> int | None:
    """Return a date (YYYY-MM-DD) as a number of days; None for none, or what is no date."""
    try:
        return dt.date.fromisoformat(date).toordinal() if date else None
    except ValueError:
        return None


def _title_hash(title: str) -> int:
    return _signed(xxhash.xxh3_64_intdigest(title.encode()))


def _of_hex(digest: str) -> int:
    return _signed(int(digest[:16], 16))


def _signed(value: int) -> int:
    return value - 2 * _SIGN if value >= _SIGN else value

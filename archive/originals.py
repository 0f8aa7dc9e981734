"""Finding the record that a revisit refers to: by its id, by URI and date, by the payload's digest.

One search serves the index of an archive and a `Catalogue` of WARC files that have none.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, Self

from archive.errors import StorageError, WarcError
from archive.fields import format_date
from archive.foreign import read_any_at
from archive.record import Location, StoredRecord
from archive.revisit import IDENTICAL_PAYLOAD, Reference, reference_of, resolve, unresolved
from archive.storage import places as storage

if TYPE_CHECKING:
    from archive.storage.places import Place as Where

ORIGINALS: Final = frozenset({"response", "resource", "revisit"})
"""Types of records that a revisit may refer to."""
_MAX_TRIED: Final = 8
_MAX_DEPTH: Final = 4
"""Revisits of revisits that are followed: the standard has none, some tools wrote them."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that a revisit may refer to; `read` raises WarcError or StorageError."""

    record_id: str
    type: str
    date: datetime
    read: Callable[[], StoredRecord]


class Originals(Protocol):
    """What is known of the records of an archive or of some files, each look-up in order of time.

    `by_digest` gives records that hold the payload themselves, so no revisits.
    """

    def by_id(self, record_id: str) -> Iterable[Candidate]: ...

    def by_uri(self, target_uri: str) -> Iterable[Candidate]: ...

    def by_digest(self, digest: str) -> Iterable[Candidate]: ...


def resolved(record: StoredRecord, originals: Originals, depth: int = 0) -> StoredRecord:
    """Return a revisit as the response it stands for, any other record as it is.

    Raises UnresolvedRevisitError, which names what is missing.
    """
    if record.type != "revisit":
        return record
    problems: list[str] = []
    for tried, candidate in enumerate(_candidates(record, reference_of(record), originals)):
        if tried == _MAX_TRIED or depth == _MAX_DEPTH:
            problems.append("the records it refers to lead on and on")
            break
        try:
            return resolve(record, resolved(candidate.read(), originals, depth + 1))
        except (WarcError, StorageError) as error:
            problems.append(str(error))
    if len(problems) == 1:
        raise unresolved(record, problems[0])
    raise unresolved(record, "; ".join(problems) or _missing(reference_of(record)))


def _candidates(revisit: StoredRecord, reference: Reference, originals: Originals) -> Iterator[Candidate]:
    seen = {revisit.record_id}
    for candidate in _in_turn(reference, originals):
        if candidate.type in ORIGINALS and candidate.record_id not in seen:
            seen.add(candidate.record_id)
            yield candidate


def _in_turn(reference: Reference, originals: Originals) -> Iterator[Candidate]:
    if reference.record_id:
        yield from originals.by_id(reference.record_id)
    if reference.target_uri and reference.date:
        for candidate in originals.by_uri(reference.target_uri):
            # Many tools state the referred date to the second, whatever the record itself has.
            if reference.date in {candidate.date, candidate.date.replace(microsecond=0)}:
                yield candidate
    if reference.payload_digest and reference.profile == IDENTICAL_PAYLOAD:
        yield from originals.by_digest(reference.payload_digest)  # it proves the payload, wherever it lies


def _missing(reference: Reference) -> str:
    if reference.record_id:
        return f"the record {reference.record_id} it refers to is not here"
    if reference.target_uri and reference.date:
        return f"there is no record of {reference.target_uri[:200]} of {format_date(reference.date)}"
    return "it does not say which record it refers to, and no other has its payload"


class Place(NamedTuple):
    """Where a record lies, and what a revisit may know it by; `date` as in WARC-Date."""

    record_id: str
    target_uri: str | None
    payload_digest: str | None
    type: str
    date: str
    file: str
    offset: int
    length: int


class Catalogue:
    """Where the records of some web archives lie, for resolving revisits across them without an index.

    Kept in a temporary database of this process, or in a file that others read when it is `commit`ted.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Begin an empty catalogue, in the file at `path` if one is named. Raises StorageError."""
        with _worded(path):
            self._db = sqlite3.connect(path or "", isolation_level=None)
            self._db.executescript(
                "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"  # of no worth without its process
                "CREATE TABLE records (id TEXT, uri TEXT, digest TEXT, type TEXT, date TEXT, "
                "path TEXT, file TEXT, offset INTEGER, length INTEGER);"
                "CREATE INDEX by_id ON records (id);"
                "CREATE INDEX by_uri ON records (uri);"
                "CREATE INDEX by_digest ON records (digest); BEGIN;"
            )

    @classmethod
    def reading(cls, path: Path) -> Self:
        """Open one that another process committed. Raises StorageError."""
        opened = cls()
        opened._db.close()
        with _worded(path):
            opened._db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        return opened

    def commit(self) -> None:
        """Let others read it. Raises StorageError."""
        with _worded(None):
            self._db.execute("COMMIT")

    def add(self, path: Where, record: StoredRecord) -> None:
        """Note a record of the file at `path`; those that no revisit can refer to are passed over."""
        if record.type in ORIGINALS:
            self.add_places(path, [place_of(record)])

    def add_places(self, path: Where, places: Iterable[Place]) -> None:
        """Note records of the file at `path`."""
        rows = ((*place[:5], str(path), *place[5:]) for place in places)
        with _worded(None):
            self._db.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def paths_of(self, record_id: str) -> list[Where]:
        """Return the files that hold a record of that id."""
        found = self._db.execute("SELECT DISTINCT path FROM records WHERE id = ? ORDER BY path", (record_id,))
        return [storage.place(path) for (path,) in found]

    def noting(self, path: Where, records: Iterable[StoredRecord]) -> Iterator[StoredRecord]:
        """Yield the records of the file at `path` as they come, each noted."""
        for record in records:
            self.add(path, record)
            yield record

    def resolved(self, record: StoredRecord) -> StoredRecord:
        """Return a revisit as the response it stands for, any other record as it is.

        Raises UnresolvedRevisitError.
        """
        return resolved(record, self)

    def by_id(self, record_id: str) -> Iterator[Candidate]:
        return self._select("id", record_id)

    def by_uri(self, target_uri: str) -> Iterator[Candidate]:
        return self._select("uri", target_uri)

    def by_digest(self, digest: str) -> Iterator[Candidate]:
        return self._select("type <> 'revisit' AND digest", digest)

    def _select(self, column: str, value: str) -> Iterator[Candidate]:
        columns = "id, type, date, path, file, offset, length"
        order = "ORDER BY date, rowid LIMIT 100"
        query = f"SELECT {columns} FROM records WHERE {column} = ? {order}"  # noqa: S608 - words of ours
        for record_id, kind, date, path, *place in self._db.execute(query, (value,)).fetchall():
            read = partial(read_any_at, path, Location(*place))
            yield Candidate(record_id, kind, datetime.fromisoformat(date), read)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()


def place_of(record: StoredRecord) -> Place:
    """Return the place of a record."""
    at = record.location
    return Place(
        record.record_id,
        record.target_uri,
        record.payload_digest,
        record.type,
        format_date(record.date),
        at.file,
        at.offset,
        at.length,
    )


@contextlib.contextmanager
def _worded(path: Path | None) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StorageError(
            f"the catalogue of records {path or 'in the temporary folder'}: {error}"
        ) from error

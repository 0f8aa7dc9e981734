"""Finding the record that a revisit refers to: by its id, by URI and date, by the payload's digest.

One search serves the index of an archive and a `Catalogue` of WARC files that have none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

from archive.disk import explain
from archive.errors import StorageError, WarcError
from archive.fields import format_date
from archive.reader import read_at
from archive.record import Location, StoredRecord
from archive.revisit import IDENTICAL_PAYLOAD, Reference, reference_of, resolve, unresolved

_ORIGINALS: Final = frozenset({"response", "resource", "revisit"})
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
        if candidate.type in _ORIGINALS and candidate.record_id not in seen:
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


class Catalogue:
    """Where the records of some WARC files lie, for resolving revisits across them without an index.

    Kept in a temporary database of this process, which goes to a file without a name when it grows.
    """

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(
            "CREATE TABLE records (id TEXT, uri TEXT, digest TEXT, type TEXT, date TEXT, "
            "path TEXT, file TEXT, offset INTEGER, length INTEGER);"
            "CREATE INDEX by_id ON records (id);"
            "CREATE INDEX by_uri ON records (uri);"
            "CREATE INDEX by_digest ON records (digest); BEGIN;"
        )

    def add(self, path: Path, record: StoredRecord) -> None:
        """Note a record of the file at `path`; those that no revisit can refer to are passed over."""
        if record.type in _ORIGINALS:
            place = record.location
            self._db.execute(
                "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    record.record_id,
                    record.target_uri,
                    record.payload_digest,
                    record.type,
                    format_date(record.date),
                    str(path),
                    place.file,
                    place.offset,
                    place.length,
                ),
            )

    def noting(self, path: Path, records: Iterable[StoredRecord]) -> Iterator[StoredRecord]:
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
            read = partial(_read, Path(path), Location(*place))
            yield Candidate(record_id, kind, datetime.fromisoformat(date), read)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()


def _read(path: Path, location: Location) -> StoredRecord:
    try:
        return read_at(path, location)
    except OSError as error:
        raise StorageError(f"cannot read {path}: {explain(error)}") from error

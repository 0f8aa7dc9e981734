"""Which record names which, across all inputs of a check: held in a temporary database, not in memory."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Final, NamedTuple, Self

from archive.check.findings import Report
from archive.check.scan import Scanned
from archive.digests import agree
from archive.fields import bare_uri, parse_date

_CODES: Final = {
    "warc-concurrent-to": "W050",
    "warc-refers-to": "W051",
    "warc-warcinfo-id": "W052",
    "warc-segment-origin-id": "W053",
}
_TABLES: Final = """
CREATE TABLE ids (
    id TEXT NOT NULL, file INTEGER NOT NULL, type TEXT NOT NULL, digest TEXT, uri TEXT, date TEXT,
    PRIMARY KEY (id, file)
) WITHOUT ROWID;
CREATE TABLE revisits (
    target TEXT NOT NULL, digest TEXT, uri TEXT, date TEXT, file INTEGER NOT NULL, offset INTEGER NOT NULL,
    id TEXT
);
CREATE TABLE files (number INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE explained (target TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE refs (
    target TEXT NOT NULL, code TEXT NOT NULL, file INTEGER NOT NULL, offset INTEGER NOT NULL, id TEXT
);
"""
_NAMES: Final = ("ids", "revisits", "files", "explained", "refs")
_PACKED_ROWS: Final = 10_000
_MAX_ID: Final = 500
_MEMBER_BITS: Final = 24
"""A file's number is its input's, and in its last bits its own among the members of a package."""
_PAYLOADS: Final = frozenset({"response", "resource"})


class _Referred(NamedTuple):
    """A record that a revisit refers to, and what each of the two says of it."""

    id: str
    type: str
    stated_digest: str | None
    digest: str | None
    stated_uri: str | None
    uri: str | None
    stated_date: str | None
    date: str | None

    def faults(self) -> Iterator[tuple[str, str]]:
        """Yield code and detail of each contradiction."""
        if self.type not in _PAYLOADS:
            yield "W055", f"{self.id} is a {self.type[:20]} record"
            return
        if self.stated_digest and self.digest and agree(self.stated_digest, self.digest) is False:
            yield "E055", f"{self.stated_digest[:100]} is stated; {self.id} has {self.digest[:100]}"
        if self.stated_uri and self.uri and bare_uri(self.stated_uri) != bare_uri(self.uri):
            yield "W056", f"{self.id} is of {self.uri[:100]}, not of {self.stated_uri[:100]}"
        if self.stated_date and self.date and not _same_time(self.stated_date, self.date):
            yield "W056", f"{self.id} is of {self.date[:40]}, not of {self.stated_date[:40]}"


def _same_time(stated: str, date: str) -> bool:
    """Compare two WARC-Dates as far as the first goes: many tools state it to the second."""
    try:
        one, other = parse_date(stated), parse_date(date)
    except ValueError:
        return True  # told where its form is judged
    return one in {other, other.replace(microsecond=0)}


def _facts(record: Scanned) -> tuple[str | None, str | None, str | None]:
    """Return digest, URI and date of a record that a revisit may refer to."""
    if record.type not in _PAYLOADS:
        return None, None, None
    return record.first("WARC-Payload-Digest"), record.first("WARC-Target-URI"), record.first("WARC-Date")


class References:
    """Gathers ids and references while files are scanned; `resolve` tells what leads nowhere.

    `explained` returns the id of a record whose absence another record accounts for, if it does.
    """

    def __init__(self, report: Report, explained: Callable[[Scanned], str | None] = lambda _: None) -> None:
        self._report = report
        self._explained = explained
        # "": a database of this process alone, in memory until it is large, then in a file without a name
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(_TABLES)
        self._db.execute("BEGIN")
        self._file = 0
        self._name = ""

    def at(self, number: int) -> None:
        """Say which of the inputs is read next: what is told is in their order, however they are taken."""
        self._file = number << _MEMBER_BITS

    def begin(self, name: str) -> None:
        """Note that the records to come are of another file, or of another member of a package."""
        self._file += 1
        self._name = name
        self._db.execute("INSERT INTO files VALUES (?, ?)", (self._file, name))

    def add(self, record: Scanned) -> None:
        """Take a record's id and references."""
        offset = record.location.offset
        if record.record_id:
            added = self._db.execute(
                "INSERT OR IGNORE INTO ids VALUES (?, ?, ?, ?, ?, ?)",
                (record.record_id[:_MAX_ID], self._file, record.type, *_facts(record)),
            ).rowcount
            if not added:
                tell = self._report.teller(self._name)
                tell(
                    "W021",
                    "the id stands on an earlier record too",
                    offset=offset,
                    record_id=record.record_id,
                )
        named = [
            (code, value) for name, value in record.fields if (code := _CODES.get(name.lower())) and value
        ]
        self._db.executemany(
            "INSERT INTO refs VALUES (?, ?, ?, ?, ?)",
            [
                (target[:_MAX_ID], code, self._file, offset, record.record_id)
                for code, target in sorted(named, key=lambda pair: pair[0])
            ],
        )

        if (absent := self._explained(record)) is not None:
            self._db.execute("INSERT OR IGNORE INTO explained VALUES (?)", (absent[:_MAX_ID],))
        if record.type == "revisit" and (target := record.first("WARC-Refers-To")):
            self._db.execute(
                "INSERT INTO revisits VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    target[:_MAX_ID],
                    record.first("WARC-Payload-Digest"),
                    record.first("WARC-Refers-To-Target-URI"),
                    record.first("WARC-Refers-To-Date"),
                    self._file,
                    offset,
                    record.record_id,
                ),
            )

    def packed(self) -> Iterator[bytes]:
        """Yield all that was taken, for `unpack` of another process."""
        for table in _NAMES:
            rows = self._db.execute(f"SELECT * FROM {table}")  # noqa: S608 - ours; in order of rowid or key
            while some := rows.fetchmany(_PACKED_ROWS):
                yield zlib.compress(json.dumps([table, some]).encode(), 1)

    def unpack(self, part: bytes) -> None:
        """Take what another process packed."""
        table, rows = json.loads(zlib.decompress(part))
        marks = ", ".join("?" * len(rows[0]))
        self._db.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)  # noqa: S608 - ours

    def resolve(self) -> None:
        """Tell every reference that leads to no record of the inputs, or to one of the wrong type."""
        for code, target, file, offset, record_id in self._unresolved():
            self._report.teller(file)(code, f"it names {target}", offset=offset, record_id=record_id)
        for target, file, offset, record_id in self._wrong():
            self._report.teller(file)("W054", f"it names {target}", offset=offset, record_id=record_id)
        for found, name, offset, record_id in self._revisits():
            for code, detail in found.faults():
                self._report.teller(name)(code, detail, offset=offset, record_id=record_id)

    def _revisits(self) -> Iterator[tuple[_Referred, str, int, str | None]]:
        rows = self._db.execute(
            "SELECT ids.id, ids.type, revisits.digest, ids.digest, revisits.uri, ids.uri, revisits.date, "
            "ids.date, name, offset, revisits.id FROM revisits JOIN ids ON ids.id = revisits.target "
            "AND ids.file = (SELECT min(file) FROM ids WHERE id = revisits.target) "
            "JOIN files ON revisits.file = files.number ORDER BY revisits.file, revisits.rowid"
        )
        for *facts, name, offset, record_id in rows:
            yield _Referred(*facts), name, offset, record_id

    def _unresolved(self) -> Iterator[tuple[str, str, str, int, str | None]]:
        yield from self._db.execute(
            "SELECT code, target, name, offset, id FROM refs JOIN files ON refs.file = files.number "
            "WHERE NOT EXISTS (SELECT 1 FROM ids WHERE ids.id = refs.target) AND NOT (code = 'W051' AND "
            "EXISTS (SELECT 1 FROM explained WHERE explained.target = refs.target)) "
            "ORDER BY refs.file, refs.rowid"
        )

    def _wrong(self) -> Iterator[tuple[str, str, int, str | None]]:
        yield from self._db.execute(
            "SELECT target, name, offset, id FROM refs JOIN files ON refs.file = files.number "
            "WHERE code = 'W052' AND EXISTS (SELECT 1 FROM ids WHERE ids.id = refs.target) AND NOT EXISTS "
            "(SELECT 1 FROM ids WHERE ids.id = refs.target AND type = 'warcinfo') "
            "ORDER BY refs.file, refs.rowid"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

"""All records that belong to a capture: its exchange, redirects, certificates, images, requisites."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Final, Self

from archive import Archive, IndexEntry, Location
from harvester.bodies import body_of
from harvester.capture.note import CaptureNote, note_from_bytes
from harvester.capture.records import CERTIFICATE_URN
from harvester.document import Document, PageState
from harvester.errors import IntegrityError
from harvester.library import Library, PageRow
from harvester.library.store import note_of
from harvester.requisites import belongings

_EXCHANGES: Final = frozenset({"response", "revisit"})
"""What stands for an exchange of its own: some tools join all those of a page."""
_TABLE: Final = """
CREATE TABLE picks (
    file TEXT NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL, PRIMARY KEY (file, offset)
) WITHOUT ROWID;
"""


class Closure:
    """Gathers the places of records, each once, in a temporary database and not in memory."""

    def __init__(self, archive: Archive, library: Library) -> None:
        self._archive = archive
        self._library = library
        # "": a database of this process alone, in memory until it is large, then in a file without a name
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(_TABLE + "BEGIN;")

    def add_page(self, row: PageRow, found: Document | PageState) -> dict[str, str]:
        """Take all that belongs to a capture; return, by address, the URL that was captured for it."""
        entry = self._archive.entry(row.record_id)
        if entry is None:
            raise IntegrityError(
                f"the index does not know the record {row.record_id} of {row.id}; run `harvester reindex`"
            )
        self._add_exchange(entry)
        body = body_of(self._archive.resolved(self._archive.read(entry.location)))
        url = entry.target_uri or ""
        if body is None:
            return {}
        held = {}
        for address in belongings(found, body.data, url, body.content_type, self._body):
            asset = self._library.asset(address)
            if asset is not None and self._add_record(asset.record_id):
                held[address] = asset.url
        return held

    def _body(self, address: str) -> bytes | None:
        """Return what is held for an address, decoded."""
        asset = self._library.asset(address)
        entry = self._archive.entry(asset.record_id) if asset else None
        if entry is None:
            return None
        body = body_of(self._archive.resolved(self._archive.read(entry.location)))
        return body.data if body else None

    def add_comparisons(self, rows: Sequence[PageRow]) -> None:
        """Take the kept comparisons of which both sides are among these captures."""
        names = {row.record_id for row in rows}
        for one in self._library.comparisons.of(captured=names):
            if one.original_record in names:
                entry = self._archive.entry(one.record_id)
                if entry is not None:
                    self._take(entry)

    def add_warcinfos(self) -> None:
        """Take the warcinfo records of all files that something was taken from."""
        files = {file for (file,) in self._db.execute("SELECT DISTINCT file FROM picks")}
        for entry in self._archive.entries(type="warcinfo"):
            if entry.location.file in files:
                self._take(entry)

    def places(self) -> Iterator[Location]:
        """Yield where every record taken lies, in the order of files and of places in them."""
        for row in self._db.execute("SELECT file, offset, length FROM picks ORDER BY file, offset"):
            yield Location(*row)

    def _add_record(self, record_id: str) -> bool:
        entry = self._archive.entry(record_id)
        if entry is not None:
            self._add_exchange(entry)
        return entry is not None

    def _add_exchange(self, entry: IndexEntry) -> None:
        """Take a response with its request and note, the redirects before it, and its certificates."""
        if not self._take(entry):
            return
        named = (self._archive.entry(record_id) for record_id in entry.concurrent_to)
        for beside in (*self._archive.concurrent_with(entry.record_id), *named):
            if beside is not None and beside.type not in _EXCHANGES:
                self._take(beside)
        metadata = note_of(self._archive, entry.record_id)
        note = note_from_bytes(metadata.block) if metadata else None
        if note is None:
            return
        for digest in note.tls.certificates_sha256 if note.tls else ():
            for certificate in self._archive.find(CERTIFICATE_URN + digest)[:1]:
                self._take(certificate)
        self._add_redirects(entry, note)

    def _add_redirects(self, entry: IndexEntry, note: CaptureNote) -> None:
        for url in note.chain:
            captures = [*self._archive.find(url, type="response"), *self._archive.find(url, type="revisit")]
            before = [other for other in captures if other.date <= entry.date]
            if before:
                self._add_exchange(max(before, key=lambda other: other.date))

    def _take(self, entry: IndexEntry) -> bool:
        place = entry.location
        added = self._db.execute(
            "INSERT OR IGNORE INTO picks VALUES (?, ?, ?)", (place.file, place.offset, place.length)
        )
        return added.rowcount > 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

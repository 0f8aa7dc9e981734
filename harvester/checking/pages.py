"""Captures of an archive against what the library and its documents say of them, each made again."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import msgspec

from archive import Archive, IndexEntry, StoredRecord
from archive.check import Report
from archive.check.directory import is_locked
from archive.layout import OPEN_SUFFIX, Layout, is_own_name
from harvester.capture.note import CaptureNote, note_from_bytes
from harvester.checking.comparisons import differing
from harvester.document import Document, PageState, to_bytes
from harvester.errors import HarvesterError, IntegrityError, StorageError, UnresolvedRevisitError, UsageError
from harvester.library import AssetRow, Library, PageRow, document_path
from harvester.library.making import asset_row, page_row, requested_url
from harvester.library.store import DATABASE, note_of
from harvester.markdown import markdown_bytes
from harvester.pipeline import derive
from harvester.roles import is_import, is_page

_MAX_DOCUMENT_BYTES: Final = 256 * 1024 * 1024

_MEANING: Final = {
    "other_version": frozenset({"W070"}),
    "missing": frozenset({"E071", "E073"}),
    "different": frozenset({"E072", "E074"}),
    "not_entered": frozenset({"W071"}),
}
"""What the findings about one page say of it, the first that fits."""


class _Made(msgspec.Struct, frozen=True):
    """What a stored document says of what made it."""

    software: dict[str, str]
    rules: dict[str, str]
    options: dict[str, Any]


class _Stored(msgspec.Struct, frozen=True):
    provenance: _Made
    text: str | None = None
    text_sha256: str | None = None


class Pages:
    """Compares captures, one after the other. `counts` says how many pages are what (`check_documents`);
    `awaited` are the ids of pages that the next opening enters.
    """

    def __init__(self, directory: Path, archive: Archive, library: Library, report: Report) -> None:
        self.counts: Counter[str] = Counter()
        self.awaited: set[str] = set()
        self._directory = directory
        self._archive = archive
        self._library = library
        self._report = report
        self._read = library.files_read()
        self._unread = library.unread()
        self._said: set[str] = set()  # codes told of the page at hand

    def compare(
        self, entries: Iterable[IndexEntry], behind: Callable[[IndexEntry], None] = lambda _: None
    ) -> None:
        """Compare captures; `behind` is called with each. Raises `StorageError`, sqlite3.Error where the
        library cannot be read on.
        """
        for entry in entries:
            if self.in_writing(entry.location.file):
                continue  # its writer has not come to the documents yet
            try:
                if found := self._records(entry):
                    self._capture(entry, *found)
            except IntegrityError:  # the walk of the WARC files tells of it
                self.counts["unreadable"] += 1
            behind(entry)

    def _records(self, entry: IndexEntry) -> tuple[StoredRecord, StoredRecord | None] | None:
        """Return a capture, revisits resolved, and its note; None for what the walk has told of."""
        try:
            note = note_of(self._archive, entry.record_id)
            if entry.type == "resource" and not is_import(note):
                return None
            return self._archive.resolved(self._archive.read(entry.location)), note
        except UnresolvedRevisitError as error:
            where = Layout(self._directory).warc / entry.location.file
            code = "E076" if is_own_name(entry.location.file) else "W076"
            self._say(where, code, str(error), entry.record_id)
            self.counts["unreadable"] += 1
        except StorageError:
            self.counts["unreadable"] += 1
        return None

    def in_writing(self, file: str) -> bool:
        """Tell whether a process is writing a WARC file: the library need not have read it yet."""
        closed = Layout(self._directory).warc / file
        return not closed.exists() and is_locked(closed.with_name(file + OPEN_SUFFIX))

    def _capture(self, entry: IndexEntry, response: StoredRecord, metadata: StoredRecord | None) -> None:
        note = note_from_bytes(metadata.block) if metadata else None
        if not is_page(response, metadata):
            self._compare_asset(asset_row(response, note), entry)
            return
        self._said = set()
        self._page(entry, response, note, derive(response, metadata))
        self.counts[next((name for name, codes in _MEANING.items() if codes & self._said), "equal")] += 1

    def _page(
        self,
        entry: IndexEntry,
        response: StoredRecord,
        note: CaptureNote | None,
        found: Document | PageState,
    ) -> None:
        row = self.row(found.id)
        visit = note.visit if note else None
        if row is None:
            self._say_missing(found.id, entry)
            if not self._is_lost(entry):
                self.awaited.add(found.id)
                return  # its files may be there or not
        else:
            self._compare_row(row, page_row(found, response, requested_url(response, note), visit), found)
        if isinstance(found, Document):
            where = self._directory / document_path(found)
            other = self._compare_file(where.with_name(f"{where.name}.json"), to_bytes(found), found)
            if not other:
                self._compare_file(where.with_name(f"{where.name}.md"), markdown_bytes(found), found)

    def row(self, page_id: str) -> PageRow | None:
        """Return the library's row of a page, None where there is none."""
        try:
            row = self._library.find(page_id)
        except UsageError:
            return None
        return row if row.id == page_id else None

    def _is_lost(self, entry: IndexEntry) -> bool:
        """Tell a row that is gone from one that a full disk or a kill kept from being made."""
        return entry.location.file in self._read and entry.record_id not in self._unread

    def _say_missing(self, what: str, entry: IndexEntry) -> None:
        code = "E071" if self._is_lost(entry) else "W071"
        self._say(self._directory / DATABASE, code, what, entry.record_id)

    def _compare_asset(self, expected: AssetRow, entry: IndexEntry) -> None:
        path = self._directory / DATABASE
        row = self._library.asset_of(expected.record_id)
        if row is None:
            self._say_missing(f"an asset: {expected.url}", entry)
        elif row != expected:
            self._say(path, "E072", f"{expected.url}: {differing(row, expected)}", expected.record_id)

    def _compare_row(self, row: PageRow, expected: PageRow, found: Document | PageState) -> None:
        path = self._directory / DATABASE
        if isinstance(found, PageState) and row.page_state is not None:
            data = row.page_state.encode()
            if data != to_bytes(found):
                code = "W070" if _made_otherwise(data, found) else "E072"
                self._say(path, code, f"{row.id}: the page's state", expected.record_id)
                return
        if row != expected and not self._other_version(found):
            self._say(path, "E072", f"{row.id}: {differing(row, expected)}", expected.record_id)

    def _other_version(self, found: Document | PageState) -> bool:
        path = self._directory / f"{document_path(found)}.json"
        data = _read(path)
        return data is not None and _made_otherwise(data, found)

    def _compare_file(self, path: Path, expected: bytes, found: Document) -> bool:
        """Compare one file; True if other versions made it, so that nothing beside it can be judged."""
        actual = _read(path)
        record_id = found.provenance.record_id
        if actual is None:
            self._say(path, "E073", "it cannot be read, or is not there", record_id)
        elif actual != expected:
            if _made_otherwise(actual, found):
                self._say(path, "W070", "its provenance names them", record_id)
                return True
            self._say(path, "E074", f"{_first_difference(actual, expected)}", record_id)
        return False

    def _say(self, path: Path, code: str, detail: str, record_id: str | None) -> None:
        self._said.add(code)
        self._report.teller(str(path))(code, detail, record_id=record_id)


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_DOCUMENT_BYTES)
    except OSError:
        return None


def _made_otherwise(data: bytes, found: Document | PageState) -> bool:
    """Tell whether a stored document names other versions than ours, and is sound in itself."""
    try:
        stored = msgspec.json.decode(data, type=_Stored)
    except (msgspec.DecodeError, HarvesterError, UnicodeDecodeError):
        return False
    now = found.provenance
    same = (stored.provenance.software, stored.provenance.rules) == (now.software, now.rules)
    if same and stored.provenance.options == now.options:
        return False
    if stored.text_sha256 is None or stored.text is None:
        return True
    actual = hashlib.sha256(stored.text.encode("utf-8", "surrogatepass")).hexdigest()
    return stored.text_sha256.removeprefix("sha256:") == actual


def _first_difference(actual: bytes, expected: bytes) -> str:
    at = next(
        (index for index, (one, other) in enumerate(zip(actual, expected, strict=False)) if one != other),
        min(len(actual), len(expected)),
    )
    return f"byte {at} is the first to differ ({len(actual)} bytes are there, {len(expected)} expected)"

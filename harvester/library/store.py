"""Documents on disk and their rows: written after the WARC is durable, made again from it at will."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, Self

import msgspec

from archive import Archive, IndexEntry, StoredRecord
from harvester.capture.note import CaptureNote, note_from_bytes
from harvester.document import Document, PageState, document_from_bytes, to_bytes
from harvester.errors import GiveUpError, HarvesterError, IntegrityError, StorageError, UsageError
from harvester.intake import prepare
from harvester.library.catching_up import CatchingUp, entries_of_file, settle
from harvester.library.comparisons import Comparisons
from harvester.library.making import asset_row, failure_of, failure_row, page_row, requested_url
from harvester.library.rows import ArticleRow, AssetRow, FailureRow, PageRow, Row, Rows, any_of, bound, parts
from harvester.markdown import markdown_bytes
from harvester.pipeline import derive
from harvester.roles import is_import, is_page
from harvester.sites import site_for_url
from harvester.sqlite import remove
from harvester.times import moment_of
from harvester.urls import wire_form
from harvester.withdrawal import withdrawals

DATABASE: Final = "library/library.sqlite"


def document_path(document: Document | PageState) -> str:
    """Return where a document's files stand in an archive, without their suffix.

    The folder is the month of its record. `fetch_date` would not do: an imported page has the one that its
    file claims, or none.
    """
    year, month = (document.provenance.clocks.harvester or "0000-00")[:7].split("-")
    return f"documents/{year}/{month}/{document.id}"


class Rebuilt(msgspec.Struct, frozen=True, kw_only=True):
    """What a rebuild of the library read: pages, and a line for each damaged record."""

    pages: int
    damaged: tuple[str, ...]


class Library:
    """The documents, states and images of one archive."""

    def __init__(self, archive: Archive, *, write: bool = False) -> None:
        self._archive = archive
        path = Path(archive.path) / DATABASE
        missing = not path.exists()
        if missing and not write:
            raise UsageError(
                f"{archive.path} has no library yet; run `harvester reindex --archive {archive.path}`"
            )
        self._rows = Rows(path, write=write)
        self._write = write
        self.comparisons = Comparisons(archive, self._rows.verifications)
        """The comparisons that are kept in the archive (`harvester verify --save`, the watch)."""

    @classmethod
    def repaired(cls, archive: Archive) -> Library:
        """Open for rebuilding: a library that cannot be opened is set aside first."""
        path = Path(archive.path) / DATABASE
        try:
            return cls(archive, write=True)
        except StorageError:
            remove(path)
            return cls(archive, write=True)

    def close(self) -> None:
        """Note what this opening wrote as read, where that can still be done, and close."""
        try:
            if self._write:
                with contextlib.suppress(HarvesterError):  # the next opening reads the files again
                    settle(self._archive, self._rows)
        finally:
            self._rows.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add_page(
        self,
        found: Document | PageState,
        response: StoredRecord,
        requested_url: str | None,
        visit: str | None = None,
    ) -> None:
        """Write a document's two files and its row; on return all of it is durable."""
        self._write_document(found)
        self._rows.put(page_row(found, response, requested_url, visit))

    def _write_document(self, found: Document | PageState) -> None:
        if isinstance(found, Document):
            where = document_path(found)
            self._archive.write_derived(f"{where}.json", to_bytes(found))
            self._archive.write_derived(f"{where}.md", markdown_bytes(found))

    def add_asset(self, response: StoredRecord, note: CaptureNote) -> None:
        """Note an asset's capture, under the URL that the page names."""
        self._rows.put(asset_row(response, note))

    def add_failure(self, record: StoredRecord, note: CaptureNote) -> None:
        """Note an attempt at a page that brought no response."""
        self._rows.put(failure_row(record, note))

    def others_version(self) -> int:
        """Return a number that is another once somebody else has written into the library."""
        return self._rows.others_version()

    def pages(self, *, state: str | None = None, site: str | None = None, limit: int = -1) -> list[PageRow]:
        """Return captures in order of time, of one state or site if given."""
        conditions = [("state = ?", state), ("site = ?", site)]
        used = [(text, value) for text, value in conditions if value is not None]
        where = " and ".join(text for text, _ in used) or "1"
        return self._rows.pages(where, [value for _, value in used], limit=limit)

    def articles(self) -> list[ArticleRow]:
        """Return every article once, by its first good capture, in order of time."""
        return self._rows.articles()

    def captures_of(self, identity_key: str) -> list[PageRow]:
        """Return the captures of one article, under whatever URL, in order of time."""
        return self._rows.pages("identity_key = ?", [identity_key])

    def named(self, ids: Iterable[str]) -> dict[str, PageRow]:
        """Return the captures of these ids that there are, by id."""
        rows = (self._rows.pages(*any_of(id=part)) for part in parts(ids))
        return {row.id: row for found in rows for row in found}

    def recorded(self, record_ids: Iterable[str]) -> list[PageRow]:
        """Return the captures that these records are, in no order."""
        return [
            row
            for part in parts(record_ids)
            for row in self._rows.pages(f"record_id in ({', '.join('?' * len(part))})", part)
        ]

    def text_digests(self, site: str | None = None) -> dict[str, str]:
        """Return the ids of the articles, of one site if given, each with the digest of its text."""
        return self._rows.text_digests(site)

    def visits(self, url: str) -> list[PageRow]:
        """Return the captures of a URL, by any form it was asked for or is named by, in order of time."""
        forms = [*{url, wire_form(url), site_for_url(url).canonical_url(url) or url}]
        return self._rows.pages(*any_of(requested_url=forms, url=forms))

    def last_answer(self, url: str) -> PageRow | None:
        """Return the newest capture of what was asked for under this very URL, or None; no redirects."""
        return self._rows.last_page(url)

    def kin(self, urls: Iterable[str], keys: Iterable[str]) -> list[PageRow]:
        """Return the captures asked for or named by one of these URLs, or of one of these identities."""
        forms = list(urls)
        return self._rows.pages(*any_of(requested_url=forms, url=forms, identity_key=list(keys)))

    def met(self, urls: Iterable[str]) -> set[str]:
        """Return those of these URLs that a capture or a failed attempt was asked for or is named by."""
        return self._rows.met(urls)

    def captured(self, names: Iterable[str]) -> set[str]:
        """Return those of these URLs and identities that a capture, but of a list, was asked for or has."""
        return self._rows.captured(names)

    def failures(self, urls: Iterable[str]) -> list[FailureRow]:
        """Return the attempts at these URLs that brought no response, in order of time."""
        return self._rows.failures(*any_of(requested_url=list(urls)))

    def since(self, when: datetime) -> tuple[list[PageRow], list[FailureRow]]:
        """Return the captures and failed attempts from a moment on, in order of time."""
        values = [bound(when)]
        return self._rows.pages("fetch_date >= ?", values), self._rows.failures("fetch_date >= ?", values)

    def find(self, name: str) -> PageRow:
        """Return the capture of that id, or the only one whose id begins so, or one of that URL.

        Of a URL it is the last, or with `@YYYYMMDDhhmmss` (or its beginning) behind it the one nearest to
        that time (UTC). Raises `UsageError` where there is none or more than one.
        """
        is_url = "/" in name or "." in name  # neither is ever in an id
        rows = self._visit(name) if is_url else self._rows.pages("id = ?", [name])
        if not rows and not is_url:
            rows = self._rows.pages("substr(id, 1, ?) = ?", [len(name), name], limit=9)
        if len(rows) == 1:
            return rows[0]
        if rows:
            raise UsageError(
                f"{name!r} fits {len(rows)} or more captures: {', '.join(row.id for row in rows[:4])}, …"
            )
        raise UsageError(f"no capture {name!r} in {self._archive.path}; `harvester list` shows what there is")

    def _visit(self, name: str) -> list[PageRow]:
        """Return the last visit of a URL, or of `URL@TIME` the nearest, in a list; empty if there is none."""
        url, _, stamp = name.rpartition("@")
        moment = moment_of(stamp) if url else None
        if moment is None:
            return self.visits(prepare(name).url)[-1:]
        rows = self.visits(prepare(url).url)
        return sorted(rows, key=lambda row: abs(datetime.fromisoformat(row.fetch_date) - moment))[:1]

    def files_read(self) -> frozenset[str]:
        """Return the WARC files that were read whole, as they are now: each of their pages has a row."""
        indexed = self._archive.indexed_files()
        return frozenset(name for name, size in self._rows.files_read().items() if indexed.get(name) == size)

    def unread(self) -> set[str]:
        """Return the records that could not be read when their file was, and have no row."""
        return self._rows.unread()

    def state_of(self, record_id: str) -> str | None:
        """Return the state of a capture, page or asset, by its record; None for one that has no row."""
        return self._rows.state_of(record_id)

    def asset_of(self, record_id: str) -> AssetRow | None:
        """Return the row of an asset's record, or None."""
        return next(iter(self._rows.assets("record_id = ?", [record_id])), None)

    def asset(self, url: str) -> AssetRow | None:
        """Return the newest good capture of an asset, whatever its role, or None."""
        rows = self._rows.assets("url = ? and state = 'ok'", [url])
        return rows[-1] if rows else None

    def last_asset(self, url: str) -> AssetRow | None:
        """Return the newest capture of an asset, good or not, or None."""
        return self._rows.last_asset(url)

    def assets_of(self, page_url: str, role: str | None = None) -> list[AssetRow]:
        """Return the good captures of assets made for a page, by the URL it was fetched under.

        What an earlier page had brought already is not among them: `harvester.requisites.belongings` tells
        all that belongs to a page.
        """
        chosen = (
            ("via = ? and state = 'ok'", [page_url])
            if role is None
            else ("via = ? and state = 'ok' and role = ?", [page_url, role])
        )
        return self._rows.assets(*chosen)

    def document_bytes(self, row: PageRow) -> bytes:
        """Return a capture's JSON as stored. Raises `GiveUpError` where its file is gone."""
        if row.page_state is not None:
            return row.page_state.encode()
        year, month = row.fetch_date[:7].split("-")
        path = Path(self._archive.path) / f"documents/{year}/{month}/{row.id}.json"
        try:
            return path.read_bytes()
        except OSError as error:
            raise GiveUpError(
                f"cannot read {path} ({error.strerror}); `harvester reindex` makes it again"
            ) from error

    def document(self, row: PageRow) -> Document:
        """Return an article's document. Raises `GiveUpError` where its file is gone or damaged."""
        try:
            return document_from_bytes(self.document_bytes(row))
        except msgspec.DecodeError as error:
            raise GiveUpError(
                f"the document {row.id} is damaged or of another form ({error}); "
                "`harvester reindex` makes it again from the WARC files"
            ) from error

    def catch_up(
        self, file: str | None = None, on_row: Callable[[Row], None] = lambda _: None
    ) -> tuple[str, ...]:
        """Read the records that have no row yet: a crash came between their WARC and their row.

        Also what brings a lost library back, and what reads one WARC `file` that was taken in. `on_row` is
        called with each new row. Returns a line for each record that is damaged and was not told of before.
        """
        reading = CatchingUp(self._archive, self._rows, self._again, on_row)
        self.hide(reading.withdrawn())
        if file is None:
            reading.all_files()
        else:
            reading.file(file)
        self.comparisons.catch_up()
        return tuple(reading.damaged)

    def hide(self, record_ids: Iterable[str]) -> None:
        """Remove the rows and documents of captures that were withdrawn; what is absent is passed over."""
        for record_id in record_ids:
            for row in self._rows.pages("record_id = ?", [record_id]):
                year, month = row.fetch_date[:7].split("-")
                for suffix in ("json", "md"):
                    path = Path(self._archive.path) / f"documents/{year}/{month}/{row.id}.{suffix}"
                    path.unlink(missing_ok=True)
            self._rows.delete(record_id)

    def rebuild(self, progress: Callable[[], None] = lambda: None) -> Rebuilt:
        """Make every document, state and row again from the WARC files, and delete stale documents.

        Another process may go on capturing meanwhile.
        """
        started = time.time()
        whole, indexed = self._archive.whole_files(), self._archive.indexed_files()
        rows: list[Row] = []
        damaged: dict[str, str] = {}
        for entry in self._entries():
            progress()
            try:
                row = self._again(entry)
            except IntegrityError as error:
                damaged[entry.record_id] = str(error)
            else:
                rows += [row] if row else []
        self._rows.replace(rows, lambda: {entry.record_id for entry in self._entries()})
        self._rows.begin_anew({name: size for name, size in indexed.items() if name in whole}, damaged)
        self._remove_stale(before=started)
        self.comparisons.catch_up(anew=True)
        pages = sum(isinstance(row, PageRow) for row in rows)
        return Rebuilt(pages=pages, damaged=tuple(damaged.values()))

    def _entries(self) -> Iterator[IndexEntry]:
        """Yield all that may have a row."""
        taken_down = withdrawals(self._archive)
        for name in self._archive.indexed_files():
            yield from entries_of_file(self._archive, name, taken_down)

    def _again(self, entry: IndexEntry) -> Row | None:
        """Read a record, write its documents, return its row; None for what is neither page nor asset."""
        if entry.type == "metadata":
            return failure_of(self._archive.read(entry.location))
        metadata = note_of(self._archive, entry.record_id)
        if entry.type == "resource" and not is_import(metadata):
            return None
        record = self._archive.resolved(self._archive.read(entry.location))
        note = note_from_bytes(metadata.block) if metadata else None
        if not is_page(record, metadata):
            return asset_row(record, note)
        found = derive(record, metadata)
        self._write_document(found)
        return page_row(found, record, requested_url(record, note), note.visit if note else None)

    def _remove_stale(self, *, before: float) -> None:
        """Delete documents that no row stands for, sparing what is newer than the rebuild's start."""
        root = Path(self._archive.path)
        wanted = {row.id for row in self._rows.pages("state = 'ok'")}
        for path in root.glob("documents/*/*/*"):
            if path.suffix in {".json", ".md"} and path.stem not in wanted and path.stat().st_mtime < before:
                path.unlink(missing_ok=True)


def note_of(archive: Archive, response_id: str) -> StoredRecord | None:
    """Return the metadata record written beside a response, or None.

    Beside is in the same file: one that was taken in from elsewhere says nothing of ours.
    """
    own = archive.entry(response_id)
    if own is None:
        return None
    notes = (entry for entry in archive.concurrent_with(response_id) if entry.type == "metadata")
    note = next((entry for entry in notes if entry.location.file == own.location.file), None)
    return archive.read(note.location) if note else None

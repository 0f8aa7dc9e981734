"""Documents on disk and their rows: written after the WARC is durable, made again from it at will."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Self

from archive import Archive, IndexEntry, StoredRecord
from harvester.capture.note import note_from_bytes
from harvester.document import Document, PageState, to_bytes
from harvester.errors import GiveUpError, UsageError
from harvester.library.rows import AssetRow, PageRow, Rows
from harvester.markdown import markdown_bytes
from harvester.pipeline import IMPORT_TYPES, derive, is_import, page_url
from harvester.times import utc_text

DATABASE: Final = "library/library.sqlite"


def document_path(document: Document | PageState) -> str:
    """Return where a document's files stand in an archive, without their suffix.

    The folder is the month of its record. `fetch_date` would not do: an imported page has the one that its
    file claims, or none.
    """
    year, month = (document.provenance.clocks.harvester or "0000-00")[:7].split("-")
    return f"documents/{year}/{month}/{document.id}"


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

    @classmethod
    def recreated(cls, archive: Archive) -> Library:
        """Return an empty library in the place of the old one, which may be damaged."""
        path = Path(archive.path) / DATABASE
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return cls(archive, write=True)

    def close(self) -> None:
        self._rows.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add_page(
        self, found: Document | PageState, response: StoredRecord, requested_url: str | None
    ) -> None:
        """Write a document's two files and its row; on return all of it is durable."""
        if isinstance(found, Document):
            where = document_path(found)
            self._archive.write_derived(f"{where}.json", to_bytes(found))
            self._archive.write_derived(f"{where}.md", markdown_bytes(found))
        self._rows.put(_page_row(found, response, requested_url))

    def add_asset(self, response: StoredRecord, *, via: str | None, state: str) -> None:
        """Note an image capture."""
        self._rows.put(_asset_row(response, via, state))

    def pages(self, *, state: str | None = None, site: str | None = None, limit: int = -1) -> list[PageRow]:
        """Return captures in order of time, of one state or site if given."""
        conditions = [("state = ?", state), ("site = ?", site)]
        used = [(text, value) for text, value in conditions if value is not None]
        where = " and ".join(text for text, _ in used) or "1"
        return self._rows.pages(where, [value for _, value in used], limit=limit)

    def visits(self, url: str) -> list[PageRow]:
        """Return the captures of a URL, by any form it was asked for or is named by, in order of time."""
        return self._rows.pages("requested_url = ?1 or url = ?1", [url])

    def find(self, name: str) -> PageRow:
        """Return the capture of that id, or the only one whose id begins so, or the last of that URL.

        Raises `UsageError` where there is none or more than one.
        """
        rows = self.visits(name)[-1:] if "://" in name else self._rows.pages("id = ?", [name])
        if not rows and "://" not in name:
            rows = self._rows.pages("substr(id, 1, ?) = ?", [len(name), name], limit=9)
        if len(rows) == 1:
            return rows[0]
        if rows:
            raise UsageError(
                f"{name!r} fits {len(rows)} or more captures: {', '.join(row.id for row in rows[:4])}, …"
            )
        raise UsageError(f"no capture {name!r} in {self._archive.path}; `harvester list` shows what there is")

    def asset(self, url: str) -> AssetRow | None:
        """Return the newest good capture of an image, or None."""
        rows = self._rows.assets("url = ? and state = 'ok'", [url])
        return rows[-1] if rows else None

    def assets_of(self, page_url: str) -> list[AssetRow]:
        """Return the good image captures made for a page, by the URL it was fetched under."""
        return self._rows.assets("via = ? and state = 'ok'", [page_url])

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

    def catch_up(self) -> int:
        """Read the responses that have no row yet: a crash came between their WARC and their row.

        Also what brings a lost library back. Returns how many were read.
        """
        held = self._rows.record_ids()
        missing = [entry for entry in page_entries(self._archive) if entry.record_id not in held]
        count = 0
        for entry in missing:
            note = note_of(self._archive, entry.record_id)
            if entry.type == "response" or is_import(note):
                self._again(self._archive.read(entry.location), note)
                count += 1
        return count

    def rebuild(self, progress: Callable[[], None] = lambda: None) -> int:
        """Make every document, state and row again from the WARC files; return the number of pages."""
        count = 0
        with self._rows.transaction():
            self._rows.clear()
            for response, metadata in captures(self._archive):
                count += self._again(response, metadata)
                progress()
        return count

    def _again(self, response: StoredRecord, metadata: StoredRecord | None) -> int:
        note = note_from_bytes(metadata.block) if metadata else None
        if note and note.role != "page":
            self.add_asset(response, via=note.via, state=note.failure or "ok")
            return 0
        requested = note.chain[0] if note and note.chain else page_url(response)
        self.add_page(derive(response, metadata), response, requested)
        return 1


def captures(archive: Archive) -> Iterator[tuple[StoredRecord, StoredRecord | None]]:
    """Yield every response and every imported page with the note beside it, in the order of the index."""
    for entry in page_entries(archive):
        note = note_of(archive, entry.record_id)
        if entry.type == "response" or is_import(note):
            yield archive.read(entry.location), note


def page_entries(archive: Archive) -> Iterator[IndexEntry]:
    """Yield the responses, then the resources that may be imported pages (not certificates and the like)."""
    yield from archive.entries(type="response")
    yield from (entry for entry in archive.entries(type="resource") if entry.mime in IMPORT_TYPES)


def note_of(archive: Archive, response_id: str) -> StoredRecord | None:
    """Return the metadata record written beside a response, or None."""
    beside = archive.concurrent_with(response_id)
    entry = next((entry for entry in beside if entry.type == "metadata"), None)
    return archive.read(entry.location) if entry else None


def _page_row(found: Document | PageState, response: StoredRecord, requested_url: str | None) -> PageRow:
    document = found if isinstance(found, Document) else None
    return PageRow(
        id=found.id,
        record_id=response.record_id,
        site=found.site,
        kind=document.kind if document else None,
        state=found.state,
        url=found.url,
        requested_url=requested_url,
        title=document.title if document else None,
        source=document.source if document else None,
        date=document.date if document else None,
        published_at=document.published_at if document else None,
        fetch_date=utc_text(response.date),
        identity_key=found.identity.key if found.identity else None,
        text_sha256=document.text_sha256 if document else None,
        characters=len(document.text) if document else None,
        notice=None if isinstance(found, Document) else found.notice,
        rule=None if isinstance(found, Document) else found.rule,
        method=found.capture.method,
        rehearsal=found.capture.rehearsal is not None,
        page_state=None if isinstance(found, Document) else to_bytes(found).decode(),
    )


def _asset_row(response: StoredRecord, via: str | None, state: str) -> AssetRow:
    return AssetRow(
        record_id=response.record_id,
        url=response.target_uri or "",
        via=via,
        state=state,
        fetch_date=utc_text(response.date),
    )

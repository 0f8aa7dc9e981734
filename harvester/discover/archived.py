"""What the articles of an archive lead to: their records are read again, nothing is asked of the network."""

from __future__ import annotations

from archive import Archive
from harvester.document import Document
from harvester.errors import GiveUpError, HostileInputError, IntegrityError, StorageError
from harvester.library import Library, PageRow
from harvester.library.store import note_of
from harvester.pipeline import derive, page_of
from harvester.reading import Lead
from harvester.sites import all_sites


def rules_of(row: PageRow) -> str:
    """Return the version of the rules by which a capture is looked at."""
    return next((site.rules_version for site in all_sites() if site.name == row.site), "")


def leads_of(archive: Archive, library: Library, row: PageRow) -> tuple[Lead, ...]:
    """Return what a captured article leads to; nothing of one that is damaged, which `check` tells of."""
    site = next((site for site in all_sites() if site.name == row.site), None)
    try:
        record = archive.get(row.record_id)
        if site is None or record is None:
            return ()
        response, note = archive.resolved(record), note_of(archive, row.record_id)
        document = _document(library, row) or derive(response, note)
        return site.leads(page_of(response, note), document) if isinstance(document, Document) else ()
    except (IntegrityError, StorageError, HostileInputError):
        return ()


def _document(library: Library, row: PageRow) -> Document | None:
    try:
        return library.document(row)
    except GiveUpError:
        return None

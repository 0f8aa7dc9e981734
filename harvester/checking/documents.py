"""Documents and library of an archive, made again from its records and compared byte for byte."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from archive import Archive
from archive.check import Report
from archive.check.database import database_fault
from harvester.checking.comparisons import check_comparisons
from harvester.checking.originals import check_originals
from harvester.checking.page_units import compared_by
from harvester.checking.pages import Pages
from harvester.engines.engine import Engine
from harvester.errors import StorageError, UsageError
from harvester.library import Library
from harvester.library.catching_up import page_entries
from harvester.library.rows import EARLIER_TABLES, TABLES, for_reading
from harvester.library.store import DATABASE

FOLDER: Final = "documents"


def check_documents(
    directory: Path,
    report: Report,
    progress: Callable[[str], None] = lambda _: None,
    engine: Engine | None = None,
) -> Counter[str]:
    """Compare everything derived with what the records give; the WARC files themselves are not judged here.

    A document made by other versions of the software or its rules is told as that and not as damage. Returns
    how many pages are `equal`, of `other_version`, `different`, `missing`, `extra` (no record gives them),
    `not_entered` (a run broke off) and `unreadable` (their record is); empty where nothing was compared. With
    an `engine`, it compares the pages, a WARC file a unit: what is found is the same.
    """
    check_originals(directory, report)
    tell = report.teller(str(directory / DATABASE))
    with contextlib.ExitStack() as open_things:
        try:
            archive = open_things.enter_context(Archive.open(directory))
        except StorageError as error:
            tell("W075", str(error))
            return Counter()
        try:
            library = open_things.enter_context(Library(archive))
        except (UsageError, StorageError) as error:
            tell("E070", str(error))
            return Counter()
        fault = database_fault(directory / DATABASE, TABLES, EARLIER_TABLES)
        if fault is not None:
            tell("E070", f"it does not hold together: {fault}")
            return Counter()
        comparison = _Documents(directory, archive, library, report)
        try:
            comparison.run(progress, engine)
        except (StorageError, sqlite3.Error) as error:
            tell("E070", str(error))
        return comparison.pages.counts


class _Documents:
    """One comparison of an open archive with its library."""

    def __init__(self, directory: Path, archive: Archive, library: Library, report: Report) -> None:
        self.pages = Pages(directory, archive, library, report)
        self._directory = directory
        self._archive = archive
        self._library = library
        self._report = report

    def run(self, progress: Callable[[str], None], engine: Engine | None) -> None:
        """Compare all pages, and then tell of what no record gives."""
        shared = engine and compared_by(engine, self._directory, self._archive, progress)
        if shared:
            self._report.merge(shared.report)
            self.pages.counts, self.pages.awaited = shared.counts, shared.awaited
        else:
            entries = page_entries(self._archive)
            self.pages.compare(entries, lambda entry: progress(entry.target_uri or entry.record_id))
        tell = self._report.teller(str(self._directory / DATABASE))
        check_comparisons(self._archive, self._library, tell, self.pages.in_writing)
        self._stray_rows()
        self._stray_files()

    def _stray_rows(self) -> None:
        path = self._directory / DATABASE
        for page_id, record_id in _rows(path):
            if self._archive.entry(record_id) is None:
                self._say(path, "E075", page_id, record_id)
                self.pages.counts["extra"] += 1
        for record_id in sorted(self._library.unread()):
            if self._archive.entry(record_id) is None:
                self._say(path, "W072", "the library holds it to be unreadable", record_id)

    def _stray_files(self) -> None:
        for path in sorted((self._directory / FOLDER).rglob("*")):
            known = path.suffix in {".json", ".md"} and (
                path.stem in self.pages.awaited or self.pages.row(path.stem) is not None
            )
            if path.is_file() and not known:
                self._say(path, "W074", "no page has that id", None)
                self.pages.counts["extra"] += 1

    def _say(self, path: Path, code: str, detail: str, record_id: str | None) -> None:
        self._report.teller(str(path))(code, detail, record_id=record_id)


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the ids of the library's rows, one at a time: there may be very many."""
    with contextlib.closing(for_reading(path)) as database:
        yield from database.execute(
            "select id, record_id from pages union all select url, record_id from assets"
        )

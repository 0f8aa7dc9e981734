"""The pages of an archive as units of an engine, a WARC file each; what they gave, put in one order."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from archive import Archive, IndexEntry
from archive.check import Finding, Report
from archive.fields import format_date
from archive.layout import Layout
from harvester.checking.pages import Pages
from harvester.engines.engine import Beat, Engine
from harvester.engines.here import Here
from harvester.errors import StorageError, UsageError
from harvester.library import Library
from harvester.library.catching_up import page_entries

_KINDS: Final = {"response": 0, "revisit": 1, "resource": 2}
_MAX_POISONED: Final = 16

Order = tuple[int, str, str, int]
"""What `page_entries` puts the captures of an archive in order by."""


@dataclass(slots=True)
class Compared:
    """What came of some pages: findings with the place of each, and what `Pages` has in the end.

    `failure` is why index or library could not be read on.
    """

    report: Report = field(default_factory=Report)
    orders: list[Order] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    awaited: set[str] = field(default_factory=set)
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class PageUnit:
    """The pages of one WARC file of an archive; `size` in bytes. The `poisoned`, by number, kill workers."""

    directory: Path
    file: str
    size: int
    poisoned: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.directory}/{self.file}"

    def told(self, report: Report, why: str, record_id: str | None = None) -> None:
        """Tell of pages that were not compared."""
        where = Layout(self.directory).warc / self.file
        report.teller(str(where))("E098", f"not compared with its documents: {why}", record_id=record_id)

    def lost(self, why: str) -> Compared:
        made = Compared()
        self.told(made.report, why)
        made.orders.append((-1, "", self.file, 0))
        return made

    def without(self, record: int) -> PageUnit | None:
        if len(self.poisoned) >= _MAX_POISONED:
            return None
        return replace(self, poisoned=(*self.poisoned, record))


@dataclass(frozen=True, slots=True)
class PageWork:
    """The `Work` of comparing pages: picklable, and the same wherever it runs."""

    here: Here

    def reachable(self) -> None:
        """Raise `StorageError` on a machine that does not see the archive."""
        self.here.reachable()

    def __call__(self, unit: PageUnit, beat: Beat) -> Compared:
        made = Compared()
        try:
            with (
                self.here.entered(),
                Archive.open(unit.directory) as archive,
                Library(archive) as library,
            ):
                self._compare(unit, archive, library, made, beat)
        except (StorageError, UsageError, sqlite3.Error) as error:
            made.failure = str(error)
        return made

    def _compare(
        self, unit: PageUnit, archive: Archive, library: Library, made: Compared, beat: Beat
    ) -> None:
        pages = Pages(unit.directory, archive, library, made.report)
        made.counts, made.awaited = pages.counts, pages.awaited
        entries = sorted(page_entries(archive, unit.file), key=_order)
        for number, entry in enumerate(entries, 1):
            beat(entry.location.offset, number)
            if number in unit.poisoned:
                unit.told(made.report, "two worker processes died at this page", entry.record_id)
                made.counts["unreadable"] += 1
            else:
                pages.compare([entry])
            made.orders += [_order(entry)] * (len(made.report.findings) - len(made.orders))
        beat(unit.size, 0)


def compared_by(
    engine: Engine, directory: Path, archive: Archive, progress: Callable[[str], None]
) -> Compared | None:
    """Have an archive's pages compared by an engine; None where index or library could not be read on."""
    units = [PageUnit(directory, file, size) for file, size in sorted(archive.indexed_files().items())]
    work = PageWork(Here.of([Layout(directory).warc / unit.file for unit in units]))
    dones = list(engine.run(units, work, lambda unit, _: progress(unit.file)))
    if any(done.failure is not None for done in dones):
        return None
    whole = Compared()
    placed: list[tuple[Order, int, Finding]] = []
    for done in dones:
        whole.report.merge(done.report)
        whole.counts.update(done.counts)
        whole.awaited |= done.awaited
        told = zip(done.orders, done.report.findings, strict=True)
        placed += [(order, at, found) for at, (order, found) in enumerate(told)]
    whole.report.findings = [found for _, _, found in sorted(placed, key=lambda one: one[:2])]
    return whole


def _order(entry: IndexEntry) -> Order:
    return _KINDS[entry.type], format_date(entry.date), entry.location.file, entry.location.offset

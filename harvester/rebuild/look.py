"""Looking at the records of a web archive: from each a row, and from each page a document or its state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

from archive import StoredRecord
from archive.foreign import Opened
from archive.originals import Catalogue
from harvester.engines.engine import Beat
from harvester.errors import HarvesterError, IntegrityError, StorageError, UnresolvedRevisitError
from harvester.parts import Written
from harvester.pipeline import derive, may_be_of
from harvester.rebuild.deadline import DeadlineError, deadline
from harvester.rebuild.places import PlacesFile, deferred_of
from harvester.rebuild.reading import Reading, where, with_notes
from harvester.rebuild.unit import Looked, Options, Problem, Tombstone, Unit
from harvester.roles import is_page
from harvester.sites import FALLBACK, site_for_url
from harvester.tables.rows import CaptureRow
from harvester.times import utc_text
from harvester.withdrawal import withdrawal_of

POISONED = "two worker processes died while they read this record: it is left alone; please report it"


@dataclass(frozen=True, slots=True)
class Terms:
    """What looking depends on beside the records.

    `place` is the workplace in which the unit's files are made; `hidden` are the captures that are taken
    down; `catalogue` is where the database of all inputs' records
    lies, for the part that needs one.
    """

    place: Path
    options: Options
    hidden: frozenset[str] = frozenset()
    catalogue: Path | None = None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a look tells at its end, counted where records are read; fields as in `Done`."""

    looked_at: int
    records: dict[str, int] = {}
    deferred: int = 0
    problems: tuple[Problem, ...] = ()
    tombstones: tuple[Tombstone, ...] = ()
    hidden: tuple[str, ...] = ()
    parts: tuple[Written, ...] = ()


class Look(Protocol):
    """One walk over a unit: iterated once, then `told`. `abort` removes what is unfinished."""

    def __iter__(self) -> Iterator[Looked]: ...

    def told(self) -> Told: ...

    def abort(self) -> None: ...


class WebLook:
    """The first part of a web archive: all its records but revisits, which are put by."""

    def __init__(self, unit: Unit, terms: Terms, beat: Beat) -> None:
        self._unit = unit
        self._terms = terms
        self._beat = beat
        self._reading = Reading(unit)
        self._places = PlacesFile(terms.place, unit)
        self._tombstones: list[Tombstone] = []
        self._hidden: list[str] = []
        self._looked_at = self._deferred = 0

    def __iter__(self) -> Iterator[Looked]:
        judge = Judge(self._unit, self._terms)
        for record, note in with_notes(iter(self._reading), self._note):
            self._looked_at += 1
            if record.record_id in self._terms.hidden:
                self._hidden.append(record.record_id)
            if record.type == "revisit":
                self._places.defer(record, note)
                self._deferred += 1
                continue
            self._beat(self._reading.position, self._looked_at)
            looked = judge.looked(record, note, self._looked_at)
            self._beat(self._reading.position, 0)
            yield looked

    def _note(self, record: StoredRecord) -> None:
        self._places.note(record)
        found = withdrawal_of(record)
        if found is not None:
            self._tombstones.append(
                Tombstone(
                    record=found.record, hides=found.hides, when=utc_text(record.date), file=self._unit.name
                )
            )

    def told(self) -> Told:
        return Told(
            looked_at=self._looked_at,
            records=dict(sorted(self._reading.records.items())),
            deferred=self._deferred,
            problems=tuple(self._reading.problems),
            tombstones=tuple(self._tombstones),
            hidden=tuple(sorted(set(self._hidden))),
            parts=self._places.close(),
        )

    def abort(self) -> None:
        self._places.abort()


class PlacesLook(WebLook):
    """A web archive of which only the places and the tombstones are wanted: another shard reads its pages."""

    def __iter__(self) -> Iterator[Looked]:
        for record, note in with_notes(iter(self._reading), self._note):
            self._looked_at += 1
            if record.type == "revisit":
                self._places.defer(record, note)
            self._beat(self._reading.position, 0)
        yield from ()

    def told(self) -> Told:
        told = super().told()
        return msgspec.structs.replace(told, looked_at=0, deferred=0, hidden=(), records={}, problems=())


class RevisitsLook:
    """The second part of a web archive: its revisits, for which it is known by now where all records lie."""

    def __init__(self, unit: Unit, terms: Terms, beat: Beat) -> None:
        self._unit = unit
        self._path = where(unit)
        self._terms = terms
        self._beat = beat
        self._looked_at = 0
        self._problems: list[Problem] = []

    def __iter__(self) -> Iterator[Looked]:
        with Catalogue.reading(self._terms.catalogue or Path()) as catalogue:
            judge = Judge(self._unit, self._terms, catalogue)
            for record, note in self._revisits():
                self._beat(0, self._looked_at)
                looked = judge.looked(record, note, self._looked_at)
                self._beat(0, 0)
                yield looked

    def _revisits(self) -> Iterator[tuple[StoredRecord, StoredRecord | None]]:
        try:
            with Opened(self._path) as file:
                for deferred in deferred_of(self._terms.place, self._unit.id):
                    self._looked_at += 1
                    record = file.read_at(deferred.record)
                    yield record, file.read_at(deferred.note) if deferred.note else None
        except (IntegrityError, StorageError) as error:  # it changed since the first part
            detail = str(error).replace(str(self._path), self._unit.name)
            self._problems.append(Problem(kind="unreadable", file=self._unit.name, detail=detail))

    def told(self) -> Told:
        return Told(looked_at=self._looked_at, problems=tuple(self._problems))

    def abort(self) -> None:
        pass


class Judge:
    """What comes of one record, whatever it holds: a row for each, never an error."""

    def __init__(self, unit: Unit, terms: Terms, catalogue: Catalogue | None = None) -> None:
        self._poisoned = frozenset(unit.poisoned)
        self._terms = terms
        self._options = terms.options
        self._catalogue = catalogue

    def looked(self, record: StoredRecord, note: StoredRecord | None, number: int) -> Looked:
        """Return what came of a record; `number` is its own among those looked at."""
        if not self._selected(record):
            return Looked(None, None, None)
        if record.record_id in self._terms.hidden:
            return Looked(CaptureRow.of(record, "withdrawn"), None, None)
        if number in self._poisoned:
            return _failed(record, POISONED)
        try:
            with deadline(self._options.deadline_s):
                looked = self._read(record, note)
        except UnresolvedRevisitError as error:
            return Looked(CaptureRow.of(record, "unresolved", detail=str(error)), None, None)
        except (Exception, DeadlineError) as error:  # noqa: BLE001 - one record must not stop a run
            return _failed(record, why(error, self._options.deadline_s))
        return looked if self._of_site(looked) else Looked(None, None, None)

    def _read(self, record: StoredRecord, note: StoredRecord | None) -> Looked:
        response = self._catalogue.resolved(record) if self._catalogue else record
        if not is_page(response, note):
            return Looked(CaptureRow.of(record, "asset"), None, response)
        wanted = self._options.site
        if wanted is not None and not may_be_of(wanted, response, note):  # reading costs ten times as much
            return Looked(None, None, None)
        found = derive(response, note)
        return Looked(CaptureRow.of(record, found=found), found, response)

    def _selected(self, record: StoredRecord) -> bool:
        """Tell by its time and its address whether a record may be one that is asked for."""
        since, site = self._options.since, self._options.site
        if since is not None and utc_text(record.date) < since:
            return False
        if site is None:
            return True
        return site_for_url(record.target_uri or "").name in {site, FALLBACK}

    def _of_site(self, looked: Looked) -> bool:
        """Tell whether the rules that were asked for read the page. Assets are of no site's rules."""
        wanted = self._options.site
        return wanted is None or (looked.found is not None and looked.found.site == wanted)


def why(error: BaseException, deadline_s: float) -> str:
    """Say why something could not be read, for its row."""
    if isinstance(error, DeadlineError):
        limit = f"{deadline_s:g} s of processor time"
        return f"reading it did not end in {limit} on this machine: another run may do better"
    if isinstance(error, HarvesterError):
        return str(error)
    if isinstance(error, MemoryError):
        return "it needs more memory than there is on this machine"
    return f"a fault of the reader: {type(error).__name__}: {error}; please report it"


def _failed(record: StoredRecord, why: str) -> Looked:
    return Looked(CaptureRow.of(record, "failed", detail=why), None, None)

"""Looking at what people bring: each row or line has its outcome, as each record of a web archive has."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from archive import Archive, StoredRecord
from archive.foreign import read_from
from archive.layout import MARKER, warcs_at
from archive.originals import Catalogue
from archive.storage.places import is_web, place
from harvester.engines.engine import Beat
from harvester.errors import HarvesterError, IntegrityError, StorageError, UsageError
from harvester.rebuild.brought.rows import Columns, Row, columns_of, look, rows_of
from harvester.rebuild.brought.selection import Selected, selected
from harvester.rebuild.deadline import DeadlineError, deadline
from harvester.rebuild.look import POISONED, Judge, Terms, Told, why
from harvester.rebuild.reading import LOOKED_AT, Notes
from harvester.rebuild.unit import Looked, Problem, Unit
from harvester.tables.rows import CaptureRow
from harvester.withdrawal import withdrawals, withdrawals_in

if TYPE_CHECKING:
    from archive.storage.places import Place


class _BroughtLook:
    """What both kinds have in common: counting, problems of the file, nothing to remove."""

    def __init__(self, unit: Unit, terms: Terms, beat: Beat) -> None:
        self._unit = unit
        self._path = place(unit.path)
        self._terms = terms
        self._options = terms.options
        self._beat = beat
        self._looked_at = 0
        self._records: Counter[str] = Counter()
        self._problems: list[Problem] = []

    def __iter__(self) -> Iterator[Looked]:
        # What whoever takes the results meets is not raised in here: these are faults of the input.
        try:
            yield from self._all()
        except StorageError as error:
            self._problem("unreadable", error)
        except (IntegrityError, UsageError) as error:  # the latter: it changed since it was planned
            self._problem("damaged", error)

    def _all(self) -> Iterator[Looked]:
        raise NotImplementedError

    def _problem(self, kind: str, error: Exception) -> None:
        detail = str(error).replace(self._unit.path, self._unit.name)
        self._problems.append(Problem(kind=kind, file=self._unit.name, detail=detail))

    def told(self) -> Told:
        return Told(
            looked_at=self._looked_at,
            records=dict(sorted(self._records.items())),
            problems=tuple(self._problems),
        )

    def abort(self) -> None:
        """There is nothing of its own to remove."""


class TableLook(_BroughtLook):
    """The rows of a table. They have no date, so that `since` leaves all of them out."""

    def _all(self) -> Iterator[Looked]:
        settings = dict(self._unit.settings)
        kind = self._unit.kind
        columns = Columns(**settings) if settings else columns_of(self._path, kind)
        for row in rows_of(self._path, kind, columns):
            self._looked_at += 1
            self._records["row"] += 1
            self._beat(row.position, self._looked_at)
            looked = self._one(row)
            self._beat(row.position, 0)
            yield looked

    def _one(self, row: Row) -> Looked:
        if self._options.since is not None:
            return Looked(None, None, None)
        if self._looked_at in self._unit.poisoned:
            return self._failed(row, POISONED)
        try:
            with deadline(self._options.deadline_s):
                capture, found = look(row, self._unit.name)
        except (Exception, DeadlineError) as error:  # noqa: BLE001 - one row must not stop a run
            return self._failed(row, why(error, self._options.deadline_s))
        if self._options.site not in {None, found.site if found else self._options.site}:
            return Looked(None, None, None)
        return Looked(capture, found, None)

    def _failed(self, row: Row, detail: str) -> Looked:
        capture = CaptureRow(
            file=self._unit.name,
            row=row.number,
            type="row",
            url=row.url,
            outcome="failed",
            detail=detail,
        )
        return Looked(capture, None, None)


class SelectionLook(_BroughtLook):
    """The records that a CDXJ names. Revisits come last, and are resolved among these records."""

    def __init__(self, unit: Unit, terms: Terms, beat: Beat) -> None:
        super().__init__(unit, terms, beat)
        self._hidden = _Hidden()

    def _all(self) -> Iterator[Looked]:
        root = dict(self._unit.settings).get("warc_root")
        revisits: list[tuple[Place, int, int | None]] = []
        notes = Notes()
        with Catalogue() as catalogue:
            judge = Judge(self._unit, self._terms, catalogue)
            for item in selected(self._path, place(root) if root else None):
                if item.record is None or item.path is None:
                    self._looked_at += 1
                    yield self._unread(item)
                    continue
                record = item.record
                self._records[record.type] += 1
                catalogue.add(item.path, record)
                if record.type not in LOOKED_AT:
                    notes.take(record)
                elif record.type == "revisit":
                    note = notes.of(record)
                    beside = note.location.offset if note else None
                    revisits.append((item.path, record.location.offset, beside))
                else:
                    yield self._one(judge, item.path, record, notes.of(record))
            for path, offset, at in revisits:
                note = read_from(path, at) if at is not None else None
                yield self._one(judge, path, read_from(path, offset), note)

    def _one(self, judge: Judge, path: Place, record: StoredRecord, note: StoredRecord | None) -> Looked:
        self._looked_at += 1
        if self._hidden.has(path, record.record_id):
            return Looked(CaptureRow.of(record, "withdrawn"), None, None)
        self._beat(0, self._looked_at)
        looked = judge.looked(record, note, self._looked_at)
        self._beat(0, 0)
        return looked

    def _unread(self, item: Selected) -> Looked:
        detail = (item.problem or "").replace(str(item.path), item.path.name if item.path else "")
        row = CaptureRow(
            file=self._unit.name, row=item.line, type="unread", url=item.url, outcome="failed", detail=detail
        )
        return Looked(row, None, None)


class _Hidden:
    """What is withdrawn in the archives of ours that files lie in: a CDXJ does not list tombstones."""

    def __init__(self) -> None:
        self._by_root: dict[Place, frozenset[str]] = {}

    def has(self, path: Place, record_id: str) -> bool:
        """Tell whether a record of the file at `path` is withdrawn."""
        root = (path.resolve() if isinstance(path, Path) else path).parent.parent
        if root not in self._by_root:
            self._by_root[root] = _withdrawn_at(root) if _is_archive(root) else frozenset()
        return record_id in self._by_root[root]


def _is_archive(root: Place) -> bool:
    if is_web(root):  # it has no folders whose files could be listed
        return False
    try:
        return (root / MARKER).is_file()
    except PermissionError:  # as stores say of what is not there, too, if they may not be listed
        return False


def _withdrawn_at(root: Place) -> frozenset[str]:
    """Return what is withdrawn in an archive of ours; of one at a URL, its WARC files have to tell."""
    if not isinstance(root, Path):
        return frozenset(withdrawals_in(warcs_at(root)).hidden())
    with contextlib.suppress(HarvesterError, OSError), Archive.open(root) as archive:
        return frozenset(withdrawals(archive).hidden())
    return frozenset()

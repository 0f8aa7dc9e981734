"""The comparisons that an archive keeps, as its library has them: found by either side, or by time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from archive import Archive, IndexEntry, StoredRecord
from harvester.errors import IntegrityError
from harvester.library.rows import bound, parts
from harvester.library.verified import VERIFICATION_URN, VerificationRow, Verifications, verification_row
from harvester.withdrawal import withdrawals


class Comparisons:
    """The kept comparisons of one archive, but for those that quote a capture which is withdrawn."""

    def __init__(self, archive: Archive, rows: Verifications) -> None:
        self._archive = archive
        self._rows = rows

    def of(self, *, captured: Iterable[str] = (), original: Iterable[str] = ()) -> list[VerificationRow]:
        """Return the comparisons in which one of these records is that side, in order of time."""
        found = {
            row.record_id: row
            for column, names in (("captured_record", captured), ("original_record", original))
            for part in parts(names)
            for row in self._rows.of(column, part)
        }
        return sorted(found.values(), key=lambda row: (row.at, row.record_id))

    def since(self, when: datetime) -> list[VerificationRow]:
        """Return the comparisons that were kept from a moment on, in order of time."""
        return self._rows.since(bound(when))

    def all(self) -> list[VerificationRow]:
        """Return all, in order of time."""
        return self._rows.all()

    def add(self, record: StoredRecord) -> VerificationRow | None:
        """Note a comparison that was kept just now; None for a record that is none."""
        row = verification_row(record)
        if row is not None:
            self._rows.put(row)
        return row

    def catch_up(self, *, anew: bool = False) -> None:
        """Make the rows those of the records that there are; `anew`: all of them again."""
        entries = {entry.record_id: entry for entry in self._archive.find(VERIFICATION_URN, type="metadata")}
        held = self._rows.record_ids()
        gone = held if anew else held - entries.keys()
        self._rows.forget(gone)
        new = sorted(entries.keys() - (held - gone))
        if not new:
            return
        taken_down = withdrawals(self._archive)
        for record_id in new:
            row = self._read(entries[record_id])
            if row and not (taken_down.hides(row.captured_record) or taken_down.hides(row.original_record)):
                self._rows.put(row)

    def _read(self, entry: IndexEntry) -> VerificationRow | None:
        try:
            return verification_row(self._archive.read(entry.location))
        except IntegrityError:
            return None  # `check` tells of it; it is tried again at the next opening

"""Records that have no row yet: a crash came between, a file was taken in, or the library is new.

A WARC file that grows no more is read once, whole, and its name and size are kept; so an opening costs what
came since, however large the archive is. A record that cannot be read is kept in mind and tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from archive import Archive, IndexEntry
from harvester.capture.note import CONTENT_TYPE
from harvester.errors import IntegrityError
from harvester.library.making import failure_of
from harvester.library.rows import Row, Rows
from harvester.roles import IMPORT_TYPES
from harvester.withdrawal import Withdrawals, withdrawals


class CatchingUp:
    """One reading of what came since the last. `enter` makes a record's documents and returns its row.

    `on_row` is called with each new row. `damaged` gets a line for each record that cannot be read and is
    not known for it yet.
    """

    def __init__(
        self,
        archive: Archive,
        rows: Rows,
        enter: Callable[[IndexEntry], Row | None],
        on_row: Callable[[Row], None],
    ) -> None:
        self.damaged: list[str] = []
        self._archive = archive
        self._rows = rows
        self._enter = enter
        self._on_row = on_row
        self._taken_down = withdrawals(archive)

    def withdrawn(self) -> Iterator[str]:
        """Yield the records that are withdrawn and have a row all the same."""
        yield from filter(self._rows.state_of, sorted(self._taken_down.hidden()))

    def file(self, name: str) -> None:
        """Read one WARC file, in the order of its places."""
        for entry in entries_of_file(self._archive, name, self._taken_down):
            self._record(entry)

    def all_files(self) -> None:
        """Read every WARC file that is not known to have been read."""
        whole = self._archive.whole_files()  # first: what is whole now gets no further rows while it is read
        indexed = self._archive.indexed_files()
        read = self._rows.files_read()
        self._rows.forget_files(read.keys() - indexed.keys())
        for name, size in indexed.items():
            if read.get(name) == size:
                continue
            self.file(name)
            if name in whole:
                self._rows.set_read(name, size)
        self._again()

    def _again(self) -> None:
        """Try what could not be read before, and what was withdrawn and restored."""
        for record_id in sorted(self._rows.unread() | self._taken_down.restored()):
            entry = self._archive.entry(record_id)
            if entry is None:
                self._rows.set_unread(record_id, unread=False)
            elif _may_be(entry, self._taken_down):
                self._record(entry)

    def _record(self, entry: IndexEntry) -> None:
        if self._rows.state_of(entry.record_id) is not None:
            return
        try:
            row = self._enter(entry)
        except IntegrityError as error:
            if self._rows.set_unread(entry.record_id):
                self.damaged.append(str(error))
            return
        if row:
            self._rows.put(row)
            self._on_row(row)
        self._rows.set_unread(entry.record_id, unread=False)


def page_entries(
    archive: Archive, file: str | None = None, taken_down: Withdrawals | None = None
) -> Iterator[IndexEntry]:
    """Yield responses, revisits, and resources that may be imported pages (not certificates and such).

    Of one WARC `file`, if given, in the order of their places. None that was withdrawn.
    """
    taken_down = taken_down or withdrawals(archive)
    if file is not None:
        yield from (entry for entry in archive.entries_of(file) if _may_be(entry, taken_down))
        return
    for kind in ("response", "revisit", "resource"):
        yield from (entry for entry in archive.entries(type=kind) if _may_be(entry, taken_down))


def entries_of_file(archive: Archive, name: str, taken_down: Withdrawals) -> Iterator[IndexEntry]:
    """Yield what may have a row of one WARC file: as `page_entries`, then the notes that are beside nothing.

    Those are of attempts without a response, or other tools' own. A note stands before what it is beside
    (harvester.capture.records).
    """
    alone: dict[str, IndexEntry] = {}
    for entry in archive.entries_of(name):
        if entry.type == "metadata" and entry.content_type == CONTENT_TYPE:
            alone[next(iter(entry.concurrent_to), entry.record_id)] = entry
        elif entry.type != "request":
            alone.pop(entry.record_id, None)
        if _may_be(entry, taken_down):
            yield entry
    yield from (entry for entry in alone.values() if not taken_down.hides(entry.record_id))


def settle(archive: Archive, rows: Rows) -> None:
    """Note the files of this opening as read, if all in them that is to have a row has it.

    So `check` can tell a row that is lost from one that was never made.
    """
    taken_down = withdrawals(archive)
    indexed = archive.indexed_files()
    for name in archive.written_files():
        if name not in indexed:
            continue
        entries = entries_of_file(archive, name, taken_down)
        missing = (entry for entry in entries if rows.state_of(entry.record_id) is None)
        if not any(_needs_row(archive, entry) for entry in missing):
            rows.set_read(name, indexed[name])


def _needs_row(archive: Archive, entry: IndexEntry) -> bool:
    return entry.type != "metadata" or failure_of(archive.read(entry.location)) is not None


def _may_be(entry: IndexEntry, taken_down: Withdrawals) -> bool:
    if taken_down.hides(entry.record_id):
        return False
    return entry.type in {"response", "revisit"} or (entry.type == "resource" and entry.mime in IMPORT_TYPES)

"""The records of a web archive of any form, past damage where the form allows it; and which are looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from archive import StoredRecord
from archive.check.directory import is_locked
from archive.errors import IntegrityError, StorageError, WarcError
from archive.foreign import read_any
from archive.foreign.forms import Content, detect
from archive.foreign.packages import open_file
from archive.layout import OPEN_SUFFIX
from archive.members import Input
from archive.recovery import Walk
from archive.storage import place
from harvester.rebuild.unit import Problem, Unit

if TYPE_CHECKING:
    from archive.storage.places import Place

LOOKED_AT: Final = frozenset({"response", "revisit", "resource"})
_MAX_NOTES: Final = 1000
_GROWING: Final = "a process is writing it: read as far as it was whole when this began"


class Reading:
    """One walk over a unit's file. `records` counts what came by, `problems` is what no row can tell."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.path = where(unit)
        self.growing = self.path.name.endswith(OPEN_SUFFIX) and is_locked(self.path)
        self.records: Counter[str] = Counter()
        self.problems: list[Problem] = []
        self.position = 0
        self._behind = 0  # bytes of a package's members that are behind us
        self._file = ""

    def __iter__(self) -> Iterator[StoredRecord]:
        """Yield the whole records."""
        try:
            for record in self._records():
                self.records[record.type] += 1
                self._advance(record)
                yield record
        except StorageError as error:
            self._problem("unreadable", error)
        except IntegrityError as error:
            self._problem("damaged", error)

    def _records(self) -> Iterator[StoredRecord]:
        if not _is_warc(self.path):
            yield from read_any(self.path)
            return
        walk = Walk(self.path, salvage=not self.growing)
        for record in walk.whole_records():
            if self.growing and record.location.offset + record.location.length > self.unit.size:
                break  # written since the run began: the next one has it
            yield record
        if walk.problem is not None and not self.growing:
            self._problem("damaged", walk.problem)
        if self.growing:
            self.problems.append(
                Problem(
                    kind="growing",
                    file=self.unit.name,
                    detail=_GROWING,
                )
            )

    def _advance(self, record: StoredRecord) -> None:
        place = record.location
        if place.file != self._file:
            self._behind, self._file = self.position, place.file
        self.position = self._behind + place.offset + place.length

    def _problem(self, kind: str, error: Exception) -> None:
        # Named as everywhere in the output: where the file lay makes no difference to what is said of it.
        detail = str(error).replace(str(self.path), self.unit.name)
        self.problems.append(Problem(kind=kind, file=self.unit.name, detail=detail))


def where(unit: Unit) -> Place:
    """Return where a unit's file is: an open one may have been closed since it was found."""
    path = place(unit.path)
    if path.name.endswith(OPEN_SUFFIX) and not path.exists():
        return path.with_name(path.name.removesuffix(OPEN_SUFFIX))
    return path


def _is_warc(path: Place) -> bool:
    """Tell whether a file is a WARC by its bytes, also one that is damaged at once or has nothing in it."""
    with open_file(path) as file:
        try:
            return detect(Input(file, str(path))).content in {Content.WARC, Content.EMPTY}
        except WarcError:
            return True


def with_notes(
    records: Iterator[StoredRecord], look: Callable[[StoredRecord], None]
) -> Iterator[tuple[StoredRecord, StoredRecord | None]]:
    """Yield each response, revisit and resource with the note beside it, None where there is none.

    Every record is shown to `look` first. In our files a note precedes its response
    (harvester.capture.records); the oldest of those that wait are of attempts that had none.
    """
    notes = Notes()
    for record in records:
        look(record)
        if record.type in LOOKED_AT:
            yield record, notes.of(record)
        else:
            notes.take(record)


class Notes:
    """Notes that wait for the records beside which they were written."""

    def __init__(self) -> None:
        self._waiting: dict[str, StoredRecord] = {}

    def take(self, record: StoredRecord) -> None:
        """Keep a record, if it is a note."""
        if record.type == "metadata":
            self._waiting.update(dict.fromkeys(record.get_all("WARC-Concurrent-To"), record))
            while len(self._waiting) > _MAX_NOTES:
                del self._waiting[next(iter(self._waiting))]

    def of(self, record: StoredRecord) -> StoredRecord | None:
        """Return the note beside a record, None where there is none."""
        return self._waiting.pop(record.record_id, None)

"""Where the records of a unit lie: noted while they are read, so that no input is read twice for it.

`units/ID.places` lists what a revisit may refer to and what a tombstone may hide; `units/ID.revisits` the
revisits that are left to the second part, each with its note.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from archive import Location, StoredRecord
from archive.originals import ORIGINALS, Catalogue, Place, place_of
from archive.storage import place
from harvester.parts import PartFile, Written
from harvester.rebuild.outputs.base import UNITS
from harvester.rebuild.unit import Unit


class Deferred(NamedTuple):
    """A revisit: its place, and that of the note beside it."""

    record: Location
    note: Location | None


class PlacesFile:
    """Takes the records of one unit as they come."""

    def __init__(self, output: Path, unit: Unit) -> None:
        self._places = PartFile(output, places_part(unit.id))
        self._revisits = PartFile(output, revisits_part(unit.id))

    def note(self, record: StoredRecord) -> None:
        if record.type in ORIGINALS:
            self._places.write(msgspec.json.encode(place_of(record)) + b"\n")

    def defer(self, record: StoredRecord, note: StoredRecord | None) -> None:
        deferred = Deferred(record.location, note.location if note else None)
        self._revisits.write(msgspec.json.encode(deferred) + b"\n")

    def close(self) -> tuple[Written, ...]:
        return self._places.close(), self._revisits.close()

    def abort(self) -> None:
        self._places.abort()
        self._revisits.abort()


def places_part(unit_id: str) -> str:
    """Return where a unit's places stand in the output."""
    return f"{UNITS}/{unit_id}.places"


def revisits_part(unit_id: str) -> str:
    """Return where a unit's revisits stand in the output."""
    return f"{UNITS}/{unit_id}.revisits"


def deferred_of(folder: Path, unit_id: str) -> Iterator[Deferred]:
    """Yield a unit's revisits in the order of its file, from the list in a workplace. Raises OSError."""
    with (folder / revisits_part(unit_id)).open("rb") as file:
        for line in file:
            yield msgspec.json.decode(line, type=Deferred)


def fill(catalogue: Catalogue, unit: Unit, places: BinaryIO) -> None:
    """Put a unit's places into a catalogue. Raises OSError."""
    catalogue.add_places(place(unit.path), (msgspec.json.decode(line, type=Place) for line in places))

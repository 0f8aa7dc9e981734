"""Keeps captured bytes as evidence: WARC/1.1 files written durably, read strictly, found by an index.

Knows nothing of any publisher; `harvester` stands on it. The directory's form is in
docs/archive-layout.md. Names are imported where they are first used: whoever needs only the errors, or
a version number, does not pay for the rest.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive.disk import SYSTEM_DISK, Disk
    from archive.reader import read_warc
    from archive.record import Block, IndexEntry, Location, Record, StoredRecord, new_record_id
    from archive.recovery import Recovered
    from archive.store import Archive
    from archive.writer import WriterOptions

__all__ = [
    "SYSTEM_DISK",
    "Archive",
    "Block",
    "Disk",
    "IndexEntry",
    "Location",
    "Record",
    "Recovered",
    "StoredRecord",
    "WriterOptions",
    "new_record_id",
    "read_warc",
]

_HOMES = {
    "archive.disk": ("SYSTEM_DISK", "Disk"),
    "archive.reader": ("read_warc",),
    "archive.record": ("Block", "IndexEntry", "Location", "Record", "StoredRecord", "new_record_id"),
    "archive.recovery": ("Recovered",),
    "archive.store": ("Archive",),
    "archive.writer": ("WriterOptions",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

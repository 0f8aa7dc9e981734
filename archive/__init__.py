"""Keeps captured bytes as evidence: WARC/1.1 files written durably, read strictly, found by an index.

Knows nothing of any publisher; `harvester` stands on it. The directory's form is in
docs/archive-layout.md.
"""

from __future__ import annotations

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

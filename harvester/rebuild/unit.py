"""The unit of work, one input file, and what is known when it is done: values that cross processes."""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple, Self

import msgspec

from archive import StoredRecord
from harvester.document import Document, PageState
from harvester.errors import UsageError
from harvester.tables.rows import CaptureRow

REVISITS: Final = "revisits"
"""The part of a unit that is done when it is known where the records of all inputs lie."""
FORMATS: Final = ("json", "jsonl", "parquet")
PLACES: Final = "places"
"""The part of a unit of another shard: only where its records lie."""
MAX_LISTED: Final = 1000
"""Most details of one kind that a completion record or a report lists; the tables have all."""
MAX_POISONED: Final = 16
"""Records of one unit that may kill a worker before the unit itself is given up."""
WEB: Final = "web"
"""Kind of a unit that is a WARC, an ARC or a package of them."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What changes the output of a unit, so that every completion record names it.

    `since` is a moment as RFC 3339 in UTC: records before it are left out; `site` leaves out pages that the
    rules of another publisher read. `deadline_s` is the processor time that one record may take.
    """

    format: str = "json"
    write_warc: bool = False
    since: str | None = None
    site: str | None = None
    deadline_s: float = 60.0

    def __post_init__(self) -> None:
        if self.format not in FORMATS:
            raise UsageError(f"no format {self.format!r}: say one of {', '.join(FORMATS)}")
        if not 0 < self.deadline_s <= 24 * 3600:
            raise UsageError("the time that a record may take is above 0 and at most a day")


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """One input file. `id` is made of its name, so it is the same on every machine and in every run.

    `name` is the file's, without folders and without `.open`; `kind` tells who reads it (`web`, or a kind
    that people bring, with its own `settings`); `in_archive`: it lies in an archive of ours. `part` is "",
    `revisits` or `places`. `poisoned` are records, by their number among those looked at (from 1), that ended
    two worker processes: they are told of, not read.
    """

    id: str
    name: str
    path: str
    size: int
    kind: str = WEB
    settings: tuple[tuple[str, str], ...] = ()
    in_archive: bool = False
    part: str = ""
    poisoned: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        """What the unit's files in the output are named by."""
        return f"{self.id}-{self.part}" if self.part else self.id

    def lost(self, why: str) -> Done:
        """Return what is known of it when its workers died for good."""
        return Done(key=self.key, problems=(Problem(kind="lost", file=self.name, detail=why),))

    def without(self, record: int) -> Self | None:
        """Return it without a record that kills, None where too many of its records do."""
        if len(self.poisoned) >= MAX_POISONED:
            return None
        return msgspec.structs.replace(self, poisoned=(*self.poisoned, record))


class Looked(NamedTuple):
    """What came of one record: its row, what was read of it, and the record as it was read (a revisit
    resolved). `row` is None where the options leave the record out.
    """

    row: CaptureRow | None
    found: Document | PageState | None
    record: StoredRecord | None


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Something about a file that no row tells: `damaged`, `unreadable`, `lost`, `growing`, `conflict`."""

    kind: str
    file: str
    detail: str


class Tombstone(msgspec.Struct, frozen=True, kw_only=True):
    """A decision on a capture, as a file holds it (harvester.withdrawal)."""

    record: str
    hides: bool
    when: str
    file: str


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What a unit gave. `looked_at` is counted where records are read, `outcomes` where rows are written:
    `looked_at == sum(outcomes) + deferred + left_out`, or something vanished.

    `records` counts all records by type; `deferred` are revisits, left to the unit's second part.
    `hidden` are captures here that were taken down; `failed` and `unresolved` say why, each reason once,
    a thousand at most.
    """

    key: str
    part: str = ""
    records: dict[str, int] = {}
    looked_at: int = 0
    outcomes: dict[str, int] = {}
    deferred: int = 0
    left_out: int = 0
    problems: tuple[Problem, ...] = ()
    tombstones: tuple[Tombstone, ...] = ()
    hidden: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()


def unit_id(name: str, more: str = "") -> str:
    """Return the id of a unit: of its file's name, and of more only where several have that name."""
    return hashlib.sha256(f"{name}\0{more}".encode("utf-8", "surrogateescape")).hexdigest()[:16]

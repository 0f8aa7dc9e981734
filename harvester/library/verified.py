"""The library's table of kept comparisons: a row for each verification record (harvester.verifying.saving).

It is filled from the archive's index at every opening for writing, whatever else was read already.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from archive import StoredRecord
from archive.words import in_short
from harvester.sqlite import Words, put_row, transaction, worded
from harvester.times import utc_text

VERIFICATION_URN: Final = "urn:x-harvester:verification"
"""Under which comparisons are kept, as `metadata` records."""
TABLE: Final = """
create table if not exists verifications (
  record_id text primary key, at text not null, captured text not null, captured_record text not null,
  original text not null, original_record text not null, verdict text not null, level text,
  edits integer not null, material integer not null, moves integer not null,
  first_class text, first_captured text, first_original text
) strict;
create index if not exists verifications_by_captured on verifications (captured_record, at);
create index if not exists verifications_by_original on verifications (original_record, at);
create index if not exists verifications_by_time on verifications (at);
"""
MOST: Final = 160
"""Characters kept of a passage that differs: the record holds it whole."""
_MAX_BYTES: Final = 256 << 20


class VerificationRow(msgspec.Struct, frozen=True, kw_only=True):
    """One kept comparison in short. `at` is when it was kept; `captured` and `original` are captures' ids.

    `material` counts material edits; `first_class`, `first_captured`, `first_original` are of the first
    material edit, its words in one line, cut to `MOST` characters. The rest is as in docs/verify.md.
    """

    record_id: str
    at: str
    captured: str
    captured_record: str
    original: str
    original_record: str
    verdict: str
    level: str | None
    edits: int
    material: int
    moves: int
    first_class: str | None = None
    first_captured: str | None = None
    first_original: str | None = None


class _Span(msgspec.Struct):
    text: str


class _Edit(msgspec.Struct):
    class_: str = msgspec.field(name="class")
    material: bool
    captured: _Span
    original: _Span


class _Facts(msgspec.Struct):
    label: str
    record_id: str | None = None


class _Sides(msgspec.Struct):
    captured: _Facts
    original: _Facts


class _Kept(msgspec.Struct):
    verdict: str
    level: str | None
    edits: tuple[_Edit, ...]
    moves: tuple[msgspec.Raw, ...]
    sides: _Sides


def verification_row(record: StoredRecord) -> VerificationRow | None:
    """Return the row of a kept comparison; None for a record that cannot be read as one."""
    if len(record.block) > _MAX_BYTES:
        return None
    try:
        kept = msgspec.json.decode(record.block, type=_Kept)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    captured, original = kept.sides.captured, kept.sides.original
    if captured.record_id is None or original.record_id is None:
        return None
    material = [edit for edit in kept.edits if edit.material]
    first = material[0] if material else None
    return VerificationRow(
        record_id=record.record_id,
        at=utc_text(record.date),
        captured=captured.label,
        captured_record=captured.record_id,
        original=original.label,
        original_record=original.record_id,
        verdict=kept.verdict,
        level=kept.level,
        edits=len(kept.edits),
        material=len(material),
        moves=len(kept.moves),
        first_class=first.class_ if first else None,
        first_captured=_cut(first.captured.text) if first else None,
        first_original=_cut(first.original.text) if first else None,
    )


def _cut(text: str) -> str:
    return in_short(text.encode("utf-8", "replace").decode(), MOST)


class Verifications:
    """The table in an open library. A library that was made before there was one has no rows."""

    def __init__(self, database: sqlite3.Connection, path: Path, words: Words) -> None:
        self._db = database
        self._path = path
        self._words = words

    def put(self, row: VerificationRow) -> None:
        """Insert or replace one row."""
        with worded(self._path, self._words):
            put_row(self._db, "verifications", msgspec.structs.asdict(row))

    def record_ids(self) -> set[str]:
        """Return the records that have a row."""
        with worded(self._path, self._words):
            return {record_id for (record_id,) in self._db.execute("select record_id from verifications")}

    def forget(self, record_ids: Iterable[str]) -> None:
        """Delete the rows of these records, and those of comparisons of these captures' records."""
        names = [(record_id,) * 3 for record_id in record_ids]
        if not names:
            return
        with worded(self._path, self._words), transaction(self._db):
            self._db.executemany(
                "delete from verifications where record_id = ? or captured_record = ? or original_record = ?",
                names,
            )

    def of(self, column: str, record_ids: Sequence[str]) -> list[VerificationRow]:
        """Return the comparisons whose `captured_record` or `original_record` is one of these, by time."""
        marks = ", ".join("?" * len(record_ids))
        return self._select(f"{column} in ({marks})", record_ids)

    def since(self, when: str) -> list[VerificationRow]:
        """Return the comparisons kept from a moment on (RFC 3339 without its `Z`), by time."""
        return self._select("at >= ?", [when])

    def all(self) -> list[VerificationRow]:
        """Return all comparisons, by time."""
        return self._select("1", [])

    def _select(self, where: str, values: Sequence[Any]) -> list[VerificationRow]:
        query = f"select * from verifications where {where} order by at, record_id"  # noqa: S608 - ours
        with worded(self._path, self._words), contextlib.suppress(_MissingError):
            return [msgspec.convert(dict(row), VerificationRow) for row in self._run(query, values)]
        return []

    def _run(self, query: str, values: Sequence[Any]) -> list[sqlite3.Row]:
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table: verifications" in str(error):
                raise _MissingError from error
            raise


class _MissingError(Exception):
    """A library that was made by an earlier version, and is only read."""

"""Comparisons kept in the archive: the result as a `metadata` record that refers to the captured side's.

WARC/1.1 §6.6 lets a metadata record describe another in any form; ours is the result's own JSON. The block
names both sides' records and digests, so that it can be made again from them (`harvester.verifying.again`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from archive import Archive, Block, Record, new_record_id
from harvester.errors import UsageError
from harvester.library import Library
from harvester.library.verified import VERIFICATION_URN
from harvester.verify import Result, result_from_bytes, to_bytes

_TYPE: Final = "application/json"
_MAX_BYTES: Final = 256 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """A comparison that is kept: its record and time, and the result, None for one that cannot be read."""

    record_id: str
    when: datetime
    result: Result | None


class Keeping:
    """Keeps comparisons in an archive that is open for writing, and notes them in its library."""

    def __init__(self, archive: Archive, library: Library) -> None:
        self._archive = archive
        self._library = library

    def keep(self, result: Result, when: datetime) -> str:
        """Keep a comparison of two captures; return its WARC-Record-ID. The same one is kept once.

        Raises `UsageError` where a side is no capture of this archive, `StorageError`.
        """
        captured = check_sides(self._archive, result)
        block = to_bytes(result)
        known = self._same(captured, str(result.sides.original.record_id), block)
        if known is not None:
            return known
        refers = (("WARC-Refers-To", captured),)
        record = Record("metadata", new_record_id(), when, Block.of(block), _TYPE, VERIFICATION_URN, refers)
        (location,) = self._archive.append([record])
        self._library.comparisons.add(self._archive.read(location))
        return record.record_id

    def _same(self, captured: str, original: str, block: bytes) -> str | None:
        """Return the record that keeps this very result, None if none does."""
        for row in self._library.comparisons.of(captured=[captured]):
            kept = self._archive.get(row.record_id) if row.original_record == original else None
            if kept is not None and kept.block == block:
                return row.record_id
        return None


def check_sides(archive: Archive, result: Result) -> str:
    """Return the captured side's record. Raises `UsageError` where a side is no capture of this archive."""
    for name, side in (("original", result.sides.original), ("captured", result.sides.captured)):
        if side.record_id is None or archive.entry(side.record_id) is None:
            raise UsageError(
                f"only a comparison of two captures of the archive can be kept, and the {name} side "
                f"({side.label}) is none: take it in with `harvester import` first"
            )
    return str(result.sides.captured.record_id)


def kept_results(archive: Archive) -> Iterator[Kept]:
    """Yield the comparisons that an archive keeps, by time."""
    for entry in archive.find(VERIFICATION_URN, type="metadata"):
        record = archive.read(entry.location)
        yield Kept(entry.record_id, entry.date, _result(record.block))


def newest(kept: Iterable[Kept]) -> list[Kept]:
    """Return the last of the results of the same two records at one level; each that cannot be read."""
    found: dict[tuple[str | None, ...], Kept] = {}
    for one in kept:
        name: tuple[str | None, ...] = (one.record_id,)
        if one.result is not None:
            captured, original = one.result.sides.captured, one.result.sides.original
            name = (captured.record_id, original.record_id, one.result.required)
        found[name] = one
    return list(found.values())


def kept_result(archive: Archive, record_id: str) -> Result | None:
    """Return the comparison that a record keeps; None where there is none, or it cannot be read."""
    record = archive.get(record_id)
    return _result(record.block) if record is not None and record.target_uri == VERIFICATION_URN else None


def quoting(archive: Archive, record_id: str) -> list[str]:
    """Return the records of kept results that name a capture: they quote its text."""
    name = record_id.encode()
    entries = archive.find(VERIFICATION_URN, type="metadata")
    return [entry.record_id for entry in entries if name in archive.read(entry.location).block]


def _result(block: bytes) -> Result | None:
    if len(block) > _MAX_BYTES:
        return None
    try:
        return result_from_bytes(block)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None

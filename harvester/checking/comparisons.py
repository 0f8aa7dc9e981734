"""The library's rows of kept comparisons, made again from their records and compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from archive import Archive
from archive.check.findings import Tell
from harvester.errors import IntegrityError
from harvester.library import Library
from harvester.library.verified import VERIFICATION_URN, VerificationRow, verification_row
from harvester.withdrawal import Withdrawals, withdrawals


def check_comparisons(
    archive: Archive, library: Library, tell: Tell, in_writing: Callable[[str], bool]
) -> None:
    """Compare every row with its record, and tell of rows and records that have no fellow.

    Records in files that are `in_writing`, and those that cannot be read, are passed over.
    """
    rows = {row.record_id: row for row in library.comparisons.all()}
    taken_down = withdrawals(archive)
    for entry in archive.find(VERIFICATION_URN, type="metadata"):
        row = rows.pop(entry.record_id, None)
        if in_writing(entry.location.file):
            continue
        try:
            expected = verification_row(archive.read(entry.location))
        except IntegrityError:
            continue
        why = _needless(expected, taken_down)
        if expected is None or why is not None:
            if row is not None:
                tell("E072", f"{_name(row)}: {why}", record_id=entry.record_id)
        elif row is None:
            tell("W071", _name(expected), record_id=entry.record_id)
        elif row != expected:
            tell("E072", f"{_name(row)}: {differing(row, expected)}", record_id=entry.record_id)
    for row in rows.values():
        tell("W072", _name(row), record_id=row.record_id)


def _needless(expected: VerificationRow | None, taken_down: Withdrawals) -> str | None:
    """Return why a record should have no row; None where it should."""
    if expected is None:
        return "its record cannot be read as a comparison"
    hidden = any(map(taken_down.hides, (expected.captured_record, expected.original_record)))
    return "it quotes what is withdrawn" if hidden else None


def differing(row: msgspec.Struct, expected: msgspec.Struct) -> str:
    """Return which facts of a row are not those expected."""
    facts: dict[str, Any] = msgspec.structs.asdict(expected)
    return ", ".join(name for name, value in msgspec.structs.asdict(row).items() if facts[name] != value)


def _name(row: VerificationRow) -> str:
    return f"a comparison of {row.captured} with {row.original}"

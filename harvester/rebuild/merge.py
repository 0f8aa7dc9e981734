"""What is made of all units at the end: which file is whose, what is left over, and the rows in one order."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Self

import msgspec

from archive.disk import SYSTEM_DISK, storage_errors
from archive.newfile import NewFile
from archive.runs import SortedLines
from harvester.rebuild.completion import STALE_SUFFIX, entries, manifest_part
from harvester.rebuild.outputs.base import UNITS, Output
from harvester.rebuild.sinks import captures_part

CAPTURES: Final = "captures.jsonl"
_SORTED_BYTES: Final = 8 << 20
"""Rows held while they are sorted: little beside a page, so that memory stays flat."""


class _Key(msgspec.Struct):
    """What rows are sorted by."""

    file: str
    record_id: str | None = None
    fetch_date: str | None = None
    offset: int | None = None
    row: int | None = None


class Ownership:
    """Which unit each file of the output is of, kept in a temporary database: there may be very many."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(
            "CREATE TABLE files (path TEXT PRIMARY KEY, sha256 TEXT, key TEXT) WITHOUT ROWID;"
            "CREATE TABLE conflicts (path TEXT, key TEXT); BEGIN;"
        )

    def take(self, output: Output, keys: Iterable[str]) -> None:
        """Note the files of the units, in the order of their keys. Raises `StorageError`."""
        ordered = sorted(keys)
        for file, key in zip(output.files(map(manifest_part, ordered)), ordered, strict=True):
            for entry in entries(file):
                self._take(entry.path, entry.sha256, key)

    def _take(self, path: str, sha256: str, key: str) -> None:
        known = self._db.execute("SELECT sha256, key FROM files WHERE path = ?", (path,)).fetchone()
        if known is None:
            self._db.execute("INSERT INTO files VALUES (?, ?, ?)", (path, sha256, key))
        elif known[0] != sha256:
            self._db.execute("INSERT INTO conflicts VALUES (?, ?)", (path, key))
            if known[1] == key:  # one unit wrote it twice: the last is what stands
                self._db.execute("UPDATE files SET sha256 = ? WHERE path = ?", (sha256, path))

    def conflicts(self) -> Iterator[tuple[str, str, str]]:
        """Yield each file that has different bytes in two units: its path, whose stand, whose do not."""
        query = (
            "SELECT DISTINCT path, files.key, conflicts.key FROM conflicts JOIN files USING (path) "
            "ORDER BY path, conflicts.key"
        )
        yield from self._db.execute(query)

    def wrong(self, output: Output) -> list[str]:
        """Return the units whose bytes should stand in a disputed file, and do not; the first one last."""
        keys = set()
        for path, key, sha256 in self._db.execute(
            "SELECT path, key, sha256 FROM files WHERE path IN (SELECT path FROM conflicts)"
        ):
            data = output.read(path)
            if data is None or hashlib.sha256(data).hexdigest() != sha256:
                keys.add(key)
        return sorted(keys, reverse=True)

    def holds(self, path: str) -> bool:
        """Tell whether a file is of any unit."""
        return self._db.execute("SELECT 1 FROM files WHERE path = ?", (path,)).fetchone() is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()


def remove_left_over(output: Output, ownership: Ownership) -> int:
    """Remove what units gave in earlier runs and no unit gives now; return how many files that were."""
    lists = [f"{UNITS}/{name}" for name in output.listed(UNITS) if name.endswith(STALE_SUFFIX)]
    removed = 0
    for file in output.files(lists):
        removed += output.remove([entry.path for entry in entries(file) if not ownership.holds(entry.path)])
    output.remove(lists)
    return removed


def merge_captures(output: Output, keys: Sequence[str]) -> int:
    """Merge the rows of the units into `captures.jsonl`, by time and record; return how many there are.

    Rows are counted as they are written: this is the other side of what `Done.outcomes` says.
    """
    with SortedLines(_SORTED_BYTES) as lines, output.workplace() as place:
        for file, key in zip(output.files(map(captures_part, keys)), keys, strict=True):
            with storage_errors("cannot read", place / captures_part(key)):
                for number, line in enumerate(file):
                    lines.add(_sortable(line, key, number))
        merged = NewFile(place / CAPTURES, SYSTEM_DISK, force=True)
        count = 0
        try:
            for batch in _batches(lines):
                with storage_errors("cannot write", place / CAPTURES):
                    merged.write(b"".join(batch))
                count += len(batch)
            with storage_errors("cannot write", place / CAPTURES):
                merged.commit()
        finally:
            merged.discard()
        output.deliver(place, [CAPTURES])
    return count


def _sortable(line: bytes, key: str, number: int) -> bytes:
    """Return a row behind what it is sorted by. Unit and number keep rows apart that are equal."""
    row = msgspec.json.decode(line, type=_Key)
    at = row.offset if row.offset is not None else row.row or 0
    words = (row.fetch_date or "", row.record_id or "", row.file, f"{at:020}", key, f"{number:012}")
    return msgspec.json.encode(words) + b"\t" + line


def _batches(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for line in lines:
        batch.append(line.partition(b"\t")[2])
        if len(batch) == 4096:  # noqa: PLR2004 - a few MB
            yield batch
            batch = []
    if batch:
        yield batch

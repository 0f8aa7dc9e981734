"""What an inbox has taken, by digest: append-only lines in the archive, so that nothing is taken twice."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from harvester.watch import journal

FILE: Final = "inbox.jsonl"


class Taken(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One file that was taken: when, its digest, its name, and how many pages and new links it brought."""

    at: str
    sha256: str
    file: str
    pages: int = 0
    links: int = 0


def held(archive: Path) -> dict[str, Taken]:
    """Return what was taken, by digest; the first time of each counts. Raises `StorageError`."""
    found: dict[str, Taken] = {}
    for line in journal.read(archive, FILE, Taken):
        found.setdefault(line.sha256, line)
    return found


def keep(archive: Path, line: Taken) -> None:
    """Write down that a file was taken; on return it is durable. Raises `StorageError`."""
    journal.append(archive, FILE, [line])

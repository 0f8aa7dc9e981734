"""Which captures are taken down by what all inputs say together (harvester.withdrawal)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from archive import Archive
from archive.layout import is_own_name
from archive.originals import Catalogue
from archive.storage import place
from harvester.errors import HarvesterError
from harvester.rebuild.unit import Tombstone, Unit
from harvester.withdrawal import withdrawals


def hidden_in_indexes(units: Sequence[Unit]) -> frozenset[str]:
    """Return what the indexes of the archives among the inputs say, so that hardly a unit is done twice.

    Only a first guess: an index may be missing or old, and what the WARC files say counts.
    """
    found = {place(unit.path).parent.parent for unit in units if unit.in_archive}
    return hidden_in(folder for folder in found if isinstance(folder, Path))


def hidden_in(archives: Iterable[Path]) -> frozenset[str]:
    """Return the records that are withdrawn in archive directories, by their indexes where these serve."""
    hidden: set[str] = set()
    for folder in sorted(archives):
        with contextlib.suppress(HarvesterError, OSError), Archive.open(folder) as archive:
            hidden |= withdrawals(archive).hidden()
    return frozenset(hidden)


def counted(
    tombstones: Iterable[Tombstone], units: Sequence[Unit], catalogue: Catalogue | None
) -> frozenset[str]:
    """Return the captures that are hidden: the newest decision on each counts.

    In an archive those count that are ours, and of files that were taken in those on captures in the same
    file: nobody else's file may hide what we captured. A file that is named outright counts as it is.
    """
    by_name = {unit.name: unit for unit in units if unit.in_archive}
    newest: dict[str, tuple[str, bool]] = {}
    for stone in tombstones:
        unit = by_name.get(stone.file)
        if unit is not None and not is_own_name(stone.file):
            beside = catalogue is not None and place(unit.path) in catalogue.paths_of(stone.record)
            if not beside:
                continue
        # At one moment, to hide is the safer reading; so the order of the files makes no difference.
        newest[stone.record] = max(newest.get(stone.record, ("", False)), (stone.when, stone.hides))
    return frozenset(record for record, (_, hides) in newest.items() if hides)

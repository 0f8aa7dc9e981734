"""What need not be proposed: what the configuration names, what was found before, what is captured."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from harvester.config import Loaded
from harvester.discover.candidates import IsKnown
from harvester.library import Library
from harvester.watch import journal
from harvester.watch.names import marks_of, names_of
from harvester.watch.wanted import wanted


def known_to(directory: Path, library: Library | None, loaded: Loaded) -> IsKnown:
    """Return what tells of names whether their article or list is known; `library` is what holds captures.

    What is found while it is in use counts only once it is captured. Raises `StorageError`, and `UsageError`
    for a file of URLs in the configuration that cannot be read.
    """
    told = marks_of(directory, journal.FOUND, journal.Find)
    for url in wanted(loaded, (), 0.0).items:
        told.add(names_of(url))

    def is_known(asked: Collection[str]) -> bool:
        if told.has_any(asked):
            return True
        rows = library.kin(asked, asked) if library is not None else ()
        return any(row.state != "listing" for row in rows)  # to have seen a list once is not to watch it

    return is_known

"""What need not be proposed: what the configuration names, what was found before, what is captured."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from harvester.config import Loaded
from harvester.discover.candidates import AreKnown
from harvester.library import Library
from harvester.watch import journal
from harvester.watch.listed import Listed
from harvester.watch.names import marks_of


def known_to(directory: Path, library: Library | None, loaded: Loaded) -> AreKnown:
    """Return what tells of names whether their articles or lists are known; `library` is what holds captures.

    What is found while it is in use counts only once it is captured. Raises `StorageError`.
    """
    told = marks_of(directory, journal.FOUND, journal.Find)
    with Listed(directory, loaded) as listed:
        told.join(listed.marks())

    def are_known(asked: Sequence[Collection[str]]) -> list[bool]:
        # To have seen a list once is not to watch it.
        every = (name for names in asked for name in names)
        captured = library.captured(every) if library is not None else frozenset[str]()
        return [told.has_any(names) or not captured.isdisjoint(names) for names in asked]

    return are_known

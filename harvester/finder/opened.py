"""An index of an archive's articles, open: what the two ways of the finder share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Self

from archive import Archive
from harvester.finder.index import Index, Progress
from harvester.library import Library
from harvester.sqlite import remove


class Opened:
    """The articles of `sites` in one archive, by their texts and titles. Close it, or use it as a context."""

    file: ClassVar[str]
    """Where the index lies in an archive."""
    sites: ClassVar[tuple[str, ...]]
    """Publishers whose articles it holds."""

    def __init__(self, library: Library, index: Index) -> None:
        self._library = library
        self._index = index

    @classmethod
    def open(cls, archive: Archive, library: Library, progress: Progress = lambda _done, _all: None) -> Self:
        """Open the index of an archive and bring it up to date with the library.

        The index is made where there is none, which takes a while for a large archive: `progress` is told
        how many documents are done, of how many. Where it cannot be written it is kept in memory. Raises
        `StorageError` where the disk fails or another process writes it for long.
        """
        index = Index(Path(archive.path) / cls.file)
        try:
            index.catch_up(library, cls.sites, progress)
        except BaseException:
            index.close()
            raise
        return cls(library, index)

    @classmethod
    def as_it_stands(cls, archive: Archive, library: Library) -> Self:
        """Open the index of an archive that another process has just brought up to date (`shared`)."""
        index = Index(Path(archive.path) / cls.file)
        try:
            index.look()
        except BaseException:
            index.close()
            raise
        return cls(library, index)

    @property
    def shared(self) -> bool:
        """Whether another process finds in the archive what this one holds: not where it could not write."""
        return self._index.shared

    @classmethod
    def forget(cls, archive: Archive) -> None:
        """Remove the index: it is made anew at the next opening."""
        remove(Path(archive.path) / cls.file)

    def close(self) -> None:
        self._index.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def take(self, ids: Sequence[str]) -> None:
        """Take in articles that were captured since the opening."""
        self._index.take(self._library, ids)

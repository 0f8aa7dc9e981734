"""The other way round: among archived articles, which may be taken from an original that came later?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

from archive import Archive
from harvester.document import Document
from harvester.finder import rules
from harvester.finder.database import TAKERS_FILE
from harvester.finder.finder import lookup_prints
from harvester.finder.index import Index, Progress, title_prints
from harvester.finder.sought import sought
from harvester.library import Library, PageRow
from harvester.sqlite import remove

SITES: Final = ("wechat",)
"""Publishers whose articles can be taken from originals."""


class Takers:
    """The articles of one archive that can be reposts, by their texts and titles. Close it.

    What it returns is likely, and no more: each is to be looked at by the finder and by its text.
    """

    def __init__(self, library: Library, index: Index) -> None:
        self._library = library
        self._index = index

    @classmethod
    def open(
        cls, archive: Archive, library: Library, progress: Progress = lambda _done, _all: None
    ) -> Takers:
        """Open the index and bring it up to date, as `Finder.open` does that of originals."""
        index = Index(Path(archive.path) / TAKERS_FILE)
        try:
            index.catch_up(library, SITES, progress)
        except BaseException:
            index.close()
            raise
        return cls(library, index)

    @classmethod
    def forget(cls, archive: Archive) -> None:
        """Remove the index: it is made anew at the next opening."""
        remove(Path(archive.path) / TAKERS_FILE)

    def close(self) -> None:
        self._index.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def take(self, ids: Sequence[str]) -> None:
        """Take in articles that were captured since the opening."""
        self._index.take(self._library, ids)

    def of(self, original: Document, most: int) -> list[PageRow]:
        """Return captures that share rare passages or the title with an original, oldest first.

        The likeliest: up to `most` by their text, as many by their title. Raises `StorageError` where the
        index is damaged.
        """
        wanted = sought(original)
        numbers = list(self._index.by_prints(lookup_prints(wanted.text), most))
        if len(wanted.title) >= rules.limit("title_characters"):
            numbers += self._index.by_prints(title_prints(wanted.title), most)
        rows = self._library.named(self._index.ids(dict.fromkeys(numbers))).values()
        return sorted(rows, key=lambda row: (row.fetch_date, row.id))

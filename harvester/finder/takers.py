"""The other way round: among archived articles, which may be taken from an original that came later?"""

from __future__ import annotations

from typing import Final

from harvester.document import Document
from harvester.finder import rules
from harvester.finder.database import TAKERS_FILE
from harvester.finder.finder import lookup_prints
from harvester.finder.index import title_prints
from harvester.finder.opened import Opened
from harvester.finder.sought import sought
from harvester.library import PageRow

SITES: Final = ("wechat",)
"""Publishers whose articles can be taken from originals."""


class Takers(Opened):
    """The articles of one archive that can be reposts.

    What it returns is likely, and no more: each is to be looked at by the finder and by its text.
    """

    file = TAKERS_FILE
    sites = SITES

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

"""How what people bring is to be read: settled before any work begins, so that a mistake costs no time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archive.storage.places import is_web, place
from harvester.errors import IntegrityError, UsageError
from harvester.rebuild.brought.kinds import CDXJ, JSONL, PARQUET, Kind, kind_of
from harvester.rebuild.brought.rows import Columns, columns_of

if TYPE_CHECKING:
    from archive.storage.places import Place

Settings = tuple[tuple[str, str], ...]


class Bringing(msgspec.Struct, frozen=True, kw_only=True):
    """Names of columns, where they are not to be guessed, and the folder below which a CDXJ's files are."""

    html_column: str | None = None
    url_column: str | None = None
    headers_column: str | None = None
    warc_root: str | None = None

    def of(self, path: Place) -> tuple[Kind, Settings]:
        """Return what reads a file, and its settings as a unit has them.

        Raises `UsageError` for columns that are not there and a root that is none, `StorageError`.
        """
        kind = kind_of(path)
        if kind in {PARQUET, JSONL}:
            try:
                columns = columns_of(path, kind, self.html_column, self.url_column, self.headers_column)
            except IntegrityError:
                return kind, ()  # damaged at once: told of when it is looked at
            named = {name: getattr(columns, name) for name in Columns.__struct_fields__}
            return kind, tuple((name, value) for name, value in named.items() if value)
        if kind == CDXJ and self.warc_root is not None:
            root = place(self.warc_root)
            if not root.is_dir() and not is_web(root):  # a web server has no folders to be asked for
                raise UsageError(f"--warc-root {self.warc_root} is no folder")
            return kind, (("warc_root", self.warc_root),)
        return kind, ()

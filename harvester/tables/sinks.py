"""Where a unit's rows go: one part of `documents` and one of `captures`, in JSON lines or Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from archive import StoredRecord
from archive.disk import SYSTEM_DISK, Disk, storage_errors
from harvester.document import Document, PageState
from harvester.tables.part import JsonlPart, Part
from harvester.tables.rows import CaptureRow, DocumentRow, Row

Form = Literal["jsonl", "parquet"]

_TABLES: Final[dict[str, type[Row]]] = {"documents": DocumentRow, "captures": CaptureRow}


class TableSink:
    """Writes `documents/part-UNIT.FORM` and `captures/part-UNIT.FORM` below a folder.

    Both files are there for every unit, also without a row, so that the set of parts says which units are
    done. They stand under their names when `close` returns, the captures last.
    """

    def __init__(self, folder: Path, unit: str, form: Form, disk: Disk = SYSTEM_DISK) -> None:
        """Begin both parts. Raises `StorageError`, `UsageError` where Parquet's library is not there."""
        self._parts: dict[str, Part] = {}
        try:
            for name, table in _TABLES.items():
                with storage_errors("cannot write to", folder):
                    disk.mkdir(folder / name)
                path = folder / name / f"part-{unit}.{form}"
                self._parts[name] = _part(path, form, table, disk)
        except BaseException:
            self.abort()
            raise

    def put(
        self, row: CaptureRow, found: Document | PageState | None, source: StoredRecord | None = None
    ) -> None:
        """Take what became of one record: its row and, if it is an article, the document."""
        del source  # no bytes of the record go into tables
        if isinstance(found, Document):
            self._parts["documents"].add(DocumentRow.from_document(found))
        self._parts["captures"].add(row)

    def close(self) -> list[Path]:
        """Make both files durable; return their paths. Raises `StorageError`."""
        return [part.close() for part in self._parts.values()]

    def abort(self) -> None:
        """Remove what is unfinished."""
        for part in self._parts.values():
            part.abort()


def _part(path: Path, form: Form, table: type[Row], disk: Disk) -> Part:
    if form == "jsonl":
        return JsonlPart(path, disk)
    from harvester.tables.parquet import ParquetPart  # noqa: PLC0415 - brings pyarrow

    return ParquetPart(path, disk, table)

"""Where a unit's rows go: one part of `documents` and one of `captures`, in JSON lines or Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from archive import StoredRecord
from harvester.document import Document, PageState
from harvester.parts import PartFile, Written
from harvester.tables.part import JsonlPart, Part
from harvester.tables.rows import CaptureRow, DocumentRow, Row

Form = Literal["jsonl", "parquet"]

_TABLES: Final[dict[str, type[Row]]] = {"documents": DocumentRow, "captures": CaptureRow}


class TableSink:
    """Writes `documents/part-KEY.FORM` and `captures/part-KEY.FORM` below a folder: a rebuild's `Sink`.

    Both files are there for every unit, also without a row, so that any set of parts can be opened.
    """

    def __init__(self, output: Path, key: str, form: Form) -> None:
        """Begin both parts. Raises `StorageError`, `UsageError` where Parquet's library is not there."""
        self._parts: dict[str, Part] = {}
        try:
            for name, table in _TABLES.items():
                self._parts[name] = _part(PartFile(output, f"{name}/part-{key}.{form}"), form, table)
        except BaseException:
            self.abort()
            raise

    def put(
        self,
        row: CaptureRow,
        found: Document | PageState | None,
        source_record: StoredRecord | None,  # noqa: ARG002 - of the protocol; none of its bytes go into tables
    ) -> None:
        if isinstance(found, Document):
            self._parts["documents"].add(DocumentRow.from_document(found))
        self._parts["captures"].add(row)

    def close(self) -> list[Written]:
        return [part.close() for part in self._parts.values()]

    def abort(self) -> None:
        for part in self._parts.values():
            part.abort()


def _part(file: PartFile, form: Form, table: type[Row]) -> Part:
    if form == "jsonl":
        return JsonlPart(file)
    try:
        from harvester.tables.parquet import ParquetPart  # noqa: PLC0415 - brings pyarrow

        return ParquetPart(file, table)
    except BaseException:
        file.abort()
        raise

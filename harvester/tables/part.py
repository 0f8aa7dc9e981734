"""One file of a table while it is made: rows go in, and the file stands whole or not at all."""

from __future__ import annotations

from typing import Protocol

from harvester.parts import PartFile, Written
from harvester.tables.rows import Row, to_line


class Part(Protocol):
    """Takes rows of one table. Every method but `abort` may raise `StorageError`."""

    def add(self, row: Row) -> None:
        """Take the next row."""
        ...

    def close(self) -> Written:
        """Put the file under its name, replacing an older one."""
        ...

    def abort(self) -> None:
        """Leave nothing behind. Harmless after `close`."""
        ...


class JsonlPart:
    """A file of JSON lines, one a row, in the order they came (https://jsonlines.org)."""

    def __init__(self, file: PartFile) -> None:
        self._file = file

    def add(self, row: Row) -> None:
        self._file.write(to_line(row))

    def close(self) -> Written:
        return self._file.close()

    def abort(self) -> None:
        self._file.abort()

"""One file of a table while it is made: rows go in, and the file stands whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Protocol

from archive.disk import Disk, storage_errors
from archive.newfile import NewFile
from harvester.tables.rows import Row, to_line

_BUFFER_BYTES: Final = 1 << 20


class Part(Protocol):
    """Takes rows of one table. Every method may raise `StorageError`."""

    def add(self, row: Row) -> None:
        """Take the next row."""
        ...

    def close(self) -> Path:
        """Make the file durable under its name, replacing an older one; return its path."""
        ...

    def abort(self) -> None:
        """Leave nothing behind. Harmless after `close`."""
        ...


class JsonlPart:
    """A file of JSON lines, one a row, in the order they came (https://jsonlines.org)."""

    def __init__(self, path: Path, disk: Disk) -> None:
        """Begin the file; its folder is there. Raises `StorageError`."""
        self._path = path
        self._buffer = bytearray()
        self._file = NewFile(path, disk, force=True)

    def add(self, row: Row) -> None:
        self._buffer += to_line(row)
        if len(self._buffer) >= _BUFFER_BYTES:
            self._flush()

    def _flush(self) -> None:
        with storage_errors("cannot write", self._path):
            self._file.write(self._buffer)
        self._buffer = bytearray()

    def close(self) -> Path:
        self._flush()
        with storage_errors("cannot write", self._path):
            self._file.commit()
        return self._path

    def abort(self) -> None:
        self._file.discard()

"""Where the results of a unit go. A sink writes one unit's files, each whole or not at all.

A sink makes nothing durable by itself: the work does that once, before the unit's completion record.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Protocol

from archive import StoredRecord
from archive.disk import explain
from harvester.document import Document, PageState, to_bytes
from harvester.errors import StorageError
from harvester.library import document_path
from harvester.markdown import markdown_bytes
from harvester.parts import PartFile, Written, put_in_place
from harvester.rebuild.outputs.base import UNITS
from harvester.rebuild.unit import Options
from harvester.tables.rows import CaptureRow, to_line

_SPOOLED_BYTES: Final = 1 << 20


class Sink(Protocol):
    """Takes what came of each record of one unit, in the order of its file."""

    def put(
        self, row: CaptureRow, found: Document | PageState | None, source_record: StoredRecord | None
    ) -> None:
        """Take a row, what was read (None: nothing), and the record that it was read from, revisits
        resolved (None: there is none, or it could not be had). Raises `StorageError`.
        """
        ...

    def close(self) -> Iterable[Written]:
        """Put what is left in place and return every file that the unit has, in any order; to be read once.

        The files stand under their own names then. Raises `StorageError`.
        """
        ...

    def abort(self) -> None:
        """Remove unfinished files. Harmless after `close`; raises nothing."""
        ...


class TreeSink:
    """Documents as an archive has them: `documents/YYYY/MM/ID.json` and `.md`, the very bytes.

    The rows go to `units/KEY.captures.jsonl`, from where all units' are merged into `captures.jsonl`.
    """

    def __init__(self, output: Path, key: str) -> None:
        self._output = output
        self._folders: set[str] = set()
        self._rows = PartFile(output, captures_part(key))
        # Which files there are is held outside of memory: a unit may have very many documents.
        self._written = tempfile.SpooledTemporaryFile(max_size=_SPOOLED_BYTES)  # noqa: SIM115 - lives on

    def put(
        self,
        row: CaptureRow,
        found: Document | PageState | None,
        source_record: StoredRecord | None,  # noqa: ARG002 - of the protocol
    ) -> None:
        self._rows.write(to_line(row))
        if isinstance(found, Document):
            where = document_path(found)
            self._write(f"{where}.json", to_bytes(found))
            self._write(f"{where}.md", markdown_bytes(found))

    def _write(self, relative: str, data: bytes) -> None:
        folder = relative.rpartition("/")[0]
        if folder not in self._folders:
            try:
                (self._output / folder).mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StorageError(f"cannot make {self._output / folder}: {explain(error)}") from error
            self._folders.add(folder)
        written = put_in_place(self._output, relative, data)
        self._written.write(f"{written.sha256}  {relative}\n".encode())

    def close(self) -> Iterator[Written]:
        yield self._rows.close()
        self._written.seek(0)
        for line in self._written:
            yield manifest_entry(line)
        self._written.close()

    def abort(self) -> None:
        self._rows.abort()
        self._written.close()


def manifest_entry(line: bytes) -> Written:
    """Read a line of a unit's list of files (`sha256sum -c` reads it too)."""
    digest, _, path = line.decode().rstrip("\n").partition("  ")
    return Written(path, digest)


def captures_part(key: str) -> str:
    """Return where a unit's rows stand in an output of format `json`."""
    return f"{UNITS}/{key}.captures.jsonl"


def sinks_for(options: Options, output: Path, key: str) -> list[Sink]:
    """Return the sinks of one unit. `key` names its parts. Raises `UsageError`, `StorageError`."""
    found = [_rows_and_documents(options.format, output, key)]
    if options.write_warc:
        from harvester.rebuild.conversion import ConversionSink  # noqa: PLC0415 - brings the WARC writer

        found.append(ConversionSink(output, key))
    return found


def _rows_and_documents(form: str, output: Path, key: str) -> Sink:
    if form not in {"jsonl", "parquet"}:
        return TreeSink(output, key)
    from harvester.tables.sinks import TableSink  # noqa: PLC0415 - stands on this module

    return TableSink(output, key, "jsonl" if form == "jsonl" else "parquet")

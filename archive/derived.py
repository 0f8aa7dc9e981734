"""A WARC file of records that were made from others: nothing in it depends on when or where it was made.

Unlike the files of an archive it is no evidence: it can be made again, byte for byte, from its sources. So
its ids derive from what they name, and its warcinfo record carries the date of the first record.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from archive.copying import new_member
from archive.disk import Disk, storage_errors
from archive.newfile import NewFile
from archive.record import Block, Record
from archive.writer import warcinfo_block

_NAMESPACE: Final = uuid.UUID("b9c2f5a4-3c1e-5f0b-9d53-60a1c1f5e7d2")


def derived_id(*parts: str) -> str:
    """Return a WARC-Record-ID that is a function of `parts` (RFC 9562 version 5)."""
    seed = "".join(f"{len(part)}:{part}" for part in parts)
    return f"<urn:uuid:{uuid.uuid5(_NAMESPACE, seed)}>"


class DerivedFile:
    """Writes one file, one gzip member a record; it stands under its name whole, or not at all.

    Made at the first record, so that a source that gives none leaves no file.
    """

    def __init__(self, path: Path, *, software: str, facts: Mapping[str, str], disk: Disk) -> None:
        """Raises UsageError for facts that cannot stand in a warcinfo record."""
        self._path = path
        self._block = warcinfo_block(software, facts)
        self._disk = disk
        self._file: NewFile | None = None
        self._digest = hashlib.sha256()
        self._warcinfo_id = derived_id("warcinfo", path.name, self._block.decode())

    def put(self, record: Record) -> None:
        """Write the next record. Raises UsageError for one that cannot be written, StorageError."""
        _, member = new_member(record, self._warcinfo_id)
        if self._file is None:
            _, first = new_member(self._warcinfo(record), None)
            with storage_errors("cannot write to", self._path.parent):
                self._disk.mkdir(self._path.parent)
            self._file = NewFile(self._path, self._disk, force=True)
            self._write(self._file, first)
        self._write(self._file, member)

    def _write(self, file: NewFile, data: bytes) -> None:
        with storage_errors("cannot write", self._path):
            file.write(data)
        self._digest.update(data)

    def _warcinfo(self, first: Record) -> Record:
        return Record(
            type="warcinfo",
            record_id=self._warcinfo_id,
            date=first.date,
            block=Block.of(self._block),
            content_type="application/warc-fields",
            target_uri=None,
            fields=(("WARC-Filename", self._path.name),),
        )

    def close(self) -> str | None:
        """Make the file durable under its name; return its SHA-256, None if there was no record.

        Raises StorageError.
        """
        if self._file is None:
            return None
        with storage_errors("cannot write", self._path):
            self._file.commit()
        return self._digest.hexdigest()

    def abort(self) -> None:
        """Leave nothing behind. Harmless after `close`."""
        if self._file is not None:
            self._file.discard()

"""What is whole of damaged inputs, in a new clean WARC: every record octet for octet as it was."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from archive.check.scan import Scanned
from archive.disk import SYSTEM_DISK, Disk, explain
from archive.errors import StorageError, UsageError
from archive.writer import CopyWriter

_SPOOL_BYTES: Final = 8 * 1024 * 1024
_COPY_BYTES: Final = 1024 * 1024


class RecordSpool:
    """The octets of the record that is just being read."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES)  # noqa: SIM115  # closed in close()
        self.size = 0

    def begin(self) -> None:
        """Forget what was; another record begins."""
        self._file.seek(0)
        self._file.truncate()
        self.size = 0

    def write(self, data: bytes) -> None:
        """Take the next octets. Raises StorageError when the temporary directory is full."""
        try:
            self._file.write(data)
        except OSError as error:
            raise StorageError(f"cannot spool a record: {explain(error)}") from error
        self.size += len(data)

    def chunks(self) -> Iterator[bytes]:
        """Yield what was taken."""
        self._file.seek(0)
        while data := self._file.read(_COPY_BYTES):
            yield data
        self._file.seek(0, 2)

    def close(self) -> None:
        self._file.close()


class Salvage:
    """Copies the whole records of a check into one new file, each once; closed properly or not at all."""

    def __init__(
        self,
        path: Path,
        *,
        software: str,
        now: Callable[[], datetime],
        disk: Disk = SYSTEM_DISK,
    ) -> None:
        """Make the file. Raises UsageError for a name that is no WARC's, StorageError."""
        if not path.name.endswith(".warc.gz"):
            raise UsageError(f"{path}: the name of a salvaged file ends in .warc.gz")
        facts = {
            "description": "salvaged: the whole records of damaged files, each octet for octet as it was"
        }
        self.copied = 0
        self.left_out = 0
        self._writer = CopyWriter(path, software=software, facts=facts, now=now, disk=disk)
        self.spool = RecordSpool()
        self._seen: set[bytes] = set()

    def keep(self, record: Scanned) -> None:
        """Copy a record if it is whole and was not copied before; the spool holds its octets."""
        if not record.whole:
            self.left_out += 1
            return
        key = hashlib.blake2b(digest_size=16)
        for chunk in self.spool.chunks():
            key.update(chunk)
        if key.digest() not in self._seen:
            self._seen.add(key.digest())
            self._writer.copy(self.spool.chunks())
            self.copied += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.spool.close()
        if error is None:
            self._writer.close()
        else:
            self._writer.discard()

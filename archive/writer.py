"""The only writer of WARC bytes: whole groups of records, durable before they are acknowledged.

One file per run, made at the first append and named `….warc.gz.open` while it grows; one gzip member
per record; a failed group is cut off again, so that the file always ends where the last acknowledged
group ended. The order is: bytes, fsync, then the caller's `commit` (the index), then the answer.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import get_args

from archive.digests import PayloadForm
from archive.disk import Disk, explain, storage_errors
from archive.errors import StorageError, UsageError
from archive.fields import Fields, is_clean, is_token
from archive.growing import GrowingFile
from archive.gzip_writer import MemberWriter
from archive.layout import new_token, warc_name
from archive.record import Block, Location, Record

DEFAULT_PREFIX = "HARVESTER"
ROLL_BYTES = 1024 * 1024 * 1024
"""Size after which the next group goes to a new file (WARC/1.1 Annex C.2 recommends 1 GB)."""

_CONFORMS_TO = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
_PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class WriterOptions:
    """How WARC files are named, when a new one is begun, and in what form payload digests are written.

    Raises UsageError for unusable values.
    """

    prefix: str = DEFAULT_PREFIX
    roll_bytes: int = ROLL_BYTES
    payload_digest: PayloadForm = "sha256"

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix):
            raise UsageError(
                f"the WARC file prefix {self.prefix[:60]!r} must be 1 to 40 letters, digits or underscores"
            )
        if self.roll_bytes < 1:
            raise UsageError("roll_bytes must be at least 1")
        if self.payload_digest not in get_args(PayloadForm):
            forms = " or ".join(get_args(PayloadForm))
            raise UsageError(f"payload digests are written as {forms}, not as {self.payload_digest!r:.60}")


@dataclass(frozen=True, slots=True)
class Written:
    """A record that is durable: what was asked for, the fields it was given, and where it lies."""

    record: Record
    fields: Fields
    location: Location


def warcinfo_block(software: str, facts: Mapping[str, str]) -> bytes:
    """Return the `application/warc-fields` block of a warcinfo record (WARC/1.1 §6.2).

    Raises UsageError for a name that is no token, a value with control characters, or a name that the
    writer itself states.
    """
    own = {"software": software, "format": "WARC File Format 1.1", "conformsTo": _CONFORMS_TO}
    taken = {name.lower() for name in own}
    for name in facts:
        if not is_token(name) or name.lower() in taken:
            raise UsageError(f"{name[:60]!r} cannot be a field of a warcinfo record")
    lines = []
    for name, value in {**own, **facts}.items():
        if not value or not is_clean(value):
            raise UsageError(
                f"the warcinfo field {name} must be some text without control characters: {value[:60]!r}"
            )
        lines.append(f"{name}: {value}\r\n")
    return "".join(lines).encode()


class WarcWriter:
    """Writes one run's records to a folder. Not for use by several threads at once."""

    def __init__(
        self,
        folder: Path,
        *,
        software: str,
        facts: Mapping[str, str],
        options: WriterOptions,
        now: Callable[[], datetime],
        disk: Disk,
    ) -> None:
        self._folder = folder
        self._block = warcinfo_block(software, facts)  # refused now rather than after a fetch
        self.options = options
        self._now = now
        self._disk = disk
        self._file: GrowingFile | None = None
        self._serial = 0
        self.names: list[str] = []
        """The files that hold acknowledged records of this run, by their closed names."""
        self._broken: str | None = None

    @property
    def writing(self) -> bool:
        """Whether a file is open that `close` has to finish."""
        return self._file is not None

    def append(
        self, records: Sequence[Record], commit: Callable[[Sequence[Written]], None]
    ) -> tuple[Location, ...]:
        """Write a group durably, run `commit` on it, and only then return where each record lies.

        All or nothing: on any error the file is cut back to where the group began. Raises UsageError for
        a record that cannot be written as it is, StorageError when the disk fails. After an interrupt
        (KeyboardInterrupt) the file is left to recovery, and the next append begins another.
        `commit` also gets the warcinfo record when the group is a file's first.
        """
        if self._broken is not None:
            raise StorageError(self._broken)
        if not records:
            return ()
        if self._file is not None and self._file.size >= self.options.roll_bytes:
            self.close()
        with storage_errors("cannot write to", self._folder):
            file = self._file = self._file or self._new_file()
            try:
                written = self._write_group(file, records)
                commit(written)
                file.acknowledge()
                if file.name not in self.names[-1:]:
                    self.names.append(file.name)
            except Exception:
                self._undo(file)
                raise
            except BaseException:
                # An interrupt can fall between any two steps, even after the rows were committed. The
                # file is left as after a crash: recovery finds out what is whole and makes the rows agree.
                self.abandon()
                raise
        return tuple(item.location for item in written if item.record.record_id != file.warcinfo_id)

    def _new_file(self) -> GrowingFile:
        name = warc_name(self.options.prefix, self._now(), self._serial, new_token())
        file = GrowingFile(self._folder, name, self._disk)
        self._serial += 1
        return file

    def _warcinfo(self, file: GrowingFile) -> Record:
        return Record(
            type="warcinfo",
            record_id=file.warcinfo_id,
            date=self._now(),
            block=Block.of(self._block),
            content_type="application/warc-fields",
            target_uri=None,
            fields=(("WARC-Filename", file.name),),
        )

    def _write_group(self, file: GrowingFile, records: Sequence[Record]) -> list[Written]:
        # warcio is imported at the first write: a reader of archives does not pay for it.
        from archive.serialise import finished_fields, write_record  # noqa: PLC0415

        group = list(records) if file.size else [self._warcinfo(file), *records]
        form = self.options.payload_digest
        finished = [(record, finished_fields(record, file.warcinfo_id, form)) for record in group]
        file.begin()
        written = []
        for record, fields in finished:
            start = file.end
            member = MemberWriter(file.put, record.block.size)
            write_record(record, fields, member)
            member.finish()
            written.append(Written(record, fields, Location(file.name, start, file.end - start)))
        file.sync()
        return written

    def _undo(self, file: GrowingFile) -> None:
        if file.size == 0:  # its first group: nothing in it was ever acknowledged
            self._file = None
            file.discard()
            return
        if not file.unsettled:  # refused before a byte was written
            return
        try:
            file.roll_back()
        except OSError as error:
            self._broken = (
                f"{file.path} could not be cut back after a failed write: {explain(error)}. "
                "Nothing more is written in this run; what was captured before is safe, and the next "
                "run cuts the file to its last whole record"
            )

    def abandon(self) -> None:
        """Let go of the current file, if any, as it is: `.open`, for the next opening to recover."""
        file, self._file = self._file, None
        if file is not None:
            file.release()

    def close(self) -> None:
        """Close the current file properly; the next append begins another. Raises StorageError.

        A file that could not be cut back stays `.open`: what is whole in it is for the recovery of the
        next opening to say.
        """
        file, self._file = self._file, None
        if file is None:
            return
        try:
            if not file.unsettled:
                with storage_errors("cannot close", file.path):
                    file.finish()
        finally:
            file.release()


class CopyWriter:
    """Writes whole records, octet for octet as they were read, into one new WARC file (a salvage).

    The file begins with a warcinfo record of its own. It is `.open` while it grows and gets a sidecar when
    it is closed, as every file of ours.
    """

    def __init__(
        self, path: Path, *, software: str, facts: Mapping[str, str], now: Callable[[], datetime], disk: Disk
    ) -> None:
        """Make the file; raises StorageError if it exists, or cannot be made."""
        from archive.serialise import finished_fields, write_record  # noqa: PLC0415  # see WarcWriter

        if path.exists():
            raise StorageError(f"{path} exists already; name another file")
        self._block = warcinfo_block(software, facts)
        with storage_errors("cannot write", path):
            self._file = GrowingFile(path.parent, path.name, disk)
        self._path = path
        record = Record(
            type="warcinfo",
            record_id=self._file.warcinfo_id,
            date=now(),
            block=Block.of(self._block),
            content_type="application/warc-fields",
            target_uri=None,
            fields=(("WARC-Filename", path.name),),
        )
        self._file.begin()
        with self._undone_on_error():
            member = MemberWriter(self._file.put)
            write_record(record, finished_fields(record, None), member)
            member.finish()

    def copy(self, chunks: Iterable[bytes]) -> None:
        """Write one record, from its `WARC/` through its end mark, as one member. Raises StorageError."""
        with self._undone_on_error():
            member = MemberWriter(self._file.put)
            for chunk in chunks:
                member.write(chunk)
            member.finish()

    def close(self) -> None:
        """Make the file durable and give it its name and sidecar. Raises StorageError."""
        with self._undone_on_error():
            self._file.sync()
            self._file.acknowledge()
            self._file.finish()
        self._file.release()

    def discard(self) -> None:
        """Remove the unfinished file."""
        self._file.discard()

    @contextlib.contextmanager
    def _undone_on_error(self) -> Iterator[None]:
        try:
            with storage_errors("cannot write", self._path):
                yield
        except BaseException:
            self._file.discard()
            raise

"""Taking in a WARC file of another: copied octet for octet, the copy checked, then put among our own.

Nothing of the foreign file is altered. A copy lies under a temporary name until it has been checked whole;
then it gets its name, its sidecar and its rows. A crash in between leaves a temporary file, or a closed file
that the next opening for writing completes.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from archive.check import Check, Finding, Report, Severity
from archive.disk import TEMPORARY_PREFIX, Disk, explain, storage_errors, write_all
from archive.entries import entry_of
from archive.errors import StorageError, WarcError
from archive.foreign import SUFFIXES
from archive.foreign.forms import Content, detect
from archive.growing import write_sidecar
from archive.index import RecordIndex
from archive.layout import SIDECAR_SUFFIX, Layout
from archive.locks import locked
from archive.members import GZIP_MAGIC, Input
from archive.record import Block, IndexEntry, Location, StoredRecord
from archive.recovery import Walk

MAX_COPY_BYTES: Final = 1 << 40
"""Largest file taken in."""
FLAWS: Final = frozenset({"E021", "E022", "E023", "E040", "E041", "E042", "E055"})
"""Findings said of bytes that are all there: the file is taken in, and they are told."""

_ODD: Final = ("W00", "W01", "W03", "W04")
_COPY_BYTES: Final = 1 << 20
_BATCH_ROWS: Final = 500
_MAX_STEM: Final = 80
_DIGEST_CHARS: Final = 16
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_SIDECAR_LINE = re.compile(r"([0-9a-f]{64})  ")


@dataclass(slots=True)
class Staged:
    """A copy that is durable under a temporary name. `held` names an equal file the archive has already.

    `repeats`, after judging, names a file that holds records of this one, if all of them are held already.
    `name` is the one it will have in `warc/`; `said` what the source was called, for messages.
    """

    path: Path
    said: str
    name: str
    sha256: str
    size: int
    held: str | None = None
    repeats: str | None = None
    records: int = 0
    flaws: tuple[Finding, ...] = field(default=())


def stored_name(said: str, suffix: str, sha256: str) -> str:
    """Return the name a foreign file gets: letters, digits, `_` and `-` of its own, and its digest's start.

    The digest keeps two files apart and one file the same; no part of a foreign name can be a suffix of ours.
    """
    base = said.replace("!", "/").rpartition("/")[2]
    lower = base.lower()
    ending = max((end for end in SUFFIXES if lower.endswith(end)), key=len, default="")
    stem = _UNSAFE.sub("_", base[: len(base) - len(ending)])[:_MAX_STEM].strip("_-")
    return f"{stem or 'FOREIGN'}-{sha256[:_DIGEST_CHARS]}{suffix}"


class TakingIn:
    """Takes files into one archive. A context manager: copies not settled are removed at its end."""

    def __init__(
        self,
        layout: Layout,
        index: RecordIndex,
        read: Callable[[Location], StoredRecord],
        disk: Disk,
        *,
        temporary: str = TEMPORARY_PREFIX,
    ) -> None:
        """Use `Archive.taking_in`. What the names of unfinished copies begin with is `temporary`."""
        self._temporary = temporary
        self._held: dict[str, str] | None = None
        self._layout = layout
        self._index = index
        self._read_record = read
        self._disk = disk
        self._staged: list[Path] = []

    # -- copying -----------------------------------------------------------------------------------

    def stage(self, source: BinaryIO, said: str, *, max_bytes: int = MAX_COPY_BYTES) -> Staged:
        """Copy a stream durably to a temporary file. Nothing is checked yet.

        Raises WarcError for what is no WARC by its content, or larger than `max_bytes`; StorageError.
        """
        target = self._layout.warc / f"{self._temporary}{os.urandom(8).hex()}"
        with storage_errors(f"cannot copy {said} to", target):
            descriptor = self._disk.create(target)
            self.adopt(target)
            try:
                sha256, size = self._copied(source, said, descriptor, max_bytes)
                self._disk.fsync(descriptor)
            finally:
                self._disk.close(descriptor)
            suffix = _suffix(target, said)
        staged = Staged(target, said, stored_name(said, suffix, sha256), sha256, size)
        staged.held = self.digests().get(sha256)
        return staged

    def adopt(self, path: Path) -> None:
        """Count a temporary file as a copy of this intake: it is settled, or removed at its end."""
        self._staged.append(path)

    def _copied(self, source: BinaryIO, said: str, descriptor: int, max_bytes: int) -> tuple[str, int]:
        running, size = hashlib.sha256(), 0
        while data := self._read(source, said):
            size += len(data)
            if size > max_bytes:
                raise WarcError(f"{said} has more than {max_bytes} bytes: too large to take in", path=said)
            running.update(data)
            write_all(self._disk, descriptor, data)
        return running.hexdigest(), size

    @staticmethod
    def _read(source: BinaryIO, said: str) -> bytes:
        try:
            return source.read(_COPY_BYTES)
        except OSError as error:
            raise StorageError(f"cannot read {said}: {explain(error)}") from error

    def digests(self) -> dict[str, str]:
        """Return the closed files of the archive by the digest in their sidecars, read once."""
        if self._held is None:
            said = ((sidecar_digest(path), path.name) for path in self._layout.closed_warcs())
            self._held = {digest: name for digest, name in said if digest is not None}
        return self._held

    # -- judging -----------------------------------------------------------------------------------

    def judge(self, staged: Staged, see: Callable[[StoredRecord], None] = lambda _: None) -> None:
        """Check a copy whole; `see` is shown each record. What is only odd is in `staged.flaws`.

        Raises WarcError for damage, for what the strict reader does not read, and for records that claim to
        be, or to belong to, other records of this archive.
        """
        report = Report()
        with Check(report) as check:
            check.path(staged.path)
        for finding in report.findings:
            if finding.code == "E099":
                raise StorageError(f"{staged.said}: {finding.detail}; {finding.cure}")
            if finding.severity is Severity.ERROR and finding.code not in FLAWS:
                raise _damage(staged, report, finding)
        if report.counts["W010"]:
            raise WarcError(
                f"{staged.said} is of a draft of the format, before WARC/1.0: it can be checked, but is not "
                "read as evidence; make it anew with the tool that wrote it",
                path=staged.said,
            )
        staged.flaws = tuple(f for f in report.findings if f.code in FLAWS or f.code[:3] in _ODD)
        walk = Walk(staged.path)
        places: set[str | None] = set()
        for record in walk.whole_records():
            places.add(self._check_claims(staged, record))
            see(record)
        if walk.problem is not None:
            told = str(walk.problem).removeprefix(f"{staged.path}: ")
            raise WarcError(
                f"{staged.said}: {told}; it is only read leniently: {_salvage(staged)}",
                path=staged.said,
                offset=walk.problem.offset,
            )
        if not walk.records:
            raise WarcError(f"{staged.said} holds no record: nothing to take in", path=staged.said)
        staged.records = walk.records
        staged.repeats = None if None in places else next(iter(sorted(filter(None, places))), None)

    def _check_claims(self, staged: Staged, record: StoredRecord) -> str | None:
        """Refuse a record under another's id, and a note attached to a record of another file.

        Returns the file in which an equal record is held already, None for a new one.
        Otherwise a foreign file could say anything of what this archive captured itself.
        """
        known = self._index.get(record.record_id)
        if known is not None:
            if not self._equal(known, record):
                raise _claim(staged, record, f"has the id of another record, in {known.location.file}")
            return known.location.file
        for target in record.get_all("WARC-Concurrent-To") if record.type == "metadata" else ():
            other = self._index.get(target)
            if other is not None:
                raise _claim(staged, record, f"attaches itself to a record of {other.location.file}")
        return None

    def _equal(self, known: IndexEntry, record: StoredRecord) -> bool:
        try:
            held = self._read_record(known.location)
        except WarcError:
            return False  # damaged: nothing can be said to be equal to it
        return (_facts(held), held.block) == (_facts(record), record.block)

    # -- settling ----------------------------------------------------------------------------------

    def settle(self, staged: Staged) -> str:
        """Give a judged copy its name, sidecar and rows; on return all is durable. Returns the name.

        Raises StorageError. May be called again for a file that a crash left without rows.
        """
        target = self._layout.warc / staged.name
        with locked(self._layout.lock, self._disk, shared=True):
            with storage_errors("cannot take in", target):
                if target.exists():
                    raise FileExistsError(f"{target.name} exists already; move it away")
                self._disk.rename(staged.path, target)
                self._staged.remove(staged.path)
                self._disk.fsync_dir(target.parent)
                write_sidecar(self._disk, target, staged.sha256)
            self._add_rows(target)
        self.digests()[staged.sha256] = target.name
        return target.name

    def _add_rows(self, path: Path) -> None:
        """Index a file in small transactions, so that other writers are not kept waiting."""
        batch: list[IndexEntry] = []
        for record in Walk(path).whole_records():
            batch.append(entry_of(record.fields, Block.of(record.block), record.location))
            if len(batch) == _BATCH_ROWS:
                self._index.add(batch)
                batch.clear()
        self._index.add(batch)

    def discard(self, paths: Iterable[Path] | None = None) -> None:
        """Remove copies that were not settled; what cannot be removed is told by `check` (I064)."""
        for path in tuple(self._staged if paths is None else paths):
            with contextlib.suppress(OSError):
                self._disk.unlink(path)
            if path in self._staged:
                self._staged.remove(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discard()


def _facts(record: StoredRecord) -> list[tuple[str, str]]:
    """Return a record's fields without its digests, which were verified and come in several algorithms."""
    fields = ((name.lower(), value) for name, value in record.fields)
    return sorted(pair for pair in fields if not pair[0].endswith("-digest"))


def sidecar_digest(path: Path) -> str | None:
    """Return the digest that a closed file's sidecar states, None where there is none that can be read."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        line = path.with_name(path.name + SIDECAR_SUFFIX).read_text("ascii")[:80]
        if said := _SIDECAR_LINE.match(line):
            return said[1]
    return None


def _suffix(path: Path, said: str) -> str:
    """Return the suffix that a file's content asks for. Raises WarcError for what is no WARC."""
    with path.open("rb") as file:
        source = Input(file, said)
        start = source.peek(len(GZIP_MAGIC))
        form = detect(source)
    if form.content is Content.ARC:
        raise WarcError(
            f"{said} is an ARC file: it can be checked and read, but not taken in; make a WARC of it first "
            "(`warcio recompress`)",
            path=said,
        )
    if form.content is not Content.WARC:
        raise WarcError(f"{said} is no WARC file by its content: nothing to take in", path=said)
    if not form.compressed:
        return ".warc"
    return ".warc.gz" if start == GZIP_MAGIC else ".warc.zst"


def _damage(staged: Staged, report: Report, first: Finding) -> WarcError:
    errors = report.count(Severity.ERROR)
    place = "" if first.offset is None else f" at byte {first.offset}"
    more = f" (and {errors - 1} more)" if errors > 1 else ""
    return WarcError(
        f"{staged.said} is damaged: {first.code}{place}: {first.detail}{more}; {_salvage(staged)}",
        path=staged.said,
        offset=first.offset,
        record_id=first.record_id,
    )


def _salvage(staged: Staged) -> str:
    name = staged.said.partition("!")[0]
    return f"`harvester check {name} --salvage GOOD.warc.gz` writes what is whole, to be imported instead"


def _claim(staged: Staged, record: StoredRecord, what: str) -> WarcError:
    return WarcError(
        f"{staged.said}: the record {record.record_id} at byte {record.location.offset} {what}: not taken in",
        path=staged.said,
        offset=record.location.offset,
        record_id=record.record_id,
    )

"""What is played on every failing disk, what was acknowledged meanwhile, and how that is held against it."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from archive import SYSTEM_DISK, Archive, Block, Disk, Record, WriterOptions, new_record_id
from archive.check import Check, Report
from archive.compact import compact, expand
from archive.errors import HarvesterError, WarcError
from archive.layout import Layout
from archive.reader import read_warc
from archive.recovery import Walk


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


START = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
ROLL_BYTES = 12_000
_CURES = re.compile(
    r"make room|check the disk|mend |choose another|raise the limit|`harvester |try again|move it away"
    r"|move one of the two|remove it|name a |restore it|the next run"
)
_MAX_LINE = 700


class Clock:
    """A clock that moves one second each time it is read."""

    def __init__(self) -> None:
        self.reads = 0

    def __call__(self) -> datetime:
        self.reads += 1
        return START + timedelta(seconds=self.reads)


def response(body: bytes, url: str = "https://example.org/a") -> Record:
    """Return a response record."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body)
    kind = "application/http;msgtype=response"
    return Record("response", new_record_id(), START, Block.of(head + body), kind, url)


def metadata(of: Record) -> Record:
    """Return a note beside a record."""
    fields = (("WARC-Concurrent-To", of.record_id),)
    kind = "application/warc-fields"
    return Record("metadata", new_record_id(), START, Block.of(b"note: x\r\n"), kind, of.target_uri, fields)


def group(random: Random, size: int = 5000) -> list[Record]:
    """Return a response and its note, as a fetch appends them."""
    page = response(random.randbytes(size))
    return [metadata(page), page]


def body_of(seed: str) -> bytes:
    """Return a page that anybody who knows its seed can make again."""
    random = Random(seed)
    return random.randbytes(random.randrange(100, 9000))


def foreign_file(path: Path, records: int = 3, seed: int = 0) -> Path:
    """Write a WARC file as another tool would."""
    random = Random(seed)
    parts = []
    for number in range(records):
        body = random.randbytes(900)
        block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body
        head = (
            "WARC/1.1\r\nWARC-Type: response\r\n"
            f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{seed:06d}{number:06d}>\r\n"
            "WARC-Date: 2026-01-01T00:00:00Z\r\nWARC-Target-URI: https://example.org/f\r\n"
            "Content-Type: application/http;msgtype=response\r\n"
            f"WARC-Block-Digest: sha256:{hashlib.sha256(block).hexdigest()}\r\n"
            f"Content-Length: {len(block)}\r\n\r\n"
        )
        parts.append(gzip.compress(head.encode() + block + b"\r\n\r\n", mtime=0))
    path.write_bytes(b"".join(parts))
    return path


@dataclass
class Promises:
    """What was acknowledged: blocks by record id, derived files, taken-in files with their digest.

    `errors` are those that a caller was given instead; `asked` counts the records offered.
    """

    records: dict[str, bytes] = field(default_factory=dict)
    derived: dict[str, bytes] = field(default_factory=dict)
    taken: dict[str, str] = field(default_factory=dict)
    errors: list[BaseException] = field(default_factory=list)
    asked: int = 0
    repacked: bool = False

    def copy(self) -> Promises:
        """Return the promises as they stand now."""
        return Promises(
            dict(self.records), dict(self.derived), dict(self.taken), [], self.asked, self.repacked
        )

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Note an error instead of an acknowledgement. Interrupts pass."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - any error is looked at by `unclear`
            self.errors.append(error)

    def append(self, archive: Archive, records: list[Record]) -> None:
        """Append a group."""
        self.asked += len(records)
        with self.trying():
            archive.append(records)
            self.records.update((record.record_id, record.block.read()) for record in records)

    def derive(self, archive: Archive, name: str, data: bytes) -> None:
        """Write a derived file; a failed replacement leaves the old one promised, or the new."""
        before = self.derived.pop(name, None)
        with self.trying():
            archive.write_derived(name, data)
            before = data
        if before is not None:
            self.derived[name] = before

    def take(self, archive: Archive, path: Path) -> None:
        """Take a foreign file in."""
        with self.trying(), archive.taking_in() as intake, path.open("rb") as file:
            staged = intake.stage(file, str(path))
            if staged.held is None:
                intake.judge(staged)
                intake.settle(staged)
            self.taken[staged.held or staged.name] = staged.sha256
            self.records.update((record.record_id, record.block) for record in read_warc(path))


def opened(root: Path, disk: Disk = SYSTEM_DISK, clock: Callable[[], datetime] | None = None) -> Archive:
    """Open an archive for writing, with small files."""
    options = WriterOptions(roll_bytes=ROLL_BYTES)
    return Archive.open(
        root, create=True, write=True, software="faults/1", disk=disk, options=options, now=clock or Clock()
    )


def play(root: Path, disk: Disk, foreign: Path, promises: Promises | None = None) -> Promises:
    """Create, append, roll, close; reopen, reindex, take a file in, derive, close; compact and expand."""
    done = Promises() if promises is None else promises
    random = Random(1)
    with done.trying(), opened(root, disk) as archive:
        for _ in range(4):
            done.append(archive, group(random))
        done.derive(archive, "documents/2026/01/one.json", b'{"version": 1}\n')
    with done.trying(), opened(root, disk) as archive:
        done.append(archive, group(random, 300))
        with done.trying():
            archive.reindex()
        done.take(archive, foreign)
        done.derive(archive, "documents/2026/01/one.json", b'{"version": 2}\n')
        done.append(archive, group(random, 300))
    # From here on a file that was taken in may be packed otherwise: its records are what is promised.
    done.repacked = True
    with done.trying(), opened(root, disk) as archive:
        with done.trying():
            compact(archive, delete_originals=True)
        with done.trying():
            expand(archive)
    return done


@dataclass
class Verdict:
    """What went wrong at one point of failure; empty lists are what is wanted."""

    lost: list[str] = field(default_factory=list)
    false_whole: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Tell whether nothing went wrong."""
        return not (self.lost or self.false_whole or self.unclear or self.stuck)


def unclear(error: BaseException) -> str | None:
    """Say what is wrong with an error as a person's one line; None if nothing is."""
    text = str(error)
    if not isinstance(error, HarvesterError):
        return f"{type(error).__name__}: {text}"
    if not text or "\n" in text or len(text) > _MAX_LINE:
        return f"not one line: {text[:200]!r}"
    if not isinstance(error, WarcError) and not _CURES.search(text):
        return f"no word of what to do: {text}"
    return None


def checked(root: Path) -> Report:
    """Return what `harvester check` finds in an archive directory."""
    report = Report()
    with Check(report) as check:
        check.path(root)
    return report


def readable(root: Path) -> dict[str, bytes]:
    """Return every record that can be read whole from the files themselves, whatever the index says."""
    layout = Layout(root)
    if not layout.warc.is_dir():
        return {}
    found = {}
    for path in (*layout.closed_warcs(), *layout.open_warcs()):
        for record in Walk(path, salvage=True).whole_records():
            found[record.record_id] = record.block
    return found


def judge(root: Path, promises: Promises) -> Verdict:
    """Hold an archive against what was promised: as the fault left it, then after the next run."""
    verdict = Verdict()
    verdict.unclear.extend(filter(None, map(unclear, promises.errors)))
    if not Layout(root).marker.exists():
        if promises.records or promises.derived or promises.taken:
            verdict.lost.append("the marker, though something was acknowledged")
        if root.exists() and not [path for path in root.iterdir() if not path.name.startswith(".tmp-")]:
            _next_run(root, promises, verdict)
        return verdict
    if Layout(root).warc.is_dir() and Layout(root).index.exists() and not checked(root).damaged:
        gone = promises.records.keys() - readable(root).keys()
        verdict.false_whole.extend(f"{record_id} is gone and check is content" for record_id in gone)
    _next_run(root, promises, verdict)
    return verdict


def _next_run(root: Path, promises: Promises, verdict: Verdict) -> None:
    """The next opening for writing works, holds all that was promised, and leaves a clean archive."""
    try:
        with opened(root) as archive:
            _compare(archive, promises, verdict)
            new = response(b"after the fault")
            archive.append([new])
            if archive.get(new.record_id) is None:
                verdict.stuck.append("a record of the next run cannot be found")
    except Exception as error:  # noqa: BLE001 - that is what is to be found
        verdict.stuck.append(f"the next run fails: {type(error).__name__}: {error}")
        return
    report = checked(root)
    whole = not report.damaged
    if not whole:
        verdict.stuck.append(
            f"damaged after the next run: {[f.code + ' ' + f.detail for f in report.findings]}"
        )
    for path in Layout(root).closed_warcs():
        try:
            for _ in read_warc(path):
                pass
        except WarcError as error:
            if whole:
                verdict.false_whole.append(str(error))
    if Layout(root).open_warcs():
        verdict.stuck.append("a file is still open after the next run")


def _compare(archive: Archive, promises: Promises, verdict: Verdict) -> None:
    for record_id, block in promises.records.items():
        found = archive.get(record_id)
        if found is None or found.block != block:
            verdict.lost.append(record_id)
    for name, data in promises.derived.items():
        path = archive.path / name
        text = path.read_bytes() if path.exists() else b""
        # The failed replacement of a file may have come about all the same; a part of one never does.
        if text != data and text not in {b'{"version": 1}\n', b'{"version": 2}\n'}:
            verdict.lost.append(name)
    for name, sha256 in promises.taken.items():
        path = archive.path / "warc" / name
        if promises.repacked:
            continue
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            verdict.lost.append(name)
        elif not list(archive.entries_of(name)):
            verdict.lost.append(f"the rows of {name}")

"""WARC files and WACZ packages of other tools into the archive: taken in whole, then read like our own.

What a file was called, its digest, the package it came out of and when it came stand in a `metadata` record
of our own, so that they survive whatever is made anew.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

import msgspec

from archive import Archive, Block, Record, StoredRecord, new_record_id
from archive.check import Report
from archive.check.sidecars import check_sidecar
from archive.check.wacz import check_package
from archive.foreign import SUFFIXES
from archive.foreign.forms import Content, detect
from archive.foreign.packages import Package, open_file
from archive.layout import OPEN_SUFFIX
from archive.members import GZIP_MAGIC, Input
from harvester.capture.note import CONTENT_TYPE
from harvester.errors import UsageError, WarcError
from harvester.imports.addresses import URN
from harvester.intake import secret_params
from harvester.library import AssetRow, FailureRow, Library, PageRow
from harvester.times import utc_text
from harvester.toolchain import software_name

if TYPE_CHECKING:
    from archive.taking_in import Staged, TakingIn

MAX_UNPACKED_FACTOR: Final = 100
"""How many times a package's own size its WARC files may have together: they are compressed already."""
_MIN_UNPACKED_BYTES: Final = 64 << 20
_CREDENTIALS: Final = re.compile(rb"(?:\A|\n)(cookie|authorization|proxy-authorization):", re.IGNORECASE)
_SET_COOKIE: Final = re.compile(rb"\nset-cookie2?:", re.IGNORECASE)
_HEAD_BYTES: Final = 64 << 10


class TakenFile(msgspec.Struct, frozen=True, kw_only=True):
    """One WARC file that came in. `pages` counts page states; `held`: the archive had an equal file."""

    file: str
    sha256: str
    bytes: int
    member: str | None
    records: int
    pages: dict[str, int]
    assets: int
    held: bool
    warnings: tuple[str, ...]


def is_web_archive(path: Path) -> bool:
    """Tell whether a file is a WARC, an ARC or a package of them: by its name, else by its first bytes.

    Raises StorageError if it cannot be read.
    """
    lower = path.name.lower().removesuffix(OPEN_SUFFIX)
    if lower.endswith(SUFFIXES):
        return True
    with open_file(path) as file:
        source = Input(file, str(path))
        start = source.peek(16)
        try:
            content = detect(source).content
            if content is Content.ZIP:
                return bool(Package(file, str(path)).archives())
            # Damaged gzip counts as a WARC to `detect`; here it counts as whatever its name says.
            whole = not start.startswith(GZIP_MAGIC) or _begins_warc(file, str(path))
        except WarcError:
            return False
    return content is Content.WARC and whole


def _begins_warc(file: BinaryIO, label: str) -> bool:
    file.seek(0)
    source = Input(file, label)
    return detect(source).member(source).read(5).upper() == b"WARC/"


class ArchiveIntake:
    """Takes web archives into one archive of ours."""

    def __init__(self, archive: Archive, library: Library, now: Callable[[], datetime]) -> None:
        self._archive = archive
        self._library = library
        self._now = now
        self._names = secret_params()

    def take(self, path: Path) -> list[TakenFile]:
        """Take a file in; of a package, each WARC inside, all or none.

        Raises `UsageError` for a file being written, `IntegrityError` for a damaged one, `StorageError`.
        """
        if path.name.endswith(OPEN_SUFFIX):
            raise UsageError(f"{path} is in writing, or was left so by a crash: open its own archive first")
        _check_beside(path)
        with open_file(path) as file, self._archive.taking_in() as intake:
            if detect(Input(file, str(path))).content is Content.ZIP:
                staged = list(self._unpacked(intake, file, path))
                source = _Source(path.name, _digest(file))
            else:
                file.seek(0)
                staged = [intake.stage(file, str(path))]
                source = _Source(path.name, staged[0].sha256)
            seen = [self._judged(intake, one) for one in staged]
            return [self._taken(intake, *pair, source) for pair in zip(staged, seen, strict=True)]

    def _unpacked(self, intake: TakingIn, file: BinaryIO, path: Path) -> Iterator[Staged]:
        package = Package(file, str(path))
        report = Report()
        check_package(package, report.teller(str(path)))
        for finding in report.findings:
            if finding.code.startswith("E"):
                raise WarcError(f"{path} is damaged: {finding.code}: {finding.detail}; {finding.cure}")
        if not package.archives():
            raise WarcError(f"{path} holds no WARC file: nothing to take in")
        room = max(_MIN_UNPACKED_BYTES, MAX_UNPACKED_FACTOR * path.stat().st_size)
        for name in package.archives():
            with package.open(name) as member:
                staged = intake.stage(member, f"{path}!{name}", max_bytes=room)
            room -= staged.size
            yield staged

    def _judged(self, intake: TakingIn, staged: Staged) -> SessionTraces:
        secrets = SessionTraces(self._names)
        if staged.held is None:
            intake.judge(staged, secrets.look)
        return secrets

    def _taken(self, intake: TakingIn, staged: Staged, secrets: SessionTraces, source: _Source) -> TakenFile:
        member = staged.said.partition("!")[2] or None
        if staged.repeats and self._archive.find(URN + staged.sha256, type="metadata"):
            staged.held = staged.repeats  # taken in before, and packed otherwise since
        name = staged.held or intake.settle(staged)
        warnings = (*_flaws(staged), *secrets.warnings())
        taken_in = staged.held is None or staged.held.startswith(_stem_of(staged))
        if taken_in and not self._archive.find(URN + staged.sha256, type="metadata"):
            # Also for a file whose coming in was cut off before this record.
            self._archive.append([self._record(staged, name, member, source, warnings)])
        states: Counter[str] = Counter()
        assets: list[AssetRow] = []

        def count(row: PageRow | AssetRow | FailureRow) -> None:
            if isinstance(row, PageRow):
                states[row.state] += 1
            elif isinstance(row, AssetRow):
                assets.append(row)

        damaged = self._library.catch_up(name, count)
        return TakenFile(
            file=name,
            sha256=staged.sha256,
            bytes=staged.size,
            member=member,
            records=sum(1 for _ in self._archive.entries_of(name)),
            pages=dict(states),
            assets=len(assets),
            held=staged.held is not None,
            warnings=(*warnings, *damaged),
        )

    def _record(
        self, staged: Staged, name: str, member: str | None, source: _Source, warnings: tuple[str, ...]
    ) -> Record:
        """Return the record of where a file came from (WARC 1.1 §6.6), under its digest's URN."""
        facts = {
            "software": software_name(),
            "harvester-taken-in": utc_text(self._now()),
            "harvester-warc-file": name,
            "harvester-warc-sha256": staged.sha256,
            "harvester-warc-bytes": str(staged.size),
            "harvester-source-file": _one_line(source.name),
            "harvester-source-sha256": source.sha256,
            "harvester-source-member": _one_line(member) if member else None,
            "harvester-warnings": json.dumps(warnings, ensure_ascii=False) if warnings else None,
        }
        block = "".join(f"{key}: {value}\r\n" for key, value in facts.items() if value)
        return Record(
            type="metadata",
            record_id=new_record_id(),
            date=self._now(),
            block=Block.of(block.encode("utf-8", "backslashreplace")),
            content_type=CONTENT_TYPE,
            target_uri=URN + staged.sha256,
        )


class _Source(msgspec.Struct, frozen=True):
    """The file that was named: its name without folders, its digest."""

    name: str
    sha256: str


class SessionTraces:
    """What of a person's session stands in records: counted, never altered."""

    def __init__(self, names: frozenset[str]) -> None:
        # `x=` and `X=` are different values to a server, but one to who looks for them.
        self._pattern = re.compile(rf"[?&](?:{'|'.join(map(re.escape, sorted(names)))})=[^&#]", re.IGNORECASE)
        self._found: Counter[str] = Counter()

    def look(self, record: StoredRecord) -> None:
        """Look at one record."""
        head = record.block[:_HEAD_BYTES].partition(b"\r\n\r\n")[0]
        if record.type == "request" and _CREDENTIALS.search(head):
            self._found["requests with cookies or credentials"] += 1
        if record.type in {"response", "revisit"} and _SET_COOKIE.search(head):
            self._found["responses that set cookies"] += 1
        if self._pattern.search(record.target_uri or ""):
            self._found["URLs with session values"] += 1

    @property
    def words(self) -> str:
        """Say what was found, "" for nothing."""
        return ", ".join(f"{count} {name}" for name, count in sorted(self._found.items()))

    def warnings(self) -> Iterator[str]:
        if self.words:
            held = f"the file holds {self.words}; it is kept as it is"
            yield f"{held}: look into it before giving the archive away"


def _flaws(staged: Staged) -> Iterator[str]:
    kinds: Counter[str] = Counter(finding.code for finding in staged.flaws)
    if kinds:
        what = ", ".join(f"{code}×{count}" for code, count in sorted(kinds.items()))
        yield f"`check` finds {what} in it (docs/check.md); every byte is there"


def _stem_of(staged: Staged) -> str:
    return staged.name.rpartition(".warc")[0]


def _check_beside(path: Path) -> None:
    """Raise WarcError for a file that is not the one whose digest stands beside it."""
    report = Report()
    check_sidecar(path, report.teller(str(path)), required=False)
    for finding in report.findings:
        raise WarcError(f"{path} is damaged: {finding.code}: {finding.detail}; {finding.cure}")


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    return hashlib.file_digest(cast(BufferedReader, file), "sha256").hexdigest()


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)[:1000]

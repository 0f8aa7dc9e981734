"""The walk of a WARC file for checking: every fault is told, and the walk goes on behind it.

Where the strict reader (`archive.reader`) stops, this one looks for the next place where a record begins.
What is found behind damage counts only if it can be no record inside a captured body that the damage laid
open. Memory is bounded by the chunk; the work, by caps on how often and how long it looks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from archive.check.block import BlockCheck
from archive.check.findings import Tell
from archive.check.header import Header, HeaderReader
from archive.errors import WarcError
from archive.fields import Fields
from archive.foreign.forms import Form
from archive.members import CutError, Input, PlainRecord
from archive.octets import Octets
from archive.record import MAX_HEADER_BYTES, Location
from archive.words import counted

MAX_RECORD_BYTES: Final = 64 * 1024 * 1024 * 1024
"""Largest block that is inflated for a check: it passes through, it is not held."""
MAX_TRIES: Final = 10_000
"""Places behind damage that are tried before looking is given up."""

_WASTE_BYTES: Final = 64 * 1024 * 1024
_WASTE_FACTOR: Final = 8
_END_MARK: Final = b"\r\n\r\n"
_BLANKS: Final = b"\r\n \t"
_PLAIN_START = re.compile(rb"\nWARC/[0-9]")


class Spool(Protocol):
    """Takes the octets of a record as it passes, for a salvage."""

    def begin(self) -> None: ...

    def write(self, data: bytes) -> object: ...


@dataclass(frozen=True, slots=True)
class Scanned:
    """One record as it was met. `head` is the beginning of its block.

    `whole`: its bytes are all there, its header obeys the rules, no digest contradicts it, and it is
    surely a record of this file. `size` counts the bytes of its block. `firsts` has the first field of each
    name, in lower case.
    """

    type: str
    record_id: str | None
    fields: Fields
    location: Location
    whole: bool
    head: bytes
    size: int
    firsts: Mapping[str, str]

    def first(self, name: str) -> str | None:
        """Return the first field of that name, in any case, None if there is none."""
        return self.firsts.get(name.lower())

    def get_all(self, name: str) -> list[str]:
        """Return every field of that name, in any case."""
        wanted = name.lower()
        return [value for key, value in self.fields if key.lower() == wanted]


@dataclass(slots=True)
class _Pending:
    """A record read to its end whose member has not ended yet."""

    header: Header
    block: BlockCheck
    start: int
    size: int
    sound: bool


class _LostError(Exception):
    """Where the next record begins is not known; look for it from `position` on."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


class WarcScan:
    """The records of one WARC file; may be walked once. Raises StorageError and nothing else."""

    def __init__(
        self,
        source: Input,
        form: Form,
        name: str,
        tell: Tell,
        *,
        spool: Spool | None = None,
        max_record_bytes: int = MAX_RECORD_BYTES,
        max_tries: int = MAX_TRIES,
    ) -> None:
        self.end = 0
        """Where the last whole member ended."""
        self._source = source
        self._form = form
        self._name = name
        self._tell = tell
        self._spool = spool
        self._max_record_bytes = max_record_bytes
        self._max_tries = max_tries
        self._tries = 0
        self._wasted_bytes = 0
        self._reached = 0
        self._behind = False
        self._warcinfo_ids: set[str] = set()
        self._named = False  # whether a record named a warcinfo before any damage

    def __iter__(self) -> Iterator[Scanned]:
        while self._source.peek(1):
            start = self._source.position
            try:
                if self._form.compressed:
                    yield from self._member(start)
                else:
                    yield from self._records(Octets(PlainRecord(self._source), start), start)
                    return
            except _LostError as lost:
                self._behind = True
                self._reached = max(self._reached, self._source.position)
                self._wasted_bytes += max(0, self._source.position - lost.position)
                if not self._find_next(lost.position):
                    return

    # Members

    def _member(self, start: int) -> Iterator[Scanned]:
        if not self._source.peek(len(self._form.magic)).startswith(self._form.magic):
            rest = self._source.peek(16)
            if self._form.magic.startswith(rest):
                self._tell("E003", "it ends inside its first bytes", offset=start)
            else:
                self._stray(rest, start)
            raise _LostError(start + 1)
        octets = Octets(self._form.member(self._source))
        try:
            yield from self._records(octets, start)
        except CutError as error:
            self._tell("E003", self._words(error), offset=start)
        except WarcError as error:
            self._tell("E004", self._words(error), offset=start)
        else:
            self.end = self._source.position
            return
        raise _LostError(start + 1)

    def _words(self, error: WarcError) -> str:
        return str(error).removeprefix(f"{self._source.path}: ")

    def _records(self, octets: Octets, start: int) -> Iterator[Scanned]:
        """Yield the records of one member, or of a plain file.

        A record of a member is handed out when the member's own checksum has come, or when its block
        digest vouches for it though the member is damaged behind it.
        """
        pending: _Pending | None = None
        count = 0
        try:
            while self._next_begins(octets, start, count):
                if pending is not None:
                    yield self._scanned(pending, octets, proven=pending.block.proven)
                    pending = None
                if count == 1 and self._form.compressed:
                    self._tell("E006", "a further record begins in the same member", offset=start)
                count += 1
                pending = self._record(octets, start if self._form.compressed else octets.position)
                if pending is not None and not self._form.compressed:
                    yield self._scanned(pending, octets, proven=True)
                    pending = None
        except WarcError:
            if pending is not None and pending.block.proven:
                yield self._scanned(pending, octets, proven=True)
            raise
        if pending is not None:
            yield self._scanned(pending, octets, proven=True)

    def _next_begins(self, octets: Octets, start: int, count: int) -> bool:
        """Tell whether a record begins here; False at the end. Blanks are told and passed."""
        compressed = self._form.compressed
        at = start if compressed else octets.position
        if octets.peek(5).upper() == b"WARC/":
            return True
        blanks = octets.skip_any(_BLANKS)
        first = octets.peek(16)
        if blanks:
            self._tell("W001", counted(blanks, "blank byte"), offset=at)
        if first[:5].upper() == b"WARC/":
            return True
        if not first:
            if compressed and count == 0 and not blanks:
                self._tell("W002", "a member without content", offset=at)
            return False
        self._stray(first, at)
        if not compressed:
            raise _LostError(octets.position)
        octets.drain()
        return False

    def _stray(self, first: bytes, at: int) -> None:
        self._tell("E005", f"bytes that begin with {first!r}", offset=at)

    # Records

    def _record(self, octets: Octets, at: int) -> _Pending | None:
        """Read one record; None if it is not whole. Raises _LostError in a plain file after damage."""
        data = octets.until((b"\r\n\r\n", b"\n\n"), MAX_HEADER_BYTES)
        if data is None:
            self._no_header(octets, at)
            self._lost(octets, octets.position + len(b"WARC/"))
            return None
        if self._spool is not None:
            self._spool.begin()
            self._spool.write(data)
        header = HeaderReader(self._tell, at).read(data)
        block_at = octets.position
        if header.length is None:
            self._lost(octets)
            return None
        if header.length > self._max_record_bytes:
            self._tell(
                "E009", f"a block of {counted(header.length, 'byte')}", offset=at, record_id=header.record_id
            )
            self._lost(octets)
            return None
        block = BlockCheck(header, self._tell, at)
        size = 0
        for chunk in octets.chunks(header.length):
            block.update(chunk)
            size += len(chunk)
            if self._spool is not None:
                self._spool.write(chunk)
        if size < header.length:
            missing = header.length - size
            self._tell(
                "E007", f"{missing} of {header.length} bytes of the block are missing", offset=at,
                record_id=header.record_id,
            )  # fmt: skip
            self._lost(octets, block_at)
            return None
        block.finish()
        if not self._end_mark(octets, header, at):
            self._lost(octets, block_at)
            return None
        if self._spool is not None:
            self._spool.write(_END_MARK)
        return _Pending(header, block, at, size, header.sound and not block.refuted)

    def _no_header(self, octets: Octets, at: int) -> None:
        if len(octets.peek(MAX_HEADER_BYTES)) < MAX_HEADER_BYTES:
            self._tell("E007", "it ends inside its header", offset=at)
        else:
            self._tell("E013", f"no blank line within {MAX_HEADER_BYTES} bytes", offset=at)

    def _end_mark(self, octets: Octets, header: Header, at: int) -> bool:
        found = octets.peek(8)
        if found.startswith(_END_MARK):
            octets.take(len(_END_MARK))
            return True
        code, detail = "E008", f"after {header.length} bytes stands {found!r}"
        if _END_MARK.startswith(found):
            # A member has its own end and checksum: it was written so, not cut.
            code, detail = ("W004" if self._form.compressed else "E007"), f"{len(found)} of 4 bytes are there"
        octets.take(len(found) if code == "W004" else 0)
        self._tell(code, detail, offset=at, record_id=header.record_id)
        return code == "W004"

    def _lost(self, octets: Octets, position: int | None = None) -> None:
        """Give up a record: the rest of its member; in a plain file, look on from `position`."""
        if not self._form.compressed:
            raise _LostError((octets.position if position is None else position) - 1)
        octets.drain()

    def _scanned(self, record: _Pending, octets: Octets, *, proven: bool) -> Scanned:
        compressed = self._form.compressed
        end = self._source.position if compressed else octets.position
        if not compressed:
            self.end = end
        header = record.header
        surely = self._belongs(header)
        if header.type == "warcinfo" and surely and header.record_id:
            self._warcinfo_ids.add(header.record_id)
        return Scanned(
            type=header.type,
            record_id=header.record_id,
            fields=header.fields,
            location=Location(self._name, record.start, end - record.start),
            whole=record.sound and proven and surely,
            head=record.block.head,
            size=record.size,
            firsts=header.first,
        )

    def _belongs(self, header: Header) -> bool:
        """Tell a record of this file from one inside a captured body that damage has laid open.

        A warcinfo's id is no publisher's to know, so a record that names the file's own belongs to it. One
        that names none counts only in a compressed file, where bodies seldom lie open, and if no record
        before the damage named one either.
        """
        named = header.get("WARC-Warcinfo-ID")
        if not self._behind:
            self._named = self._named or named is not None
            return True
        if named is not None:
            return named in self._warcinfo_ids or (self._form.compressed and not self._warcinfo_ids)
        return self._form.compressed and not self._named

    # Behind damage

    def _find_next(self, position: int) -> bool:
        """Go to the next place from `position` on where a record seems to begin; False if there is none."""
        # Members that overlap, as nobody but an enemy makes them, would be read over and over.
        allowed_bytes = _WASTE_BYTES + _WASTE_FACTOR * self._reached
        while self._tries < self._max_tries and self._wasted_bytes < allowed_bytes:
            found = self._search(position)
            if found is None:
                return False
            self._tries += 1
            self._source.seek(found)
            if not self._form.compressed or self._begins_record():
                self._source.seek(found)
                return True
            position = found + 1
        self._tell("W003", counted(self._tries, "place was tried", "places were tried"), offset=position)
        return False

    def _begins_record(self) -> bool:
        try:
            return self._form.member(self._source).read(5).upper() == b"WARC/"
        except WarcError:
            return False

    def _search(self, position: int) -> int | None:
        pattern = re.compile(re.escape(self._form.magic)) if self._form.compressed else _PLAIN_START
        lead = 0 if self._form.compressed else 1  # the line end before a plain record
        self._source.seek(position)
        tail = b""
        while data := self._source.read(1 << 20):
            window = tail + data
            found = pattern.search(window)
            if found:
                return position + found.start() + lead
            keep = window[-8:]
            position += len(window) - len(keep)
            tail = keep
        return None

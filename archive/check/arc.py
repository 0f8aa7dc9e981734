"""The walk of an ARC file for checking: every fault is told, and the walk goes on behind it."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from archive.check.findings import Tell
from archive.errors import WarcError
from archive.fields import RULES
from archive.foreign.arc import BLANKS, MAX_LINE_BYTES, SPACES, ArcHeader, parse_header, version_of
from archive.foreign.forms import Content, Form, content_of
from archive.http1 import Framer
from archive.members import CutError, Input, PlainRecord
from archive.octets import Octets
from archive.words import counted

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\\|\x00-\x1f\x7f]*")
_VERSION_BLOCK_BYTES: Final = 64 * 1024
_UNSAID: Final = frozenset({"-", "no-type", ""})


class ArcScan:
    """The records of one ARC file: only counted and judged, since they are no WARC records."""

    def __init__(self, source: Input, form: Form, tell: Tell) -> None:
        self.records = 0
        self._source = source
        self._form = form
        self._tell = tell
        self._version = 1

    def run(self) -> None:
        """Walk to the end, or to where the walk is lost. Raises StorageError and nothing else."""
        if not self._form.compressed:
            self._walk(Octets(PlainRecord(self._source)), None)
            return
        while self._source.peek(1):
            start = self._source.position
            if not self._source.peek(len(self._form.magic)).startswith(self._form.magic):
                self._tell("E005", f"bytes that begin with {self._source.peek(16)!r}", offset=start)
                return
            try:
                octets = Octets(self._form.member(self._source))
                self._walk(octets, start)
                octets.drain()
            except CutError as error:
                self._tell("E003", str(error), offset=start)
                return
            except WarcError as error:
                self._tell("E004", str(error), offset=start)
                return

    def _walk(self, octets: Octets, member: int | None) -> None:
        """Walk the records of one member (at file offset `member`), or of a plain file."""
        count = 0
        while True:
            ends = octets.skip_any(BLANKS)
            others = octets.skip_any(SPACES)
            at = octets.position if member is None else member
            if others or ends > len(BLANKS):
                self._tell("W001", f"{counted(ends + others, 'blank byte')} before this place", offset=at)
            if not octets.peek(1):
                return
            if member is not None and count == 1:
                self._tell("E006", "a further record begins in the same member", offset=at)
            count += 1
            if not self._record(octets, at):
                return

    def _record(self, octets: Octets, at: int) -> bool:
        """Check one record; False if where the next one begins is not known."""
        line = octets.until((b"\n",), MAX_LINE_BYTES)
        if line is None:
            rest = octets.peek(MAX_LINE_BYTES)
            cut = len(rest) < MAX_LINE_BYTES and content_of(rest) is Content.ARC
            self._tell("E007" if cut else "E005", f"no header line ends here: {rest[:40]!r}", offset=at)
            return False
        if content_of(line) is not Content.ARC:
            self._tell("E005", f"bytes that begin with {line[:40]!r}", offset=at)
            return False
        self.records += 1
        header = parse_header(line, self._version)
        if header is None or header.length is None:
            what = f"a header line without its values, or without a length: {line[:80]!r}"
            self._tell("E080", what, offset=at)
            return False
        self._check_values(header, at)
        taken, start = 0, b""
        message = Framer()
        for chunk in octets.chunks(header.length):
            taken += len(chunk)
            message.feed(chunk)
            if header.is_version_block and len(start) < _VERSION_BLOCK_BYTES:
                start += chunk
        if taken < header.length:
            # A length taken before line ends were changed is too long; the message's own length tells.
            whole = message.complete and message.framing == "length"
            what = f"{header.length - taken} of {header.length} bytes are missing"
            self._tell("W081" if whole else "E007", what, offset=at)
            return False
        if header.is_version_block:
            version = version_of(start)
            if version is None:
                self._tell("E081", f"it begins with {start[:40]!r}", offset=at)
            self._version = version or self._version
        return True

    def _check_values(self, header: ArcHeader, at: int) -> None:
        bad, odd = [], []
        if not _URL.fullmatch(header.url):
            bad.append(f"URL {header.url[:80]!r}")
        elif " " in header.url or not header.url.isascii():
            odd.append(f"URL {header.url[:80]!r}")
        if header.date not in _UNSAID and header.when() is None:
            bad.append(f"date {header.date[:40]!r}")
        if header.ip not in _UNSAID and not _is_ip(header.ip):
            bad.append(f"IP address {header.ip[:40]!r}")
        if header.media_type not in _UNSAID and not RULES["content-type"].valid(header.media_type):
            odd.append(f"type {header.media_type[:40]!r}")
        for text in bad:
            self._tell("E080", text, offset=at)
        for text in odd:
            self._tell("W080", text, offset=at)


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True

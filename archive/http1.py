"""Where an HTTP/1.1 message ends, and what it carries (RFC 9112).

One reading serves both the live capture (`Framer`, fed as bytes arrive) and the stored record
(`parse_response`), so the two cannot disagree on where a message ends. Nothing here repairs: bytes
are only measured, and what breaks the grammar is reported by a short code. Time is linear in the
bytes fed, however they are split; memory is bounded by `MAX_HEAD_BYTES` plus what the sink keeps.

Codes of what makes a message impossible to delimit (`Framer.problem`): `bad-head`, `head-too-large`,
`too-many-interim`, `two-lengths`, `bad-length`, `bad-transfer-encoding`, `bad-chunk`,
`trailers-too-large`, and, at the end of input, `truncated` or `empty`. Codes of what is odd but
delimited: `repeated-length`, `length-and-chunked`, `bare-lf`, `http-version`, `chunked-in-http10`,
`transfer-coding` (a coding besides chunked was applied and is still on the payload), `bad-trailer`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from archive.errors import HttpMessageError
from archive.http_head import (
    BLANK_LINES,
    MAX_HEAD_BYTES,
    STATUS_LINE,
    Fields,
    Head,
    parse_head,
    plain_head,
    read_fields,
    read_head,
)

__all__ = ["MAX_HEAD_BYTES", "Fields", "Head", "parse_head"]

MAX_CHUNK_LINE_BYTES = 8 * 1024
"""Cap on a chunk-size line with its extensions."""
MAX_INTERIM_HEADS = 16
"""Cap on 1xx responses before the final one."""

Framing = Literal["none", "length", "chunked", "close"]

_LENGTH = re.compile(r"[0-9]{1,19}")
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\0\r\n]*)?\r\n")
_BODILESS_STATUSES = frozenset({204, 304})
_SWITCHING_PROTOCOLS = 101
_STATUS_OK = 200


@dataclass(frozen=True, slots=True)
class Message:
    """A response taken apart. `payload` has the transfer-coding removed, the content-coding kept.

    `complete` says that the message reached its own end. `surplus` counts bytes after that end.
    `interim` holds the 1xx heads that came before the final one; they are part of the block.
    """

    head: Head
    payload: bytes
    framing: Framing
    complete: bool
    problems: tuple[str, ...]
    trailers: Fields
    surplus: int
    interim: tuple[Head, ...] = ()


def parse_response(block: bytes, request_method: str = "GET") -> Message:
    """Take a stored response apart: interim heads, final head, payload, trailers, surplus.

    Raises `HttpMessageError` only if the final head cannot be read; every later fault is in
    `problems`, and the payload is then what could be recovered before it.
    """
    pieces: list[bytes] = []
    framer = Framer(request_method, sink=pieces.append)
    used = framer.feed(block)
    framer.eof()
    if framer.head is None:
        raise HttpMessageError(
            f"the block does not start with a readable HTTP response head ({framer.problem})",
            offset=sum(head.size for head in framer.interim),
        )
    return Message(
        head=framer.head,
        payload=pieces[0] if len(pieces) == 1 else b"".join(pieces),  # one piece needs no copy
        framing=framer.framing,
        complete=framer.complete,
        problems=framer.problems,
        trailers=framer.trailers,
        surplus=len(block) - used,
        interim=framer.interim,
    )


class Framer:
    """Finds the end of one response while its bytes arrive. Never raises on input.

    `feed` tells how many of the bytes belong to the message. Once the message cannot be delimited
    (`problem` is set) all further bytes belong to it, since nothing says otherwise, and it never
    becomes `complete`. `head` is the final head, `interim` the 1xx heads before it; `body_offset` is
    where the body starts, counted from the first byte of the exchange (None before it is known).
    """

    def __init__(self, request_method: str = "GET", *, sink: Callable[[bytes], object] | None = None) -> None:
        self.complete = False
        self.head: Head | None = None
        self.framing: Framing = "none"
        self.problem: str | None = None
        self.problems: tuple[str, ...] = ()
        self.interim: tuple[Head, ...] = ()
        self.trailers: Fields = ()
        self.body_offset: int | None = None
        self._method = request_method.upper()
        self._sink = sink
        self._line = bytearray()  # the unfinished or current line(s): head, chunk line, trailers
        self._line_start = 0
        self._left = 0  # bytes of body or chunk still to come
        self._state: Callable[[Framer, bytes, int], int] = Framer._feed_head  # unbound: no cycle
        self._fed = 0

    def feed(self, data: bytes) -> int:
        """Take the next bytes received; return how many belong to the message (the rest is surplus)."""
        position = 0
        while position < len(data) and not self.complete:
            position = len(data) if self.problem is not None else self._state(self, data, position)
        self._fed += position
        return position

    def eof(self) -> None:
        """Note that the peer closed: the end of a close-delimited body, a cut of any other."""
        if self.complete or self.problem is not None:
            return
        if self.head is not None and self.framing == "close":
            self.complete = True
        else:
            self._fail("truncated" if self._fed else "empty")

    # Each state takes the data and a position below its length, and returns the position it reached.

    def _feed_head(self, data: bytes, position: int) -> int:
        whole = None if self._line else plain_head(data, position)
        if whole is None:
            return self._feed_head_line(data, position)
        self._begin(whole)
        return position + whole.size

    def _feed_head_line(self, data: bytes, position: int) -> int:
        position = self._take_line(data, position)
        if len(self._line) > MAX_HEAD_BYTES:
            return self._fail("head-too-large", position)
        if not self._line.endswith(b"\n"):
            return position
        line = bytes(self._line[self._line_start :])
        if self._line_start == 0 and not STATUS_LINE.fullmatch(line.rstrip(b"\r\n")):
            return self._fail("bad-head", position)
        if line not in BLANK_LINES:
            self._line_start = len(self._line)
            return position
        try:
            head = read_head(bytes(self._line))
        except HttpMessageError:
            return self._fail("bad-head", position)
        if b"\n" in self._line.replace(b"\r\n", b""):
            self._note("bare-lf")
        self._line.clear()
        self._line_start = 0
        self._begin(head)
        return position

    def _begin(self, head: Head) -> None:
        status = head.status or 0
        if status < _STATUS_OK and status != _SWITCHING_PROTOCOLS:
            self.interim += (head,)
            if len(self.interim) > MAX_INTERIM_HEADS:
                self._fail("too-many-interim")
            return
        self.head = head
        self.body_offset = sum(each.size for each in self.interim) + head.size
        if not head.protocol.startswith("HTTP/1."):
            self._note("http-version")
        self._choose_framing(head, status)

    def _choose_framing(self, head: Head, status: int) -> None:
        """Follow RFC 9112 §6.3, in its order."""
        codings = _tokens(head.get_all("Transfer-Encoding"))
        lengths = _tokens(head.get_all("Content-Length"), keep_empty=True)
        if self._method == "HEAD" or status in _BODILESS_STATUSES:
            self.complete = True
        elif codings:
            self._frame_by_codings(head, codings, has_length=bool(lengths))
        elif lengths:
            self._frame_by_length(lengths)
        else:
            self.framing = "close"
            self._state = Framer._feed_until_close

    def _frame_by_codings(self, head: Head, codings: list[str], *, has_length: bool) -> None:
        if has_length:
            self._note("length-and-chunked")
        self.framing = "close"
        self._state = Framer._feed_until_close
        if codings.count("chunked") > 1 or "chunked" in codings[:-1]:
            self._fail("bad-transfer-encoding")
            return
        if any(coding not in {"chunked", "identity"} for coding in codings):
            self._note("transfer-coding")
        if codings[-1] == "chunked":
            if head.protocol == "HTTP/1.0":
                self._note("chunked-in-http10")
            self.framing = "chunked"
            self._state = Framer._feed_chunk_line

    def _frame_by_length(self, lengths: list[str]) -> None:
        self.framing = "close"
        self._state = Framer._feed_until_close
        if not all(_LENGTH.fullmatch(value) for value in lengths):
            self._fail("bad-length")
        elif len({int(value) for value in lengths}) > 1:
            self._fail("two-lengths")
        else:
            if len(lengths) > 1:
                self._note("repeated-length")
            self.framing = "length"
            self._left = int(lengths[0])
            self._state = Framer._feed_counted
            self.complete = self._left == 0

    def _feed_until_close(self, data: bytes, position: int) -> int:
        self._keep(data[position:])
        return len(data)

    def _feed_counted(self, data: bytes, position: int) -> int:
        end = self._take_counted(data, position)
        self.complete = self._left == 0
        return end

    def _feed_chunk_line(self, data: bytes, position: int) -> int:
        position = self._take_line(data, position)
        if len(self._line) > MAX_CHUNK_LINE_BYTES:
            return self._fail("bad-chunk", position)
        if not self._line.endswith(b"\n"):
            return position
        found = _CHUNK_LINE.fullmatch(self._line)
        if found is None:
            return self._fail("bad-chunk", position)
        self._left = int(found.group(1), 16)
        self._line.clear()
        self._state = Framer._feed_chunk_data if self._left else Framer._feed_trailers
        return position

    def _feed_chunk_data(self, data: bytes, position: int) -> int:
        end = self._take_counted(data, position)
        if self._left == 0:
            self._state = Framer._feed_chunk_end
        return end

    def _feed_chunk_end(self, data: bytes, position: int) -> int:
        taken = data[position : position + 2 - len(self._line)]
        self._line += taken
        if not b"\r\n".startswith(self._line):
            return self._fail("bad-chunk", position + len(taken))
        if len(self._line) == 2:  # noqa: PLR2004 -- the length of CR LF
            self._line.clear()
            self._state = Framer._feed_chunk_line
        return position + len(taken)

    def _feed_trailers(self, data: bytes, position: int) -> int:
        position = self._take_line(data, position)
        if len(self._line) > MAX_HEAD_BYTES:
            return self._fail("trailers-too-large", position)
        if not self._line.endswith(b"\n"):
            return position
        if self._line[self._line_start :] not in BLANK_LINES:
            self._line_start = len(self._line)
            return position
        try:
            self.trailers = read_fields(bytes(self._line))
        except HttpMessageError:
            self._note("bad-trailer")
        self.complete = True
        return position

    def _take_line(self, data: bytes, position: int) -> int:
        end = data.find(b"\n", position) + 1 or len(data)
        self._line += data[position:end]
        return end

    def _take_counted(self, data: bytes, position: int) -> int:
        taken = data[position : position + self._left]
        self._left -= len(taken)
        self._keep(taken)
        return position + len(taken)

    def _keep(self, taken: bytes) -> None:
        if self._sink is not None:
            self._sink(taken)

    def _note(self, code: str) -> None:
        if code not in self.problems:
            self.problems += (code,)

    def _fail(self, code: str, position: int = 0) -> int:
        self.problem = code
        self._note(code)
        return position


def _tokens(values: list[str], *, keep_empty: bool = False) -> list[str]:
    """Split list-valued fields at commas, lower case; RFC 9110 §5.6.1 lets empty elements be ignored."""
    elements = [element.strip(" \t").lower() for value in values for element in value.split(",")]
    return elements if keep_empty else [element for element in elements if element]

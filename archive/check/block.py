"""A record's block, judged while it passes: its digests, and the HTTP message it is said to be.

Nothing is kept but running digests and at most one HTTP head, whatever the block's size.
"""

from __future__ import annotations

from typing import Final

from archive.check.findings import Tell
from archive.check.header import Header
from archive.digests import BLOCK_IS_PAYLOAD, Hasher, hasher, states
from archive.errors import HttpMessageError
from archive.fields import is_token
from archive.http1 import MAX_HEAD_BYTES, Framer, parse_head
from archive.words import counted

HEAD_BYTES: Final = 2 * MAX_HEAD_BYTES
"""How much of a block's beginning is kept, for what the index says of a response."""


class BlockCheck:
    """Takes a block in pieces; `finish` tells what is wrong with it.

    `head` is the block's beginning. `proven` says, after `finish`, that a block digest vouches for every
    byte; `refuted` that one contradicts them.
    """

    def __init__(self, header: Header, tell: Tell, offset: int) -> None:
        self.head = b""
        self.proven = False
        self.refuted = False
        self._header = header
        self._tell = tell
        self._offset = offset
        self._taken = 0
        self._block = _Digest(header, "WARC-Block-Digest")
        whole = header.get("WARC-Segment-Number") is None
        self._payload = _Digest(header, "WARC-Payload-Digest" if whole else None)
        self._stored: _Digest | None = None
        self._framer: Framer | None = None
        if header.type in {"response", "revisit"} and header.is_http("response"):
            sink = self._payload.update if header.type == "response" else None
            self._framer = Framer(sink=sink)
        self._message_bytes = 0

    def update(self, data: bytes) -> None:
        """Take the next bytes."""
        if len(self.head) < HEAD_BYTES:
            self.head += data[: HEAD_BYTES - len(self.head)]
        self._block.update(data)
        if self._framer is not None:
            used = self._framer.feed(data)
            self._message_bytes += used
            self._update_stored(data, used, self._framer)
        elif self._header.type in BLOCK_IS_PAYLOAD:
            self._payload.update(data)
        self._taken += len(data)

    def _update_stored(self, data: bytes, used: int, framer: Framer) -> None:
        """Keep the digest of the body as it lies in the block, where that is not the payload's own."""
        if framer.body_offset is None:
            return
        if framer.framing == "chunked" or framer.problem is not None:
            self._stored = self._stored or _Digest(self._header, self._payload.name)
            self._stored.update(data[max(0, framer.body_offset - self._taken) :])
        elif used < len(data):
            self._stored = self._stored or self._payload.copy()
            self._stored.update(data[used:])

    def finish(self) -> None:
        """Tell what the whole block shows."""
        verdict = self._block.verdict()
        self.proven = verdict is True
        if verdict is False:
            self.refuted = True
            self._say("E030", f"{self._block.label[:100]} is declared")
        self._check_message()
        self._check_payload()
        self._check_fields_block()
        truncated = self._header.get("WARC-Truncated")
        left_out = self._header.type == "revisit" and truncated == "length"  # as §6.7.2 asks
        if truncated and not left_out:
            self._say("I041", f"WARC-Truncated: {truncated[:60]}")

    def _check_payload(self) -> None:
        header = self._header
        if header.type == "response" and self._framer is not None and self._framer.head is not None:
            as_sent, as_stored = self._payload.verdict(), (self._stored or self._payload).verdict()
            if as_sent is False and as_stored is False:
                self._refute()
            elif as_sent is False and self._framer.framing == "chunked":
                self._say("I031", "it leaves the chunk framing in, as older tools do")
        elif header.type in BLOCK_IS_PAYLOAD and self._payload.verdict() is False:
            self._refute()

    def _check_fields_block(self) -> None:
        """Judge a block of named fields (§4): as much of it as is kept, up to the last whole line."""
        media = (self._header.get("Content-Type") or "").partition(";")[0].strip().lower()
        if media != "application/warc-fields" or not self._taken:
            return
        data = self.head
        if self._taken > len(data):
            data = data[: data.rfind(b"\n") + 1]
        fault = _fields_fault(data)
        if fault is not None:
            self._say("E023", fault)

    def _refute(self) -> None:
        self.refuted = True
        self._say("E031", f"{self._payload.label[:100]} is declared")

    def _check_message(self) -> None:
        if self._framer is not None:
            self._check_response(self._framer)
        elif self._header.type == "request" and self._header.is_http("request") and self._taken:
            try:
                parse_head(self.head)
            except HttpMessageError as error:
                self._say("E040", str(error))

    def _check_response(self, framer: Framer) -> None:
        framer.eof()
        revisit = self._header.type == "revisit"  # its body is elsewhere (§6.7): only the head can be judged
        declared = self._header.get("WARC-Truncated") is not None
        if framer.head is None:
            if self._taken or not revisit:
                self._say("I040" if declared else "E040", f"no response head can be read ({framer.problem})")
            return
        odd = [code for code in framer.problems if code != framer.problem]
        if odd:
            self._say("I040", ", ".join(odd))
        if revisit:
            return
        if framer.problem is not None and not declared:
            self._check_end(framer)
        if framer.complete and self._taken > self._message_bytes:
            self._say("W040", f"{self._taken - self._message_bytes} bytes after its end")

    def _check_end(self, framer: Framer) -> None:
        body = self._taken - (framer.body_offset or 0)
        if framer.problem != "truncated":
            self._say("E042", f"{framer.problem}")
        elif body == 0:
            self._say("W041", f"framed by {framer.framing}, and nothing follows its head")
        else:
            self._say(
                "E041",
                f"framed by {framer.framing}; {counted(body, 'byte of body is', 'bytes of body are')} there",
            )

    def _say(self, code: str, detail: str) -> None:
        self._tell(code, detail, offset=self._offset, record_id=self._header.record_id)


def _fields_fault(data: bytes) -> str | None:
    """Say what makes some bytes no named fields, None if they are: `name: value` lines, then blank lines."""
    if b"\n" in data.replace(b"\r\n", b""):
        return "lines end with a bare LF"
    lines = data.rstrip(b"\r\n").split(b"\r\n")
    for number, line in enumerate(lines, 1):
        name, colon, _ = line.partition(b":")
        folded = number > 1 and line[:1] in (b" ", b"\t")
        if not folded and not (colon and is_token(name.decode("latin-1"))):
            return f"line {number} is no field: {line[:60]!r}"
    return None


class _Digest:
    """The running digest that one field of a header asks for; nothing if it asks for none we know."""

    def __init__(self, header: Header, name: str | None) -> None:
        self.name = name
        self._header = header
        self.label = (header.get(name) if name else None) or ""
        self._running: Hasher | None = hasher(self.label) if self.label else None

    def update(self, data: bytes) -> None:
        if self._running is not None and data:
            self._running.update(data)

    def copy(self) -> _Digest:
        """Return one of the same state that goes its own way."""
        made = _Digest(self._header, self.name)
        made._running = None if self._running is None else self._running.copy()
        return made

    def verdict(self) -> bool | None:
        """Tell whether the digest is right; None where nothing can be said."""
        return None if self._running is None else states(self.label, self._running.digest())

"""The head of an HTTP/1.1 message (RFC 9112 §2 to §5): its first line and its fields, as they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from archive.errors import HttpMessageError

MAX_HEAD_BYTES = 64 * 1024
"""Cap on one head and, separately, on the trailer section."""
STATUS_LINE = re.compile(rb"HTTP/([0-9](?:\.[0-9])?) ([0-9]{3})(?: ([^\0\r\n]*))?")
BLANK_LINES = (b"\r\n", b"\n")

Fields = tuple[tuple[str, str], ...]

_REQUEST_LINE = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+ [^\0-\x20\x7f]+ HTTP/([0-9](?:\.[0-9])?)")
_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_BLANK = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Head:
    """Head of a request or response; text is Latin-1, one character per byte of the wire.

    `fields` keeps order, case and repetition; values lose the blanks around them, and an obsolete line
    folding becomes one space (RFC 9112 §5.2; the bytes of the message are not touched). `size` counts
    the bytes of this head up to and including its blank line. `status` and `reason` are None on a
    request. `protocol` is as written, e.g. `HTTP/1.1`.
    """

    start_line: str
    fields: Fields
    size: int
    status: int | None
    reason: str | None
    protocol: str

    def get(self, name: str) -> str | None:
        """Return the first value of a field, its name in any case; None if absent."""
        wanted = name.lower()
        return next((value for key, value in self.fields if key.lower() == wanted), None)

    def get_all(self, name: str) -> list[str]:
        """Return every value of a field in order, its name in any case."""
        wanted = name.lower()
        return [value for key, value in self.fields if key.lower() == wanted]


def parse_head(data: bytes | memoryview) -> Head:
    """Read the head at the start of `data`; what follows its blank line is not looked at.

    Raises `HttpMessageError` if there is no blank line within `MAX_HEAD_BYTES`, or a line breaks the
    grammar.
    """
    window = bytes(data[: MAX_HEAD_BYTES + 1])
    start = 0
    while True:
        end = window.find(b"\n", start) + 1
        if not end or end > MAX_HEAD_BYTES:
            raise HttpMessageError(
                f"the HTTP head has no end within the first {min(len(data), MAX_HEAD_BYTES)} bytes"
            )
        if start and window[start:end] in BLANK_LINES:
            return read_head(window[:end])
        start = end


def plain_head(data: bytes, position: int) -> Head | None:
    """Return the response head that stands whole at a position, every line of it ended by CR LF.

    None for any other: it is read line by line, which tells what is odd about it.
    """
    end = data.find(_BLANK, position, position + MAX_HEAD_BYTES)
    if end < 0:
        return None
    raw = data[position : end + len(_BLANK)]
    if raw.count(b"\n") != raw.count(b"\r\n"):  # a bare LF, which may also end the head sooner
        return None
    try:
        head = read_head(raw)
    except HttpMessageError:
        return None
    return head if head.status is not None else None


@lru_cache(maxsize=32)  # from the wire to the index and the reading, one head is looked at many times
def read_head(data: bytes) -> Head:
    """Read a head that ends with its blank line. Raises `HttpMessageError`."""
    line, _, rest = data.partition(b"\n")
    line = line.removesuffix(b"\r")
    status = STATUS_LINE.fullmatch(line)
    request = None if status else _REQUEST_LINE.fullmatch(line)
    found = status or request
    if found is None:
        raise HttpMessageError("the first line is neither an HTTP status line nor a request line", offset=0)
    return Head(
        start_line=line.decode("latin-1"),
        fields=read_fields(rest),
        size=len(data),
        status=int(status.group(2)) if status else None,
        reason=(status.group(3) or b"").decode("latin-1") if status else None,
        protocol=f"HTTP/{found.group(1).decode('ascii')}",
    )


def read_fields(data: bytes) -> Fields:
    """Read field lines up to and including the blank line that ends `data`. Raises `HttpMessageError`."""
    fields: list[tuple[bytes, list[bytes]]] = []
    for raw in data.split(b"\n"):
        line = raw.removesuffix(b"\r")
        if not line:
            continue
        if b"\0" in line or b"\r" in line:
            raise HttpMessageError("a header line contains NUL or a bare carriage return")
        if line[0] in b" \t":
            if not fields:
                raise HttpMessageError("the first header line starts with a blank")
            fields[-1][1].append(line.strip(b" \t"))
            continue
        name, colon, value = line.partition(b":")
        if not colon or not _TOKEN.fullmatch(name):
            raise HttpMessageError("a header line is not of the form 'name: value'")
        fields.append((name, [value.strip(b" \t")]))
    return tuple(
        (name.decode("latin-1"), b" ".join(part for part in parts if part).decode("latin-1"))
        for name, parts in fields
    )

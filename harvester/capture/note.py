"""The capture's own account of an exchange: the `metadata` record written with every response.

Form: `application/warc-fields` (WARC 1.1 §6.6), one `name: value` a line, UTF-8. `via` and
`fetchTimeMs` are the standard's own names; ours begin with `harvester-`, and nested values are one
line of JSON. What stands here and in the response record is all that a document is made from, so a
rebuild years later finds the same facts.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from harvester.errors import IntegrityError

CONTENT_TYPE: Final = "application/warc-fields"
_PREFIX: Final = "harvester-"
_PLAIN_NAMES: Final = {"via": "via", "fetch_time_ms": "fetchTimeMs", "software": "software"}
_MAX_BYTES: Final = 1 << 20


class Tls(msgspec.Struct, frozen=True, kw_only=True):
    """The secured connection: version, cipher suite, SHA-256 of each certificate, the peer's first."""

    version: str
    cipher: str
    certificates_sha256: tuple[str, ...] = ()


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """The file that a page was imported from (harvester.imports).

    `file` is its name without folders, `sha256` that of its bytes as they lay on disk. `fetched` is when
    the file says the page was fetched or saved (RFC 3339; without a zone where the file names none),
    `fetched_source` where it says so; `url_source` where the page's URL came from (None: unknown).
    `status` is the HTTP status the file reports. `zeroed` names the session values that were overwritten
    in the record; `kept_apart` tells that the untouched original lies in the archive's quarantine.
    """

    file: str
    sha256: str
    fetched: str | None = None
    fetched_source: str | None = None
    url_source: str | None = None
    status: int | None = None
    zeroed: tuple[str, ...] = ()
    kept_apart: bool = False


class CaptureNote(msgspec.Struct, frozen=True, kw_only=True):
    """What we know of an exchange beyond its bytes. Times are RFC 3339, UTC, by our clock.

    `role` is `page` or `asset`; `asset_role` what an asset is to its page (`image`, `attachment`,
    `requisite`; None in notes of older versions, which fetched images only). `end` says why reading ended
    (`complete`, `length`, `time`, `disconnect`, `protocol`, or `failed` where no response came); `chain`
    holds the earlier URLs of a redirect chain, first first; `via` the page an asset belongs to, or the
    redirecting URL; `visit` names the visit (one call for one URL) that its attempts and redirects belong to:
    when it began, None in notes of older versions. `method` is `live` for our own exchange; the others, with
    `imported`, are those of harvester.imports. `problems` are the codes of `archive.http1.Framer`: where the
    server bent HTTP and was understood all the same; `surplus_bytes` came after the message's end.
    """

    software: str
    method: str = "live"
    role: str = "page"
    asset_role: str | None = None
    end: str = "complete"
    started: str | None = None
    ended: str | None = None
    fetch_time_ms: int | None = None
    surplus_bytes: int = 0
    via: str | None = None
    chain: tuple[str, ...] = ()
    visit: str | None = None
    discovered_via: str | None = None
    vantage: dict[str, str] | None = None
    rehearsal: dict[str, Any] | None = None
    peer: str | None = None
    tls: Tls | None = None
    failure: str | None = None
    message: str | None = None
    imported: Imported | None = None
    warnings: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


_BENT: Final = {
    "bare-lf": "lines of its head end without a carriage return",
    "length-and-chunked": "it has a Content-Length beside a chunked body (RFC 9112 §6.3: the chunks count)",
    "repeated-length": "its Content-Length is given more than once",
    "chunked-in-http10": "it is chunked, which HTTP/1.0 does not know",
    "bad-trailer": "fields after its last chunk cannot be read",
}


def bent_http(note: CaptureNote) -> tuple[str, ...]:
    """Say in sentences where the server bent HTTP in an exchange that came to its end."""
    if note.end != "complete":
        return ()
    told = [f"the response bends HTTP: {_BENT.get(code, code)}" for code in note.problems]
    if note.surplus_bytes:
        told.append(f"{note.surplus_bytes} bytes came after the response's declared end; they are not kept")
    return tuple(told)


def _name(key: str) -> str:
    """Return the name under which a field of a note is written."""
    return _PLAIN_NAMES.get(key, _PREFIX + key.replace("_", "-"))


@functools.cache
def _known() -> tuple[tuple[str, str, bool], ...]:
    """Return the fields of a note: key, name in the record, whether its value is plain text."""
    fields = msgspec.structs.fields(CaptureNote)  # it reads all annotations again
    return tuple((field.name, _name(field.name), field.type in (str, str | None)) for field in fields)


def _line(name: str, value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    # A server's or a system's message may hold anything; a field is one line (WARC 1.1 §4).
    return f"{name}: {' '.join(text.split())}\r\n"


def note_to_bytes(note: CaptureNote) -> bytes:
    """Return the block of the metadata record."""
    given: Mapping[str, object] = msgspec.to_builtins(note)
    return "".join(
        _line(_name(key), value) for key, value in given.items() if value not in (None, [])
    ).encode()


def note_from_bytes(block: bytes) -> CaptureNote | None:
    """Read a note back; None for a metadata record that some other tool wrote.

    Raises `IntegrityError` for one that claims to be ours and cannot be read.
    """
    if len(block) > _MAX_BYTES:
        return None
    fields = dict(_pairs(block.decode("utf-8", "replace").split("\r\n")))
    if not fields.get("software", "").startswith("harvester/"):
        return None
    values: dict[str, object] = {}
    for key, name, plain in _known():
        text = fields.get(name)
        if text is not None:
            values[key] = _value(text, plain=plain)
    try:
        return msgspec.convert(values, CaptureNote)
    except msgspec.ValidationError as error:
        raise IntegrityError(f"a capture note cannot be read: {error}") from error


def _pairs(lines: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, value.strip()) for name, colon, value in (line.partition(":") for line in lines) if colon]


def _value(text: str, *, plain: bool) -> object:
    if plain:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text

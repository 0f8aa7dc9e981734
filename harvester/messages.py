"""MIME messages as files hold them: mails, and pages that browsers saved as one (MHTML)."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import Message
from typing import Final

from harvester.errors import UsageError

_MAX_MULTIPARTS: Final = 20  # a browser writes one; each deeper level costs the parser time on every line
_MAX_BOUNDARIES: Final = 20_000
_MAX_FIELD_BYTES: Final = 16 << 10  # the parser's time grows with the square of it
_FIELD: Final = re.compile(rb"^content-(?:type|disposition):", re.IGNORECASE | re.MULTILINE)
_NEXT_FIELD: Final = re.compile(rb"\n(?![ \t])")
_MULTIPART: Final = re.compile(rb"multipart/", re.IGNORECASE)


def message_of(data: bytes, name: str, what: str) -> Message:
    """Return a message. `what` says in words what the file should have been.

    Raises `UsageError` for one that cannot be read, or whose parts or fields are more than any has.
    """
    inside = sum(1 for _ in zip(_MULTIPART.finditer(data), range(_MAX_MULTIPARTS + 1), strict=False))
    if inside > _MAX_MULTIPARTS:
        raise UsageError(f"{name} holds more than {_MAX_MULTIPARTS} nested messages: not {what}")
    if data.count(b"\n--") > _MAX_BOUNDARIES or _has_endless_field(data):
        raise UsageError(f"{name} is made to keep a reader busy: not {what}")
    try:
        return message_from_bytes(data)
    except (RecursionError, ValueError, LookupError, TypeError) as error:
        raise UsageError(f"{name} cannot be read as {what}: {error}") from error


def _has_endless_field(data: bytes) -> bool:
    """Tell whether a field that is taken apart has more in it than any has, folded over lines or not."""
    for field in _FIELD.finditer(data):
        end = _NEXT_FIELD.search(data, field.end(), field.end() + _MAX_FIELD_BYTES)
        if end is None and len(data) - field.end() > _MAX_FIELD_BYTES:
            return True
    return False

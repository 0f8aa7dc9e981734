"""MIME messages as files hold them: mails, and pages that browsers saved as one (MHTML)."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import Message
from typing import Final

from harvester.errors import UsageError

_MAX_MULTIPARTS: Final = 20  # a browser writes one; each deeper level costs the parser time on every line
_MULTIPART: Final = re.compile(rb"multipart/", re.IGNORECASE)


def message_of(data: bytes, name: str, what: str) -> Message:
    """Return a message. `what` says in words what the file should have been.

    Raises `UsageError` for one that cannot be read, or whose parts are nested deeper than any is.
    """
    inside = sum(1 for _ in zip(_MULTIPART.finditer(data), range(_MAX_MULTIPARTS + 1), strict=False))
    if inside > _MAX_MULTIPARTS:
        raise UsageError(f"{name} holds more than {_MAX_MULTIPARTS} nested messages: not {what}")
    try:
        return message_from_bytes(data)
    except (RecursionError, ValueError, LookupError, TypeError) as error:
        raise UsageError(f"{name} cannot be read as {what}: {error}") from error

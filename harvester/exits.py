"""Exit codes: the same meaning for every command, now and later (docs/exit-codes.md)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Final


class Exit(IntEnum):
    """What a command's exit status says."""

    DONE = 0
    NEGATIVE = 1  # not an article, the text differs, damage found
    USAGE = 2
    BLOCKED = 3  # the publisher demanded verification or throttled
    CANNOT_TELL = 4  # unknown page state, nothing to compare
    STORAGE = 5
    STOPPED = 130  # by Ctrl-C: 128 + SIGINT, the shells' convention
    DEFECT = 70  # a fault of this program (EX_SOFTWARE in sysexits.h)


_PRECEDENCE: Final = (
    Exit.DEFECT,
    Exit.STORAGE,
    Exit.BLOCKED,
    Exit.CANNOT_TELL,
    Exit.NEGATIVE,
    Exit.DONE,
)


def combined(codes: Iterable[Exit]) -> Exit:
    """Return the code of a run over many items: 5 > 3 > 4 > 1; 0 for none.

    An item that could not be used as it was put is a negative answer among others; where all are
    such, the call itself is to be corrected: 2.
    """
    found = set(codes)
    if found == {Exit.USAGE}:
        return Exit.USAGE
    if Exit.USAGE in found:
        found = found - {Exit.USAGE} | {Exit.NEGATIVE}
    return next((code for code in _PRECEDENCE if code in found), Exit.DONE)


def of_state(state: str) -> Exit:
    """Return the code that a page state means for its URL."""
    if state == "ok":
        return Exit.DONE
    if state in {"verification", "rate_limited"}:
        return Exit.BLOCKED
    return Exit.CANNOT_TELL if state == "unknown" else Exit.NEGATIVE

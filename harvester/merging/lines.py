"""What people wrote and sources named (`journal/`): the lines of all archives, each once, by time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from harvester.watch.journal import FOLDER, append_raw, read_raw

_NO_TIME: Final = datetime.min.replace(tzinfo=UTC)


class Lines(NamedTuple):
    """How many lines came, by file, and how many of the sources' are no lines of ours."""

    new: dict[str, int]
    odd: int


def merge_lines(sources: Sequence[Path], target: Path) -> Lines:
    """Append the lines of other archives that an archive has not, in order of time. Raises `StorageError`.

    Two lines are the same if they say the same. Files are only appended to: who writes to them or follows
    them meanwhile is not disturbed, and a line that a crash cuts comes again with the next merge.
    """
    names = {path.name for source in sources for path in (source / FOLDER).glob("*.jsonl")}
    new: dict[str, int] = {}
    odd = 0
    for name in sorted(names):
        held = {said for line in read_raw(target, name) if (said := _said(line)) is not None}
        fresh: dict[bytes, datetime] = {}
        for source in sources:
            for line in read_raw(source, name):
                said = _said(line)
                if said is None:
                    odd += 1
                elif said not in held:
                    fresh.setdefault(said, _moment(said))
        append_raw(target, name, _by_time(fresh.items()))
        if fresh:
            new[name] = len(fresh)
    return Lines(new, odd)


def _by_time(lines: Iterable[tuple[bytes, datetime]]) -> list[bytes]:
    return [line for line, _ in sorted(lines, key=lambda pair: pair[1])]


def _said(line: bytes) -> bytes | None:
    """Return what a line says in one form, with its keys in the order they came; None for no JSON object."""
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return None
    return msgspec.json.encode(value) if isinstance(value, dict) else None


def _moment(said: bytes) -> datetime:
    value: dict[str, Any] = msgspec.json.decode(said)
    try:
        found = datetime.fromisoformat(value["at"])
    except (KeyError, TypeError, ValueError):
        return _NO_TIME
    return found if found.tzinfo else found.replace(tzinfo=UTC)

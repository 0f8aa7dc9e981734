"""What was handed to a person, and what became of it: append-only lines in the archive, and what they say.

`journal/handoff.jsonl` is kept like notes: who saved a page for us, and for what, no WARC file tells.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal

import msgspec

from harvester.watch import journal

FILE: Final = "handoff.jsonl"
VIA: Final = "hand-off"
"""What events say of a page that a person saved because it was handed over."""
What = Literal["asked", "saved", "fetched", "dropped"]


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened to one URL.

    `asked`: it is a person's now, since `host` demanded verification (`why`); `title`, `account` and
    `identities` (of earlier captures) as far as they are known, `via` how the URL was found. `saved`: a page
    that a person saved answers it, capture `id`, which came by `method` and is in `state`. `fetched`: the
    host answered after all. `dropped`: nobody wants it any more.
    """

    at: str
    what: What
    url: str
    host: str | None = None
    why: str | None = None
    title: str | None = None
    account: str | None = None
    identities: tuple[str, ...] = ()
    via: str | None = None
    id: str | None = None
    method: str | None = None
    state: str | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where the hand-off stands: what is open, by URL in order of asking, and what was closed, newest first.

    Of a closed URL the line that closed it, with what was known when it was asked. `dropped` are the URLs
    that nobody wants: they are not asked for again.
    """

    open: dict[str, Line]
    closed: tuple[Line, ...]
    dropped: frozenset[str] = frozenset()


def standing(lines: Iterable[Line]) -> Standing:
    """Return where the hand-off stands after these lines. Pure."""
    waiting: dict[str, Line] = {}
    closed: list[Line] = []
    for line in lines:
        if line.what == "asked":
            waiting.setdefault(line.url, line)
        elif (asked := waiting.pop(line.url, None)) is not None:
            known = {"host": asked.host, "title": line.title or asked.title}
            known |= {"account": line.account or asked.account}
            closed.append(msgspec.structs.replace(line, **known))
    last = {line.url: line.what for line in closed}
    dropped = frozenset(url for url, what in last.items() if what == "dropped" and url not in waiting)
    return Standing(open=waiting, closed=tuple(reversed(closed)), dropped=dropped)


def read(archive: Path) -> Standing:
    """Return where the hand-off of an archive stands. Raises `StorageError`."""
    return standing(journal.by_time(journal.read(archive, FILE, Line)))


def append(archive: Path, lines: list[Line]) -> None:
    """Write lines; on return they are durable. Raises `StorageError`."""
    journal.append(archive, FILE, lines)


class Answers:
    """Which captures a person saved for us, by what was asked: as far as the lines tell now."""

    def __init__(self, archive: Path) -> None:
        self._follower = journal.Follower(archive, FILE, Line)
        self._by_url: dict[str, str] = {}
        self._ids: set[str] = set()

    def look(self) -> None:
        """Read what came since the last look."""
        for line in self._follower.new():
            if line.what == "saved" and line.id:
                self._by_url[line.url] = line.id
                self._ids.add(line.id)

    def of(self, urls: Iterable[str]) -> set[str]:
        """Return the captures that answer one of these URLs."""
        return {self._by_url[url] for url in urls if url in self._by_url}

    def __contains__(self, capture: object) -> bool:
        return capture in self._ids

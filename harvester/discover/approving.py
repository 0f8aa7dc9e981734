"""Approval: candidates become finds of a watch, which the next `run` looks at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from harvester.discover.candidates import Candidate, Candidates
from harvester.watch.adding import ADDED, Added, Entry, add_each
from harvester.watch.names import names_of


def approve(  # noqa: PLR0913 - what, where, for whom and by whom
    directory: Path,
    desk: Candidates,
    chosen: Sequence[Candidate],
    *,
    now: datetime,
    watch: str = ADDED,
    tags: Sequence[str] = (),
    allow_hosts: Sequence[str] = (),
    by: Literal["person", "rule"] = "person",
    led_to: Callable[[Candidate], str | None] = lambda _one: None,
) -> Added:
    """Queue candidates for a watch; on return that is durable. What cannot be queued stays a candidate.

    `led_to` tells what led to a candidate in the end (harvester.discover.led).

    A crash between the two writings leaves finds whose candidates are known from then on. Raises
    `StorageError`.
    """
    how = "approved" if by == "person" else "approved by rule"
    entries = [
        Entry(
            url=one.url,
            title=one.title,
            via=f"{how}, {one.via}",
            kind=one.kind,
            tags=tuple(tags),
            source=led_to(one),
        )
        for one in chosen
    ]
    added = add_each(directory, entries, watch=watch, now=now, allow_hosts=allow_hosts)
    taken = {find.url for find in added.new} | {one.url for one in added.known}
    others = [one for one in chosen if one.url not in taken]
    names = {name for url in taken for name in names_of(url)} if others else set()
    left = {one.url for one in others if names.isdisjoint(names_of(one.url))}
    decided = [one for one in chosen if one.url not in left]
    desk.decide(decided, "approved", now=now, watch=watch, by=by)
    return added

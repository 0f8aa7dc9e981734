"""What a report is made from, beside the result and the two texts."""

from __future__ import annotations

from dataclasses import dataclass

from harvester.verify import Result, Side
from harvester.verify_report.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a side's record stood when the report was made: WARC file, byte offset, stored length."""

    file: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A captured version of the original: its first capture, and how the captured text compares with it."""

    id: str
    when: str
    captures: int
    verdict: str
    edits: int
    material: int
    nearest: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """All that goes into a report; the same of it gives the same bytes.

    `places` are those of the captured side's record and of the original's. `saved` is the WARC-Record-ID
    under which the result is kept, None for one that is not. Where the original was not named but found:
    `found_by` are the rules that found it (harvester/finder/rules.toml), `versions` its captured versions.
    """

    result: Result
    captured: Side
    original: Side
    words: Words
    places: tuple[Place | None, Place | None] = (None, None)
    saved: str | None = None
    found_by: tuple[str, ...] = ()
    versions: tuple[Version, ...] = ()

"""What a merge did, and the lines that keep it. `msgspec.to_builtins` gives the report's one JSON form."""

from __future__ import annotations

import msgspec


class Copied(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of `journal/merged.jsonl`: a file of a source, and the one that holds its records here.

    `source` is the source as it was named; `at` is RFC 3339, UTC. `part`: only those of its records came into
    that file that were not here already, or purged here.
    """

    at: str
    source: str
    file: str
    sha256: str
    bytes: int
    name: str
    part: bool = False


class FromSource(msgspec.Struct, frozen=True, kw_only=True):
    """What came from one source.

    `copied` are the files that came now, by the names they have here; `renamed` pairs a file's name there
    with another one here; `parts` are those of which some records did not come; `held` counts those whose
    records were here. `open` are files that a process writes, `left_open` those that a crash left so: they
    come when they are closed. `failed` pairs a file with why it did not come. `apart` counts originals kept
    apart that came, `left` names what is no part of an archive.
    """

    source: str
    copied: tuple[str, ...] = ()
    copied_bytes: int = 0
    records: int = 0
    renamed: tuple[tuple[str, str], ...] = ()
    parts: tuple[str, ...] = ()
    held: int = 0
    open: tuple[str, ...] = ()
    left_open: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    apart: int = 0
    left: tuple[str, ...] = ()


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    """What a merge did. `lines` counts the journal lines that came, by file; `odd_lines` those that are none.

    `pages` counts rows that the library got; `damaged` is a line for each record that it could not read;
    `purged_elsewhere` are records that a source purged and that are still here, hidden.
    """

    sources: tuple[FromSource, ...]
    lines: dict[str, int]
    odd_lines: int
    pages: int
    damaged: tuple[str, ...]
    purged_elsewhere: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Tell whether all that is closed in the sources is here now."""
        return not any(one.failed for one in self.sources)

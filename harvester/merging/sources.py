"""The archives that are merged, each read in place: nothing is written there, not even a lock file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from archive.layout import (
    COMPACT_FOLDER,
    INDEX_FOLDER,
    LOCK,
    MARKER,
    REWRITING,
    SESSIONS,
    WARC_FOLDER,
    Layout,
    check_marker,
)
from archive.locks import kept
from archive.storage import is_url
from harvester.errors import LockedError, UsageError
from harvester.imports.quarantine import FOLDER as QUARANTINE
from harvester.watch.journal import FOLDER as JOURNAL

_PARTS: Final = frozenset(
    {
        *(MARKER, LOCK, SESSIONS, REWRITING, "harvester-archive.rewrite"),
        *(WARC_FOLDER, INDEX_FOLDER, COMPACT_FOLDER, JOURNAL, QUARANTINE, "documents", "library"),
        "handoff.html",
    }
)


class Source(NamedTuple):
    """One archive as it was named, and its layout."""

    said: str
    layout: Layout

    def strangers(self) -> tuple[str, ...]:
        """Return the names in the directory that are no part of an archive."""
        names = (path.name for path in self.layout.root.iterdir())
        return tuple(sorted(name for name in names if name not in _PARTS and not name.startswith(".tmp-")))


@contextlib.contextmanager
def opened(names: Sequence[str], target: Path) -> Iterator[list[Source]]:
    """Give the sources, their closed files kept from being replaced meanwhile; capturing may go on.

    Raises `UsageError` for the target itself or a URL, `StorageError` for what is no archive, `LockedError`
    for one whose files are being replaced.
    """
    with contextlib.ExitStack() as held:
        found: dict[Path, Source] = {}
        for name in names:
            if is_url(name):
                raise UsageError(f"{name} is a URL: copy that archive to a disk first, then merge the copy")
            path = Path(name).expanduser()
            real = path.resolve()
            if real == target.resolve():
                raise UsageError(f"{name} is the archive that is merged into: name other archives as sources")
            layout = Layout(path)
            check_marker(layout)
            if real not in found and not held.enter_context(kept(layout.rewriting)):
                raise LockedError(
                    f"files of {name} are being replaced (compact, expand or purge): let that finish"
                )
            found.setdefault(real, Source(name, layout))
        yield list(found.values())

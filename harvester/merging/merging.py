"""Merging archives into one that is open for writing: evidence first, then people's words, then the derived.

Every step may be cut off and is done again by the next merge; what is here already does not come twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from archive import Archive
from archive.check.directory import is_locked
from archive.disk import storage_errors
from archive.joining import Joined, Joining
from harvester.clock import Clock
from harvester.errors import IntegrityError
from harvester.library import Library, PageRow
from harvester.library.rows import Row
from harvester.merging.apart import bring_along
from harvester.merging.lines import merge_lines
from harvester.merging.report import Copied, FromSource, Merged
from harvester.merging.sources import Source, opened
from harvester.times import utc_text
from harvester.watch import journal
from harvester.withdrawal import purged_records

MERGED: Final = "merged.jsonl"
Progress = Callable[[str, int, int], None]
"""Called with what is being looked at, the bytes done of all, and the bytes of all."""


def merge(
    names: Sequence[str],
    archive: Archive,
    library: Library,
    clock: Clock,
    progress: Progress = lambda *_: None,
) -> Merged:
    """Merge archives, named by their directories, into an open one and its library.

    What is wrong with one file of a source is in the report, and the others come. Raises `UsageError`,
    `LockedError` and `StorageError` as `harvester.merging.sources.opened`, and `StorageError` where the disk
    fails: what came until then is whole, and stays.
    """
    target = Path(archive.path)
    with opened(names, target) as sources:
        with archive.rewriting() as right, Joining(right, archive.read) as joining:
            work = _Merging(archive, joining, clock, progress, sources)
            came = [work.source(source) for source in sources]
        lines = merge_lines([source.layout.root for source in sources], target)
    pages = 0

    def count(row: Row) -> None:
        nonlocal pages
        pages += isinstance(row, PageRow)
        progress(f"reading what came: {pages}", work.done, work.whole)

    damaged = library.catch_up(on_row=count)
    hidden = sorted(one for one in purged_records(archive) if archive.entry(one) is not None)
    return Merged(
        sources=tuple(came),
        lines=lines.new,
        odd_lines=lines.odd,
        pages=pages,
        damaged=damaged,
        purged_elsewhere=tuple(hidden),
    )


class _Merging:
    """One merge under way. `done` and `whole` are bytes of WARC files."""

    def __init__(
        self, archive: Archive, joining: Joining, clock: Clock, progress: Progress, sources: Sequence[Source]
    ) -> None:
        self._archive = archive
        self._target = Path(archive.path)
        self._joining = joining
        self._clock = clock
        self._progress = progress
        lines = journal.read(self._target, MERGED, Copied)
        self._known = {(line.sha256, line.file, line.name) for line in lines}
        self.done = 0
        self.whole = sum(_size(path) for source in sources for path in source.layout.closed_warcs())

    def source(self, source: Source) -> FromSource:
        """Bring in one archive's closed files and what it keeps apart."""
        gone = purged_records(self._archive)
        joined: list[tuple[str, Joined]] = []
        failed: list[tuple[str, str]] = []
        for path in source.layout.closed_warcs():
            self._progress(path.name, self.done, self.whole)
            try:
                found = self._joining.take(path, gone)
            except IntegrityError as error:
                failed.append((path.name, str(error)))
            else:
                self._note(source, path.name, found)
                joined.append((path.name, found))
            self.done += _size(path)
        with storage_errors("cannot read", source.layout.root):
            apart = bring_along(source.layout.root, self._target)
            strangers = source.strangers()
        growing = source.layout.open_warcs()
        copied = [(file, one) for file, one in joined if one.copied]
        return FromSource(
            source=source.said,
            copied=tuple(one.name for _, one in copied),
            copied_bytes=sum(one.bytes for _, one in copied),
            records=sum(one.records or 0 for _, one in copied),
            renamed=tuple((file, one.name) for file, one in copied if file != one.name),
            parts=tuple(file for file, one in copied if one.part),
            held=len(joined) - len(copied),
            open=tuple(path.name for path in growing if is_locked(path)),
            left_open=tuple(path.name for path in growing if not is_locked(path)),
            failed=(*failed, *apart.failed),
            apart=apart.new,
            left=strangers,
        )

    def _note(self, source: Source, file: str, found: Joined) -> None:
        """Write down once which file here holds a source's file."""
        key = (found.sha256, file, found.name)
        if key in self._known:
            return
        line = Copied(
            at=utc_text(self._clock.now()),
            source=source.said,
            file=file,
            sha256=found.sha256,
            bytes=found.bytes,
            name=found.name,
            part=found.part,
        )
        journal.append(self._target, MERGED, [line])
        self._known.add(key)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0

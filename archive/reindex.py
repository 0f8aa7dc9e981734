"""Rebuilding the index whole from the WARC files."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from archive.disk import TEMPORARY_PREFIX, Disk, storage_errors
from archive.errors import WarcError
from archive.index import RecordIndex
from archive.layout import OPEN_SUFFIX, Layout
from archive.record import IndexEntry
from archive.recovery import Walk


def rebuild(layout: Layout, index: RecordIndex) -> int:
    """Make the index hold exactly what the WARC files hold, in one transaction; return the row count.

    The caller holds the archive's lock alone, so files still being written end with a whole group.
    Raises WarcError, when all that can be read is indexed, for the first damage met in a closed file.
    """
    damage: list[WarcError] = []
    count = index.replace_all(_files(layout, damage))
    if damage:
        raise damage[0]
    return count


def rebuild_beside(layout: Layout, disk: Disk) -> None:
    """Build a new index beside an unusable one and put it in its place.

    The caller makes sure that no process has the old one open for writing: SQLite would remove the new
    one's log by name when it closes the old.
    Damage in a WARC file does not stop it: `harvester reindex` and reading report that.
    """
    temporary = layout.index.with_name(TEMPORARY_PREFIX + layout.index.name)
    with storage_errors("cannot replace the index", layout.index):
        _remove(temporary)
        index = RecordIndex.create(temporary)
        try:
            index.replace_all(_files(layout, []))
        finally:
            index.close()
        descriptor = disk.open(temporary)
        try:
            disk.fsync(descriptor)
        finally:
            disk.close(descriptor)
        _remove_logs(layout.index)
        disk.rename(temporary, layout.index)
        disk.fsync_dir(layout.index.parent)


def _files(layout: Layout, damage: list[WarcError]) -> Iterator[tuple[str, Iterator[IndexEntry], int]]:
    for path in (*layout.closed_warcs(), *layout.open_warcs()):
        with storage_errors("cannot index", path):
            walk = Walk(path, salvage=True)
            size = path.stat().st_size
            yield path.name.removesuffix(OPEN_SUFFIX), iter(walk), size
            if walk.problem is not None and not path.name.endswith(OPEN_SUFFIX):
                damage.append(walk.problem)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    _remove_logs(path)


def _remove_logs(path: Path) -> None:
    for suffix in ("-wal", "-shm", "-journal"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).unlink()

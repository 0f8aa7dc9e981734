"""The CDXJ of each closed WARC file, beside the index: `index/NAME.cdxj`, for replay tools to read.

Derived from the index's rows; made when an archive is closed and made again by `reindex`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from archive.cdxj import entry_line
from archive.disk import Disk, write_file
from archive.errors import StorageError, WarcError
from archive.index import RecordIndex
from archive.layout import Layout
from archive.record import Location, StoredRecord

LISTING_SUFFIX: Final = ".cdxj"
Read = Callable[[Location], StoredRecord]


def listing_path(layout: Layout, name: str) -> Path:
    """Return where the listing of a closed WARC file stands."""
    return layout.index.with_name(name + LISTING_SUFFIX)


def listing(index: RecordIndex, name: str, read: Read) -> bytes:
    """Return the sorted lines of one file's records. Raises StorageError, WarcError."""
    lines = (entry_line(entry, partial(read, entry.location)) for entry in index.of_file(name))
    return b"".join(sorted({line + b"\n" for line in lines if line is not None}))


def refresh(layout: Layout, index: RecordIndex, read: Read, disk: Disk, *, all_anew: bool = False) -> None:
    """Make the listings that are missing or older than their files, and remove those of files that are gone.

    What cannot be made now is left for the next time: nothing rests on a listing.
    """
    try:
        closed = {path.name: path for path in layout.closed_warcs()}
        listed = {
            path.name.removesuffix(LISTING_SUFFIX): path
            for path in layout.index.parent.glob(f"*{LISTING_SUFFIX}")
        }
        for name in listed.keys() - closed.keys():
            disk.unlink(listed[name])
        indexed = index.sizes()
        for name, path in closed.items():
            if indexed.get(name) != path.stat().st_size:
                continue  # its rows are not whole yet: the next opening puts them right
            if all_anew or name not in listed or _is_older(listed[name], path):
                _make(layout, index, name, read, disk)
    except (OSError, StorageError):
        return


def _make(layout: Layout, index: RecordIndex, name: str, read: Read, disk: Disk) -> None:
    try:
        data = listing(index, name, read)
    except WarcError:  # a damaged record that states no digest: `check` tells of it
        return
    write_file(disk, listing_path(layout, name), data)


def _is_older(listed: Path, warc: Path) -> bool:
    return listed.stat().st_mtime_ns < warc.stat().st_mtime_ns

"""The CDXJ of each closed WARC file, beside the index: `index/NAME.cdxj`, for replay tools to read.

Derived from the index's rows; made when an archive is closed and made again by `reindex`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from archive.cdxj import entry_line, write_lines
from archive.disk import Disk
from archive.errors import StorageError, WarcError
from archive.index import RecordIndex
from archive.layout import LISTING_SUFFIX, Layout
from archive.newfile import NewFile
from archive.record import Location, StoredRecord
from archive.runs import SortedLines

Read = Callable[[Location], StoredRecord]


@contextlib.contextmanager
def listing(index: RecordIndex, name: str, read: Read) -> Iterator[SortedLines]:
    """Give the sorted lines of one file's records, in bounded memory. Raises StorageError, WarcError."""
    with SortedLines() as lines:
        for entry in index.of_file(name):
            line = entry_line(entry, partial(read, entry.location))
            if line is not None:
                lines.add(line + b"\n")
        yield lines


def differs(listed: Path, lines: SortedLines) -> bool:
    """Tell whether a listing holds other lines than these. Raises OSError, StorageError."""
    with listed.open("rb") as file:
        return any(file.read(len(line)) != line for line in lines) or bool(file.read(1))


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
    with contextlib.suppress(WarcError), listing(index, name, read) as lines:  # `check` tells of damage
        file = NewFile(layout.listing(name), disk, force=True)
        try:
            write_lines(lines, file)
            file.commit()
        except BaseException:
            file.discard()
            raise


def _is_older(listed: Path, warc: Path) -> bool:
    return listed.stat().st_mtime_ns < warc.stat().st_mtime_ns

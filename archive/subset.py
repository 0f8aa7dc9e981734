"""Part of a WARC file's records as a file of its own: each octet for octet, proven by reading both again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path

from archive.disk import Disk
from archive.errors import WarcError
from archive.journal import FileState
from archive.raw import raw_records
from archive.record import StoredRecord
from archive.staging import StagedFile

SUFFIX = ".warc.gz"


def write_subset(source: Path, target: Path, disk: Disk, wanted: Callable[[StoredRecord], bool]) -> FileState:
    """Write the wanted records of `source` durably to `target`, in their order, one gzip member each.

    Raises WarcError for damage, and where the new file does not hold what it should (it is removed then);
    StorageError.
    """
    file = StagedFile(target.parent, target.name, disk)
    try:
        for raw in raw_records(source):
            if wanted(raw.record):
                file.write_gzipped(raw.octets)
    except BaseException:
        file.discard()
        raise
    state = file.finish()
    chosen = (raw.octets for raw in raw_records(source) if wanted(raw.record))
    written = (raw.octets for raw in raw_records(target))
    if any(one != other for one, other in zip_longest(chosen, written)):
        with contextlib.suppress(OSError):
            disk.unlink(target)
        raise WarcError(f"{target} does not hold what was chosen of {source}", path=str(source))
    return state

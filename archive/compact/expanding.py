"""The way back: compact files as `.warc.gz` again, every record octet for octet as it was."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from archive.compact.compacting import COMPACT_SUFFIX, Compacted, Progress, Result
from archive.compact.proof import prove
from archive.disk import storage_errors
from archive.errors import WarcError
from archive.journal import FileState
from archive.layout import is_own_name
from archive.raw import RawRecord, raw_records
from archive.rewrite import Rewriting
from archive.staging import Staging
from archive.store import Archive

_SUFFIX = ".warc.gz"


def expand(archive: Archive, *, progress: Progress = lambda *_: None) -> Result:
    """Put `.warc.gz` files in the place of every `.warc.zst` file of an archive that is open for writing.

    A warcinfo record that states the `.warc.gz` name of its file begins that file again. Raises UsageError,
    LockedError, StorageError; a damaged file is left as it is and named in the result.
    """
    done, left = [], []
    with archive.rewriting() as right:
        for path in right.layout.closed_warcs():
            if not path.name.endswith(COMPACT_SUFFIX):
                continue
            try:
                done.append(expand_file(right, path, progress))
            except WarcError as error:
                left.append(f"{path.name}: {error}; see `harvester check`")
    return Result(tuple(done), tuple(left))


def expand_file(right: Rewriting, path: Path, progress: Progress = lambda *_: None) -> Compacted:
    """Put `.warc.gz` files in the place of one compact file. Raises WarcError, StorageError."""
    folder = right.layout.compact
    with storage_errors("cannot create", folder):
        right.disk.mkdir(folder)
        right.disk.fsync_dir(folder.parent)
    files = _unpacked(right, folder, path, lambda size: progress("expand", path.name, size))
    try:
        records = prove(
            [path], [folder / state.name for state in files], lambda name, size: progress("prove", name, size)
        )
        source = right.state(path, records)
        right.replace([source], files, folder)
    except WarcError:
        for state in files:
            with contextlib.suppress(OSError):
                right.disk.unlink(folder / state.name)
        raise
    return Compacted((source,), files, replaced=True, new=True)


def _unpacked(
    right: Rewriting, folder: Path, path: Path, progress: Callable[[int], None]
) -> tuple[FileState, ...]:
    is_own = is_own_name(path.name)
    with Staging(folder, right.disk, lambda name: (right.layout.warc / name).exists()) as staging:
        for raw in raw_records(path):
            stated = _stated_name(raw) if is_own else None
            file = staging.file
            if stated is not None and not staging.is_taken(stated):  # the record begins its file again
                file = staging.begin(stated)
            elif file is None:
                file = staging.begin(staging.free_name(path, _SUFFIX))
            file.write_gzipped(raw.octets)
            progress(len(raw.octets))
        return staging.finish()


def _stated_name(raw: RawRecord) -> str | None:
    """Return the name that a warcinfo record states for its file, if it is one that we may give."""
    name = raw.record.get("WARC-Filename") if raw.record.type == "warcinfo" else None
    if name is None or not name.endswith(_SUFFIX) or not name.isprintable():
        return None
    safe = "/" not in name and "\\" not in name and not name.startswith(".") and len(name.encode()) < 200  # noqa: PLR2004
    return name if safe else None

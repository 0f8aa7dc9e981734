"""Records taken out of closed WARC files for good; all else stays octet for octet.

The rewritten file is `.warc.gz`, also of a compact one: a dictionary may hold what is to go. Copies in
`compact/` go with their original. What was cut off crashed files (`….torn…`) is not looked into.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from archive.compact.compacting import COMPACT_SUFFIX
from archive.compact.expanding import expand_file
from archive.compact.proof import manifests
from archive.disk import storage_errors
from archive.errors import StorageError, UsageError, WarcError
from archive.foreign.packages import open_file
from archive.journal import FileState
from archive.layout import stem
from archive.members import Input
from archive.raw import RawRecord, raw_records
from archive.reader import read_at
from archive.record import IndexEntry
from archive.rewrite import Rewriting
from archive.staging import Staging
from archive.zstd_members import read_dictionary

_SUFFIX = ".warc.gz"
_CAPTURED = frozenset({"request", "metadata"})


@dataclass(frozen=True, slots=True)
class Gone:
    """A record that was taken out: what is left to say of it."""

    record_id: str
    type: str
    block_digest: str | None


@dataclass(frozen=True, slots=True)
class Purge:
    """One file rewritten: `old` as it was, `new` as it is (None: nothing is left), and what is gone."""

    old: FileState
    new: FileState | None
    gone: tuple[Gone, ...]


def dangling(entries: Iterator[IndexEntry], entry: IndexEntry) -> list[str]:
    """Return which of the archive's revisits would lose their payload with a record."""
    return [
        revisit.record_id
        for revisit in entries
        if revisit.refers_to == entry.record_id
        or (revisit.refers_to is None and revisit.payload_digest == entry.payload_digest is not None)
    ]


def purge(right: Rewriting, entry: IndexEntry, announce: Callable[[Purge], None]) -> Purge:
    """Rewrite the file of a record without it and without the request and metadata written beside it.

    `announce` is called when the new file is durable and proven, before it takes the old one's place: what
    it writes says what is about to be gone. Raises UsageError for a file that is still being written,
    WarcError for one that is damaged (nothing has changed then), StorageError.
    """
    path = right.layout.warc / entry.location.file
    if not path.is_file():
        raise UsageError(f"{path} is still being written: purge when its process is done")
    folder = right.layout.compact
    with storage_errors("cannot create", folder):
        right.disk.mkdir(folder)
        right.disk.fsync_dir(folder.parent)
    _expand_holders(right, path, read_at(path, entry.location).block)
    new, gone, records = _rewritten(right, path, entry.record_id)
    try:
        _prove(path, folder / new.name, gone)
        done = Purge(right.state(path, records), new if new.records else None, gone)
        announce(done)
    except BaseException:
        with contextlib.suppress(OSError):
            right.disk.unlink(folder / new.name)
        raise
    right.replace([done.old], [done.new] if done.new else [], folder)
    _remove_copies(right, path.name, None if done.new else new.name)
    return done


def _expand_holders(right: Rewriting, own: Path, block: bytes) -> None:
    """Expand the other compact files whose dictionary was made of this very record."""
    for path in right.layout.closed_warcs():
        if path == own or not path.name.endswith(COMPACT_SUFFIX):
            continue
        with open_file(path) as file:
            dictionary = read_dictionary(Input(file, str(path)))
        if dictionary is not None and block in dictionary.as_bytes():
            expand_file(right, path)


def _goes(raw: RawRecord, record_id: str) -> bool:
    record = raw.record
    if record.record_id == record_id:
        return True
    return record.type in _CAPTURED and record_id in record.get_all("WARC-Concurrent-To")


def _rewritten(right: Rewriting, path: Path, record_id: str) -> tuple[FileState, tuple[Gone, ...], int]:
    gone: list[Gone] = []
    count = 0
    own = stem(path.name) + _SUFFIX  # also of a compact file: the new one is another file
    taken = {own, *(other.name for other in right.layout.warc.iterdir())}
    with Staging(right.layout.compact, right.disk, taken.__contains__) as staging:
        file = staging.begin(staging.free_name(path, _SUFFIX))
        for raw in raw_records(path):
            count += 1
            if _goes(raw, record_id):
                gone.append(Gone(raw.record.record_id, raw.record.type, raw.record.block_digest))
                continue
            file.write_gzipped(raw.octets)
        (state,) = staging.finish()
        return state, tuple(gone), count


def _prove(old: Path, new: Path, gone: Sequence[Gone]) -> None:
    """Compare what is to stay with what is in the new file, octet for octet. Raises WarcError."""
    ids = {item.record_id for item in gone}
    kept = (raw for raw in raw_records(old) if raw.record.record_id not in ids)
    held = raw_records(new) if new.stat().st_size else iter(())
    end = object()
    while True:
        left, right = next(kept, end), next(held, end)
        if left is end and right is end:
            return
        same = isinstance(left, RawRecord) and isinstance(right, RawRecord) and left.octets == right.octets
        if not same:
            raise WarcError(
                f"{new} does not hold what is to stay of {old}: nothing was purged", path=str(old)
            )


def _remove_copies(right: Rewriting, name: str, staged: str | None) -> None:
    """Remove the compact copies of a file, and a new file that stayed empty. Raises StorageError."""
    folder = right.layout.compact
    names = [] if staged is None else [staged]
    for manifest in manifests(folder):
        if name in {state.name for state in manifest.sources}:
            names += [*(state.name for state in manifest.files), manifest.name]
    for item in names:
        path = folder / item
        try:
            right.disk.unlink(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise StorageError(
                f"cannot remove {path}: remove it by hand, it holds what was purged"
            ) from error

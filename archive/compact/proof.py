"""The proof that compact copies hold what their originals hold, and the manifest that keeps it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Final

from archive.disk import Disk, storage_errors, write_file
from archive.errors import WarcError
from archive.journal import FileState, state_from
from archive.raw import RawRecord, raw_records

MANIFEST_SUFFIX: Final = ".manifest.json"
_FORMAT: Final = "harvester-compact"
_MAX_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Manifest:
    """One run of files repacked: every record of `sources` was read back from `files`, octet for octet."""

    sources: tuple[FileState, ...]
    files: tuple[FileState, ...]

    @property
    def name(self) -> str:
        """The manifest's own file name."""
        return self.files[0].name + MANIFEST_SUFFIX


def prove(
    originals: Sequence[Path], copies: Sequence[Path], progress: Callable[[str, int], None] = lambda *_: None
) -> int:
    """Compare the records of two runs of files, in order, octet for octet; return their number.

    Both sides are read strictly, so every digest is recomputed on both. Raises WarcError at the first
    difference or damage, StorageError.
    """
    count = 0
    for original, copy in zip_longest(_all(originals), _all(copies)):
        if original is None or copy is None or original.octets != copy.octets:
            found = copy or original
            where = "" if found is None else f"{found.record.location.file}, {found.record.record_id}"
            raise WarcError(
                f"record {count + 1} of the copies is not that of the originals ({where}): they are not used",
                path=str(copies[0]) if copies else None,
            )
        count += 1
        progress(original.record.location.file, len(original.octets))
    return count


def _all(paths: Sequence[Path]) -> Iterator[RawRecord]:
    for path in paths:
        yield from raw_records(path)


def write_manifest(folder: Path, manifest: Manifest, disk: Disk) -> None:
    """Keep the proof: from now on the copies count. Raises StorageError."""
    value = {"format": _FORMAT, "version": 1, **asdict(manifest)}
    path = folder / manifest.name
    with storage_errors("cannot write", path):
        write_file(disk, path, json.dumps(value, indent=1).encode() + b"\n")


def manifests(folder: Path) -> list[Manifest]:
    """Return the proofs of a folder, by name; what cannot be read as one proves nothing and is left out."""
    if not folder.is_dir():
        return []
    found = (_manifest(path) for path in sorted(folder.glob(f"*{MANIFEST_SUFFIX}")))
    return [manifest for manifest in found if manifest is not None]


def _manifest(path: Path) -> Manifest | None:
    try:
        with path.open("rb") as file:
            value = json.loads(file.read(_MAX_BYTES))
        if value["format"] != _FORMAT or value["version"] != 1:
            return None
        found = Manifest(
            tuple(state_from(item) for item in value["sources"]),
            tuple(state_from(item) for item in value["files"]),
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return found if found.files and found.sources and found.name == path.name else None

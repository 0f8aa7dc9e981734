"""From the closed files of an archive to proven compact copies, and from these into the originals' place."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from archive.compact.pack import Packer, Scanned, scan
from archive.compact.proof import MANIFEST_SUFFIX, Manifest, manifests, prove, write_manifest
from archive.disk import storage_errors
from archive.errors import WarcError
from archive.journal import FileState
from archive.layout import SIDECAR_SUFFIX, is_own_name
from archive.rewrite import Rewriting
from archive.store import Archive

Progress = Callable[[str, str, int], None]
"""Called with what is being done, with which file, and how many octets were done since the last call."""

RUN_BYTES: Final = 256 * 1024 * 1024
"""Size of the originals after which a run ends; a run is proven and replaced as one."""
COMPACT_SUFFIX: Final = ".warc.zst"


@dataclass(frozen=True, slots=True)
class Compacted:
    """One run: the originals, their copies, and whether the copies took the originals' place."""

    sources: tuple[FileState, ...]
    files: tuple[FileState, ...]
    replaced: bool
    new: bool

    @property
    def before(self) -> int:
        """Bytes of the originals."""
        return sum(state.bytes for state in self.sources)

    @property
    def after(self) -> int:
        """Bytes of the copies, dictionaries and all."""
        return sum(state.bytes for state in self.files)


@dataclass(frozen=True, slots=True)
class Result:
    """What was done; `left` names files that were left as they are, each with the reason."""

    runs: tuple[Compacted, ...]
    left: tuple[str, ...]


def compact(
    archive: Archive, *, delete_originals: bool = False, progress: Progress = lambda *_: None
) -> Result:
    """Repack the closed files of an archive that is open for writing.

    Without `delete_originals` the copies lie in `compact/`, proven and not indexed. With it they take the
    originals' place, also those of an earlier call. Raises UsageError, LockedError, StorageError; a damaged
    file is left as it is and named in the result.
    """
    with archive.rewriting() as right:
        return _Compaction(right, progress).run(delete_originals=delete_originals)


class _Compaction:
    def __init__(self, right: Rewriting, progress: Progress) -> None:
        self._right = right
        self._progress = progress
        self._folder = right.layout.compact
        self._left: list[str] = []

    def run(self, *, delete_originals: bool) -> Result:
        closed = {path.name: path for path in self._right.layout.closed_warcs()}
        proven = [manifest for manifest in manifests(self._folder) if self._holds(manifest, closed)]
        self._clear(proven)
        done = [self._finished(manifest, replaced=delete_originals, new=False) for manifest in proven]
        served = {state.name for manifest in proven for state in manifest.sources}
        wanted = [
            path for name, path in closed.items() if not name.endswith(COMPACT_SUFFIX) and name not in served
        ]
        for run in self._runs(wanted):
            packed = self._pack(run)
            if packed is not None:
                done.append(self._finished(packed, replaced=delete_originals, new=True))
        return Result(tuple(done), tuple(self._left))

    # Proven copies of earlier calls

    def _holds(self, manifest: Manifest, closed: dict[str, Path]) -> bool:
        """Tell whether originals and copies are still those that were compared."""
        pairs = [(closed.get(state.name), state) for state in manifest.sources]
        pairs += [(self._folder / state.name, state) for state in manifest.files]
        for path, state in pairs:
            if path is None or not path.is_file() or path.stat().st_size != state.bytes:
                return False
        return all(
            path is not None and self._right.state(path, state.records) == state for path, state in pairs
        )

    def _clear(self, proven: list[Manifest]) -> None:
        """Remove copies that no proof stands for: unfinished, or of originals that changed or went."""
        kept = {name for manifest in proven for name in (manifest.name, *(s.name for s in manifest.files))}
        if not self._folder.is_dir():
            with storage_errors("cannot create", self._folder):
                self._right.disk.mkdir(self._folder)
                self._right.disk.fsync_dir(self._folder.parent)
        for path in sorted(self._folder.iterdir()):
            ours = path.name.endswith((COMPACT_SUFFIX, MANIFEST_SUFFIX))
            if path.is_file() and ours and path.name not in kept:
                with storage_errors("cannot remove", path):
                    self._right.disk.unlink(path)

    def _finished(self, manifest: Manifest, *, replaced: bool, new: bool) -> Compacted:
        if replaced:
            self._right.replace(manifest.sources, manifest.files, self._folder)
            with contextlib.suppress(OSError):  # a proof of what is gone; the next call removes it
                self._right.disk.unlink(self._folder / manifest.name)
        return Compacted(manifest.sources, manifest.files, replaced, new)

    # New ones

    def _runs(self, paths: list[Path]) -> Iterator[list[tuple[Scanned, FileState]]]:
        """Yield runs of whole files in order; what cannot be repacked is noted and left."""
        run: list[tuple[Scanned, FileState]] = []
        size = number = 0
        for path in paths:
            try:
                scanned = scan(path, number)
                state = self._vouched(path, scanned.records)
            except WarcError as error:
                self._left.append(f"{path.name}: {error}; see `harvester check`")
                continue
            # One taken in never gets the name of one of ours: what it says is another's word.
            mixed = bool(run) and is_own_name(path.name) != is_own_name(run[0][1].name)
            if run and (mixed or size + state.bytes > RUN_BYTES):
                yield run
                run, size = [], 0
                scanned = scan(path)
            run.append((scanned, state))
            number = sum(item.records for item, _ in run)
            size += state.bytes
            self._progress("read", path.name, scanned.octets)
        if run:
            yield run

    def _vouched(self, path: Path, records: int) -> FileState:
        """Return a file's state; raises WarcError if its sidecar knows it as another."""
        state = self._right.state(path, records)
        sidecar = path.with_name(path.name + SIDECAR_SUFFIX)
        with contextlib.suppress(FileNotFoundError), storage_errors("cannot read", sidecar):
            if not sidecar.read_text("ascii", "replace").startswith(state.sha256):
                raise WarcError(f"{path} is not the file that {sidecar.name} knows", path=str(path))
        return state

    def _pack(self, run: list[tuple[Scanned, FileState]]) -> Manifest | None:
        sources = [scanned for scanned, _ in run]
        paths = [scanned.path for scanned in sources]
        files = Packer(
            sources,
            self._folder,
            self._right.disk,
            is_taken=self._is_taken,
            progress=lambda name, size: self._progress("pack", name, size),
        ).run()
        try:
            prove(
                paths,
                [self._folder / state.name for state in files],
                lambda name, size: self._progress("prove", name, size),
            )
        except WarcError as error:
            for state in files:
                with contextlib.suppress(OSError):
                    self._right.disk.unlink(self._folder / state.name)
            self._left.append(f"{', '.join(path.name for path in paths)}: {error}")
            return None
        manifest = Manifest(tuple(state for _, state in run), files)
        write_manifest(self._folder, manifest, self._right.disk)
        return manifest

    def _is_taken(self, name: str) -> bool:
        return (self._right.layout.warc / name).exists() or (self._folder / name).exists()

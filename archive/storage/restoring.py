"""An archive brought back from its mirror: each file copied, compared with what was proven, then in place.

The way back of `archive.storage.mirror`, into an empty folder. The archive's marker comes last, so that
the folder is an archive when all of it is there. A run that was cut short is taken up again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from archive.disk import SYSTEM_DISK, TEMPORARY_PREFIX, Disk, explain, storage_errors, write_file
from archive.errors import IntegrityError, StorageError, UsageError
from archive.layout import MARKER, WARC_FOLDER
from archive.newfile import NewFile
from archive.storage.ahead import ahead
from archive.storage.manifest import MANIFEST, Stored, read_manifest
from archive.storage.places import absence, sha256_of

if TYPE_CHECKING:
    from archive.storage.mirror import Progress
    from archive.storage.remote import RemotePath

RESTORING: Final = "harvester-archive.restoring"
"""Names, while a folder is being filled, the mirror that it is filled from."""
_COPY_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreReport:
    """What a run did. `failed` pairs a path with why; `left_out` are files that the archive had no more."""

    brought: tuple[str, ...]
    brought_bytes: int
    present: int
    failed: tuple[tuple[str, str], ...]
    left_out: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Tell whether the folder is the archive now."""
        return not self.failed


def restore(
    source: RemotePath, root: Path, *, progress: Progress = lambda *_: None, disk: Disk = SYSTEM_DISK
) -> RestoreReport:
    """Fill a folder, absent, empty or filled in part by an earlier run, with the archive that a mirror holds.

    Raises `UsageError` for a folder with other things in it, `StorageError` for no mirror or a store or disk
    that cannot be used at all, `IntegrityError` for a manifest that is none; one file's fault is in the
    report, and then the folder is no archive yet.
    """
    try:
        vouched = read_manifest(source)
        if MARKER not in vouched:
            why = f"{MANIFEST} names none" if vouched or source.bucket.exists() else absence(source)
            raise StorageError(f"there is no mirror of an archive at {source}: {why}")
    except OSError as error:
        raise StorageError(f"cannot read the mirror at {source}: {explain(error)}") from error
    for path in vouched:
        _check_name(source, path)
    _prepare(source, root, disk)
    report = _Restoring(source, root, vouched, progress, disk).run()
    if report.whole:
        with storage_errors("cannot finish", root):
            disk.unlink(root / RESTORING)
            disk.fsync_dir(root)
    return report


def _check_name(source: RemotePath, path: str) -> None:
    """Refuse a manifest that leads out of the folder."""
    parts = path.split("/")
    if any(not part or part in {".", ".."} for part in parts) or "\\" in path or not path.isprintable():
        raise IntegrityError(
            f"{source}: its manifest names {path[:100]!r}, which is no file of an archive", path=str(source)
        )


def _prepare(source: RemotePath, root: Path, disk: Disk) -> None:
    note = root / RESTORING
    with storage_errors("cannot use", root):
        disk.mkdir(root)
        begun = note.read_text(encoding="utf-8").strip() if note.is_file() else None
        if begun is not None and begun != str(source):
            raise UsageError(f"{root} is being filled from {begun}: name that, or another folder")
        if begun is None:
            _refuse_strangers(root)
            write_file(disk, note, f"{source}\n".encode())


def _refuse_strangers(root: Path) -> None:
    if (root / MARKER).exists():
        raise UsageError(
            f"{root} is an archive already: a mirror is brought back into a new folder, from which single "
            "files can be taken; nothing was changed"
        )
    if any(not path.name.startswith(TEMPORARY_PREFIX) for path in root.iterdir()):
        raise UsageError(f"{root} is not empty: name a new folder for the archive")


class _Restoring:
    def __init__(
        self, source: RemotePath, root: Path, vouched: dict[str, Stored], progress: Progress, disk: Disk
    ) -> None:
        self._source = source
        self._root = root
        self._wanted = [one for one in vouched.values() if not one.gone]
        self._left_out = tuple(sorted(one.path for one in vouched.values() if one.gone))
        self._progress = progress
        self._disk = disk
        self._whole = sum(one.size for one in self._wanted)
        self._done_bytes = self._brought_bytes = self._present = 0
        self._brought: list[str] = []
        self._failed: list[tuple[str, str]] = []

    def run(self) -> RestoreReport:
        """Bring the WARC files one after the other, what is small side by side, the marker last."""
        large = sorted((one for one in self._wanted if _is_large(one)), key=lambda one: one.path)
        small = [one for one in self._wanted if not _is_large(one) and one.path != MARKER]
        for one in large:
            self._note(one, self._bring(one))
        small.sort(key=lambda one: one.path)
        for one, outcome in zip(small, ahead(self._bring, small), strict=True):
            self._note(one, outcome)
        if not self._failed:
            marker = next(one for one in self._wanted if one.path == MARKER)
            self._note(marker, self._bring(marker))
        self._progress("", self._whole, self._whole)
        return RestoreReport(
            brought=tuple(self._brought),
            brought_bytes=self._brought_bytes,
            present=self._present,
            failed=tuple(self._failed),
            left_out=self._left_out,
        )

    def _note(self, one: Stored, outcome: bool | str) -> None:  # noqa: FBT001 - a value
        if isinstance(outcome, str):
            self._failed.append((one.path, outcome))
        elif outcome:
            self._brought.append(one.path)
            self._brought_bytes += one.size
        else:
            self._present += 1
        self._done_bytes += one.size
        self._progress(one.path, self._done_bytes, self._whole)

    def _bring(self, one: Stored) -> bool | str:
        """Put a file in place; return whether that was needed, or in words why it is not there."""
        target = self._root.joinpath(*PurePosixPath(one.path).parts)
        try:
            if target.is_file() and target.stat().st_size == one.size and sha256_of(target) == one.sha256:
                return False
            self._disk.mkdir(target.parent)
            digest = self._copy(one, target)
        except FileNotFoundError:
            return "it is not at the mirror any more: run `harvester check` on it"
        except OSError as error:
            return explain(error)
        return True if digest == one.sha256 else f"sha256 {one.sha256} was stored, {digest} came back"

    def _copy(self, one: Stored, target: Path) -> str:
        """Copy a file down; it stands under its name only if it is what was proven. Returns its digest."""
        digest = hashlib.sha256()
        file = NewFile(target, self._disk, force=True)
        try:
            with (self._source / one.path).open() as read:
                while data := read.read(_COPY_BYTES):
                    digest.update(data)
                    file.write(data)
            if digest.hexdigest() == one.sha256:
                file.commit()
        finally:
            file.discard()
        return digest.hexdigest()


def _is_large(one: Stored) -> bool:
    return one.path.startswith(f"{WARC_FOLDER}/")

"""An archive mirrored at a store: closed files uploaded, read back, compared, only then vouched for.

The mirror has the archive's own layout, so that a copy of it is an archive again (its index is made
anew from the WARC files). Open files, the working index and what is in quarantine stay at home. A run
that was cut short is taken up again: what the manifest vouches for is not sent a second time.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, Self, TypeVar

from archive.disk import explain
from archive.errors import StorageError, UsageError
from archive.layout import (
    INDEX_FOLDER,
    JOURNAL_FOLDER,
    SIDECAR_SUFFIX,
    WARC_FOLDER,
    Layout,
    check_marker,
    made_at,
)
from archive.storage.ahead import ahead
from archive.storage.faults import StoreError
from archive.storage.manifest import MANIFEST, Stored, manifest_bytes, read_manifest
from archive.storage.remote import RemotePath

_SAVE_AFTER_FILES: Final = 200
_SAVE_AFTER_BYTES: Final = 1 << 30
_READ_BYTES: Final = 1 << 20
_ATTEMPTS: Final = 2
_SILENCES: Final = 3
"""Files in a row for which a store did not answer in spite of all patience, after which it is given up."""

_A = TypeVar("_A")
_B = TypeVar("_B")

Progress = Callable[[str, int, int], None]
"""Called with a file's relative path, the bytes done of all, and the bytes of all; of large files often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorReport:
    """What a run did. `failed` pairs a path with why; `extra` are files that the archive no longer has.

    `differed` are those of the files sent that had been proven, and were read back otherwise (`verify`).
    """

    sent: tuple[str, ...]
    differed: tuple[str, ...]
    sent_bytes: int
    present: int
    failed: tuple[tuple[str, str], ...]
    extra: tuple[str, ...]
    deleted: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Tell whether every closed file is now at the store, proven."""
        return not self.failed


@dataclass(frozen=True, slots=True)
class _Item:
    path: Path
    relative: str
    size: int
    declared: str | None  # by its sidecar

    @classmethod
    def of(cls, root: Path, path: Path) -> Self:
        return cls(path, path.relative_to(root).as_posix(), path.stat().st_size, _declared(path))


def mirror(
    root: Path,
    target: RemotePath,
    *,
    delete: bool = False,
    verify: bool = False,
    progress: Progress = lambda *_: None,
) -> MirrorReport:
    """Bring a mirror up to date with an archive.

    `delete` removes files that an earlier run sent and the archive no longer has (files that others put
    there are left alone). `verify` reads everything back that the mirror vouches for, and sends anew what
    differs; nothing is removed for it, and a file that is damaged here is not sent. Raises `UsageError` for
    the place of another archive's mirror, `NotAnArchiveError`, `StorageError` for a store that cannot be
    used at all, `IntegrityError` for a manifest that is none; one file's fault is in the report.
    """
    layout = Layout(root)
    check_marker(layout)
    try:
        return _Mirroring(layout, target, progress, verify=verify).run(delete=delete)
    except OSError as error:
        raise StorageError(f"cannot mirror to {target}: {explain(error)}") from error


class _Mirroring:
    def __init__(self, layout: Layout, target: RemotePath, progress: Progress, *, verify: bool) -> None:
        self._layout = layout
        self._target = target
        self._progress = progress
        self._verify = verify
        self._tell: Callable[[int], None] = lambda _: None
        self._vouched = read_manifest(target)
        _refuse_anothers(layout.marker, target)
        self._sizes = {path.url: size for path, size in target.files()}
        self._sent: list[str] = []
        self._differed: list[str] = []
        self._sent_bytes = 0
        self._silences = 0
        self._unsaved = [0, 0]  # files, bytes since the manifest was put
        self._failed: list[tuple[str, str]] = []

    def run(self, *, delete: bool) -> MirrorReport:
        items = [_Item.of(self._layout.root, path) for path in closed_files(self._layout)]
        whole, done, present = sum(item.size for item in items), 0, 0
        try:
            for item, looked in zip(items, self._each(self._looked, items), strict=True):
                self._tell = partial(self._told, item.relative, done, whole)
                self._tell(0)
                if isinstance(looked, str):
                    self._failed.append((item.relative, looked))
                elif looked is _Looked.THERE:
                    present += 1
                elif self._send(item) and looked is _Looked.DIFFERS:
                    self._differed.append(item.relative)
                done += item.size
            extra = sorted(set(self._vouched) - {item.relative for item in items})
            deleted = [path for path in extra if delete and self._delete(path)]
            for path in set(extra) - set(deleted):
                self._vouched[path] = replace(self._vouched[path], gone=True)
            self._failed += self._lost(set(extra) - set(deleted))
        finally:
            self._save()
        self._progress("", whole, whole)
        return MirrorReport(
            sent=tuple(self._sent),
            differed=tuple(self._differed),
            sent_bytes=self._sent_bytes,
            present=present,
            failed=tuple(self._failed),
            extra=tuple(path for path in extra if path not in deleted),
            deleted=tuple(deleted),
        )

    def _each(self, call: Callable[[_A], _B], items: Iterable[_A]) -> Iterator[_B]:
        """Yield what a call gives for each item, in order; side by side where files are read back."""
        return ahead(call, items) if self._verify else map(call, items)

    def _looked(self, item: _Item) -> _Looked | str:
        """Tell whether the mirror has the file as it is now; in words why it could not be read back."""
        stored = self._vouched.get(item.relative)
        if stored is None or stored.gone or stored.size != item.size:
            return _Looked.LACKS
        if self._sizes.get((self._target / item.relative).url) != item.size:
            return _Looked.LACKS
        if stored.sha256 != (item.declared or _digest(item.path, item.size)):
            return _Looked.LACKS
        return self._read_back(stored) if self._verify else _Looked.THERE

    def _read_back(self, stored: Stored) -> _Looked | str:
        try:
            same = _digest(self._target / stored.path) == stored.sha256
        except FileNotFoundError:
            return _Looked.LACKS
        except OSError as error:
            return f"it could not be read back: {explain(error)}"
        return _Looked.THERE if same else _Looked.DIFFERS

    def _lost(self, gone: set[str]) -> Iterator[tuple[str, str]]:
        """Yield, of what only the mirror has, each file that is not what was proven, and why it stays so."""
        there = [self._vouched[path] for path in sorted(gone) if self._verify]
        there = [one for one in there if (self._target / one.path).url in self._sizes]
        for one, looked in zip(there, self._each(self._read_back, there), strict=True):
            if isinstance(looked, str):
                yield one.path, looked
            elif looked is not _Looked.THERE:
                yield one.path, _BEYOND

    def _send(self, item: _Item) -> bool:
        """Upload a file, and prove it; return whether it is at the store now. Why it is not is noted."""
        try:
            digest = _digest(item.path, item.size)
            if item.declared is not None and item.declared != digest:
                why: str | None = "it does not have the digest of its sidecar: run `harvester check`"
            else:
                why = next((None for _ in range(_ATTEMPTS) if self._put(item, digest)), _UNEQUAL)
        except FileNotFoundError:
            why = "it went away while the mirror was made: run it again"
        except OSError as error:
            self._silences += isinstance(error, StoreError) and not error.lasting
            if self._silences >= _SILENCES:
                raise  # each of very many files would be waited for
            why = explain(error)
        if why is not None:
            self._failed.append((item.relative, why))
            return False
        self._silences = 0
        self._vouched[item.relative] = Stored(item.relative, item.size, digest)
        self._sent.append(item.relative)
        self._sent_bytes += item.size
        self._count(item.size)
        return True

    def _put(self, item: _Item, digest: str) -> bool:
        """Upload and read back; what came out unequal does not stay."""
        self._vouched.pop(item.relative, None)
        there = self._target / item.relative
        there.put(item.path, item.size, self._tell)
        if _digest(there, tell=lambda _: self._tell(item.size)) == digest:
            return True
        there.unlink()
        return False

    def _told(self, relative: str, before: int, whole: int, done: int) -> None:
        """Tell how far the file in hand is."""
        self._progress(relative, before + done, whole)

    def _count(self, size: int) -> None:
        self._unsaved = [self._unsaved[0] + 1, self._unsaved[1] + size]
        if self._unsaved[0] >= _SAVE_AFTER_FILES or self._unsaved[1] >= _SAVE_AFTER_BYTES:
            self._save()

    def _save(self) -> None:
        (self._target / MANIFEST).write_bytes(manifest_bytes(self._vouched))
        self._unsaved = [0, 0]

    def _delete(self, relative: str) -> bool:
        there = self._target / relative
        if there.url in self._sizes:
            there.unlink()
        del self._vouched[relative]
        return True


class _Looked(enum.Enum):
    """How a file stands at the mirror: as it is here, not (or of an older state), or altered there."""

    THERE = enum.auto()
    LACKS = enum.auto()
    DIFFERS = enum.auto()


_BEYOND: Final = (
    "it is not what was proven, and the archive has it no more, so that it cannot be sent anew: look for "
    "another copy; --delete removes this one"
)
_UNEQUAL: Final = "what came back from the store was not what was sent, twice: it is not vouched for"


def closed_files(layout: Layout) -> Iterator[Path]:
    """Yield what a mirror holds: the marker, closed WARC files, sidecars, their CDXJ, journals, documents.

    A sidecar comes after its file, so that one at the store says that the file before it was proven. What
    a process left unfinished that was killed stays at home.
    """
    yield layout.marker
    for warc in layout.closed_warcs():
        yield warc
        sidecar = warc.with_name(warc.name + SIDECAR_SUFFIX)
        if sidecar.is_file():
            yield sidecar
    # What people wrote is in no WARC file. It grows by lines: a mirror has it as it was at the time.
    for folder, pattern in ((INDEX_FOLDER, "*.cdxj"), (JOURNAL_FOLDER, "*.jsonl"), ("documents", "**/*")):
        found = sorted((layout.root / folder).glob(pattern))
        yield from (path for path in found if not path.name.startswith(".") and path.is_file())


def _refuse_anothers(marker: Path, target: RemotePath) -> None:
    """Refuse a place with the marker of another archive: its files would be taken for ones that we lost."""
    try:
        theirs = (target / marker.name).read_bytes()
    except FileNotFoundError:
        return
    made, ours = made_at(theirs), made_at(marker.read_bytes())
    if made is not None and made != ours:
        raise UsageError(
            f"{target} is the mirror of another archive, made {made} (this one: {ours}): "
            "name another folder; nothing was changed"
        )


def _declared(path: Path) -> str | None:
    sidecar = path.with_name(path.name + SIDECAR_SUFFIX)
    if path.parent.name != WARC_FOLDER or not sidecar.is_file():
        return None
    return sidecar.read_text(encoding="ascii", errors="replace").partition(" ")[0]


def _digest(
    path: Path | RemotePath, size: int | None = None, tell: Callable[[int], None] = lambda _: None
) -> str:
    """Return the digest of a file, or of its first bytes: a journal may have grown since it was looked at."""
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as file:
        while data := file.read(_READ_BYTES if size is None else min(size - done, _READ_BYTES)):
            digest.update(data)
            done += len(data)
            tell(done)
    return digest.hexdigest()

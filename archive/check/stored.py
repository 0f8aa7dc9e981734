"""An archive at a URL for checking: what its mirror's manifest vouches for, and its WARC files as on a disk.

There is no index to compare with: a mirror holds none (`archive.storage.mirror`). Its documents are proven
by the digests of the manifest, not made again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from archive.disk import explain
from archive.errors import IntegrityError
from archive.layout import OPEN_SUFFIX, SIDECAR_SUFFIX, WARC_FOLDER, WARC_SUFFIXES, check_marker_at
from archive.storage.ahead import ahead
from archive.storage.manifest import MANIFEST, Stored, read_manifest
from archive.words import counted

if TYPE_CHECKING:
    from archive.check.findings import Report, Tell
    from archive.check.walks import Task, Walks
    from archive.storage.remote import RemotePath

_OPEN_SUFFIXES: Final = tuple(suffix + OPEN_SUFFIX for suffix in WARC_SUFFIXES)


class StoredCheck:
    """Checks one archive at a URL: its WARC files are planned at once, and told of when `finish` is called.

    Raises StorageError for no archive of ours, OSError for a store that cannot be asked.
    """

    def __init__(self, root: RemotePath, report: Report, walks: Walks) -> None:
        check_marker_at(root)
        self._root = root
        self._report = report
        self._walks = walks
        self._present = {path.url.removeprefix(root.url + "/"): size for path, size in root.files()}
        self._tasks = [
            (relative, self._task(relative)) for relative in sorted(self._present) if _is_warc(relative)
        ]

    def finish(self) -> None:
        """Tell of all of it."""
        vouched = self._vouched()
        for relative, task in self._tasks:
            if relative.endswith(_OPEN_SUFFIXES):
                self._tell(relative)("W062", "a mirror never holds one")
            self._walks.check(task)
        self._lost_files()
        if vouched is None:
            return
        for relative in sorted(vouched.keys() - self._present.keys()):
            self._tell(relative)(
                "E100", counted(vouched[relative].size, "byte was stored", "bytes were stored")
            )
        for relative in sorted(self._present.keys() - vouched.keys() - {MANIFEST}):
            self._tell(relative)("W100", counted(self._present[relative], "byte"))
        for relative, why in self._differing(vouched):
            self._tell(relative)("E099" if why.startswith(_UNREAD) else "E101", why.removeprefix(_UNREAD))

    def _tell(self, relative: str) -> Tell:
        return self._report.teller(str(self._root / relative))

    def _vouched(self) -> dict[str, Stored] | None:
        """Return the manifest's entries, None where there is none to be used."""
        if MANIFEST not in self._present:
            self._report.teller(str(self._root))("W101", f"there is no {MANIFEST}")
            return None
        try:
            return read_manifest(self._root)
        except IntegrityError as error:
            self._tell(MANIFEST)("E102", str(error))
            return None

    def _task(self, relative: str) -> Task:
        path = self._root / relative
        if relative.endswith(OPEN_SUFFIX):
            return self._walks.task(path, name=path.name.removesuffix(OPEN_SUFFIX))
        return self._walks.task(path, sidecar=True)

    def _lost_files(self) -> None:
        for relative in sorted(self._present):
            named = relative.removesuffix(SIDECAR_SUFFIX)
            if named != relative and _is_warc(named) and named not in self._present:
                self._tell(named)("E062", "a sidecar names it")

    def _differing(self, vouched: Mapping[str, Stored]) -> Iterator[tuple[str, str]]:
        """Yield each file that is not what was proven, and how it differs."""
        entries = [stored for path, stored in sorted(vouched.items()) if path in self._present]
        for stored, why in zip(entries, ahead(self._difference, entries), strict=True):
            if why is not None:
                yield stored.path, why

    def _difference(self, stored: Stored) -> str | None:
        size = self._present[stored.path]
        if size != stored.size:
            return f"{counted(stored.size, 'byte was', 'bytes were')} stored, {size} are there"
        try:
            digest = self._walks.sha256(self._root / stored.path)
        except OSError as error:
            return f"{_UNREAD}{explain(error)}"
        return None if digest == stored.sha256 else f"sha256 {stored.sha256} was stored, {digest} is there"


_UNREAD: Final = "unread: "


def _is_warc(relative: str) -> bool:
    folder, _, name = relative.rpartition("/")
    return folder == WARC_FOLDER and name.endswith((*WARC_SUFFIXES, *_OPEN_SUFFIXES))

"""Is an archive what it was? Findings as values, for files and directories of our own and of others.

report = Report()
with Check(report) as check:
    check.path(Path("some.warc.gz"))  # or a `RemotePath`
report.damaged, report.findings
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import TYPE_CHECKING, Self

from archive.check.codes import CODES, Code, Severity
from archive.check.directory import DirectoryCheck, is_locked
from archive.check.files import FileCheck, Progress
from archive.check.findings import Finding, Report
from archive.check.references import References
from archive.check.salvage import Salvage
from archive.check.stored import StoredCheck
from archive.check.walks import Explained, Result, Runner, Task, Walks, check_apart
from archive.errors import UsageError
from archive.foreign import SUFFIXES
from archive.layout import MARKER, OPEN_SUFFIX, Layout
from archive.storage.manifest import MANIFEST
from archive.storage.places import absence, real, walk

if TYPE_CHECKING:
    from archive.storage.places import Place
    from archive.storage.remote import RemotePath

__all__ = [
    "CODES",
    "Check",
    "Code",
    "Finding",
    "Report",
    "Result",
    "Runner",
    "Salvage",
    "Severity",
    "Task",
    "check_apart",
]


class Check:
    """A check of any number of inputs into one report; references are resolved when it is left."""

    def __init__(
        self,
        report: Report,
        *,
        progress: Progress = lambda *_: None,
        salvage: Salvage | None = None,
        on_archive: Callable[[Path, bool], None] = lambda *_: None,
        explained: Explained = lambda _: None,
        runner: Runner | None = None,
    ) -> None:
        """`on_archive(directory, index_serves)` is called when an archive directory has been checked.

        `explained` returns, of a record that says why another one is gone, that other one's id. With a
        `runner`, files are checked elsewhere, all of them when this is left: what is found is the same.

        Raises UsageError for a runner and a salvage, which takes records one after the other.
        """
        if runner is not None and salvage is not None:
            raise UsageError("a salvage writes one file, record after record: it is done in one process")
        self._report = report
        self._seen: set[str] = set()
        self._references = References(report, explained)
        self._on_archive = on_archive
        files = FileCheck(
            report,
            self._references,
            progress=progress,
            spool=salvage.spool if salvage else None,
            keep=salvage.keep if salvage else lambda _: None,
        )
        self._walks = Walks(report, self._references, files, runner)
        self._waiting: list[Callable[[], object]] = []

    def path(self, path: Place) -> None:
        """Check a file, an archive directory, or the web archives below another directory; each once.

        Any of them may be at a URL.

        Raises UsageError for what is not there, StorageError for an archive directory of a newer format,
        OSError for a store that cannot be asked.
        """
        if not self._is_new(path):
            return
        if path.is_file():
            self._file(path)
        elif (path / MARKER).exists():
            self._archive(path)
        elif path.is_dir():
            self._folder(path)
        elif path.exists():
            raise UsageError(f"{path} is no file and no folder: a device or a pipe cannot be checked")
        else:
            raise UsageError(f"{absence(path)}: name an archive, a folder, WARC, ARC or WACZ files")

    def _is_new(self, path: Place) -> bool:
        name = real(path)
        known = name in self._seen
        self._seen.add(name)
        return not known

    def _then(self, tell: Callable[[], object]) -> None:
        """Tell of what was planned: now, or when all is checked."""
        if self._walks.deferred:
            self._waiting.append(tell)
        else:
            tell()

    def _archive(self, path: Place) -> None:
        stored = _stored(path)
        if stored is not None:
            self._then(StoredCheck(stored, self._report, self._walks).finish)
        elif isinstance(path, Path):
            self._then(partial(self._directory, path, DirectoryCheck(path, self._report, self._walks)))

    def _directory(self, path: Path, check: DirectoryCheck) -> None:
        check.finish()
        self._on_archive(path, check.index_serves)

    def _folder(self, folder: Place) -> None:
        found = sorted(_below(folder), key=lambda one: PurePosixPath(str(one[0])).parts)
        if not found:
            raise UsageError(f"no archive of the web below {folder} (*{', *'.join(SUFFIXES)})")
        for path, is_archive in found:
            if not self._is_new(path):
                continue
            if is_archive:
                self._archive(path)
            else:
                self._file(path)

    def _file(self, path: Place) -> None:
        task = self._walks.task(path, sidecar=False)
        self._then(partial(self._walks.check, task))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._references:
            if error is None:
                self._walks.run()
                for tell in self._waiting:
                    tell()
                self._references.resolve()


def _stored(path: Place) -> RemotePath | None:
    """Return an archive at a URL; a mirror on a disk, too: it has a manifest, and no index of its own."""
    if not isinstance(path, Path):
        return path
    if not (path / MANIFEST).is_file() or Layout(path).index.exists():
        return None
    from archive.storage.remote import RemotePath  # noqa: PLC0415 - heavy, and only needed for mirrors

    return RemotePath.of(f"file://{path.resolve()}")


def _below(folder: Place) -> Iterator[tuple[Place, bool]]:
    """Yield archive directories (True) below a folder, and the files that stand outside of them."""
    suffixes = SUFFIXES + tuple(suffix + OPEN_SUFFIX for suffix in SUFFIXES)
    for place, folders, names in walk(folder):
        if MARKER in names:
            folders.clear()
            yield place, True
            continue
        for name in names:
            if name.lower().endswith(suffixes) and _is_checked(place / name):
                yield place / name, False


def _is_checked(path: Place) -> bool:
    """Tell whether a file found in a folder is one to be checked: no link, no device, not being written."""
    if not isinstance(path, Path):
        return True
    # A link may lead out of the folder, or round in a circle.
    if path.is_symlink() or not path.is_file():
        return False
    return not (path.name.endswith(OPEN_SUFFIX) and is_locked(path))

"""Is an archive what it was? Findings as values, for files and directories of our own and of others.

report = Report()
with Check(report) as check:
    check.path(Path("some.warc.gz"))
report.damaged, report.findings
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from archive.check.codes import CODES, Code, Severity
from archive.check.directory import DirectoryCheck, check_sidecar, is_locked
from archive.check.files import FileCheck, Progress
from archive.check.findings import Finding, Report
from archive.check.references import References
from archive.check.salvage import Salvage
from archive.check.scan import Scanned
from archive.errors import UsageError
from archive.foreign import SUFFIXES
from archive.layout import MARKER, OPEN_SUFFIX

__all__ = ["CODES", "Check", "Code", "Finding", "Report", "Salvage", "Severity"]


class Check:
    """A check of any number of inputs into one report; references are resolved when it is left."""

    def __init__(
        self,
        report: Report,
        *,
        progress: Progress = lambda *_: None,
        salvage: Salvage | None = None,
        on_archive: Callable[[Path, bool], None] = lambda *_: None,
        explained: Callable[[Scanned], str | None] = lambda _: None,
    ) -> None:
        """`on_archive(directory, index_serves)` is called when an archive directory has been checked.

        `explained` returns, of a record that says why another one is gone, that other one's id.
        """
        self._report = report
        self._seen: set[Path] = set()
        self._references = References(report, explained)
        self._on_archive = on_archive
        self._files = FileCheck(
            report,
            self._references,
            progress=progress,
            spool=salvage.spool if salvage else None,
            keep=salvage.keep if salvage else lambda _: None,
        )

    def path(self, path: Path) -> None:
        """Check a file, an archive directory, or the web archives below another directory; each once.

        Raises UsageError for what is not there, StorageError for an archive directory of a newer format.
        """
        real = path.resolve()
        if real in self._seen:
            return
        self._seen.add(real)
        if (path / MARKER).exists():
            check = DirectoryCheck(path, self._report, self._files)
            check.run()
            self._on_archive(path, check.index_serves)
        elif path.is_dir():
            self._folder(path)
        elif path.is_file():
            self._file(path)
        elif path.exists():
            raise UsageError(f"{path} is no file and no folder: a device or a pipe cannot be checked")
        else:
            raise UsageError(f"{path} does not exist: name an archive, a folder, WARC, ARC or WACZ files")

    def _folder(self, folder: Path) -> None:
        archives = sorted(_below(folder))
        if not archives:
            raise UsageError(f"no archive of the web below {folder} (*{', *'.join(SUFFIXES)})")
        for path in archives:
            self.path(path)

    def _file(self, path: Path) -> None:
        check_sidecar(path, self._report.teller(str(path)), required=False)
        self._files.path(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._references:
            if error is None:
                self._references.resolve()


def _below(folder: Path) -> Iterator[Path]:
    """Yield archive directories below a folder, and the files that stand outside of them."""
    suffixes = SUFFIXES + tuple(suffix + OPEN_SUFFIX for suffix in SUFFIXES)
    for path in folder.iterdir():
        if path.is_symlink():  # it may lead out of the folder, or round in a circle
            continue
        if path.is_dir():
            if (path / MARKER).exists():
                yield path
            else:
                yield from _below(path)
        elif (
            path.is_file()
            and path.name.lower().endswith(suffixes)
            and not (
                path.name.endswith(OPEN_SUFFIX) and is_locked(path)  # being written
            )
        ):
            yield path

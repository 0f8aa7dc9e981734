"""The files of a check: each one a task, done here when it is told of, or all elsewhere before that."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from archive.check.files import FileCheck, Progress
from archive.check.findings import Report
from archive.check.references import References
from archive.check.rows import CODES, Rows, check_listing
from archive.check.scan import Scanned
from archive.check.sidecars import check_sidecar
from archive.errors import StorageError
from archive.index import RecordIndex
from archive.layout import Layout
from archive.storage.places import is_remote, sha256_of

if TYPE_CHECKING:
    from archive.storage.places import Place

Explained: TypeAlias = Callable[[Scanned], str | None]
"""Returns, of a record that says why another one is gone, that other one's id."""


@dataclass(frozen=True, slots=True)
class Task:
    """One file to be checked, the same wherever that is done. `number` is its place among all of them.

    `name` is the file's as its archive's index has it; `archive` the directory whose index has its rows, if
    that serves. `sidecar` says whether there must be one; None: it is not looked for.
    """

    number: int
    path: Place
    name: str
    sidecar: bool | None
    archive: Path | None

    def lost(self, why: str) -> Result:
        """Return what is told of a file whose check did not come to its end."""
        report = Report()
        report.teller(str(self.path))("E098", why)
        return Result(self.number, report)


@dataclass(frozen=True, slots=True)
class Result:
    """What a check elsewhere gave: its findings, and what `References` took, packed (`References.packed`).

    `failure` is why the index could not be read on; `sha256` that of a file at a URL that was read whole.
    """

    number: int
    report: Report
    references: tuple[bytes, ...] = ()
    failure: str | None = None
    sha256: str | None = None


Runner: TypeAlias = Callable[[Sequence[Task]], Iterator[Result]]
"""Has tasks done elsewhere (`check_apart`), and yields what came of each, in any order."""


def check_apart(task: Task, explained: Explained, progress: Progress) -> Result:
    """Check one file by itself, into a report of its own."""
    report = Report()
    with References(report, explained) as references, contextlib.ExitStack() as stack:
        references.at(task.number)
        index: RecordIndex | None = None
        failure: str | None = None
        if task.archive is not None:
            try:
                index = RecordIndex.open(Layout(task.archive).index, writable=False)
                stack.callback(index.close)
            except StorageError as error:
                failure = str(error)
        files = FileCheck(report, references, progress=progress)
        failure = check_file(task, report, files, index) or failure
        known = task.path.known_sha256() if is_remote(task.path) else None
        return Result(task.number, report, tuple(references.packed()), failure, known)


def check_file(task: Task, report: Report, files: FileCheck, index: RecordIndex | None) -> str | None:
    """Check one file, its sidecar, and its rows in an index. Return why that could not be read on, if so."""
    path, tell = task.path, report.teller(str(task.path))
    if task.sidecar is not None and not is_remote(path):
        check_sidecar(path, tell, required=task.sidecar)
    if index is None or not isinstance(path, Path):
        readable = files.path(path, name=task.name)
        if task.sidecar is not None and is_remote(path) and readable:  # by the digest that the walk has made
            check_sidecar(path, tell, required=task.sidecar)
        return None
    rows = Rows(index.of_file(task.name), tell)
    if files.path(path, name=task.name, each=rows.meet):
        rows.finish()
    if rows.failure is not None:
        return str(rows.failure)
    if not rows.differed and task.archive is not None:
        listed = Layout(task.archive).listing(task.name)
        check_listing(listed, index, path, task.name, report.teller(str(listed)))
    return None


class Walks:
    """The files of one check. With a `runner`, all are checked by `run`, and `check` only tells of them."""

    def __init__(
        self, report: Report, references: References, files: FileCheck, runner: Runner | None = None
    ) -> None:
        self.deferred = runner is not None
        self._report = report
        self._references = references
        self._files = files
        self._runner = runner
        self._count = 0
        self._waiting: list[Task] = []
        self._results: dict[int, Result] = {}
        self._digests: dict[Place, str] = {}

    def task(
        self,
        path: Place,
        *,
        name: str | None = None,
        sidecar: bool | None = None,
        archive: Path | None = None,
    ) -> Task:
        """Plan a file; files are told of in the order in which they are planned."""
        self._count += 1
        made = Task(self._count, path, name or path.name, sidecar, archive)
        if self.deferred:
            self._waiting.append(made)
        return made

    def run(self) -> None:
        """Have all planned files checked elsewhere."""
        if self._runner is None or not self._waiting:
            return
        for result in self._runner(self._waiting):
            for part in result.references:
                self._references.unpack(part)
            self._results[result.number] = dataclasses.replace(result, references=())
        self._waiting = []

    def check(self, task: Task, index: RecordIndex | None = None) -> str | None:
        """Tell of a file; what an `index` says of it counts only if that still serves. As `check_file`."""
        if self._runner is None:
            self._references.at(task.number)
            return check_file(task, self._report, self._files, index)
        result = self._results.pop(task.number)
        if result.sha256 is not None:
            self._digests[task.path] = result.sha256
        if index is not None:
            self._report.merge(result.report)
            return result.failure
        listed = None if task.archive is None else str(Layout(task.archive).listing(task.name))
        self._report.merge(result.report, drop=lambda file, code: code in CODES or file == listed)
        return None

    def sha256(self, path: Place) -> str:
        """Return a file's digest, of one that was walked without reading it again. Raises OSError."""
        return self._digests.get(path) or sha256_of(path)

"""The files of a check as units of an engine: processes here, or a Ray cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.check import Result, Runner, Task, check_apart
from archive.storage.places import is_remote
from archive.words import counted
from harvester.engines.engine import Beat, Engine
from harvester.engines.here import Here
from harvester.withdrawal import purged

if TYPE_CHECKING:
    from archive.storage.places import Place


@dataclass(frozen=True, slots=True)
class FileUnit:
    """One file, as engines know it; `size` in bytes."""

    task: Task
    size: int

    @property
    def key(self) -> str:
        return f"{self.task.number:09}"

    def lost(self, why: str) -> Result:
        return self.task.lost(why)

    def without(self, record: int) -> None:  # noqa: ARG002 - of a Job
        """A file is checked as a whole."""
        return


@dataclass(frozen=True, slots=True)
class FileWork:
    """The `Work` of a check: picklable, and the same wherever it runs."""

    here: Here

    def reachable(self) -> None:
        """Raise `StorageError` on a machine that does not see the files."""
        self.here.reachable()

    def __call__(self, unit: FileUnit, beat: Beat) -> Result:
        with self.here.entered():
            return check_apart(unit.task, purged, lambda _file, done, _size: beat(done, 0))


def runner_of(engine: Engine, progress: Callable[[str, int, int], None]) -> Runner:
    """Return what has the files of a check done by an engine; `progress` is told of all of them together."""

    def run(tasks: Sequence[Task]) -> Iterator[Result]:
        units = [FileUnit(task, _size(task.path)) for task in tasks]
        work = FileWork(Here.of([task.path for task in tasks]))
        at: dict[str, int] = {}
        whole = sum(unit.size for unit in units)
        behind = 0

        def tell(unit: FileUnit, position: int) -> None:
            nonlocal behind
            position = min(position, unit.size)
            behind += position - at.get(unit.key, 0)
            at[unit.key] = position
            progress(counted(len(units), "file"), behind, whole)

        yield from engine.run(units, work, tell)

    return run


def _size(path: Place) -> int:
    if is_remote(path) and path.listed is not None:
        return path.listed
    try:
        return path.stat().st_size
    except OSError:  # the check tells of it
        return 0

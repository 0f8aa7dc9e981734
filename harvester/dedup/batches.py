"""Documents as units of an engine: batches of an archive's articles, of small files, or one large file."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from archive import Archive
from archive.layout import Layout
from harvester.dedup.inputs import Input, document_files, id_batches, items_in, items_named
from harvester.dedup.prepared import Ready, ready
from harvester.engines.engine import Beat
from harvester.engines.here import Here
from harvester.library import Library
from harvester.tables.arrow import require_pyarrow

if TYPE_CHECKING:
    from archive.storage.places import Place

BATCH: Final = 100
_DOCUMENT_BYTES: Final = 10_000
"""About what a document's JSON has: only which batch is begun first hangs on it."""
_DEADLY: Final = "two worker processes died while they read it: it is left out; please report it"


@dataclass(frozen=True, slots=True)
class Batch:
    """A unit: `ids` of articles of an `archive`, or `files` with documents; `size` is about theirs in bytes.

    `deadly` are those, by their number among them (from 1), that ended two worker processes.
    """

    number: int
    size: int
    ids: tuple[str, ...] = ()
    files: tuple[Place, ...] = ()
    archive: Path | None = None
    deadly: frozenset[int] = frozenset()

    @property
    def key(self) -> str:
        return f"{self.number:09}"

    @property
    def names(self) -> Sequence[Place | str]:
        """What it holds, by name."""
        return self.ids or self.files

    def lost(self, why: str) -> Read:
        """Return that nothing of it could be read."""
        return Read([], [f"{name}: {why}" for name in self.names])

    def without(self, record: int) -> Batch:
        """Return it with an article or a file left out that kills."""
        return replace(self, deadly=self.deadly | {record})


@dataclass(frozen=True, slots=True)
class Read:
    """What a batch gave: documents made ready, and a line for each that is none."""

    ready: list[Ready]
    skipped: list[str]


@dataclass(frozen=True, slots=True)
class Reading:
    """The `Work` of reading, folding and sketching: picklable, and the same wherever it runs."""

    here: Here

    @classmethod
    def of(cls, batches: Sequence[Batch]) -> Reading:
        """Return the work on batches. Raises `UsageError` for files that no other process sees."""
        files = [path for batch in batches for path in batch.files]
        archives = {Layout(batch.archive).index for batch in batches if batch.archive is not None}
        return cls(Here.of([*files, *archives]))

    def reachable(self) -> None:
        """Raise `StorageError` on a machine that does not see the documents."""
        self.here.reachable()

    def __call__(self, unit: Batch, beat: Beat) -> Read:
        found = Read([], [])
        with self.here.entered(), _reader(unit) as read:
            for number, name in enumerate(unit.names, 1):
                beat(0, number)
                if number in unit.deadly:
                    found.skipped.append(f"{name}: {_DEADLY}")
                    continue
                for where, item in read(name):
                    if isinstance(item, str):
                        found.skipped.append(f"{where}: {item}")
                    else:
                        found.ready.append(ready(item))
            beat(unit.size, 0)
        return found


@contextlib.contextmanager
def _reader(unit: Batch) -> Iterator[Callable[[Any], Iterator[Input]]]:
    if unit.archive is None:
        yield items_in
        return
    with Archive.open(unit.archive) as archive, Library(archive) as library:
        yield lambda id_: items_named(library, [id_])


def batches_of(archives: Iterable[tuple[Path, Library]], paths: Sequence[Place]) -> list[Batch]:
    """Return all documents of archives, files and folders in batches. Raises as `folder_items`."""
    found: list[Batch] = []
    for directory, library in archives:
        for ids in id_batches(library, BATCH):
            size = len(ids) * _DOCUMENT_BYTES
            found.append(Batch(len(found), size, ids=tuple(ids), archive=directory))
    small: list[Place] = []
    for path in document_files(paths):
        if path.suffix == ".json":
            small.append(path)
        else:
            found.append(Batch(len(found), _size(path), files=(path,)))
        if path.suffix == ".parquet":
            require_pyarrow()  # now rather than in a worker
    for at in range(0, len(small), BATCH):
        some = tuple(small[at : at + BATCH])
        found.append(Batch(len(found), len(some) * _DOCUMENT_BYTES, files=some))
    return found


def _size(path: Place) -> int:
    try:
        return path.stat().st_size
    except OSError:  # the reading tells of it
        return 0

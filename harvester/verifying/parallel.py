"""All reposts of an archive verified by an engine: chunks of articles, their answers in the serial order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from archive import Archive
from harvester.engines.engine import Beat, Engine
from harvester.errors import StorageError
from harvester.finder import Finder
from harvester.library import Library, PageRow
from harvester.verify import Options
from harvester.verifying.bulk import Checked, Damaged, reposts

CHUNK: Final = 24
"""Articles of a unit: opening archive, library and finder is then a small part of its time."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A unit: articles that follow each other, each with its captures."""

    number: int
    articles: list[list[PageRow]]

    @property
    def key(self) -> str:
        return f"{self.number:09}"

    @property
    def size(self) -> int:
        return len(self.articles)

    def lost(self, why: str) -> Answers:
        """Return that none of its articles could be verified."""
        return Answers(self.number, [Damaged(captured=rows[0].id, problem=why) for rows in self.articles])

    def without(self, record: int) -> None:  # noqa: ARG002 - of a Job; articles are not told apart
        """Return None: a chunk whose workers die is lost as a whole."""
        return


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of a chunk, in its order."""

    number: int
    found: list[Checked | Damaged]


@dataclass(frozen=True, slots=True)
class Verifying:
    """The work: opens the archive for reading, wherever it runs."""

    directory: Path
    options: Options

    def reachable(self) -> None:
        """Raise `StorageError` on a machine that does not see the archive."""
        if not self.directory.is_dir():
            raise StorageError(f"{self.directory} is not here: name a folder that all machines share")

    def __call__(self, unit: Chunk, beat: Beat) -> Answers:
        with (
            Archive.open(self.directory) as archive,
            Library(archive) as library,
            Finder.open(archive, library) as finder,
        ):
            made = reposts(archive, library, finder, unit.articles, self.options, lambda _: beat(0, 0))
            return Answers(unit.number, list(made))


def reposts_by(
    engine: Engine,
    directory: Path,
    found: list[list[PageRow]],
    options: Options,
    progress: Callable[[str], None] = lambda _: None,
) -> Iterator[Checked | Damaged]:
    """Verify as `reposts` does, by an engine; the same answers in the same order.

    The finder's index must be up to date: workers read it. Answers before their turn wait in memory.
    """
    chunks = [
        Chunk(number, found[start : start + CHUNK])
        for number, start in enumerate(range(0, len(found), CHUNK))
    ]
    waiting: dict[int, Answers] = {}
    turn = 0
    for answers in engine.run(chunks, Verifying(directory.absolute(), options), lambda *_: None):
        waiting[answers.number] = answers
        while turn in waiting:
            for rows in chunks[turn].articles:
                progress(rows[0].title or rows[0].id)
            yield from waiting.pop(turn).found
            turn += 1

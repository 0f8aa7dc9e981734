"""All reposts of an archive verified by an engine: chunks of articles, their answers in the serial order."""

from __future__ import annotations

import platform
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from archive import Archive
from harvester.engines.engine import Beat, Engine, InProcess
from harvester.errors import StorageError
from harvester.finder import Finder
from harvester.library import Library, PageRow
from harvester.verify import Options
from harvester.verify.compare import DEFAULT
from harvester.verifying.bulk import Checked, Damaged, reposts, verified

_MOST: Final = 24
"""Articles of a chunk at most: opening the archive for it is then a small part of its time."""
_CHUNKS: Final = 64
"""So many chunks at least, if there are articles enough: processes come to their ends at about one time."""
_DEADLY: Final = "two worker processes died while they verified it: it is left alone; please report it"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A unit: articles that follow each other, each with its captures.

    `deadly` are articles, by their number among them (from 1), that ended two worker processes.
    """

    number: int
    articles: list[list[PageRow]]
    deadly: frozenset[int] = frozenset()

    @property
    def key(self) -> str:
        return f"{self.number:09}"

    @property
    def size(self) -> int:
        return len(self.articles)

    def lost(self, why: str) -> Answers:
        """Return that none of its articles could be verified."""
        return Answers(self.number, [_lost(rows, why) for rows in self.articles])

    def without(self, record: int) -> Chunk:
        """Return it with an article told of as one that kills."""
        return replace(self, deadly=self.deadly | {record})


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of a chunk, in its order."""

    number: int
    found: list[Checked | Damaged]


@dataclass(frozen=True, slots=True)
class Verifying:
    """The `Work` (harvester.engines.engine): opens the archive for reading, wherever it runs.

    `directory` is a whole path: workers stand elsewhere, and what they tell names its files. `only_on` is the
    machine that has the archive open for writing: others cannot read its databases then (SQLite's write-ahead
    log is shared by memory, https://www.sqlite.org/wal.html).
    """

    directory: Path
    options: Options
    only_on: str | None = None

    def reachable(self) -> None:
        """Raise `StorageError` on a machine that does not see the archive, or may not read it now."""
        if self.only_on not in {None, platform.node()}:
            raise StorageError(
                f"{self.directory} is written to by {self.only_on}, and {platform.node()} cannot read it "
                "meanwhile: leave --save out, or verify with --workers on one machine"
            )
        if not self.directory.is_dir():
            raise StorageError(
                f"{platform.node()} does not see {self.directory}: name a folder that all machines share"
            )

    def __call__(self, unit: Chunk, beat: Beat) -> Answers:
        with (
            Archive.open(self.directory) as archive,
            Library(archive) as library,
            Finder.as_it_stands(archive, library) as finder,
        ):
            found: list[Checked | Damaged] = []
            for number, rows in enumerate(unit.articles, start=1):
                if number in unit.deadly:
                    found.append(_lost(rows, _DEADLY))
                    continue
                beat(number - 1, number)
                one = verified(archive, library, finder, rows, self.options)
                beat(number, 0)
                if one is not None:
                    found.append(one)
            return Answers(unit.number, found)


def reposts_by(
    engine: Engine,
    archive: Archive,
    library: Library,
    finder: Finder,
    found: list[list[PageRow]],
    options: Options = DEFAULT,
    progress: Callable[[str], None] = lambda _: None,
) -> Generator[Checked | Damaged, None, None]:
    """Verify as `reposts` does, by an engine: the same answers in the same order.

    This process does it itself where the engine is no other, or where others would not find the finder's
    index in the archive (`Finder.shared`). The archive is opened by its whole path. Answers wait in memory
    for those before them. Raises `UsageError` and `StorageError` as the engine does.
    """
    if isinstance(engine, InProcess) or not finder.shared:
        yield from reposts(archive, library, finder, found, options, progress)
        return
    chunks = chunks_of(found)
    waiting: dict[int, Answers] = {}
    turn = 0
    only_on = platform.node() if archive.writable else None
    work = Verifying(Path(archive.path), options, only_on)
    for answers in engine.run(chunks, work, lambda *_: None):
        waiting[answers.number] = answers
        while turn in waiting:
            for rows in chunks[turn].articles:
                progress(rows[0].title or rows[0].id)
            yield from waiting.pop(turn).found
            turn += 1


def chunks_of(found: list[list[PageRow]]) -> list[Chunk]:
    """Return the articles in chunks, all of one size but the last, which may be smaller."""
    size = min(_MOST, max(1, len(found) // _CHUNKS))
    starts = range(0, len(found), size)
    return [Chunk(number, found[start : start + size]) for number, start in enumerate(starts)]


def _lost(rows: list[PageRow], why: str) -> Damaged:
    return Damaged(captured=rows[0].id, problem=f"{rows[0].id}: {why}", kind="lost")

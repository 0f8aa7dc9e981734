"""`harvester verify --all` by worker processes and by Ray: nothing tells that it was not one process."""

from __future__ import annotations

import platform
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from fixtures import Origin, Site
from fixtures.behaviours import plain
from fixtures.content import para
from fixtures.pages.mfa import zh_b_page
from fixtures.stories import (
    STATEMENT_ARTICLES,
    STATEMENT_INTRO,
    STATEMENT_SOURCE_LINE,
    lighthouse_article,
    statement_original,
    statement_repost,
)
from harvester.cli.app import run
from harvester.cli.find import finder
from harvester.cli.library import opened
from harvester.engines.engine import Beat, Engine
from harvester.engines.pool import Pool
from harvester.errors import StorageError
from harvester.verify.compare import DEFAULT
from harvester.verifying.bulk import Checked, Damaged, articles, reposts
from harvester.verifying.parallel import Answers, Chunk, Verifying, reposts_by
from tests.chain.test_verify_archive import metadata, verify, wechat
from tests.deadly import die

REPOSTS = 5


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return an_archive(tmp_path_factory.mktemp("captured"))


def an_archive(folder: Path) -> Path:
    """Return an archive: an original, reposts of it with other words each, and an article that is none.

    The document of the third repost is edited, that of the fourth is gone: they cannot be verified.
    """
    original, repost = statement_original(), statement_repost()
    made = [lighthouse_article()]
    for number in range(REPOSTS):
        texts = [text.replace("双方", "两国", number) for text in STATEMENT_ARTICLES]
        blocks = tuple(map(para, [*STATEMENT_INTRO, *texts, STATEMENT_SOURCE_LINE]))
        apart = {"sn": f"{number:032}", "mid": repost.mid + number, "short_id": f"FixtureRepost{number:09}"}
        made.append(replace(repost, blocks=blocks, **apart))
    pages = {original.url: plain(zh_b_page(original))}
    pages |= {article.short_url: plain(wechat(article)) for article in made}
    with pytest.MonkeyPatch.context() as patch, Origin(Site.of(pages)) as origin:
        patch.setenv("HARVESTER_STATE", str(folder / "state"))
        patch.chdir(folder)
        options = ("--no-images", "--no-requisites", "--archive", "a")
        assert run(["fetch", *pages, *options, *origin.options]) == 0
    third, fourth = [page for page in _in_order(folder / "a") if page.title == repost.title][2:4]
    (path,) = (folder / "a/documents").rglob(f"{third.id}.json")
    path.write_text(path.read_text("utf-8").replace("必须", "可以"), "utf-8")
    (path,) = (folder / "a/documents").rglob(f"{fourth.id}.json")
    path.unlink()
    return folder / "a"


def _in_order(folder: Path) -> list[Any]:
    with opened(folder) as (_, library):
        return [rows[0] for rows in articles(library)]


@pytest.fixture
def held(captured: Path, tmp_path: Path) -> Path:
    """The same, of a test's own."""
    return Path(shutil.copytree(captured, tmp_path / "a"))


def told(harvester: Any, name: str, *how: str, words: bool = True) -> tuple[Any, ...]:
    """Return all that a run says and writes, in files named by `name`; `words`: also as told to people."""
    tables = (f"{name}.csv", f"{name}.jsonl")
    asked = ("--csv", tables[0], "--jsonl", tables[1], "--report", name, "--save", "--json")
    runs = [verify(harvester, "--all", *asked, *how)]
    runs += [verify(harvester, "--all", *how)] if words else []
    said = [(run.code, run.out, _ours(run.err.replace(name, "NAME"))) for run in runs]
    reports = {path.name: path.read_bytes() for path in sorted(Path(name).iterdir())}
    return said, reports, [Path(table).read_bytes() for table in tables]


def _ours(words: str) -> str:
    """Return the messages without what Ray says of itself."""
    return "".join(line for line in words.splitlines(keepends=True) if "for this Ray cluster" not in line)


def test_the_same_by_two_processes(harvester: Any, held: Path) -> None:
    """Output, messages, exit code, table, lines and reports are equal byte for byte.

    What is kept is equal, too: nothing is kept a second time. Articles that cannot be verified are named, the
    others are verified.
    """
    alone = told(harvester, "alone")
    kept = metadata(held)
    (data, words), reports, _ = alone
    assert (data[0], len(kept), len(reports)) == (1, REPOSTS - 2, REPOSTS - 1)
    assert "is not what its WARC record gives" in data[2]
    assert "No such file" in data[2]
    assert "2 articles could not be verified" in words[1]
    assert told(harvester, "other", "--workers", "2") == alone
    assert metadata(held) == kept


@dataclass(frozen=True)
class Deadly:
    """The work, but its process is killed at one article: `times` times, or always (0)."""

    work: Verifying
    captured: str
    times: int
    marks: str

    def __call__(self, unit: Chunk, beat: Beat) -> Answers:
        def deadly(position: int, record: int) -> None:
            beat(position, record)
            if record and unit.articles[record - 1][0].id == self.captured:
                die(self.marks, self.times)

        return self.work(unit, deadly)


class Deadlier:
    """An engine that hands its workers the deadly work."""

    def __init__(self, engine: Engine, *how: Any) -> None:
        self._engine, self._how = engine, how

    def run(self, units: Any, work: Any, tell: Any) -> Any:
        return self._engine.run(units, Deadly(work, *self._how), tell)


def answers(folder: Path, engine: Engine | None) -> list[Checked | Damaged]:
    with opened(folder) as (archive, library), finder(archive, library) as index:
        found = articles(library)
        if engine is None:
            return list(reposts(archive, library, index, found))
        return list(reposts_by(engine, archive, library, index, found))


def killed_once(folder: Path, marks: Path, engine: Engine) -> None:
    """SIGKILL while it is at an article: the answers are those of one process, in their order."""
    second = _in_order(folder)[1].id
    assert answers(folder, Deadlier(engine, second, 1, str(marks))) == answers(folder, None)
    assert len(list(marks.iterdir())) == 1


def always_killed(folder: Path, marks: Path, engine: Engine) -> None:
    """An article at which two processes died is named and left alone; the others are verified as ever."""
    second = _in_order(folder)[1].id
    alone = answers(folder, None)
    found = answers(folder, Deadlier(engine, second, 0, str(marks)))
    (lost,) = (one for one in found if isinstance(one, Damaged) and one.kind == "lost")
    assert lost.captured == second
    assert second in lost.problem
    assert "two worker processes died" in lost.problem
    assert [one for one in found if one is not lost] == [one for one in alone if _id(one) != second]


def test_a_killed_worker_costs_another_try(captured: Path, tmp_path: Path) -> None:
    """A worker that dies is another's work once more, and nothing tells of it."""
    killed_once(captured, tmp_path, Pool(2))


def test_an_article_that_kills_is_told_of(captured: Path, tmp_path: Path) -> None:
    """The run goes on without it."""
    always_killed(captured, tmp_path, Pool(2))


def _id(one: Checked | Damaged) -> str:
    return one.captured if isinstance(one, Damaged) else one.repost.captured


def test_machines_that_cannot_read_the_archive_are_told_of(tmp_path: Path) -> None:
    """One that does not see the folder; or any other than the one that writes (--save)."""
    Verifying(tmp_path, DEFAULT, platform.node()).reachable()
    with pytest.raises(StorageError, match=r"does not see .*: name a folder that all machines share"):
        Verifying(tmp_path / "not-here", DEFAULT).reachable()
    with pytest.raises(StorageError, match=r"is written to by elsewhere, .*: leave --save out"):
        Verifying(tmp_path, DEFAULT, "elsewhere").reachable()

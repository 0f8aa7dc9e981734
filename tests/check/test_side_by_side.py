"""`harvester check` with an engine: what one process tells, byte for byte, whoever did the work."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from archive import Archive, Block, Record, new_record_id
from archive.check import Check, Finding, Report
from archive.check.findings import MAX_PER_CODE
from fixtures.conformance.cases import cases
from harvester.checking import check_documents
from harvester.checking.side_by_side import runner_of
from harvester.cli.app import run
from harvester.engines.engine import held
from harvester.engines.pool import Pool
from harvester.errors import UsageError
from tests.deadly import die
from tests.rebuild.conftest import START, response


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of three files with documents; the last has revisits: of a page, and of nothing."""
    root = tmp_path_factory.mktemp("made") / "archive"
    pages = [[response(10 * one + two) for two in range(3)] for one in range(3)]
    for records in pages:
        with Archive.open(root, create=True, write=True) as archive:
            archive.append(records)
            if records is pages[2]:
                archive.append([_revisit(pages[0][0].record_id), _revisit(new_record_id())])
    assert run(["reindex", "--archive", str(root)]) in {0, 1}
    return root


def _revisit(target: str) -> Record:
    named = (
        ("WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"),
        ("WARC-Refers-To", target),
        ("WARC-Payload-Digest", "sha256:" + "0" * 64),
    )
    block, kind = Block.of(b"HTTP/1.1 200 OK\r\n\r\n"), "application/http;msgtype=response"
    return Record("revisit", new_record_id(), START, block, kind, "https://e.example/again", named)


@pytest.fixture
def world(made: Path, tmp_path: Path) -> Path:
    """A folder of damaged things: the archive, one whose index is no database, single files of all kinds."""
    first = shutil.copytree(made, tmp_path / "world/first")
    second = shutil.copytree(made, tmp_path / "world/second")
    one, two, three = sorted((first / "warc").glob("*.warc.gz"))
    two.write_bytes(_flipped(two.read_bytes()))
    one.with_name(one.name + ".sha256").unlink()
    shutil.copy(three, tmp_path / "world/copy.warc.gz")  # the same records once more
    documents = sorted((first / "documents").rglob("*.json"))
    documents[0].unlink()
    documents[1].write_bytes(_flipped(documents[1].read_bytes()))
    (first / "documents/stray.json").write_text("{}")
    (second / "index/records.sqlite").write_bytes(b"no database")
    for name, data in cases().items():
        path = tmp_path / "world/single" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / "world"


def _flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes((data[middle] ^ 1,)) + data[middle + 1 :]


@dataclass(frozen=True)
class Deadly:
    """The work, but at one file, or a page of it, the process is killed: `times` times, or always (0)."""

    work: Any
    file: str
    page: int
    times: int
    marks: Path

    def __call__(self, unit: Any, beat: Any) -> Any:
        name = unit.task.path.name if self.page == 0 else getattr(unit, "file", "")

        def deadly(position: int, record: int) -> None:
            beat(position, record)
            here = name == self.file and record == self.page and record not in getattr(unit, "poisoned", ())
            if here:
                die(self.marks, self.times)

        return self.work(unit, deadly)


class Deadlier(Pool):
    """An engine that hands its workers the deadly work."""

    def __init__(self, file: str, page: int, times: int, marks: Path) -> None:
        super().__init__(2)
        marks.mkdir()
        self._how = (file, page, times, marks)

    def run(self, units: Any, work: Any, tell: Any) -> Any:
        if hasattr(units[0], "poisoned") == bool(self._how[1]):
            work = Deadly(work, *self._how)
        return super().run(units, work, tell)


def checked(path: Path, engine: Any = None) -> Report:
    report = Report()
    runner = runner_of(engine, lambda *_: None) if engine else None

    def on_archive(directory: Path, _serves: bool) -> None:
        check_documents(directory, report, engine=engine)

    with held(engine), Check(report, on_archive=on_archive, runner=runner) as check:
        check.path(path)
    return report


@pytest.mark.parametrize("form", [["--json"], pytest.param([], marks=pytest.mark.slow)])
def test_two_workers_tell_what_one_process_tells(harvester, world: Path, form: list[str]) -> None:
    """JSON, text and exit codes: a folder with archives and single files, named from where one stands."""
    arguments = ["world", "world/first/warc", "world/copy.warc.gz", *form]
    alone, shared = harvester("check", *arguments), harvester("check", *arguments, "--workers", "2")
    assert (shared.code, shared.out, shared.err) == (alone.code, alone.out, alone.err)
    assert not form or {"E004", "E066", "E073", "E074", "W051", "W060", "W074", "W075"} <= alone.codes
    assert (alone.code, world.is_dir()) == (1, True)


@pytest.mark.slow
def test_rebuild_check_tells_the_same(harvester, world: Path) -> None:
    """Findings and counts of pages."""
    given = ("rebuild", world / "first", "--check", "--json")
    alone, shared = harvester(*given, "--workers", "1"), harvester(*given, "--workers", "2")
    assert (shared.code, shared.out, shared.err) == (alone.code, alone.out, alone.err)
    assert (alone.code, alone.json["documents"]["missing"]) == (1, 1)


def test_a_sound_archive_is_sound(harvester, made: Path) -> None:
    """Exit 0 with an engine too, and 2 for what is not there, or for a salvage."""
    path = Path(shutil.copytree(made / "warc", "sound"))
    for name in sorted(path.glob("*.gz"))[2:]:
        name.unlink()
    assert harvester("check", path, "--workers", "2", "--json").json["findings"] == []
    assert harvester("check", "nowhere", "--workers", "2").code == 2
    refused = harvester("check", path, "--workers", "2", "--salvage", "whole.warc.gz")
    assert (refused.code, Path("whole.warc.gz").exists()) == (2, False)
    assert "--salvage" in refused.err


@pytest.mark.parametrize("page", [pytest.param(0, marks=pytest.mark.slow), 2])
def test_a_killed_worker_costs_a_retry(made: Path, tmp_path: Path, page: int) -> None:
    """SIGKILL while a file is walked, or its second page compared: it is done again, and told alike."""
    engine = Deadlier(max((made / "warc").glob("*.gz")).name, page, 1, tmp_path / "marks")
    assert checked(made, engine) == checked(made)
    assert len(list((tmp_path / "marks").iterdir())) == 1


@pytest.mark.parametrize("page", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_what_kills_twice_is_told_by_name(made: Path, tmp_path: Path, page: int) -> None:
    """E098 for the file, or for the page by its record; all others are told of as ever; exit 5."""
    path = max((made / "warc").glob("*.gz"))
    engine = Deadlier(path.name, page, 0, tmp_path / "marks")
    report = checked(made, engine)
    found = [finding for finding in report.findings if finding.code == "E098"]
    assert [finding.file for finding in found] == [str(path)]
    assert "twice" in found[0].detail or found[0].record_id is not None
    assert (report.unreadable, report.files) == (True, 3 if page else 2)
    others = [finding for finding in checked(made).findings if finding.file != str(path)]
    assert [one for one in report.findings if one in others] == others


def test_what_only_this_process_has_is_refused(tmp_path: Path) -> None:
    """memory:// does not cross processes: said, instead of a file that is not there."""
    from archive.storage import place

    there: Any = place("memory://echeck/one.warc")
    there.write_bytes(cases()["good/plain.warc"])
    with (
        pytest.raises(UsageError, match="this process alone"),
        Check(Report(), runner=runner_of(Pool(2), lambda *_: None)) as check,
    ):
        check.path(there)


def test_reports_that_are_merged_keep_what_one_would_have_kept() -> None:
    """Of one kind and file a hundred are listed and all are counted, whichever report they came in."""
    found = [Finding("E030", "a.warc", at, None, "x") for at in range(MAX_PER_CODE + 50)]
    whole, parts = Report(), (Report(), Report(), Report())
    for at, finding in enumerate(found):
        whole.add(finding)
        parts[at * 3 // len(found)].add(finding)
    merged = Report()
    for part in parts:
        merged.merge(part)
    assert merged == whole

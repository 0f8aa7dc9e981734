"""`harvester dedup` with an engine: what one process answers, byte for byte, whoever read the documents."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from archive import Archive
from benchmarks.shelf import document, prose, shelf
from harvester.dedup import archive_items, batches, batches_of, folder_items, related, related_by, to_bytes
from harvester.document import to_bytes as document_bytes
from harvester.engines.pool import Pool
from harvester.library import Library
from tests.deadly import die


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """Documents in files and in an archive: copies, near copies, short ones, and what is none."""
    texts = [prose(random.Random(number), 400) for number in range(6)]
    made = [document(text, key=f"wechat:s:{at}", site="wechat") for at, text in enumerate([*texts, "短", ""])]
    copies = [
        document(text, key=f"mfa:{at}") for at, text in enumerate([texts[0], texts[1] + "又及", texts[2]])
    ]
    (tmp_path / "json").mkdir()
    for found in [*made, *copies[:2]]:
        (tmp_path / f"json/{found.id}.json").write_bytes(document_bytes(found))
    (tmp_path / "json/broken.json").write_bytes(b"{")
    lines = [msgspec.json.encode(found) + b"\n" for found in (copies[2], made[0])]  # one document twice
    (tmp_path / "table.jsonl").write_bytes(b"".join(lines) + b"no line of a table\n")
    with shelf(tmp_path / "archive") as held:
        held.put(document(texts[3], key="mfa:9"), document(texts[4][:-4], key="mfa:8"))
    return tmp_path


def answered(engine: Any = None) -> bytes:
    """Relate what is where one stands, named by short paths."""
    paths = [Path("json"), Path("table.jsonl")]
    with Archive.open(Path("archive")) as archive, Library(archive) as library:
        if engine is not None:
            return to_bytes(related_by(engine, batches_of([(Path("archive"), library)], paths)))
        return to_bytes(related([*archive_items(library), *folder_items(paths)]))


@dataclass(frozen=True)
class Deadly:
    """The work, but at one file the process is killed: `times` times, or always (0)."""

    work: Any
    file: str
    times: int
    marks: Path

    def __call__(self, unit: Any, beat: Any) -> Any:
        def deadly(position: int, record: int) -> None:
            beat(position, record)
            here = (
                record and record not in unit.deadly and Path(str(unit.names[record - 1])).name == self.file
            )
            if here:
                die(self.marks, self.times)

        return self.work(unit, deadly)


class Deadlier(Pool):
    """An engine that hands its workers the deadly work."""

    def __init__(self, file: str, times: int, marks: Path) -> None:
        super().__init__(2)
        marks.mkdir()
        self._how = (file, times, marks)

    def run(self, units: Any, work: Any, tell: Any) -> Any:
        return super().run(units, Deadly(work, *self._how), tell)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch, world: Path) -> None:
    monkeypatch.setattr(batches, "BATCH", 3)
    monkeypatch.chdir(world)


def test_an_engine_answers_what_one_process_answers(world: Path) -> None:
    """Byte for byte, though a worker is killed on the way: what it was at is read again."""
    engine = Deadlier("broken.json", 1, world / "marks")
    expected = answered()
    assert answered(engine) == expected
    assert len(list((world / "marks").iterdir())) == 1
    for said in (
        b'"same-text"',
        b'"near-text"',
        b"broken.json: not a document",
        b"table.jsonl:3: not a document",
    ):
        assert said in expected


@pytest.mark.slow  # a new pool for each death
def test_a_file_that_kills_twice_is_told_by_name(world: Path) -> None:
    """It is left out and named, which is exit 1 of the command; all others are related."""
    name = min(Path("json").glob("wechat-*.json")).name
    found = answered(Deadlier(name, 0, world / "marks"))
    assert f"json/{name}: two worker processes died while they read it".encode() in found
    shutil.move(Path("json") / name, world / name)
    assert found.count(b"\n") == answered().count(b"\n") + 1


@pytest.mark.slow
def test_the_command_says_the_same(harvester: Any, world: Path) -> None:
    """Text, JSON and exit code; bad values in the words of other commands."""
    for form in ([], ["--json"]):
        given = ["dedup", world / "json", world / "archive", *form]
        alone, both = harvester(*given), harvester(*given, "--workers", "2")
        assert (both.code, both.out, both.err) == (alone.code, alone.out, alone.err)
        assert both.code == 1
    assert "say --engine ray too" in harvester("dedup", world / "json", "--address", "auto").err

"""`harvester rebuild --check`: an archive's documents against what its WARC files give."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

VERSION = '"wechat": "wechat-'


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, pages_archive: Callable[[Path], None]) -> Path:
    """An archive of two articles and a page that is none."""
    folder = tmp_path_factory.mktemp("whole")
    pages_archive(folder)
    return folder


@pytest.fixture
def a(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    return tmp_path / "a"


def documents(archive: Path) -> list[Path]:
    found = sorted((archive / "documents").rglob("*.json"))
    assert len(found) == 2
    return found


def other_version(archive: Path) -> None:
    path = documents(archive)[0]
    path.write_text(path.read_text("utf-8").replace(VERSION, VERSION + "0"), "utf-8")


def altered(archive: Path) -> None:
    path = documents(archive)[0]
    path.write_text(path.read_text("utf-8").replace("灯塔", "灯台", 1).replace("声明", "申明", 1), "utf-8")


def removed(archive: Path) -> None:
    documents(archive)[0].unlink()


def added(archive: Path) -> None:
    path = documents(archive)[0]
    shutil.copy(path, path.with_name("wechat-000000000000-20260101000000-00000000.json"))


def state_altered(archive: Path) -> None:
    with sqlite3.connect(archive / "library/library.sqlite") as database:
        database.execute("update pages set notice = 'something else' where state != 'ok'")
    database.close()


def record_damaged(archive: Path) -> None:
    (path,) = (archive / "warc").glob("*.warc.gz")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


CHANGES: dict[str, tuple[Callable[[Path], None], int, dict[str, int]]] = {
    "nothing": (lambda _: None, 0, {"equal": 3}),
    "another version": (other_version, 0, {"equal": 2, "other_version": 1}),
    "altered": (altered, 1, {"equal": 2, "different": 1}),
    "removed": (removed, 1, {"equal": 2, "missing": 1}),
    "added": (added, 1, {"equal": 3, "extra": 1}),
    "state altered": (state_altered, 1, {"equal": 2, "different": 1}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_kind_of_difference_is_told_apart(harvester: Any, a: Path, name: str) -> None:
    """Equal, of another version (no difference), different, missing, extra: counted, exit 1 for the last."""
    change, code, wanted = CHANGES[name]
    change(a)
    answer = harvester("rebuild", a, "--check", "--json")
    assert answer.code == code, answer.out
    assert {key: value for key, value in answer.json["documents"].items() if value} == wanted
    assert answer.json["compared"] is True
    shown = harvester("rebuild", a, "--check")
    assert shown.code == code
    assert ("of another version" in shown.err) is (name == "another version")


def test_a_record_that_cannot_be_read_is_told(harvester: Any, a: Path) -> None:
    """Damage in a WARC file is a finding, and its page is not counted as equal."""
    record_damaged(a)
    answer = harvester("rebuild", a, "--check", "--json")
    assert answer.code == 1
    assert answer.json["damaged"]
    assert answer.json["documents"]["equal"] < 3


@pytest.mark.parametrize(
    "option", ["--since=2030-01-01", "--site=mfa", "--shard=1/2", "--write-warc", "--prune"]
)
def test_options_that_a_check_does_not_heed_are_refused(harvester: Any, a: Path, option: str) -> None:
    """A check is of the whole archive: an option that would narrow it is never silently passed over."""
    answer = harvester("rebuild", a, "--check", option)
    assert answer.code == 2
    assert "--check compares all of an archive" in answer.err


def test_nothing_is_written(harvester: Any, a: Path) -> None:
    """A check changes no byte below the archive, also where it finds something (SQLite's own files apart)."""
    removed(a)
    before = contents(a)
    assert harvester("rebuild", a, "--check").code == 1
    assert contents(a) == before


def contents(archive: Path) -> dict[Path, bytes]:
    files = (path for path in sorted(archive.rglob("*")) if path.is_file())
    return {path: path.read_bytes() for path in files if not path.name.endswith(("-wal", "-shm"))}


def test_without_a_library_it_cannot_tell(harvester: Any, a: Path) -> None:
    """Where index or library is gone nothing is called equal: the exit is not 0, and the cure is named."""
    shutil.rmtree(a / "library")
    answer = harvester("rebuild", a, "--check")
    assert answer.code != 0
    assert "harvester reindex" in answer.err + answer.out


@pytest.mark.parametrize("what", ["0.html", "nothing-here", "a/warc"])
def test_what_is_no_archive_is_usage(harvester: Any, a: Path, what: str) -> None:
    """Only an archive has documents to be compared."""
    answer = harvester("rebuild", what, "--check")
    assert answer.code == 2
    assert "is no archive" in answer.err


def test_an_archive_that_is_named_twice_is_checked_once(harvester: Any, a: Path) -> None:
    """Under two spellings it is one archive: its documents are counted once, its findings told once."""
    documents(a)[0].write_bytes(b"{}\n")
    once, twice = (harvester("rebuild", *names, "--check", "--json").json for names in ([a], [a, f"{a}/."]))
    assert twice == once


def test_an_output_must_be_named(harvester: Any, a: Path) -> None:
    """Without --check documents are written, and it must be said where."""
    answer = harvester("rebuild", a)
    assert answer.code == 2
    assert "--output" in answer.err


@pytest.mark.parametrize("more", [("--output", "o"), ("--compare", "a")])
def test_a_check_takes_no_output(harvester: Any, a: Path, more: tuple[str, str]) -> None:
    """What would be ignored is refused instead."""
    answer = harvester("rebuild", a, "--check", *more)
    assert answer.code == 2
    assert "writes nothing" in answer.err

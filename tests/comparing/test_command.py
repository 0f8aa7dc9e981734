"""`harvester rebuild --compare`, as a user has it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fixtures.stories import lighthouse_article
from harvester.cli.app import run


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, pages_archive: Callable[[Path], None]) -> Path:
    """An archive, and what an older version made of it: another title, and one page less known."""
    folder = tmp_path_factory.mktemp("whole")
    pages_archive(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARVESTER_STATE", str(folder / "state"))
        assert run(["rebuild", str(folder / "a"), "--output", str(folder / "old"), "--workers", "1"]) == 0
    for path in (folder / "old" / "documents").rglob("*.json"):
        text = path.read_text("utf-8").replace('"wechat": "wechat-', '"wechat": "older-')
        path.write_text(text.replace(lighthouse_article().title, "旧标题"), "utf-8")
    captures = folder / "old" / "captures.jsonl"
    captures.write_text(captures.read_text("utf-8").replace('"deleted"', '"unknown"'), "utf-8")
    return folder


@pytest.fixture
def here(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    return tmp_path


def rebuild(harvester: Any, *more: object) -> Any:
    return harvester("rebuild", "a", "--output", "new", "--workers", "1", *more)


def test_a_new_version_is_held_against_the_old(harvester: Any, here: Path) -> None:
    """Counts by field for a person and a program, and both files beside the new documents."""
    answer = rebuild(harvester, "--compare", "old", "--json")
    assert answer.code == 0
    found = answer.json["compared"]
    assert (found["equal"], found["changed"]) == (1, 1)
    assert found["fields"]["title"] == {"changed": 1, "filled": 0, "emptied": 0, "rewritten": 1}
    assert found["states"] == [{"was": "unknown", "now": "deleted", "records": 1}]
    first = {name: (here / "new" / name).read_bytes() for name in ("compare.json", "compare.html")}
    assert "旧标题" in first["compare.html"].decode()
    again = rebuild(harvester, "--compare", "old")
    assert "documents equal 1, different 1" in again.err
    assert "title 1" in again.err
    assert first == {name: (here / "new" / name).read_bytes() for name in first}
    assert not list((here / "new").glob(".tmp*"))


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_an_archive_is_an_old_side_for_every_format(harvester: Any, here: Path, form: str) -> None:
    """The documents of the archive itself are equal to what its records give, whatever the new form."""
    answer = rebuild(harvester, "--format", form, "--compare", "a", "--json")
    assert answer.code == 0
    found = answer.json["compared"]
    assert (found["old"]["kind"], found["new"]["kind"]) == ("archive", form)
    assert (found["equal"], found["changed"], found["states"]) == (2, 0, [])


def test_what_was_left_out_is_not_called_a_change(harvester: Any, here: Path) -> None:
    """Records that --since leaves out were not looked at: the old side's documents of them are its own."""
    answer = rebuild(harvester, "--since", "2099-01-01", "--compare", "old", "--json")
    found = answer.json["compared"]
    assert (found["vanished"], found["only_old"]) == (0, 2)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--compare", "nowhere"), "does not exist"),
        (("--compare", "state"), "holds no documents"),
        (("--compare", "new"), "is the output itself"),
        (("--compare", "old", "--shard", "1/2"), "a share is not compared"),
        (("--compare", "0.html"), "no document"),
        (("--compare", "empty.jsonl"), "is empty"),
        (("--compare", "/dev/null"), "is no file and no folder"),
    ],
)
def test_bad_sides_are_usage(harvester: Any, here: Path, options: tuple[str, ...], word: str) -> None:
    """Each says what is wrong; what is plain from the start is said before anything is written."""
    (here / "new").mkdir()
    (here / "state").mkdir(exist_ok=True)
    (here / "empty.jsonl").touch()
    answer = rebuild(harvester, *options)
    assert answer.code == 2
    assert word in answer.err

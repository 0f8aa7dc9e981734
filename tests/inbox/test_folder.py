"""What lies in an inbox, whether it is at rest, and how it is put aside."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harvester.errors import StorageError, UsageError
from harvester.inbox import aside
from harvester.inbox.folder import at_rest, look, same


class FakeClock:
    """A clock that is moved by sleeping; `meanwhile` happens during each sleep."""

    def __init__(self, now_s: float, meanwhile: object = None) -> None:
        self.now_s = now_s
        self.meanwhile = meanwhile
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.now_s, UTC)

    def monotonic_s(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds
        if callable(self.meanwhile):
            self.meanwhile()


def changed_s(path: Path) -> float:
    return path.stat().st_ctime


def test_what_is_taken_and_what_is_left(tmp_path: Path) -> None:
    """Pages with what belongs to them; links, unfinished and empty files are left, hidden ones unsaid."""
    for name in (
        "page.html", "page_files/a.css", "other_files/b.txt", "x.warc.gz", "x.warc.gz.sha256", "lone.sha256",
        ".DS_Store", ".hidden/a.txt", "half.pdf.crdownload", "fresh.html", "fresh.html.part", "~$book.xlsx",
        "taken/old.txt", "refused/bad.txt", "archive/harvester-archive.json", "archive/a.txt",
        "sub/deep/b.url",
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")
    (tmp_path / "empty.txt").touch()
    (tmp_path / "link.html").symlink_to(tmp_path / "page.html")
    (tmp_path / "folder").symlink_to(tmp_path / "sub")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    os.mkfifo(tmp_path / "pipe")
    dropped, left = look(tmp_path, [tmp_path / "taken", tmp_path / "refused"])
    found = {str(one.path.relative_to(tmp_path)): [path.name for path in one.beside] for one in dropped}
    assert found == {
        "page.html": ["page_files"],
        "other_files/b.txt": [],
        "x.warc.gz": ["x.warc.gz.sha256"],
        "lone.sha256": [],
        "sub/deep/b.url": [],
    }
    said = {one.path.name: one.why.split(":")[0] for one in left}
    assert said == {
        "half.pdf.crdownload": "still being written, as its name says",
        "fresh.html": "still being written, as its name says",
        "fresh.html.part": "still being written, as its name says",
        "~$book.xlsx": "still being written, as its name says",
        "empty.txt": "empty",
        "link.html": "a symbolic link",
        "folder": "a symbolic link",
        "loop": "a symbolic link",
        "pipe": "no ordinary file",
    }
    for wrong in (tmp_path / "none", tmp_path / "archive", tmp_path / "page.html"):
        with pytest.raises(UsageError):
            look(wrong)


def test_a_file_in_writing_waits(tmp_path: Path) -> None:
    """What changed a moment ago is looked at twice; old files cost no wait, other clocks no file."""
    path = tmp_path / "a.txt"
    path.write_text("one", encoding="utf-8")
    os.utime(path, (0, 0))  # a copy keeps the old time of writing
    dropped, _ = look(tmp_path)
    growing = FakeClock(changed_s(path) + 0.5, lambda: path.write_text("one two", encoding="utf-8"))
    ready, moving = at_rest(dropped, growing, 2.0)
    assert (ready, [one.path for one in moving], growing.slept) == ([], [path], [2.0])
    dropped, _ = look(tmp_path)
    for now_s, sleeps in ((changed_s(path) + 0.5, 1), (changed_s(path) + 60, 0), (changed_s(path) - 3600, 1)):
        clock = FakeClock(now_s)
        assert at_rest(dropped, clock, 2.0) == (dropped, [])
        assert len(clock.slept) == sleeps
    path.unlink()
    assert not same(dropped[0])


def test_putting_aside_never_overwrites(tmp_path: Path) -> None:
    """A second file of a name gets a number, its folder the same; a fault loses nothing."""
    target = tmp_path / "taken"
    for number in (1, 2):
        page, folder = tmp_path / "sub" / "a.b.html", tmp_path / "sub" / "a.b_files"
        folder.mkdir(parents=True)
        page.write_text(str(number), encoding="utf-8")
        (folder / "x").write_text(str(number), encoding="utf-8")
        aside.put_aside(page, tmp_path, target, [folder])
    files = {str(path.relative_to(target)): path.read_text() for path in target.rglob("*") if path.is_file()}
    assert files == {
        "sub/a.b.html": "1",
        "sub/a.b_files/x": "1",
        "sub/a (2).b.html": "2",
        "sub/a (2).b_files/x": "2",
    }
    page.write_text("3", encoding="utf-8")
    (tmp_path / "wall").write_text("", encoding="utf-8")
    with pytest.raises(StorageError):
        aside.put_aside(page, tmp_path, tmp_path / "wall")
    assert page.read_text(encoding="utf-8") == "3"
    said = [aside.say_why(page, "because").name for _ in range(2)]
    assert said == ["a.b.html.txt", "a.b.html (2).txt"]
    assert aside.say_why(tmp_path / ("长" * 84), "because").exists()

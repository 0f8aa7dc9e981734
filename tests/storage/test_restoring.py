"""A mirror brought back: what comes out of it is the archive, or no archive yet."""

from __future__ import annotations

import json
from itertools import cycle
from pathlib import Path

import pytest

from archive.errors import IntegrityError, StorageError, UsageError
from archive.layout import MARKER, Layout
from archive.storage import RemotePath
from archive.storage.manifest import MANIFEST, Stored, manifest_bytes, read_manifest
from archive.storage.mirror import closed_files, mirror
from archive.storage.restoring import RESTORING, restore
from harvester.cli.app import run

from .conftest import Proxy
from .test_mirror import archive

__all__ = ["archive"]


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.storage.faults.FIRST_WAIT_S", 0.001)


@pytest.fixture
def kept(archive: Path) -> dict[str, bytes]:
    """What a mirror keeps of the archive, with what people wrote."""
    (archive / "journal").mkdir()
    (archive / "journal/notes.jsonl").write_bytes(b'{"at": "2026-01-02T00:00:00Z"}\n')
    return contents(archive)


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in closed_files(Layout(root))}


def test_what_comes_back_is_the_archive(
    archive: Path,
    kept: dict[str, bytes],
    bucket: RemotePath,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """All files as they were, an index made again, and `check` content; a second time is refused."""
    assert run(["sync", str(archive), f"{bucket}/m"]) == 0
    home = tmp_path / "home"
    assert run(["sync", f"{bucket}/m", str(home), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told["brought"]) == set(kept)
    assert told["records"] == 6
    del kept["documents/2026/01/one.json"]  # no page gives it, so that `reindex` does not keep it
    assert contents(home) == kept
    assert not (home / RESTORING).exists()
    assert run(["check", str(home)]) == 0
    assert run(["sync", f"{bucket}/m", str(home)]) == 2
    assert "is an archive already" in capsys.readouterr().err


def test_a_run_that_was_stopped_is_taken_up(
    archive: Path, kept: dict[str, bytes], folder: RemotePath, tmp_path: Path
) -> None:
    """Half-way it is no archive; the next run brings only what is missing."""
    mirror(archive, folder)
    home, seen = tmp_path / "home", []

    def progress(path: str, _done: int, _whole: int) -> None:
        seen.append(path)
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore(folder, home, progress=progress)
    assert not (home / MARKER).exists()
    mirror(archive, folder / "other")
    with pytest.raises(UsageError, match="is being filled from"):
        restore(folder / "other", home)
    report = restore(folder, home)
    assert (report.present, report.whole) == (2, True)
    assert contents(home) == kept


@pytest.mark.parametrize("what", ["altered", "lost"])
def test_a_file_that_is_not_as_proven_never_stands(
    archive: Path, kept: dict[str, bytes], folder: RemotePath, tmp_path: Path, what: str
) -> None:
    """It is told of, the folder is no archive, and when the mirror is mended the next run ends it."""
    mirror(archive, folder)
    name = next(name for name in kept if name.endswith(".warc.gz"))
    if what == "lost":
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(kept[name][:-1] + b"x")
    home = tmp_path / "home"
    report = restore(folder, home)
    assert [path for path, _ in report.failed] == [name]
    assert not (home / name).exists()
    assert not (home / MARKER).exists()
    assert not list(home.rglob(".tmp-*"))
    (folder / name).write_bytes(kept[name])
    assert restore(folder, home).brought == (name, MARKER)
    assert contents(home) == kept


def test_what_the_archive_had_no_more_stays_away(archive: Path, folder: RemotePath, tmp_path: Path) -> None:
    """A document that was withdrawn after it was mirrored does not come back."""
    mirror(archive, folder)
    (archive / "documents/2026/01/one.json").unlink()
    assert mirror(archive, folder).extra == ("documents/2026/01/one.json",)
    assert mirror(archive, folder).extra == ("documents/2026/01/one.json",)
    report = restore(folder, tmp_path / "home")
    assert report.left_out == ("documents/2026/01/one.json",)
    assert not (tmp_path / "home/documents").exists()


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "warc/../../outside", "a\\b", ""])
def test_a_manifest_that_leads_out_is_refused(folder: RemotePath, tmp_path: Path, name: str) -> None:
    """Whoever wrote it: no file is written for it, in the folder or outside."""
    entries = [Stored(MARKER, 1, "0" * 64), Stored(name, 1, "0" * 64)]
    (folder / MANIFEST).write_bytes(manifest_bytes(entries))
    with pytest.raises(IntegrityError, match="no file of an archive"):
        restore(folder, tmp_path / "home")
    assert not (tmp_path / "home").exists()


def test_places_that_do_not_serve(archive: Path, folder: RemotePath, tmp_path: Path) -> None:
    """No mirror there; a folder with other things in it."""
    with pytest.raises(StorageError, match="no mirror"):
        restore(folder, tmp_path / "home")
    mirror(archive, folder)
    (tmp_path / "full").mkdir()
    (tmp_path / "full/letter.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not empty"):
        restore(folder, tmp_path / "full")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["letter.txt"]


def test_a_broken_connection_costs_nothing(
    archive: Path, kept: dict[str, bytes], bucket: RemotePath, proxy: Proxy, tmp_path: Path
) -> None:
    """Refusals, resets and answers cut short on the way down are asked for again."""
    mirror(archive, bucket / "m")
    turn = cycle([None, "503", None, "reset", None, "truncate"])
    proxy.fault = lambda request: next(turn) if b"range:" in request.lower() else None
    report = restore(bucket / "m", tmp_path / "home")
    assert report.whole
    assert contents(tmp_path / "home") == kept
    assert proxy.faults > 2


def test_a_journal_that_grows_meanwhile_is_mirrored_as_it_was(
    archive: Path, kept: dict[str, bytes], folder: RemotePath
) -> None:
    """What is sent is what the run saw: size and digest fit; the next run sends the rest."""
    del kept
    notes = archive / "journal/notes.jsonl"

    def progress(path: str, _done: int, _whole: int) -> None:
        if path == "journal/notes.jsonl":
            with notes.open("ab") as file:
                file.write(b'{"at": "later"}\n')

    size = notes.stat().st_size
    assert mirror(archive, folder, progress=progress).whole
    assert read_manifest(folder)["journal/notes.jsonl"].size == size
    assert (folder / "journal/notes.jsonl").stat().st_size == size
    assert mirror(archive, folder).sent == ("journal/notes.jsonl",)

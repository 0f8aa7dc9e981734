"""Commands that read an archive at a URL: the answers of the archive itself, and nothing left here."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest

from archive import Archive, read_warc
from archive.storage import RemotePath
from archive.storage.mirror import mirror
from archive.storage.viewing import viewed
from harvester.cli.app import run
from tests.rebuild.conftest import make, world

from .conftest import Proxy

__all__ = ["make", "world"]


@pytest.fixture
def both(world: Path, folder: RemotePath, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """An archive with all that is derived, and its mirror."""
    mirror(world.parent, folder)
    assert run(["reindex", "--archive", str(world.parent)]) in {0, 1}
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    return str(world.parent), str(folder)


def test_lists_are_the_same(both: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """Every capture but those that are withdrawn, with all its facts."""
    capsys.readouterr()
    told = []
    for place in both:
        assert run(["list", "--json", "--archive", place]) == 0
        told.append(json.loads(capsys.readouterr().out))
    assert told[0] == told[1]
    assert told[0]


def test_exports_hold_the_same_records(
    both: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mirror exports what its archive does, but for the new file's own words on itself."""
    found = []
    for number, place in enumerate(both):
        monkeypatch.setenv("HARVESTER_ARCHIVE", place)
        out = tmp_path / f"{number}.warc.gz"
        assert run(["export", "--warc", str(out)]) == 0
        records = [record for record in read_warc(out) if record.type not in {"warcinfo", "metadata"}]
        found.append([(record.type, record.target_uri, record.block) for record in records])
    assert found[0] == found[1]
    assert len(found[0]) > 5
    assert not list((tmp_path / "scratch").iterdir())


def test_what_is_said_names_the_url(both: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """Not the place here where the view is made."""
    assert run(["show", "nothing", "--archive", both[1]]) == 2
    assert f"no capture 'nothing' in {both[1]}" in " ".join(capsys.readouterr().err.split())
    assert run(["list", "--archive", f"{both[1]}/elsewhere"]) == 5
    assert "there is no archive at" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "way"),
    [
        (["reindex"], "harvester sync s3://bucket/archive DIR"),
        (["status"], "harvester sync s3://bucket/archive DIR"),
        (["fetch", "https://mp.weixin.qq.com/s/x"], "--mirror s3://bucket/archive"),
        (["compact"], "harvester sync s3://bucket/archive DIR"),
        (["find", "x"], "harvester sync s3://bucket/archive DIR"),
    ],
)
def test_what_needs_a_disk_says_so(
    command: list[str], way: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The way home is named, or to what is mirrored; no folder of the URL's name appears here."""
    monkeypatch.setenv("HARVESTER_ARCHIVE", "s3://bucket/archive")
    assert run(command) == 2
    assert way in " ".join(capsys.readouterr().err.split())
    monkeypatch.delenv("HARVESTER_ARCHIVE")
    assert run([*command, "--archive", "s3://bucket/archive"]) == 2
    assert way in " ".join(capsys.readouterr().err.split())


def test_records_are_read_as_they_lie(world: Path, bucket: RemotePath, proxy: Proxy) -> None:
    """Records that are read in their order share requests: fewer of these than records."""
    mirror(world.parent, bucket / "m")
    with viewed(bucket / "m") as (view, damaged):
        assert damaged == ()
        proxy.requests.clear()
        entries = list(view.entries())
        blocks = {entry.record_id: view.read(entry.location).block for entry in entries}
        asked = len(proxy.requests)
    with Archive.open(world.parent) as archive:
        assert blocks == {entry.record_id: archive.read(entry.location).block for entry in archive.entries()}
    assert asked < len(entries)

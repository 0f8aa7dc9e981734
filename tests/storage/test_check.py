"""`harvester check URL`: a mirror is proven against its manifest, WARC files as those on a disk."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import pytest

from archive.check import Check, Report, Runner
from archive.errors import UsageError
from archive.storage import RemotePath
from archive.storage.manifest import MANIFEST
from archive.storage.mirror import mirror
from fixtures.conformance.cases import cases
from harvester.checking.side_by_side import runner_of
from harvester.cli.app import run
from harvester.engines.pool import Pool

from .conftest import Proxy
from .test_mirror import archive

__all__ = ["archive"]


def checked(*paths: Path | RemotePath, runner: Runner | None = None) -> Report:
    report = Report()
    with Check(report, runner=runner) as check:
        for path in paths:
            check.path(path)
    return report


def told(report: Report) -> list[tuple[str, str]]:
    return sorted((finding.code, finding.file.rpartition("/")[2]) for finding in report.findings)


def bytes_of(path: RemotePath) -> bytes:
    with path.open() as file:
        return file.read()


def test_a_whole_mirror_has_no_findings(archive: Path, folder: RemotePath) -> None:
    """Its records are counted as those of the archive itself."""
    mirror(archive, folder)
    there, here = checked(folder), checked(archive)
    assert told(there) == []
    assert (there.files, there.records) == (here.files, here.records)


def test_a_mirror_on_a_disk_is_one(archive: Path, tmp_path: Path) -> None:
    """It is proven by its manifest, and not told to lack the index that it never has."""
    disk = tmp_path / "a #%41 disk"
    mirror(archive, RemotePath.of(f"file://{disk}"))
    assert told(checked(disk / ".." / disk.name)) == []
    _altered(RemotePath.of(f"file://{disk}/documents/2026/01/one.json"))
    assert told(checked(disk)) == [("E101", "one.json")]


def _lost(path: RemotePath) -> None:
    path.unlink()


def _altered(path: RemotePath) -> None:
    data = bytearray(bytes_of(path))
    data[-1] ^= 1
    path.write_bytes(bytes(data))


def _cut(path: RemotePath) -> None:
    path.write_bytes(bytes_of(path)[:-1])


@pytest.mark.parametrize(
    ("what", "where", "codes"),
    [
        (_lost, "documents/2026/01/one.json", {"E100"}),
        (_altered, "documents/2026/01/one.json", {"E101"}),
        (_cut, "documents/2026/01/one.json", {"E101"}),
        (_lost, "WARC", {"E100", "E062"}),
        (_altered, "WARC", {"E101", "E060", "E004"}),
        (_cut, "WARC", {"E101", "E060", "E003"}),
        (_lost, MANIFEST, {"W101"}),
        (_altered, MANIFEST, {"E102"}),
    ],
    ids=lambda value: getattr(value, "__name__", value) if not isinstance(value, set) else "",
)
def test_what_is_not_as_proven_is_told(
    archive: Path, folder: RemotePath, what: Callable[[RemotePath], None], where: str, codes: set[str]
) -> None:
    """Missing, altered and cut files each have their code; nothing else is told."""
    mirror(archive, folder)
    warc = min(path for path in archive.glob("warc/*.gz"))
    what(folder / (f"warc/{warc.name}" if where == "WARC" else where))
    assert {code for code, _ in told(checked(folder))} == codes


def test_what_nobody_vouches_for_is_told(archive: Path, folder: RemotePath) -> None:
    """A file that others put there is a warning; a WARC file of that kind is read like the others."""
    mirror(archive, folder)
    (folder / "notes.txt").write_bytes(b"by hand")
    (folder / "warc/more.warc.gz").write_bytes(b"\x1f\x8b\x08 no gzip")
    assert [one for one in told(checked(folder)) if one[0] != "W060"] == [
        ("E004", "more.warc.gz"),
        ("W100", "more.warc.gz"),
        ("W100", "notes.txt"),
    ]


def test_single_files_are_judged_as_on_a_disk(tmp_path: Path, folder: RemotePath) -> None:
    """Every conformance file has the findings at a URL that it has here."""
    files = cases()
    for name, data in files.items():
        (folder / name).write_bytes(data)
        local = tmp_path / name
        local.parent.mkdir(parents=True, exist_ok=True)
        local.write_bytes(data)
        assert told(checked(folder / name)) == told(checked(local)), name
    everything = checked(folder)
    assert told(everything) == told(checked(tmp_path))


def test_what_is_not_there(folder: RemotePath, proxy: Proxy) -> None:
    """A wrong path and a wrong bucket are told apart; a folder without archives is refused."""
    del proxy
    with pytest.raises(UsageError, match=r"nothing does not exist"):
        checked(folder / "nothing")
    with pytest.raises(UsageError, match="there is no s3://no-such-bucket-here"):
        checked(RemotePath.of("s3://no-such-bucket-here/archive"))
    (folder / "note.txt").write_bytes(b"1")
    with pytest.raises(UsageError, match="no archive of the web"):
        checked(folder)


def test_a_mirror_at_s3_with_faults_in_front(
    archive: Path, bucket: RemotePath, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers that break off and refusals are waited out; the judgement is the same."""
    monkeypatch.setattr("archive.storage.faults.FIRST_WAIT_S", 0.001)
    mirror(archive, bucket / "m")
    turn = cycle([None, "503", None, "reset", None, "truncate"])
    proxy.fault = lambda request: next(turn) if request.startswith(b"GET") else None
    assert told(checked(bucket / "m")) == []
    assert proxy.faults > 2


@pytest.mark.parametrize("workers", [1, 2])
def test_the_digest_of_a_walk_saves_a_second_reading(
    archive: Path, bucket: RemotePath, proxy: Proxy, workers: int
) -> None:
    """Each WARC file crosses the network once, though it is walked and its digest compared twice; and also
    where another process walks it.
    """
    mirror(archive, bucket / "m")
    (bucket / "m/documents/2026/01/one.json").write_bytes(b"other")
    expected = checked(bucket / "m")
    proxy.requests.clear()
    engine = Pool(workers) if workers > 1 else None
    found = checked(bucket / "m", runner=runner_of(engine, lambda *_: None) if engine else None)
    assert found == expected
    assert [code for code, _ in told(found)] == ["E101"]
    reads = [line for request in proxy.requests if (line := request.split(b"\r\n")[0]).startswith(b"GET")]
    of_warcs = [line for line in reads if b".warc.gz HTTP" in line or b".warc.gz?" in line]
    assert len(of_warcs) == len(list(archive.glob("warc/*.gz")))


@pytest.mark.parametrize(
    ("fault", "words"), [("503", "does not answer as it should"), ("403", "the store refuses it")]
)
@pytest.mark.parametrize(
    "command",
    [
        ["check"],
        ["index", "--output", "OUT"],
        ["rebuild", "--workers", "1", "--output", "OUT"],
        ["list", "--archive"],
        ["dedup"],
        ["sync", "URL", "OUT"],
    ],
    ids=lambda command: command[0],
)
def test_a_store_that_does_not_serve_is_one_line(  # noqa: PLR0917 - fixtures
    bucket: RemotePath,
    proxy: Proxy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    fault: str,
    words: str,
) -> None:
    """It never answers, or refuses: exit 5, one line that names the URL, and nothing is made here."""
    monkeypatch.setattr("archive.storage.faults.ATTEMPTS", 1)
    monkeypatch.setattr("s3fs.S3FileSystem.retries", 1)
    proxy.fault = lambda _: fault
    given = command if "URL" in command else [*command, "URL"]
    names = {"OUT": str(tmp_path / "out"), "URL": f"{bucket}/m"}
    assert run([*(names.get(word, word) for word in given), "--json"]) == 5
    error = json.loads(capsys.readouterr().out)["error"]
    assert words in error["message"]
    assert str(bucket) in error["message"]
    assert not (tmp_path / "out").exists()


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Where fsspec is not installed, what to install is said."""
    monkeypatch.setitem(sys.modules, "fsspec", None)
    for command in (["check"], ["rebuild", "--output", "out"], ["index"], ["list", "--archive"]):
        assert run([*command, "s3://bucket/x"]) == 2
        assert "pip install 'wechat-harvester[remote]'" in " ".join(capsys.readouterr().err.split())

"""An archive mirrored at a store: proven file by file, taken up again, never vouched for unproven."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive import Archive, Block, Record, new_record_id
from archive.errors import NotAnArchiveError, StorageError, UsageError
from archive.storage import RemotePath
from archive.storage.manifest import MANIFEST, read_manifest
from archive.storage.mirror import MirrorReport, mirror

from .conftest import Proxy

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def files_of(root: RemotePath) -> dict[str, bytes]:
    found = {}
    for path, _ in root.files():
        with path.open() as file:
            found[path.url.removeprefix(root.url + "/")] = file.read()
    return found


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive of three closed WARC files and one document."""
    for number in range(3):
        path = tmp_path / "archive"
        with Archive.open(path, create=True, write=True, software="test/1", now=lambda: NOW) as opened:
            head = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"
            block = Block.of(head + bytes([number]) * 5000)
            url = f"https://example.org/{number}"
            kind = "application/http;msgtype=response"
            opened.append([Record("response", new_record_id(), NOW, block, kind, url)])
            opened.write_derived("documents/2026/01/one.json", b"{}\n")
    return tmp_path / "archive"


def test_every_closed_file_is_there_and_proven(archive: Path, bucket: RemotePath) -> None:
    """The mirror holds what the archive holds, octet for octet, and its manifest names each digest."""
    report = mirror(archive, bucket / "m")
    there = files_of(bucket / "m")
    manifest = read_manifest(bucket / "m")
    assert report.whole
    assert {path for path in there if path.endswith(".warc.gz")} == {
        f"warc/{path.name}" for path in archive.glob("warc/*.warc.gz")
    }
    for path, data in there.items():
        if path != MANIFEST:
            assert data == (archive / path).read_bytes(), path
            assert manifest[path].sha256 == digest(data)
    assert set(there) - {MANIFEST} == set(manifest) == set(report.sent)
    assert "harvester-archive.json" in there
    assert "documents/2026/01/one.json" in there


def test_a_second_run_sends_nothing(archive: Path, bucket: RemotePath) -> None:
    """What the mirror vouches for is not sent again; a file that was lost at the store is."""
    first = mirror(archive, bucket / "m")
    again = mirror(archive, bucket / "m")
    assert (again.sent, again.present) == ((), len(first.sent))
    lost = next(path for path in first.sent if path.endswith(".warc.gz"))
    (bucket / "m" / lost).unlink()
    assert mirror(archive, bucket / "m").sent == (lost,)


def test_what_was_altered_there_is_mended(archive: Path, folder: RemotePath) -> None:
    """`verify` reads back what is vouched for and sends anew what differs, without removing anything; where
    this side is damaged, too, or has the file no more, nothing is sent and both stay."""
    first = mirror(archive, folder).sent
    good = files_of(folder)
    warc, other, _ = [name for name in first if name.endswith(".warc.gz")]
    listing = "documents/2026/01/one.json"
    for name in (warc, listing):
        (folder / name).write_bytes(b"?" + good[name][1:])
    assert mirror(archive, folder).sent == ()
    mended = mirror(archive, folder, verify=True)
    assert set(mended.sent) == set(mended.differed) == {warc, listing}
    assert mended.present == len(first) - 2
    assert files_of(folder) == good
    for name in (warc, other, listing):
        (folder / name).write_bytes(b"?" + good[name][1:])
    (archive / warc).write_bytes(good[warc][:-1] + b"?")
    (archive / listing).unlink()
    torn = mirror(archive, folder, verify=True)
    assert torn.sent == (other,)
    assert [(path, "sidecar" in why, "no more" in why) for path, why in torn.failed] == [
        (warc, True, False),
        (listing, False, True),
    ]
    assert files_of(folder)[warc] == b"?" + good[warc][1:]


def test_what_a_killed_process_left_stays_at_home(archive: Path, folder: RemotePath) -> None:
    """Unfinished files are under temporary names, in whatever folder: none is sent."""
    for place in (".", "warc", "index", "journal", "documents/2026/01"):
        (archive / place).mkdir(exist_ok=True)
        for name in (".tmp-1", ".tmp-a.warc.gz", ".tmp-a.cdxj", ".tmp-a.jsonl"):
            (archive / place / name).write_bytes(b"unfinished")
    mirror(archive, folder)
    assert not [name for name in files_of(folder) if ".tmp-" in name]


def test_another_archives_mirror_is_left_alone(archive: Path, folder: RemotePath, tmp_path: Path) -> None:
    """Two archives never share a place: with --delete one would remove the other's files. Without the
    manifest the marker still tells, and a marker that was altered is sent anew."""
    later = datetime(2026, 1, 3, tzinfo=UTC)
    with Archive.open(tmp_path / "b", create=True, write=True, software="test/1", now=lambda: later):
        pass
    mirror(archive, folder)
    before = files_of(folder)
    for lost in (None, MANIFEST):
        if lost:
            (folder / lost).unlink()
            del before[lost]
        with pytest.raises(UsageError, match="the mirror of another archive, made 2026-01-02"):
            mirror(tmp_path / "b", folder, delete=True)
        assert files_of(folder) == before
    (folder / "harvester-archive.json").write_bytes(b"{}")
    assert "harvester-archive.json" in mirror(archive, folder).sent


def test_an_interrupted_run_is_taken_up(
    archive: Path, bucket: RemotePath, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was proven before the interruption stays vouched for; the next run sends the rest."""
    begun: set[str] = set()

    def progress(path: str, _done: int, _whole: int) -> None:
        begun.add(path)
        if len(begun) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mirror(archive, bucket / "m", progress=progress)
    before = set(read_manifest(bucket / "m"))
    rest = mirror(archive, bucket / "m")
    assert len(before) == 3
    assert before.isdisjoint(rest.sent)
    assert rest.present == 3


def test_what_comes_back_changed_is_not_vouched_for(
    archive: Path, bucket: RemotePath, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that keeps other bytes than it was sent is caught, twice, and the file does not stay."""
    put = RemotePath.put

    def flawed(self: RemotePath, source: Path, size: int, tell: Callable[[int], None]) -> None:
        put(self, source, size, tell)
        if self.name.endswith(".warc.gz"):
            self.write_bytes(source.read_bytes()[:-1] + b"?")

    monkeypatch.setattr(RemotePath, "put", flawed)
    report = mirror(archive, bucket / "m")
    assert not report.whole
    assert len(report.failed) == 3
    assert not [path for path in files_of(bucket / "m") if path.endswith(".warc.gz")]
    assert not [path for path in read_manifest(bucket / "m") if path.endswith(".warc.gz")]


def test_a_damaged_file_is_not_sent(archive: Path, bucket: RemotePath) -> None:
    """A WARC file that lost its digest at home is told of; the mirror keeps what it had."""
    mirror(archive, bucket / "m")
    path = min(archive.glob("warc/*.warc.gz"))
    good = path.read_bytes()
    path.write_bytes(good[:-1] + b"?")
    (bucket / "m/warc" / path.name).unlink()
    report = mirror(archive, bucket / "m")
    assert [name for name, _ in report.failed] == [f"warc/{path.name}"]


@pytest.mark.parametrize("fault", ["503", "reset", "truncate"])
def test_a_broken_connection_loses_nothing(
    archive: Path, bucket: RemotePath, proxy: Proxy, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every third request broken: the mirror is whole at the end."""
    monkeypatch.setattr("archive.storage.faults.FIRST_WAIT_S", 0.001)
    turn = iter(range(100_000))
    proxy.fault = lambda request: fault if next(turn) % 3 == 0 else None
    report: MirrorReport = mirror(archive, bucket / "m")
    proxy.fault = lambda _: None
    assert report.failed == ()
    assert {path: digest(data) for path, data in files_of(bucket / "m").items() if path != MANIFEST} == {
        path: stored.sha256 for path, stored in read_manifest(bucket / "m").items()
    }
    assert proxy.faults > 3


def test_a_store_that_no_longer_answers_is_given_up(
    archive: Path, bucket: RemotePath, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a few files, not after all; what was proven before is vouched for, and the next run goes on."""
    monkeypatch.setattr("archive.storage.faults.FIRST_WAIT_S", 0.001)
    proxy.fault = lambda request: "503" if b".warc.gz" in request.split(b"\r\n")[0] else None
    with pytest.raises(StorageError, match=r"cannot mirror to .* does not answer as it should"):
        mirror(archive, bucket / "m")
    asked = {request.split(b" ")[1] for request in proxy.requests if request.startswith(b"PUT")}
    assert len([path for path in asked if b".warc.gz" in path]) == 3
    proxy.fault = lambda _: None
    assert set(read_manifest(bucket / "m")) == {"harvester-archive.json"}
    assert mirror(archive, bucket / "m").whole


def test_files_the_archive_no_longer_has(archive: Path, bucket: RemotePath) -> None:
    """They are named; `delete` removes those that we sent, and never a stranger's."""
    mirror(archive, bucket / "m")
    (bucket / "m/warc/stranger.warc.gz").write_bytes(b"x")
    gone = archive / "documents/2026/01/one.json"
    gone.unlink()
    assert mirror(archive, bucket / "m").extra == ("documents/2026/01/one.json",)
    assert mirror(archive, bucket / "m", delete=True).deleted == ("documents/2026/01/one.json",)
    there = files_of(bucket / "m")
    assert "documents/2026/01/one.json" not in there
    assert "warc/stranger.warc.gz" in there


def test_places_that_do_not_serve(archive: Path, bucket: RemotePath, tmp_path: Path) -> None:
    """No archive, no bucket: each is one error in words."""
    with pytest.raises(NotAnArchiveError):
        mirror(tmp_path, bucket / "m")
    with pytest.raises(StorageError, match="no such bucket"):
        mirror(archive, RemotePath.of("s3://no-such-bucket-here/m"))

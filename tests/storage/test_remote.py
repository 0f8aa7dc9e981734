"""Places at a store: read by ranges, every read whole or an error in words."""

from __future__ import annotations

import os
import pickle
import random
import subprocess
import sys
from pathlib import Path

import pytest

from archive.errors import UsageError
from archive.storage import RemotePath, is_url, place
from archive.storage.faults import StoreError
from archive.storage.ranges import READ_AHEAD_BYTES
from archive.storage.remote import PART_BYTES

from .conftest import Proxy

DATA = random.Random(5).randbytes(3 * READ_AHEAD_BYTES + 12345)


@pytest.fixture
def stored(bucket: RemotePath, proxy: Proxy) -> RemotePath:
    there = bucket / "folder/data.bin"
    there.write_bytes(DATA)
    proxy.requests.clear()
    return there


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.storage.faults.FIRST_WAIT_S", 0.001)


def test_urls_are_told_from_paths() -> None:
    """A scheme and `://` make a URL; `file://` is this machine; a path may hold a colon."""
    assert is_url("s3://bucket/x")
    assert not is_url("a:b/c")
    assert not is_url("/tmp/s3:/x")
    assert place("file:///tmp/x") == Path("/tmp/x")
    assert place("some/path") == Path("some/path")


def test_credentials_in_a_url_are_refused_and_not_repeated() -> None:
    """Credentials come from the environment only, and no message shows them."""
    with pytest.raises(UsageError) as caught:
        place("s3://key:secret@bucket/x")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["s3://", "nonsense://a/b"])
def test_urls_that_name_nothing(url: str) -> None:
    """A URL without a place, or of a scheme that no client knows, is a mistake of the caller's."""
    with pytest.raises(UsageError):
        place(url)


def test_a_file_is_read_by_ranges(stored: RemotePath, proxy: Proxy) -> None:
    """A few bytes in the middle cost one ranged request of the read-ahead, not the file."""
    with stored.open() as file:
        file.seek(READ_AHEAD_BYTES + 7)
        assert file.read(100) == DATA[READ_AHEAD_BYTES + 7 :][:100]
    gets = [request for request in proxy.requests if request.startswith(b"GET") and b"ange:" in request]
    assert len(gets) == 1


def test_it_is_what_a_local_file_is(stored: RemotePath, tmp_path: Path) -> None:
    """Reading anywhere, in any order, to the end and beyond, gives what the file holds."""
    chance = random.Random(1)
    with stored.open() as file:
        for _ in range(20):
            at, size = chance.randrange(len(DATA) + 10), chance.randrange(1 << 20)
            assert file.seek(at) == at
            assert file.read(size) == DATA[at : at + size]
        file.seek(-5, os.SEEK_END)
        assert file.read() == DATA[-5:]
    assert stored.stat().st_size == len(DATA)


def test_what_is_there(stored: RemotePath, bucket: RemotePath) -> None:
    """Files and folders are told apart; listings are sorted and whole."""
    (bucket / "folder/a").write_bytes(b"1")
    folder = bucket / "folder"
    assert folder.is_dir()
    assert stored.is_file()
    assert not (bucket / "other").exists()
    assert [path.name for path in folder.iterdir()] == ["a", "data.bin"]
    assert folder.files() == [(folder / "a", 1), (folder / "data.bin", len(DATA))]
    assert pickle.loads(pickle.dumps(stored)) == stored


def test_bodies_are_sent_without_asking_first(bucket: RemotePath, proxy: Proxy, tmp_path: Path) -> None:
    """Nobody waits for a "100 Continue": the client below waits for it without any limit."""
    (bucket / "small").write_bytes(b"x")
    (tmp_path / "file").write_bytes(b"y")
    (bucket / "file").put(tmp_path / "file")
    sent = [request.lower() for request in proxy.requests if request.startswith(b"PUT")]
    assert len(sent) == 2
    assert not [request for request in sent if b"expect:" in request]


@pytest.mark.parametrize("fault", ["503", "reset", "truncate"])
def test_passing_faults_are_waited_out(stored: RemotePath, proxy: Proxy, fault: str) -> None:
    """Every second answer broken: the bytes are still those of the file."""
    turn = iter(range(10_000))
    proxy.fault = lambda request: fault if request.startswith(b"GET") and next(turn) % 2 == 0 else None
    with stored.open() as file:
        assert file.read() == DATA
    assert proxy.faults > 0


def test_a_fault_that_stays_is_an_error_in_words(
    stored: RemotePath, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that never answers gives one OSError that says so."""
    monkeypatch.setattr("archive.storage.faults.ATTEMPTS", 1)
    proxy.fault = lambda _: "503"
    with pytest.raises(StoreError, match="does not answer as it should"), stored.open() as file:
        file.read(10)


def test_what_is_not_there(bucket: RemotePath, proxy: Proxy) -> None:
    """A missing object and a missing bucket are told at once, each in its words."""
    with pytest.raises(StoreError, match="it is not there"):
        (bucket / "nothing").open()
    with pytest.raises(StoreError, match="no such bucket"):
        RemotePath.of("s3://no-such-bucket-here/x").write_bytes(b"1")


def test_places_far_apart_do_not_bring_what_is_between(stored: RemotePath, proxy: Proxy) -> None:
    """Small reads at places that lie further apart than a record cost half a MiB each, not the read-ahead."""
    with stored.open() as file:
        proxy.sent_bytes = 0
        for at in range(1 << 20, len(DATA) - 1000, 2 << 20):
            file.seek(at)
            assert file.read(1000) == DATA[at : at + 1000]
    jumps = len(range(1 << 20, len(DATA) - 1000, 2 << 20))
    assert proxy.sent_bytes < jumps * (520 << 10)


@pytest.mark.parametrize("size", [len(DATA), len(DATA) - 1000])
def test_a_file_that_changes_while_it_is_read_is_told(stored: RemotePath, size: int) -> None:
    """No reader is given the beginning of one state and the end of another."""
    with stored.open() as file:
        assert file.read(1000) == DATA[:1000]
        stored.write_bytes(b"\0" * size)
        with pytest.raises(StoreError, match="changed while it was read"):
            file.read()


def test_who_names_no_url_loads_no_client() -> None:
    """Reading, checking and rebuilding on a disk start without the waits and errors of stores."""
    order = "import sys, archive.check, harvester.rebuild, harvester.cli.app; print(sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", order], capture_output=True, check=True, text=True).stdout
    assert "'archive.storage.places'" in loaded
    assert "'archive.storage.remote'" not in loaded
    assert "'fsspec'" not in loaded


def test_an_upload_that_is_broken_off_leaves_nothing(tmp_path: Path, bucket: RemotePath) -> None:
    """Whoever ends it half-way, no shorter file stands there under the name; what stood there stays."""
    (bucket / "a").write_bytes(b"older")
    (tmp_path / "a").write_bytes(os.urandom(PART_BYTES + (3 << 20)))
    for after in (1 << 20, PART_BYTES + (2 << 20)):

        def stop(done: int, after: int = after) -> None:
            if done >= after:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            (bucket / "a").put(tmp_path / "a", tell=stop)
        assert (bucket / "a").read_bytes() == b"older"

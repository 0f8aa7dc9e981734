"""A rebuild into a store gives what it gives on a disk, whatever the network does, whoever dies half-way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from archive.storage import RemotePath
from archive.storage.remote import PART_BYTES, SMALL_BYTES
from harvester.cli.app import run
from harvester.engines.pool import Pool
from harvester.errors import LockedError, StorageError, UsageError
from harvester.rebuild import Options, Shard, rebuild
from harvester.rebuild.outputs import claims, output_at, scratch
from harvester.rebuild.outputs.claims import claimed
from tests.rebuild.conftest import contents, make, response, world
from tests.rebuild.test_killed import DOUBTFUL

from .conftest import Proxy

__all__ = ["make", "world"]  # fixtures

Make = Callable[..., list[Path]]
WITHOUT_RESULTS = ("progress", "units/.seen/", "units/.lock", "units/.claims/")


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("archive.storage.faults.FIRST_WAIT_S", 0.001)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def results(root: RemotePath) -> dict[str, bytes]:
    """What a rebuild made at a store, but what tells of a run and not of its result."""
    found = {path.url.removeprefix(root.url + "/"): path.read_bytes() for path, _ in root.files()}
    return {name: data for name, data in found.items() if not name.startswith(WITHOUT_RESULTS)}


def expected(inputs: list[Any], where: Path, options: Options | None = None) -> dict[str, bytes]:
    rebuild(inputs, where, options)
    return {name: data for name, data in contents(where).items() if name != "units/.lock"}


def puts(proxy: Proxy) -> list[str]:
    """The completion records that were put since the requests were cleared."""
    names = [request.split(b" ")[1].decode() for request in proxy.requests if request.startswith(b"PUT")]
    return [name for name in names if "/units/" in name and name.endswith(".json") and "/.seen/" not in name]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(Options(format="parquet", write_warc=True), id="parquet-and-warc"),
        pytest.param(Options(), id="json", marks=pytest.mark.slow),
        pytest.param(Options(format="jsonl"), id="jsonl", marks=pytest.mark.slow),
    ],
)
def test_two_workers_give_what_they_give_on_a_disk(
    world: Path, tmp_path: Path, bucket: RemotePath, options: Options
) -> None:
    """Byte for byte, revisits, tombstones and the report too; nothing is left on the way."""
    report = rebuild([world], str(bucket / "out"), options, engine=Pool(2))
    assert results(bucket / "out") == expected([world], tmp_path / "expected", options)
    assert report.whole
    assert not [path for path, _ in bucket.files() if "/.claims/" in path.url or "/.tmp-" in path.url]
    assert not list(tmp_path.glob("harvester-*/work-*"))


@pytest.mark.parametrize(
    "fault",
    ["reset", *(pytest.param(fault, marks=pytest.mark.slow) for fault in ("503", "truncate", "late"))],
)
def test_a_bad_network_makes_no_difference(
    world: Path, tmp_path: Path, bucket: RemotePath, proxy: Proxy, fault: str
) -> None:
    """Every fourth answer refused, cut off or late: equal again."""
    turn = iter(range(1_000_000))

    def faulty(_: bytes) -> str | None:
        if next(turn) % 4:
            return None
        if fault == "late":
            time.sleep(0.05)
            return None
        return fault

    proxy.fault = faulty
    rebuild([world], str(bucket / "out"))
    proxy.fault = lambda _: None
    assert results(bucket / "out") == expected([world], tmp_path / "expected")


def test_threads_that_are_first_to_read_a_record(make: Make, tmp_path: Path) -> None:
    """What is done at a store is asked for by several threads at once: none of them ends the process."""
    rebuild(make([response(1)]), tmp_path / "out")
    [record] = (tmp_path / "out/units").glob("*.json")
    script = (
        "import sys, threading\nfrom harvester.rebuild.completion import completion_of\n"
        "class Stored:\n def read(self, _):\n  gate.wait()\n  return record\n"
        f"record, gate = open({str(record)!r}, 'rb').read(), threading.Barrier(16)\n"
        "threads = [threading.Thread(target=completion_of, args=(Stored(), 'x')) for _ in range(16)]\n"
        "sys.setswitchinterval(1e-6)\n[one.start() for one in threads]\n[one.join() for one in threads]\n"
    )
    for _ in range(4):  # without a decoder that is made beforehand, four in ten end
        subprocess.run([sys.executable, "-W", "ignore", "-c", script], check=True)


def test_shares_together_are_the_whole(world: Path, tmp_path: Path, bucket: RemotePath, proxy: Proxy) -> None:
    """Two shares, then all put together without doing a unit again; what only shares need is gone."""
    out = str(bucket / "out")
    for number in (2, 1):
        rebuild([world], out, shard=Shard(number, 2))
    proxy.requests.clear()
    rebuild([world], out)
    assert puts(proxy) == []
    assert results(bucket / "out") == expected([world], tmp_path / "expected")
    assert not [path for path, _ in bucket.files() if "-of-" in path.name]


def test_begun_on_one_machine_and_finished_on_another(
    make: Make, tmp_path: Path, bucket: RemotePath, proxy: Proxy
) -> None:
    """What was done of some inputs holds for their copies elsewhere; of a changed one it does not."""
    files = make(*([response(10 * one + two) for two in range(2)] for one in range(3)))
    out = str(bucket / "out")
    rebuild(files[:2], out)
    elsewhere = [Path(shutil.copy(file, tmp_path)) for file in files]
    proxy.requests.clear()
    rebuild(elsewhere, out)
    assert len(puts(proxy)) == 1
    shutil.copy(files[2], elsewhere[0])
    proxy.requests.clear()
    rebuild(elsewhere, out)
    assert len(puts(proxy)) == 1
    assert results(bucket / "out") == expected(elsewhere, tmp_path / "expected")


def test_drivers_that_end_half_way(make: Make, tmp_path: Path, bucket: RemotePath, proxy: Proxy) -> None:
    """Ended by SIGTERM, run again, killed, run again: each run does what was not finished, and nothing else.

    SIGTERM is answered with how to go on.
    """
    slow = [[response(10 * one + two, body=DOUBTFUL) for two in range(2)] for one in range(5)]
    files = make([response(n) for n in range(100, 104)], *slow)
    out = str(bucket / "out")
    command = [sys.executable, "-m", "harvester", "rebuild", *map(str, files), "--output", out]
    for number in (signal.SIGTERM, signal.SIGKILL):
        before = len(puts(proxy))
        with subprocess.Popen([*command, "--workers", "1"], stderr=subprocess.PIPE, text=True) as driver:
            while len(puts(proxy)) == before:
                assert driver.poll() is None
                time.sleep(0.01)
            driver.send_signal(number)
            said = driver.communicate()[1]
        if number == signal.SIGTERM:
            assert driver.returncode == 130
            assert "the same command goes on" in said
            assert json.loads((bucket / "out/progress.json").read_bytes())["state"] == "stopped"
    assert 2 <= len(puts(proxy)) < len(files)
    rebuild(files, out)
    assert sorted(puts(proxy)) == sorted(set(puts(proxy))), "nothing is done twice"
    assert results(bucket / "out") == expected(files, tmp_path / "expected")


def test_a_store_that_keeps_other_bytes(
    make: Make, bucket: RemotePath, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes back changed ends the run, in words; the unit is not done, and the next run mends it."""
    files = make([response(1)])
    put = RemotePath.write_bytes

    def flawed(self: RemotePath, data: bytes) -> None:
        put(self, data[:-1] + b"?" if self.name.endswith(".md") else data)

    monkeypatch.setattr(RemotePath, "write_bytes", flawed)
    with pytest.raises(StorageError, match="not what was sent"):
        rebuild(files, str(bucket / "out"))
    assert puts(proxy) == []
    said = json.loads((bucket / "out/progress.json").read_bytes())
    assert (said["state"], "not what was sent" in said["why"]) == ("failed", True)
    monkeypatch.setattr(RemotePath, "write_bytes", put)
    assert rebuild(files, str(bucket / "out")).exit == 0


def test_what_an_input_no_longer_gives_is_removed(make: Make, tmp_path: Path, bucket: RemotePath) -> None:
    """Other options, fewer inputs: their documents are gone, as on a disk."""
    files = make([response(1), response(2)], [response(3)])
    out = str(bucket / "out")
    rebuild(files, out)
    with pytest.raises(UsageError, match="--prune"):
        rebuild(files[:1], out)
    rebuild(files[:1], out, Options(since="2025-03-30T23:32:00Z"), prune=True)
    options = Options(since="2025-03-30T23:32:00Z")
    assert results(bucket / "out") == expected(files[:1], tmp_path / "expected", options)
    (document,) = [path for path, _ in bucket.files() if path.name.endswith(".md")]
    document.unlink()
    rebuild(files[:1], out, options)
    assert document.exists()


def test_one_run_at_a_time(make: Make, bucket: RemotePath, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another run is refused and named; other shares are not; a run not heard of for long is forgotten."""
    files, out = make([response(1)]), bucket / "out"
    folder = out / "units/.claims"
    with claimed(folder, "1/2"), claimed(folder, "2/2"):
        with pytest.raises(LockedError, match=rf"share [12]/2 \(process {os.getpid()} on"):
            rebuild(files, str(out))
        with pytest.raises(LockedError, match="share 1/2"):
            rebuild(files, str(out), shard=Shard(1, 2))
    with claimed(folder, None) as hold:
        with pytest.raises(LockedError, match="another rebuild"):
            rebuild(files, str(out), shard=Shard(1, 2))
        monkeypatch.setattr(claims, "DEAD_AFTER_S", -2.0)
        assert rebuild(files, str(out)).exit == 0
        hold.renew()
        with pytest.raises(LockedError, match="took over"):
            hold.check()


def test_of_runs_that_begin_together_one_goes_on(bucket: RemotePath) -> None:
    """Exactly one of four has the output, whole or a share of it; the others are told whose it is."""
    for number, shares in enumerate(([None] * 4, [None, "1/2", None, "1/2"])):
        folder, together, settled = bucket / f"{number}/.claims", Barrier(4), Barrier(4)

        def begin(share: str | None, folder=folder, together=together, settled=settled) -> str:
            together.wait()
            try:
                with claimed(folder, share):
                    settled.wait()
                    return "holds"
            except LockedError as error:
                settled.wait()
                return str(error)

        with ThreadPoolExecutor(4) as pool:
            said = sorted(pool.map(begin, shares))
        assert said[-1] == "holds"
        assert all("rebuild" in words and f"process {os.getpid()} on" in words for words in said[:-1])
        assert not folder.files()


def test_a_run_whose_process_is_gone_is_forgotten_at_once(bucket: RemotePath) -> None:
    """On the same machine it need not be waited for."""
    folder = bucket / "out/units/.claims"
    script = (
        "import os, sys\nfrom archive.storage import RemotePath\n"
        "from harvester.rebuild.outputs.claims import claimed\n"
        f"with claimed(RemotePath.of({str(folder)!r}), None): os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    assert len(folder.files()) == 1
    with claimed(folder, None):
        assert len(folder.files()) == 1


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("s3://no-such-bucket-here/out", "no such bucket"),
        ("https://example.invalid/out", "."),
        ("memory://x", "gone with this process"),
    ],
)
def test_places_that_do_not_serve(
    make: Make, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, url: str, said: str
) -> None:
    """One error in words, before anything is done."""
    monkeypatch.setattr("archive.storage.faults.ATTEMPTS", 1)
    with pytest.raises((StorageError, UsageError), match=said):
        rebuild(make([response(1)]), url)


def test_an_archive_or_a_file_is_no_place(make: Make, bucket: RemotePath) -> None:
    """A mirror of an archive, a folder in it, an object: refused before anything is written."""
    files = make([response(1)])
    (bucket / "mirror/harvester-archive.json").write_bytes(b"{}")
    for place in ("mirror", "mirror/out", "mirror/harvester-archive.json"):
        with pytest.raises(UsageError):
            rebuild(files, str(bucket / place))
    assert len(bucket.files()) == 1


def test_who_writes_beside_other_things_is_told(
    make: Make, bucket: RemotePath, capsys: pytest.CaptureFixture[str]
) -> None:
    """At a bucket's root with other things in it: a line names them, and they stay. Once only, and not where
    the place is empty."""
    files = [str(path) for path in make([response(1)])]
    (bucket / "photos/1.jpg").write_bytes(b"1")
    told = []
    for place in (bucket / "own", bucket, bucket):
        assert run(["rebuild", *files, "--output", str(place), "--workers", "1"]) == 0
        told.append("holds other things (own, photos)" in " ".join(capsys.readouterr().err.split()))
    assert told == [False, True, False]
    assert (bucket / "photos/1.jpg").exists()


def test_no_permission_and_no_answer(
    make: Make, bucket: RemotePath, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that refuses, or stops answering half-way: one line with the place; run again, it is whole."""
    monkeypatch.setattr("archive.storage.faults.ATTEMPTS", 1)
    files = make([response(1)], [response(2)])
    out = str(bucket / "out")
    proxy.fault = lambda request: "403" if request.startswith(b"PUT") else None
    with pytest.raises(StorageError, match=rf"cannot write into {out}: the store refuses"):
        rebuild(files, out)
    proxy.fault = lambda request: "503" if request.startswith(b"PUT") and puts(proxy) else None
    with pytest.raises(StorageError, match=rf"cannot write {out}.* does not answer"):
        rebuild(files, out)
    proxy.fault = lambda _: None
    assert rebuild(files, out).documents == 2


def test_how_far_a_run_is_can_be_read_at_the_output(make: Make, bucket: RemotePath) -> None:
    """`progress.json` says what is done of what, by whom, and how it ended."""
    rebuild(make([response(1)], [response(2)]), str(bucket / "out"))
    said = json.loads((bucket / "out/progress.json").read_bytes())
    assert (said["state"], said["engine"], said["units"], said["units_done"]) == ("done", "local", 2, 2)
    assert said["records"] == 2
    assert said["started"] <= said["updated"]


def test_two_outputs_at_a_store_are_compared(
    make: Make, bucket: RemotePath, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--compare` reads both sides there, and puts what it found beside the new documents."""
    files = [str(path) for path in make([response(1), response(2)])]
    out = bucket / "new"
    assert run(["rebuild", *files, "--output", str(bucket / "old"), "--workers", "1"]) == 0
    command = ["rebuild", *files, "--workers", "1", "--compare", str(bucket / "old"), "--output"]
    assert run([*command, str(out)]) == 0
    assert "documents equal 2, different 0" in capsys.readouterr().err
    assert json.loads((out / "compare.json").read_bytes())["equal"] == 2
    assert (out / "compare.html").exists()
    assert run([*command, f"{bucket / 'old'}/"]) == 2


def test_what_dead_processes_left_on_this_machine_is_removed(tmp_path: Path) -> None:
    """Left workplaces go when they are old and nobody holds them; one in use stays."""
    with scratch.workplace() as used:
        left = used.parent / "work-left"
        left.mkdir()
        for lock in (used.parent / "work-left.lock", used.with_name(used.name + ".lock")):
            lock.touch()
            os.utime(lock, (1, 1))
        with scratch.workplace():
            assert not left.exists()
            assert used.exists()
    assert not used.exists()


def test_files_of_every_size_are_delivered(tmp_path: Path, bucket: RemotePath) -> None:
    """Nothing in it, one request, many: each arrives, is proven, and can be read again."""
    output = output_at(str(bucket / "out"))
    sizes = {"none": 0, "at-once": SMALL_BYTES, "more": SMALL_BYTES + 1, "parts": 2 * PART_BYTES + 5}
    for name, size in sizes.items():
        (tmp_path / name).write_bytes(os.urandom(size))
    output.deliver(tmp_path, sizes)
    for name, file in zip(sizes, output.files(sizes), strict=True):
        assert file.read() == (tmp_path / name).read_bytes(), name
        assert output.read(name) == (tmp_path / name).read_bytes(), name
    assert output.presence()(sizes)
    assert not output.presence()([*sizes, "other"])


def test_a_file_for_many_is_fetched_once(tmp_path: Path, bucket: RemotePath, proxy: Proxy) -> None:
    """Those who read it on one machine at a time share one copy."""
    output = output_at(str(bucket / "out"))
    with output.sharing("units/x") as path:
        path.write_bytes(b"many")
    proxy.requests.clear()
    with output.shared("units/x") as one, output.shared("units/x") as other:
        assert one.read_bytes() == b"many"
        assert one == other
    assert len([request for request in proxy.requests if request.startswith(b"GET /")]) == 1
    output.unshare("units/x")
    assert not one.exists()
    assert not (bucket / "out/units/x").exists()

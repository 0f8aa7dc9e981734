"""Closed files replaced: at every fault and every death either form or both are there, and nothing twice."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from archive import Archive
from archive.check import Check, Report
from archive.compact import compact, expand
from archive.errors import HarvesterError, StorageError, UsageError, WarcError
from archive.journal import JOURNAL, FileState, Journal, read_journal
from archive.layout import Layout
from archive.purge import purge
from archive.raw import raw_records
from archive.record import MAX_BLOCK_BYTES, Location


def _fill(root: Path, response, runs: int = 2) -> dict[str, bytes]:
    """Write closed files; return their records' octets by id."""
    body = random.Random(4).randbytes(3000).hex().encode()
    for run in range(runs):
        with Archive.open(root, create=True, write=True, software="t/1") as archive:
            archive.append(
                [response(body + b"%d" % number, f"https://e.example/{run}") for number in range(5)]
            )
    return {raw.record.record_id: raw.octets for path in _closed(root) for raw in raw_records(path)}


def _closed(root: Path) -> list[Path]:
    return sorted(path for path in (root / "warc").iterdir() if path.suffix in {".gz", ".zst"})


def _check(root: Path, expected: dict[str, bytes], *, opened: bool) -> None:
    """What counts holds every record once, octet for octet; with `opened`, nothing else is there."""
    counting = [raw for path in Layout(root).closed_warcs() for raw in raw_records(path)]
    assert {raw.record.record_id: raw.octets for raw in counting} == expected
    assert len(counting) == len(expected)
    with Archive.open(root) as archive:
        entries = list(archive.entries())
        assert sorted(entry.record_id for entry in entries) == sorted(expected)
        for entry in entries:
            assert archive.get(entry.record_id).record_id == entry.record_id
    if opened:
        assert Layout(root).closed_warcs() == _closed(root)
        assert not (root / JOURNAL).exists()
        report = Report()
        with Check(report) as check:
            check.path(root)
        # What a fault left unfinished may be named; nothing is damaged, missing or without its digest.
        assert {finding.code for finding in report.findings} <= {"I064", "W050"}


def _work(root: Path, work: Callable[[Archive], object], **options: object) -> HarvesterError | None:
    try:
        with Archive.open(root, write=True, software="t/1", **options) as archive:
            work(archive)
    except HarvesterError as error:
        return error
    return None


def _compacting(archive: Archive) -> None:
    compact(archive, delete_originals=True)


WAYS = {"compact": _compacting, "expand": expand}
EVERY = pytest.mark.parametrize("step", [3, pytest.param(1, marks=pytest.mark.slow)])


@EVERY
@pytest.mark.parametrize(("way", "for_good"), [("compact", False), ("compact", True), ("expand", False)])
def test_a_fault_at_every_operation(tmp_path, faulty, response, way, for_good, step) -> None:
    """ENOSPC at the n-th change of the disk, for every (third) n, once or from then on: one form is whole."""
    origin = tmp_path / "origin"
    expected = _fill(origin, response)
    if way == "expand":
        assert _work(origin, _compacting) is None
    shutil.copytree(origin, tmp_path / "count")
    disk = faulty()
    assert _work(tmp_path / "count", WAYS[way], disk=disk) is None
    assert disk.count > 25
    for at in range(1, disk.count + 1, step):
        root = tmp_path / "a"
        shutil.copytree(origin, root)
        failed = _work(root, WAYS[way], disk=faulty(at, for_good=for_good))
        _check(root, expected, opened=False)
        assert _work(root, lambda _: None) is None
        _check(root, expected, opened=True)
        assert _work(root, WAYS[way]) is None
        _check(root, expected, opened=True)
        assert failed is None or (isinstance(failed, StorageError) and "\n" not in str(failed))
        shutil.rmtree(root)


def test_short_writes_are_completed(tmp_path, faulty, response) -> None:
    """A disk that takes half of each write loses nothing."""
    expected = _fill(tmp_path / "a", response)
    assert _work(tmp_path / "a", _compacting, disk=faulty(short=True)) is None
    _check(tmp_path / "a", expected, opened=True)


@EVERY
def test_a_fault_at_every_operation_of_finishing(tmp_path, faulty, response, step) -> None:
    """An opening that finishes an interrupted rewrite may itself fail anywhere."""
    origin = tmp_path / "origin"
    expected = _fill(origin, response)
    shutil.copytree(origin, tmp_path / "count")
    disk = faulty()
    _work(tmp_path / "count", _compacting, disk=disk)
    # The last unlink is the journal's: the one before it leaves a rewrite with an old file still there.
    unlinks = [number for number, name in enumerate(disk.names, 1) if name == "unlink"]
    renames = [n for n, name in enumerate(disk.names, 1) if name == "rename" and n < unlinks[0]]
    for broken in (unlinks[0], renames[-1]):
        for at in range(1, 40, step):
            root = tmp_path / "a"
            shutil.copytree(origin, root)
            _work(root, _compacting, disk=faulty(broken, for_good=True))
            assert (root / JOURNAL).exists()
            second = faulty(at, errno.EIO)
            _work(root, lambda _: None, disk=second)
            _check(root, expected, opened=False)
            assert _work(root, lambda _: None) is None
            _check(root, expected, opened=True)
            shutil.rmtree(root)
            if second.count < at:
                break
        else:
            pytest.fail("the sweep did not reach the end")


CHILD = textwrap.dedent(
    """
    import sys
    from archive import Archive
    from archive.compact import compact, expand
    print("ready", flush=True)
    while True:
        with Archive.open(sys.argv[1], write=True, software="t/1") as archive:
            compact(archive, delete_originals=True)
            expand(archive)
    """
)


def _killed(root: Path, seed: int) -> None:
    rng = random.Random(seed)
    child = subprocess.Popen([sys.executable, "-c", CHILD, root], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    for _ in range(rng.randrange(0, 8_000_000)):  # a random moment, without sleeping
        pass
    os.kill(child.pid, signal.SIGKILL)
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL


def _kill_rounds(root: Path, response, rounds: int) -> None:
    expected = _fill(root, response)
    for seed in range(rounds):
        _killed(root, seed)
        _check(root, expected, opened=False)
        assert _work(root, lambda _: None) is None
        _check(root, expected, opened=True)


def test_killed_at_any_moment(tmp_path, response) -> None:
    """SIGKILL while a process compacts and expands in turn: either form is whole, the next opening tidies."""
    _kill_rounds(tmp_path / "a", response, 10)


@pytest.mark.slow
def test_killed_at_any_moment_many_times(tmp_path, response) -> None:
    """The long form of the test before."""
    _kill_rounds(tmp_path / "a", response, 200)


def _interrupted(root: Path, response, faulty) -> tuple[dict[str, bytes], Journal]:
    """Leave a rewrite in which the new files are in place and no old one has gone."""
    expected = _fill(root, response)
    shutil.copytree(root, root.with_name("count"))
    disk = faulty()
    _work(root.with_name("count"), _compacting, disk=disk)
    first = disk.names.index("unlink") + 1
    _work(root, _compacting, disk=faulty(first, for_good=True))
    journal = read_journal(root)
    assert journal is not None
    return expected, journal


def test_taken_back_when_the_new_file_is_not_whole(tmp_path, response, faulty) -> None:
    """A new file damaged before the old ones went does not count: the old ones do, again."""
    root = tmp_path / "a"
    expected, journal = _interrupted(root, response, faulty)
    path = root / "warc" / journal.new[0].name
    path.write_bytes(path.read_bytes()[:-3])
    assert _work(root, lambda _: None) is None
    _check(root, expected, opened=True)
    assert all(path.suffix == ".gz" for path in _closed(root))


def test_when_neither_is_whole_it_says_what_to_restore(tmp_path, response, faulty) -> None:
    """Nothing is thrown away when both forms are incomplete."""
    root = tmp_path / "a"
    _, journal = _interrupted(root, response, faulty)
    path = root / "warc" / journal.new[0].name
    path.write_bytes(path.read_bytes()[:-3])
    (root / "warc" / journal.old[0].name).unlink()
    before = sorted(root.rglob("*"))
    error = _work(root, lambda _: None)
    assert isinstance(error, StorageError)
    assert journal.new[0].name in str(error)
    assert sorted(root.rglob("*")) == before


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"format": "x"}', '{"format": "harvester-rewrite", "version": 2}',
     '{"format": "harvester-rewrite", "version": 1, "old": [], "new": [], "staging": "../x"}',
     '{"format": "harvester-rewrite", "version": 1, "old": [{"name": "/etc/x"}], "new": [], "staging": "x"}'],
)  # fmt: skip
def test_a_damaged_journal_is_refused(tmp_path, response, text) -> None:
    """A journal that cannot be read moves nothing, leads nowhere, and says what to do."""
    root = tmp_path / "a"
    _fill(root, response)
    (root / JOURNAL).write_text(text)
    before = {path: path.stat().st_size for path in (root / "warc").iterdir()}
    error = _work(root, lambda _: None)
    assert isinstance(error, StorageError)
    assert "move it away" in str(error)
    assert {path: path.stat().st_size for path in (root / "warc").iterdir()} == before


def test_check_tells_an_unfinished_rewrite(tmp_path, response, faulty) -> None:
    """W065 and nothing else: the rows may be of either form meanwhile."""
    root = tmp_path / "a"
    _interrupted(root, response, faulty)
    report = Report()
    with Check(report) as check:
        check.path(root)
    assert {finding.code for finding in report.findings} == {"W065"}
    assert not report.damaged


def test_names_that_are_taken_or_missing(tmp_path, response) -> None:
    """What is to go must be a closed file; what is to come must not be there yet."""
    root = tmp_path / "a"
    _fill(root, response)
    path = _closed(root)[0]
    with Archive.open(root, write=True, software="t/1") as archive, archive.rewriting() as right:
        state = right.state(path, 6)
        with pytest.raises(UsageError, match="exists already"):
            right.replace([state], [state], root / "compact")
        with pytest.raises(UsageError, match="no closed file"):
            right.replace([FileState("x.warc.gz", 1, "0", 1)], [], root / "compact")


def test_a_new_file_of_fewer_records_is_refused(tmp_path, response) -> None:
    """The index's transaction counts again what takes the place of the old files."""
    root = tmp_path / "a"
    expected = _fill(root, response)
    path = _closed(root)[0]
    staged = root / "compact" / "new.warc.gz"
    staged.parent.mkdir()
    shutil.copy(path, staged)
    with Archive.open(root, write=True, software="t/1") as archive, archive.rewriting() as right:
        wrong = right.state(staged, 99)
        with pytest.raises(WarcError, match="99 are expected"):
            right.replace([right.state(path, 6)], [wrong], staged.parent)
    _check(root, expected, opened=True)


def test_a_reader_with_an_old_place_looks_again(tmp_path, response) -> None:
    """Archive.get follows a record whose file was replaced between the two looks."""
    root = tmp_path / "a"
    _fill(root, response)
    with Archive.open(root) as reader:
        entry = next(reader.entries(type="response"))
        looks = iter([entry])
        ask = reader.entry
        reader.entry = lambda record_id: next(looks, None) or ask(record_id)
        assert _work(root, _compacting) is None
        assert reader.get(entry.record_id).record_id == entry.record_id
        with contextlib.suppress(StorageError):
            reader.read(Location(entry.location.file, 0, MAX_BLOCK_BYTES))


def test_a_fault_at_every_operation_of_a_purge(tmp_path, faulty, response) -> None:
    """A record to be purged is there whole or gone whole, all others are there; a second try does it.

    Where the journal has ended, no listing of the old file is left to tell of it.
    """
    origin = tmp_path / "origin"
    expected = _fill(origin, response, runs=1)
    with Archive.open(origin) as archive:
        victim = next(archive.entries(type="response")).record_id
    kept = {key: octets for key, octets in expected.items() if key != victim}

    def purging(archive: Archive) -> None:
        entry = archive.entry(victim)
        if entry is not None:
            with archive.rewriting() as right:
                purge(right, entry, lambda _: None)

    shutil.copytree(origin, tmp_path / "count")
    disk = faulty()
    assert _work(tmp_path / "count", purging, disk=disk) is None
    _check(tmp_path / "count", kept, opened=True)
    for at in range(1, disk.count + 1):
        root = tmp_path / "a"
        shutil.copytree(origin, root)
        _work(root, purging, disk=faulty(at, for_good=True))
        listed = {path.stem for path in (root / "index").glob("*.cdxj")}
        assert listed <= {path.name for path in _closed(root)} or (root / JOURNAL).exists()
        with Archive.open(root) as archive:
            # The rows are of one form whole; until the old file has gone, the next opening still decides.
            there = {entry.record_id for entry in archive.entries()}
            assert there in (set(expected), set(kept))
            assert all(archive.get(record_id) for record_id in there)
        assert _work(root, purging) is None
        _check(root, kept, opened=True)
        shutil.rmtree(root)

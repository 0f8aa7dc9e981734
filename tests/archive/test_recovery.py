"""Recovery: what a crash leaves is cut to whole records, closed and indexed; what lives is left alone."""

from __future__ import annotations

import gzip
import os
import random
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from archive import Archive, read_warc
from archive.errors import WarcError

CHILD = textwrap.dedent(
    """
    import random, sys
    from datetime import UTC, datetime
    from archive import Archive, Block, Record, WriterOptions, new_record_id
    rng = random.Random(int(sys.argv[2]))
    options = WriterOptions(roll_bytes=60_000)
    archive = Archive.open(sys.argv[1], create=True, write=True, software="t/1", options=options)
    print("ready", flush=True)
    while True:
        head = b"HTTP/1.1 200 OK\\r\\n\\r\\n"
        response = Record("response", new_record_id(), datetime.now(UTC),
            Block.of(head + rng.randbytes(rng.randrange(20_000))), "application/http;msgtype=response", "https://e.example/")
        note = Record("metadata", new_record_id(), datetime.now(UTC), Block.of(b"a: b\\r\\n"),
            "application/warc-fields", "https://e.example/", (("WARC-Concurrent-To", response.record_id),))
        archive.append([response, note])
        print(response.record_id, note.record_id, flush=True)
    """
)


def _kill_round(root: Path, seed: int) -> list[str]:
    """Let a child write, kill it at a random moment, return the ids it had acknowledged."""
    rng = random.Random(seed)
    child = subprocess.Popen([sys.executable, "-c", CHILD, root, str(seed)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    wanted = rng.randrange(0, 40)
    lines = []
    # Stop reading after some lines, then kill at whatever the child is doing by then.
    for line in child.stdout:
        lines.append(line)
        if len(lines) > wanted:
            break
    for _ in range(rng.randrange(0, 200_000)):  # a random short moment, without sleeping
        pass
    os.kill(child.pid, signal.SIGKILL)
    lines.extend(child.stdout)
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL
    whole = [line for line in lines if line.endswith(b"\n")]
    return [record_id for line in whole for record_id in line.decode().split() if record_id != "ready"]


def _kill_test(root: Path, seeds: range) -> None:
    acknowledged: set[str] = set()
    for seed in seeds:
        acknowledged.update(_kill_round(root, seed))
        with Archive.open(root, write=True, software="t/1") as archive:
            entries = list(archive.entries())
            assert acknowledged <= {entry.record_id for entry in entries}
        in_files = set()
        for path in (root / "warc").iterdir():
            if path.name.endswith(".warc.gz"):
                in_files.update(record.record_id for record in read_warc(path))
                assert path.with_name(path.name + ".sha256").exists()
        assert in_files == {entry.record_id for entry in entries}
        assert not list((root / "warc").glob("*.open"))
    assert acknowledged


def test_kill_at_random_moments(tmp_path) -> None:
    """SIGKILL at random moments, 15 rounds in one archive: nothing acknowledged missing, every WARC whole."""
    _kill_test(tmp_path / "a", range(15))


@pytest.mark.slow
def test_kill_at_random_moments_200_times(tmp_path) -> None:
    """The long form of the kill test."""
    for part in range(10):
        _kill_test(tmp_path / f"a{part}", range(part * 20, part * 20 + 20))


def _leave_open(open_archive, groups) -> None:
    """Write groups and vanish, as a killed process does: the file stays open, its lock goes."""
    archive = open_archive()
    for group in groups:
        archive.append(group)
    archive._writer.abandon()
    archive.close()


def test_a_torn_tail_is_cut_at_every_byte(tmp_path, open_archive, warc_folder, response) -> None:
    """Rule W5: an `.open` file cut anywhere keeps exactly its whole records; the rest is kept beside it."""
    _leave_open(open_archive, [[response(), response()]])
    (path,) = warc_folder.glob("*.open")
    data = path.read_bytes()
    ends = [r.location.offset + r.location.length for r in read_warc(path)]
    root = warc_folder.parent
    for size in range(1, len(data), 7):
        copy = tmp_path / f"c{size}"
        shutil.copytree(root, copy)
        torn = copy / "warc" / path.name
        torn.write_bytes(data[:size])
        whole_end = max([end for end in ends if end <= size], default=0)
        with Archive.open(copy, write=True, software="t/1") as archive:
            (done,) = archive.recovered
            assert (done.records, done.torn_bytes) == (sum(end <= size for end in ends), size - whole_end)
            assert len(list(archive.entries())) == done.records
        if done.aside is not None:
            assert (copy / "warc" / done.aside).read_bytes() == data[whole_end:size]
        if done.records:
            assert (copy / "warc" / done.file).read_bytes() == data[:whole_end]
        assert not list((copy / "warc").glob("*.open"))
        shutil.rmtree(copy)


def test_records_durable_but_not_indexed_are_indexed_at_recovery(open_archive, response, warc_folder) -> None:
    """A crash between the fsync and the row: recovery finds the record in the file."""
    record = response()
    _leave_open(open_archive, [[record]])
    with open_archive(write=False, create=False) as reader:
        assert reader.get(record.record_id) is not None
    archive = open_archive()
    archive._index.forget(archive.entry(record.record_id).location.file)
    (path,) = warc_folder.glob("*.warc.gz")
    path.rename(path.with_name(path.name + ".open"))
    archive.close()
    with open_archive() as again:
        assert again.get(record.record_id).block == record.block.read()


def test_a_living_writers_file_is_left_alone_and_can_be_read(open_archive, response, warc_folder) -> None:
    """Another process's `.open` file (its lock is held) is not touched; its acknowledged records are seen."""
    first, second = response(), response()
    writer = open_archive()
    writer.append([first])
    with open_archive() as other:
        assert other.recovered == ()
        assert other.get(first.record_id) is not None
        other.append([second])
        assert writer.get(second.record_id) is not None
        assert len(list(warc_folder.glob("*.open"))) == 2
        with open_archive(write=False, create=False) as reader:
            assert {entry.record_id for entry in reader.entries(type="response")} == {
                first.record_id,
                second.record_id,
            }
            writer.close()
            assert reader.get(first.record_id) is not None  # the name changed under the reader


def test_two_processes_write_to_one_archive_at_once(tmp_path) -> None:
    """Each has its own WARC; all that either acknowledged is there, and the index is what reindex makes."""
    root = tmp_path / "a"
    Archive.open(root, create=True, software="t/1").close()
    children = [
        subprocess.Popen([sys.executable, "-c", CHILD, root, str(seed)], stdout=subprocess.PIPE)
        for seed in (1, 2, 3)
    ]
    ids: list[str] = []
    for child in children:
        assert child.stdout is not None
        for _ in range(15):
            ids.extend(child.stdout.readline().decode().split())
    for child in children:
        child.kill()
        assert child.stdout is not None
        child.stdout.read()
        child.stdout.close()
        child.wait()
    with Archive.open(root, write=True, software="t/1") as archive:
        entries = list(archive.entries())
        assert {record_id for record_id in ids if record_id != "ready"} <= {
            entry.record_id for entry in entries
        }
        archive.reindex()
        assert list(archive.entries()) == entries


def test_a_closed_file_without_sidecar_or_rows_gets_both(open_archive, response, warc_folder) -> None:
    """A crash between the rename and the sidecar, or a file put there by hand, is completed at opening."""
    record = response()
    with open_archive() as archive:
        archive.append([record])
        file = archive.entry(record.record_id).location.file
    (warc_folder / f"{file}.sha256").unlink()
    with open_archive() as archive:
        assert (warc_folder / f"{file}.sha256").exists()
        archive._index.forget(file)
    with open_archive() as archive:
        assert archive.get(record.record_id) is not None


def test_a_damaged_closed_file_gets_no_sidecar_and_keeps_its_rows(
    open_archive, response, warc_folder
) -> None:
    """Damage is reported where it is read, with file and offset; no digest is made to vouch for it."""
    records = [response(), response(), response()]
    with open_archive() as archive:
        archive.append(records)
        places = [archive.entry(record.record_id).location for record in records]
    path = warc_folder / places[0].file
    path.with_name(path.name + ".sha256").unlink()
    data = bytearray(path.read_bytes())
    data[places[1].offset + 40] ^= 0xFF
    path.write_bytes(data)
    with open_archive() as archive:
        assert not path.with_name(path.name + ".sha256").exists()
        with pytest.raises(WarcError) as caught:
            archive.get(records[1].record_id)
        assert caught.value.offset == places[1].offset
        with pytest.raises(WarcError):  # all that is whole is indexed, and the damage is told
            archive.reindex()
        assert archive.get(records[1].record_id) is None
        assert archive.get(records[2].record_id) is not None


def test_a_warc_inside_a_damaged_body_is_not_taken_for_evidence(open_archive, response, warc_folder) -> None:
    """Going on behind damage takes only records of this file: a served WARC could hold anything."""
    inner = (
        b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:forged>\r\n"
        b"WARC-Date: 2026-01-01T00:00:00Z\r\nWARC-Target-URI: https://example.org/forged\r\n"
        b"Content-Length: 0\r\n\r\n\r\n\r\n"
    )
    noise = random.Random(1).randbytes(70_000)  # does not compress, so the member inside lies bare
    record, last = response(noise + gzip.compress(inner) + noise), response()
    with open_archive() as archive:
        archive.append([record, last])
        place = archive.entry(record.record_id).location
    path = warc_folder / place.file
    with open_archive() as archive:
        data = bytearray(path.read_bytes())
        assert gzip.compress(inner)[10:] in data
        data[place.offset + 300] ^= 0xFF
        path.write_bytes(data)
        with pytest.raises(WarcError):
            archive.reindex()
        assert archive.find("https://example.org/forged") == []
        assert archive.get(last.record_id) is not None

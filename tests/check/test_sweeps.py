"""Every truncation and every bit flip of a file of ours is found, or proven harmless."""

from __future__ import annotations

import shutil
import tracemalloc
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import read_warc
from archive.check import Check, Report, Task, check_apart
from archive.errors import WarcError
from archive.foreign import read_any
from fixtures.conformance import cases
from fixtures.conformance.cases import bomb

ANY = sorted(cases().items())


def test_a_cut_at_every_byte_is_found(warc, tmp_path, checked) -> None:
    """A cut inside a record is found in the file itself; one between two records, by sidecar and index."""
    data = warc.read_bytes()
    ends = {record.location.offset + record.location.length for record in read_warc(warc)}
    alone = tmp_path / warc.name
    for size in range(len(data)):
        alone.write_bytes(data[:size])
        report = checked(alone)
        assert report.damaged == (size not in ends), size
        if size not in ends:
            assert {"E001", "E002", "E003"} & set(report.counts)  # E002: one byte is no form


def test_a_cut_between_records_is_found_by_sidecar_and_by_index(ours, warc, checked) -> None:
    """The sidecar's digest and the index's rows know of a cut that leaves no trace in the file."""
    assert not checked(ours).counts
    last = list(read_warc(warc))[-1]
    with warc.open("r+b") as file:
        file.truncate(last.location.offset)
    beside = checked(warc)
    assert set(beside.counts) == {"E060"}
    warc.with_name(warc.name + ".sha256").unlink()
    assert not checked(warc).damaged
    assert set(checked(ours).counts) == {"E063", "W060"}


def test_every_flipped_bit_is_found(ours, warc, checked, tmp_path) -> None:
    """With its sidecar no flip of any bit passes; without it, only such as change no record."""
    data = warc.read_bytes()
    whole = list(read_warc(warc))
    alone = tmp_path / warc.name
    for index in range(len(data)):
        damaged = bytearray(data)
        damaged[index] ^= 1 << (index % 8)
        alone.write_bytes(damaged)
        if not checked(alone).damaged:
            assert list(read_warc(alone)) == whole, index
    damaged = bytearray(data)
    damaged[4] ^= 1  # MTIME of the first member: harmless, and found all the same
    warc.write_bytes(damaged)
    assert set(checked(warc).counts) == {"E060"}


@pytest.mark.parametrize("name", ["good/plain.warc", "good/zstandard.warc.zst", "good/dictionary.warc.zst"])
def test_other_forms_hide_no_cut_either(name, tmp_path, checked) -> None:
    """Plain and Zstandard files: cut anywhere, they are damaged or hold a number of whole records."""
    data = cases()[name]
    path = tmp_path / name.partition("/")[2]
    path.write_bytes(data)
    whole = list(read_warc(path))
    ends = {record.location.offset + record.location.length for record in whole}
    # Behind a dictionary frame of a few kB only the records are cut: the rest is one and the same case.
    for size in range(max(0, len(data) - 1500), len(data)):
        path.write_bytes(data[:size])
        dictionary_only = size == whole[0].location.offset
        assert checked(path).damaged or size in ends or dictionary_only, size


@settings(max_examples=400, deadline=None)
@given(
    base=st.sampled_from(ANY),
    noise=st.binary(max_size=60),
    at=st.integers(0, 6000),
    drop=st.integers(0, 40),
)
def test_any_bytes_give_findings(tmp_path_factory, base, noise, at, drop) -> None:
    """No input gives an exception, and what the reader refuses the walk does not call clean."""
    name, data = base
    at = min(at, len(data))
    path = tmp_path_factory.getbasetemp() / f"any-{name.partition('/')[2]}"
    path.write_bytes(data[:at] + noise + data[at + drop :])
    report = Report()
    with Check(report) as check:
        check.path(path)
    assert all(finding.file.startswith(str(path)) for finding in report.findings)
    try:
        list(read_any(path))
    except WarcError:
        assert {code for code in report.counts if not code.startswith("I")}


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=300))
def test_any_start_gives_findings(tmp_path_factory, data) -> None:
    """Bytes of no form at all are findings too."""
    path = tmp_path_factory.getbasetemp() / "noise.warc"
    for start in (
        b"",
        b"WARC/1.1\r\n",
        b"\x1f\x8b\x08",
        b"\x28\xb5\x2f\xfd",
        b"\x5d\x2a\x4d\x18",
        b"PK\x03\x04",
        b"http://",
    ):
        path.write_bytes(start + data)
        report = Report()
        with Check(report) as check:
            check.path(path)
        assert report.damaged


def test_records_behind_damage_are_found_again(warc, checked) -> None:
    """One damaged member costs one record, not the rest of the file."""
    before = checked(warc).records
    middle = list(read_warc(warc))[1].location
    data = bytearray(warc.read_bytes())
    data[middle.offset + middle.length // 2] ^= 0xFF
    warc.write_bytes(data)
    report = checked(warc)
    assert report.counts["E004"] == 1
    assert report.records == before - 1


@pytest.mark.parametrize("packed", ["gzip", "zstandard"])
def test_a_bomb_passes_through_in_little_memory(tmp_path: Path, checked, packed) -> None:
    """R3: a member that inflates to 200 MB is checked, not held."""
    data = bomb()
    if packed == "zstandard":
        import gzip

        data = zstandard.ZstdCompressor().compress(gzip.decompress(data))
    path = tmp_path / "bomb.warc"
    path.write_bytes(data)
    del data
    tracemalloc.start()
    try:
        report = checked(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert not report.damaged
    assert peak < 60_000_000


def test_a_file_of_false_starts_is_given_up(tmp_path, checked) -> None:
    """W003: places that only look like members are not tried without end."""
    path = tmp_path / "false.warc.gz"
    path.write_bytes(b"\x1f\x8b\x08" * 12_000)
    assert checked(path).counts["W003"] == 1


def test_an_unreadable_file_is_told_apart_from_damage(tmp_path, checked) -> None:
    """E099: what cannot be read is not called damaged."""
    path = tmp_path / "folder.warc"
    path.symlink_to(tmp_path / "loop.warc")
    (tmp_path / "loop.warc").symlink_to(path)
    (tmp_path / "real").mkdir()
    task = Task(1, path, path.name, sidecar=None, archive=None)
    report = check_apart(task, lambda _: None, lambda *_: None).report
    assert report.unreadable
    assert not report.damaged
    shutil.rmtree(tmp_path / "real")

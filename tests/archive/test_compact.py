"""Compact form: the same records, octet for octet, in a form that others read; proven before it counts."""

from __future__ import annotations

import random
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
import zstandard

from archive import Archive, Block, Record, new_record_id, read_warc
from archive.compact import compact, expand
from archive.compact.compacting import MANIFEST_SUFFIX
from archive.compact.dictionary import choose
from archive.errors import LockedError, UsageError, WarcError
from archive.raw import raw_records
from archive.recovery import Walk
from archive.zstd_members import DICTIONARY_MAGIC, ZSTD_MAGIC

BOILERPLATE = random.Random(1).randbytes(40_000).hex().encode()
OTHER = random.Random(2).randbytes(40_000).hex().encode()


def _page(number: int, frame: bytes = BOILERPLATE) -> bytes:
    return b"<html>" + frame[:50_000] + b"<p>%d</p>" % number * 20 + frame[50_000:] + b"</html>"


def _octets(folder: Path, pattern: str = "*.warc.*") -> list[bytes]:
    files = [path for path in sorted(folder.glob(pattern)) if path.suffix in {".gz", ".zst"}]
    return [raw.octets for path in files for raw in raw_records(path)]


@pytest.fixture
def filled(open_archive, response, metadata, warc_folder):
    """Two closed files of pages of one layout, and what they hold."""
    for run in range(2):
        with open_archive() as archive:
            for number in range(8):
                page = response(_page(10 * run + number), f"https://e.example/{run}/{number}")
                archive.append([page, metadata(page)])
    return _octets(warc_folder)


def test_copies_are_beside_and_nothing_else_changes(open_archive, filled, warc_folder) -> None:
    """Without delete_originals the archive is as it was; the copies are in compact/, several files in one."""
    before = {path.name: path.read_bytes() for path in warc_folder.iterdir()}
    with open_archive() as archive:
        rows = list(archive.entries())
        (run,) = compact(archive).runs
        assert list(archive.entries()) == rows
    assert {path.name: path.read_bytes() for path in warc_folder.iterdir()} == before
    assert (len(run.sources), len(run.files), run.replaced, run.new) == (2, 1, False, True)
    assert run.before > 3 * run.after
    assert _octets(warc_folder.parent / "compact") == filled


def test_the_form_is_the_proposal_s(open_archive, filled, warc_folder) -> None:
    """A skippable frame 0x184D2A5D with a standard dictionary; then one frame a record, sized and checked."""
    with open_archive() as archive:
        compact(archive, delete_originals=True)
    (path,) = warc_folder.glob("*.warc.zst")
    data = path.read_bytes()
    magic, size = struct.unpack_from("<II", data)
    assert magic == 0x184D2A5D
    dictionary = zstandard.decompress(data[8 : 8 + size])
    assert dictionary.startswith(b"\x37\xa4\x30\xec")
    (identity,) = struct.unpack_from("<I", dictionary, 4)
    assert identity >= 32768
    held = list(read_warc(path))
    assert held[0].location.offset == 8 + size
    for record in held:
        parameters = zstandard.get_frame_parameters(data[record.location.offset :])
        assert parameters.dict_id == identity
        assert parameters.has_checksum
        assert parameters.content_size > len(record.block)


def test_zstd_itself_reads_it(open_archive, filled, warc_folder, tmp_path) -> None:
    """A peer: `zstd -d -D` with the dictionary cut out of the file gives every record's octets in order."""
    tool = shutil.which("zstd")
    if tool is None:
        pytest.skip("the command zstd is not installed")
    with open_archive() as archive:
        compact(archive, delete_originals=True)
    (path,) = warc_folder.glob("*.warc.zst")
    data = path.read_bytes()
    (size,) = struct.unpack_from("<I", data, 4)
    dictionary = tmp_path / "dictionary"
    dictionary.write_bytes(zstandard.decompress(data[8 : 8 + size]))
    done = subprocess.run([tool, "-d", "-c", "-D", dictionary, path], capture_output=True, check=True)
    assert done.stdout == b"".join(filled)


def test_fastwarc_reads_it(open_archive, filled, warc_folder) -> None:
    """FastWARC finds the dictionary by itself and gives the same records. warcio reads no Zstandard."""
    fastwarc = pytest.importorskip("fastwarc.warc", reason="FastWARC is not installed")
    with open_archive() as archive:
        compact(archive, delete_originals=True)
    (path,) = warc_folder.glob("*.warc.zst")
    with path.open("rb") as file:
        theirs = [
            (record.headers["WARC-Record-ID"], record.reader.read())
            for record in fastwarc.ArchiveIterator(file, parse_http=False)
        ]
    assert theirs == [(record.record_id, record.block) for record in read_warc(path)]


def test_replaced_and_back_again(open_archive, filled, warc_folder) -> None:
    """The compact file takes the place in folder, sidecar and index; expand restores the files."""
    before = {path.name: path.read_bytes() for path in warc_folder.glob("*.gz")}
    with open_archive() as archive:
        ids = [entry.record_id for entry in archive.entries()]
        compact(archive)
        (run,) = compact(archive, delete_originals=True).runs
        assert (run.new, run.replaced) == (False, True), "the copies proven before are used"
        assert [entry.record_id for entry in archive.entries()] == ids
        assert all(archive.get(record_id).record_id == record_id for record_id in ids)
        assert not compact(archive, delete_originals=True).runs
        assert archive.reindex() == len(ids)
    assert sorted(path.suffix for path in warc_folder.iterdir()) == [".sha256", ".zst"]
    assert _octets(warc_folder) == filled
    assert not list((warc_folder.parent / "compact").iterdir())
    with open_archive() as archive:
        (run,) = expand(archive).runs
        assert len(run.files) == 2
        assert [entry.record_id for entry in archive.entries()] == ids
    # The writer may deflate otherwise than expand does: names and records are the same.
    assert {path.name for path in warc_folder.glob("*.gz")} == set(before)
    assert _octets(warc_folder) == filled


def test_what_is_added_later_makes_a_new_run(open_archive, filled, response, warc_folder) -> None:
    """A second call leaves proven copies alone; copies whose originals changed are made anew."""
    with open_archive() as archive:
        (first,) = compact(archive).runs
        archive.append([response(_page(77))])
    with open_archive() as archive:
        runs = compact(archive).runs
        assert [run.new for run in runs] == [False, True]
        assert runs[0].files == first.files
    copy = warc_folder.parent / "compact" / first.files[0].name
    copy.write_bytes(copy.read_bytes()[:-1])
    with open_archive() as archive:
        assert [run.new for run in compact(archive).runs] == [False, True]
    assert sorted(_octets(warc_folder.parent / "compact")) == sorted(_octets(warc_folder))


def test_a_damaged_original_is_left(open_archive, filled, warc_folder) -> None:
    """A file that does not read whole, or is not the one its sidecar knows, is named and not repacked."""
    first, second = sorted(warc_folder.glob("*.gz"))
    data = bytearray(first.read_bytes())
    data[len(data) // 2] ^= 1
    first.write_bytes(data)
    sidecar = second.with_name(second.name + ".sha256")
    sidecar.write_text("0" * 64 + sidecar.read_text()[64:])
    with open_archive() as archive:
        done = compact(archive, delete_originals=True)
    assert not done.runs
    assert [line.split(":")[0] for line in done.left] == [first.name, second.name]
    assert first.exists()
    assert second.exists()


def test_copies_that_differ_are_never_used(open_archive, filled, warc_folder, monkeypatch) -> None:
    """The proof is of the bytes on disk: a compressor that errs is found, and nothing is replaced."""
    from archive.compact.dictionary import RecordCompressor

    frame = RecordCompressor.frame
    monkeypatch.setattr(
        RecordCompressor,
        "frame",
        lambda self, octets: frame(self, octets.replace(b"<p>13</p>", b"<p>31</p>", 1)),
    )
    with open_archive() as archive:
        done = compact(archive, delete_originals=True)
    assert not done.runs
    assert len(done.left) == 1
    assert _octets(warc_folder) == filled
    assert not list((warc_folder.parent / "compact").iterdir())


def test_another_layout_gets_another_dictionary(open_archive, response, warc_folder) -> None:
    """When records stop shrinking, a new file with a new dictionary is begun; order stays."""
    with open_archive() as archive:
        for frame in (BOILERPLATE, OTHER):  # more of each than is looked ahead
            archive.append([response(_page(number, frame)) for number in range(530)])
    before = _octets(warc_folder)
    with open_archive() as archive:
        (run,) = compact(archive, delete_originals=True).runs
    assert len(run.files) == 2
    assert [state.name for state in run.files] == sorted(state.name for state in run.files)
    assert _octets(warc_folder) == before
    dictionaries = set()
    for path in warc_folder.glob("*.zst"):
        data = path.read_bytes()
        assert data.startswith(DICTIONARY_MAGIC)
        dictionaries.add(data[8:100])
    assert len(dictionaries) == 2
    assert run.before > 20 * run.after


def test_no_dictionary_where_none_pays(open_archive, response, warc_folder) -> None:
    """Records without anything in common, images above all, are plain frames."""
    rng = random.Random(3)
    with open_archive() as archive:
        for _ in range(4):
            archive.append([response(rng.randbytes(30_000)), response(rng.randbytes(20_000).hex().encode())])
    before = _octets(warc_folder)
    with open_archive() as archive:
        compact(archive, delete_originals=True)
    (path,) = warc_folder.glob("*.zst")
    assert path.read_bytes().startswith(ZSTD_MAGIC)
    assert _octets(warc_folder) == before


def test_choice_is_the_same_each_time() -> None:
    """The dictionary depends on the records alone, and on two layouts takes one of each."""
    samples = [_page(number, (BOILERPLATE, OTHER)[number % 2]) for number in range(10)]
    first, second = choose(samples, 10**8), choose(samples, 10**8)
    assert first == second
    assert first is not None
    assert BOILERPLATE[1000:2000] in first.content
    assert OTHER[1000:2000] in first.content
    assert choose([], 10) is None


@pytest.mark.parametrize("form", ["plain", "foreign"])
def test_files_of_other_tools(open_archive, filled, warc_folder, form) -> None:
    """Plain files and files without a warcinfo are repacked too; expand gives them their own stem."""
    first = min(warc_folder.glob("*.gz"))
    octets = [raw.octets for raw in raw_records(first)][0 if form == "plain" else 1 :]
    with open_archive() as archive:
        path = warc_folder / "a-foreign.warc"
        path.write_bytes(b"".join(octets))
    with open_archive() as archive:
        compact(archive, delete_originals=True)
        expand(archive)
    assert b"".join(_octets(warc_folder)) == b"".join(filled + octets)  # by name, `a-foreign` is last


def test_damage_in_a_compact_file_costs_one_record(open_archive, filled, warc_folder) -> None:
    """Salvage goes on behind damage in the compact form as in the other, for every file's records."""
    with open_archive() as archive:
        compact(archive, delete_originals=True)
    (path,) = warc_folder.glob("*.zst")
    victim = list(read_warc(path))[4]
    data = bytearray(path.read_bytes())
    data[victim.location.offset + victim.location.length // 2] ^= 0xFF
    path.write_bytes(data)
    walk = Walk(path, salvage=True)
    found = [record.record_id for record in walk.whole_records()]
    assert isinstance(walk.problem, WarcError)
    assert victim.record_id not in found
    # A warcinfo behind the damage vouches for nothing: only records of the file before it count.
    assert len(found) >= len(filled) // 2 - 1


def test_one_at_a_time(open_archive, filled) -> None:
    """Two processes do not rewrite one archive together, and reading alone rewrites nothing."""
    with open_archive() as archive, open_archive() as other:
        with other.rewriting(), pytest.raises(LockedError, match="another process"):
            compact(archive)
        compact(archive)
    with Archive.open(archive.path) as reader, pytest.raises(UsageError):
        compact(reader)


def test_leftovers_of_a_crash_go(open_archive, filled, warc_folder) -> None:
    """Copies without a proof are removed by the next call: they prove nothing."""
    folder = warc_folder.parent / "compact"
    folder.mkdir()
    (folder / "x.warc.zst").write_bytes(b"half")
    (folder / f"y.warc.zst{MANIFEST_SUFFIX}").write_bytes(b"{")
    with open_archive() as archive:
        (run,) = compact(archive).runs
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [run.files[0].name, run.files[0].name + MANIFEST_SUFFIX]
    )


def test_large_and_empty_records(open_archive, warc_folder) -> None:
    """A block of nothing and one larger than the window are kept like any other."""
    body = random.Random(5).randbytes(3_000_000) * 4
    with open_archive() as archive:
        for block in (b"", body):
            archive.append(
                [Record("resource", new_record_id(), archive_now(), Block.of(block), "text/plain", "urn:x:y")]
            )
    before = _octets(warc_folder)
    with open_archive() as archive:
        compact(archive, delete_originals=True)
    assert _octets(warc_folder) == before


def archive_now():
    from archive.store import utc_now

    return utc_now()


def test_a_purge_reaches_the_dictionaries_of_other_files(open_archive, response, warc_folder) -> None:
    """A record that became another compact file's dictionary goes out of that file too."""
    from archive.compact.dictionary import RecordCompressor
    from archive.purge import purge
    from archive.staging import StagedFile

    with open_archive() as archive:
        secret = response(_page(4711))
        archive.append([secret, response(_page(1))])
    with open_archive() as archive:
        archive.append([response(_page(2))])
    paths = sorted(warc_folder.glob("*.gz"))
    folder = warc_folder.parent / "compact"
    folder.mkdir()
    with open_archive() as archive, archive.rewriting() as right:
        compressor = RecordCompressor(secret.block.read())
        staged = StagedFile(folder, paths[1].name.replace(".gz", ".zst"), right.disk)
        staged.write(compressor.head())
        for raw in raw_records(paths[1]):
            staged.write(compressor.frame(raw.octets))
            staged.records += 1
        right.replace([right.state(paths[1], staged.records)], [staged.finish()], folder)
        entry = archive.entry(secret.record_id)
        done = purge(right, entry, lambda _: None)
        assert [item.record_id for item in done.gone] == [secret.record_id]
        assert archive.entry(secret.record_id) is None
    assert not list(warc_folder.glob("*.zst"))
    assert all(b"<p>4711</p>" not in octets for octets in _octets(warc_folder))
    assert len(_octets(warc_folder)) == 4

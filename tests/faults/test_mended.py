"""What the table of faults found, each as a case of its own."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from archive import Archive, Block
from archive.check import Check, Report
from archive.errors import StorageError
from benchmarks.faults import swaps
from benchmarks.faults.scenario import checked, opened, response
from harvester.checking import check_documents
from harvester.library import Library


def _everything(root: Path) -> Report:
    report = Report()
    with Check(report, on_archive=lambda directory, _: check_documents(directory, report)) as check:
        check.path(root)
    return report


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    swaps.make(folder / "archive", folder)
    return folder / "archive"


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "archive"))


def test_a_file_without_a_whole_record_is_not_missed_later(tmp_path: Path) -> None:
    """A crash in a file's first write, and the index lost: no row of the file stays behind (E062)."""
    root = tmp_path / "a"
    opened(root).close()
    (root / "warc/X-20260101000000000-00000-aaaaaaaa.warc.gz.open").write_bytes(b"\x1f\x8b\x08torn")
    (root / "index/records.sqlite").unlink()
    opened(root).close()
    assert set(checked(root).counts) == {"W063"}


def test_a_power_cut_inside_a_rename_is_recovered(tmp_path: Path) -> None:
    """A file that is there under its open and its closed name: one of the two goes, and a sidecar is made."""
    root = tmp_path / "a"
    record = response(b"kept")
    with opened(root) as archive:
        archive.append([record])
    (closed,) = (root / "warc").glob("*.warc.gz")
    (closed.with_name(closed.name + ".open")).write_bytes(closed.read_bytes())
    closed.with_name(closed.name + ".sha256").unlink()
    with opened(root) as archive:
        assert archive.get(record.record_id) is not None
    assert not checked(root).counts


def test_two_different_files_of_one_name_are_not_merged(tmp_path: Path) -> None:
    """Unlike contents under the two names are nobody's to choose from: one clear line, both stay."""
    root = tmp_path / "a"
    with opened(root) as archive:
        archive.append([response(b"one")])
        (path,) = (root / "warc").glob("*.open")
        data = path.read_bytes()
        archive.append([response(b"two")])
    path.write_bytes(data)
    with pytest.raises(StorageError, match="move one of the two away"):
        opened(root)
    assert path.exists()


def _spoil_schema(path: Path) -> None:
    data = path.read_bytes()
    at = data.index(b"CREATE TABLE")
    path.write_bytes(data[: at + 2] + b"\xe1" + data[at + 3 :])


def _spoil_date(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("UPDATE records SET date = 'never'")
    database.close()


@pytest.mark.parametrize("spoil", [_spoil_schema, _spoil_date])
def test_a_damaged_index_is_told_in_words(root: Path, spoil: Callable[[Path], None]) -> None:
    """A schema that is not UTF-8, a date that is none: E066 and a StorageError, never a traceback."""
    spoil(root / "index/records.sqlite")
    assert "E066" in _everything(root).counts
    with pytest.raises(StorageError, match="harvester reindex"), Archive.open(root) as archive:
        list(archive.entries())


def test_an_index_that_lost_an_entry_of_its_own_is_found(root: Path) -> None:
    """The rows are right, and a look-up by URI would miss one: SQLite's own check is asked."""
    path = root / "index/records.sqlite"
    with sqlite3.connect(path) as database:
        (page,) = database.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'records_by_id'"
        ).fetchone()
        (size,) = database.execute("PRAGMA page_size").fetchone()
    database.close()
    data = bytearray(path.read_bytes())
    cells = int.from_bytes(data[(page - 1) * size + 3 : (page - 1) * size + 5], "big")
    data[(page - 1) * size + 3 : (page - 1) * size + 5] = (cells - 1).to_bytes(2, "big")
    path.write_bytes(data)
    report = _everything(root)
    assert "E066" in report.counts


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE pages SET kind = 'x' WHERE state = 'ok'", "E072"),
        ("UPDATE pages SET fetch_date = '2000-01-01T00:00:00Z'", "E072"),
        ("UPDATE pages SET requested_url = 'https://example.org/'", "E072"),
        ("CREATE TABLE other (x)", "E070"),
    ],
)
def test_every_column_of_the_library_is_compared(root: Path, statement: str, code: str) -> None:
    """A row that says anything else than the records is found, and so is a table that is not ours."""
    with sqlite3.connect(root / "library/library.sqlite") as database:
        database.execute(statement)
    database.close()
    assert code in _everything(root).counts


def test_assets_are_compared_too(tmp_path: Path) -> None:
    """E071 and E072 also for images and other parts; E075 for a row without a record."""
    root = tmp_path / "a"
    with opened(root) as archive:
        page = response(b"\x89PNG not really", "https://example.org/i.png")
        image = page.block.read().replace(b"text/html", b"image/png")
        archive.append([replace(page, block=Block.of(image))])
        with Library(archive, write=True) as library:
            library.catch_up()
    assert not _everything(root).counts
    for statement, code in (
        ("UPDATE assets SET state = 'empty'", "E072"),
        ("UPDATE assets SET record_id = '<urn:x:1>'", "E075"),
        ("DELETE FROM assets", "E071"),
    ):
        with sqlite3.connect(root / "library/library.sqlite") as database:
            database.execute(statement)
        database.close()
        assert code in _everything(root).counts


def test_originals_that_are_kept_apart_are_held_to_their_name(root: Path) -> None:
    """E077: a changed original; an unfinished one of a crash is passed over."""
    (path,) = (root / "quarantine").iterdir()
    (path.parent / ".tmp-1").write_bytes(b"")
    assert not _everything(root).counts
    path.write_bytes(path.read_bytes() + b" ")
    assert set(_everything(root).counts) == {"E077"}

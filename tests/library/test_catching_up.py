"""A library reads each closed WARC file once; what it has not read, it reads when it is next opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive import Archive, IndexEntry
from archive.check import Check, Report
from archive.disk import SystemDisk
from archive.errors import StorageError
from archive.revisit import as_revisit
from benchmarks.faults.scenario import opened, response
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article
from harvester.checking import check_documents
from harvester.library import Library
from harvester.pipeline import derive
from harvester.taking_down import TakingDown

WHEN = datetime(2026, 3, 1, tzinfo=UTC)


def page(number: int) -> bytes:
    return (
        b"<html><head><title>Not found</title></head><body><p>There is no page %d.</p></body></html>" % number
    )


class Watched:
    """An archive that notes which files are read record by record."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.files: list[str] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._archive, name)

    def entries_of(self, file: str) -> Iterator[IndexEntry]:
        self.files.append(file)
        return self._archive.entries_of(file)

    def entries(self, **_: object) -> Iterator[IndexEntry]:
        raise AssertionError("all records are walked")


def read_files(archive: Archive) -> list[str]:
    """Catch up, and return the files that were read for it."""
    watched = Watched(archive)
    with Library(watched, write=True) as library:  # type: ignore[arg-type]
        library.catch_up()
    return watched.files


def rows(root: Path) -> int:
    with Archive.open(root) as archive, Library(archive) as library:
        return len(library.pages())


def everything(root: Path) -> dict[str, int]:
    report = Report()
    with Check(report, on_archive=lambda directory, _: check_documents(directory, report)) as check:
        check.path(root)
    return dict(report.counts)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three pages in two files, none of which any library has read."""
    root = tmp_path / "a"
    for numbers in ((1, 2), (3,)):
        with opened(root) as archive:
            for number in numbers:
                archive.append([response(page(number), f"https://example.org/{number}")])
    return root


def test_each_closed_file_is_read_once(root: Path) -> None:
    """A first opening reads all files, a second one none, a third one the file that has come since."""
    with opened(root) as archive:
        assert len(read_files(archive)) == 2
        assert read_files(archive) == []
    assert rows(root) == 3
    before = set((root / "warc").glob("*.warc.gz"))
    with opened(root) as archive:
        archive.append([response(page(4), "https://example.org/4")])
    with opened(root) as archive:
        (new,) = set((root / "warc").glob("*.warc.gz")) - before
        assert read_files(archive) == [new.name]
    assert rows(root) == 4


def test_a_file_that_grows_is_read_again(root: Path) -> None:
    """What another process is writing is read each time, so nothing it adds later is passed over."""
    with opened(root) as other, opened(root) as archive:
        read_files(archive)
        for number in (4, 5):
            other.append([response(page(number), f"https://example.org/{number}")])
            assert len(read_files(archive)) == 1
            assert rows(root) == number
    with opened(root) as archive:
        read_files(archive)
        assert read_files(archive) == []


def test_a_lost_library_reads_everything(root: Path) -> None:
    """The notes of what was read are lost with the rows, never without them."""
    with opened(root) as archive:
        read_files(archive)
        for path in (root / "library").iterdir():
            path.unlink()
        assert len(read_files(archive)) == 2
    assert rows(root) == 3


def test_reindex_notes_what_it_read(root: Path) -> None:
    """After a rebuild nothing is read again, and what it could not read is not told a second time."""
    with opened(root) as archive, Library(archive, write=True) as library:
        assert library.rebuild().pages == 3
        assert library.catch_up() == ()
    with opened(root) as archive:
        assert read_files(archive) == []


def test_a_restored_capture_comes_back(root: Path) -> None:
    """Its file was read long ago; that it is shown again is reason enough to read the record."""
    with opened(root) as archive, Library(archive, write=True) as library:
        library.catch_up()
        name = library.pages()[0].id
        down = TakingDown(archive, library, None)
        down.withdraw(name, "a reason", WHEN)
        library.catch_up()
        assert len(library.pages()) == 2
        assert down.restore(name, "another", WHEN.replace(day=2)).id == name


def test_what_cannot_be_read_is_told_once_and_tried_again(tmp_path: Path) -> None:
    """A revisit without its original is told of once; when the original comes, it gets its row."""
    root, body = tmp_path / "a", page(1).replace(b"</body>", b"<p>%s</p></body>" % (b"word " * 400))
    first = response(body)
    with opened(tmp_path / "b") as archive:
        archive.append([first])
        stored = archive.get(first.record_id)
    assert stored is not None
    revisit = as_revisit(response(body), stored)
    assert revisit is not None
    with opened(root) as archive, Library(archive, write=True) as library:
        archive.append([revisit])
        (line,) = library.catch_up()
        assert first.record_id in line
    with opened(root) as archive, Library(archive, write=True) as library:
        assert library.catch_up() == ()
        archive.append([first])
        assert library.catch_up() == ()
        assert {row.record_id for row in library.pages()} == {first.record_id, revisit.record_id}
    assert everything(root) == {}


class FullForDerived(SystemDisk):
    """A disk that has room for WARC files and none for documents."""

    def create(self, path: Path) -> int:
        if "documents" in path.parts:
            raise OSError(28, "No space left on device")
        return super().create(path)


def article(name: str) -> tuple[bytes, str]:
    layout = Recent(era=2026, script_bytes=500, nonce="1")
    return article_page(lighthouse_article(), layout), f"https://mp.weixin.qq.com/s/{name}"


def test_a_page_that_was_never_entered_is_no_damage(tmp_path: Path) -> None:
    """W071: a disk fills between the WARC and the document, nothing was promised, and the next run enters it.

    E071: the same page without its row after that: now it is lost.
    """
    root = tmp_path / "a"
    with opened(root, FullForDerived()) as archive, Library(archive, write=True) as library:
        record = response(*article("one"))
        archive.append([record])
        stored = archive.get(record.record_id)
        assert stored is not None
        with pytest.raises(StorageError, match="make room"):
            library.add_page(derive(stored, None), stored, None)
    assert everything(root) == {"W071": 1}
    with opened(root) as archive, Library(archive, write=True) as library:
        assert library.catch_up() == ()
    assert everything(root) == {}
    with sqlite3.connect(root / "library/library.sqlite") as database:
        database.execute("DELETE FROM pages")
    database.close()
    assert everything(root) == {"E071": 1, "W074": 2}


def test_a_document_whose_row_was_not_made_is_no_stray(root: Path) -> None:
    """The document's files come before the row: of a run that was killed in between they are no W074."""
    with opened(root) as archive:
        record = response(*article("one"))
        archive.append([record])
        with Library(archive, write=True) as library:
            library.catch_up()
    with sqlite3.connect(root / "library/library.sqlite") as database:
        database.execute("DELETE FROM pages WHERE record_id = ?", [record.record_id])
        database.execute("DELETE FROM files_read")
    database.close()
    assert everything(root) == {"W071": 1}


def test_a_note_of_what_is_not_there_is_told(root: Path) -> None:
    """W072, and the next opening drops it; a wrong note of a file only makes it be read again."""
    with opened(root) as archive:
        read_files(archive)
    with sqlite3.connect(root / "library/library.sqlite") as database:
        database.execute("INSERT INTO unread VALUES ('<urn:x:none>')")
        database.execute("UPDATE files_read SET bytes = bytes + 1")
    database.close()
    assert everything(root) == {"W072": 1}
    with opened(root) as archive:
        assert len(read_files(archive)) == 2
    assert everything(root) == {}

"""The finder's index: kept up with the library, made again whenever it is lost, small."""

from __future__ import annotations

import random
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.shelf import Shelf, document, prose, shelf
from harvester.document import Document
from harvester.errors import StorageError
from harvester.finder import Finder
from harvester.finder.database import FILE
from harvester.finder.postings import TABLE, Postings
from harvester.likeness import folded


def ids(archive: Shelf, text: str) -> list[str]:
    """Return the documents in which at least half of a text stands."""
    with Finder.open(archive.archive, archive.library) as finder:
        found = finder.find(document(text, site="wechat"))
    return [candidate.id for candidate in found if candidate.reasons[0].value >= 0.5]


def path_of(archive: Shelf) -> Path:
    return Path(archive.archive.path) / FILE


@given(
    st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(1, 2**32 - 1)), max_size=60),
    st.lists(st.tuples(st.integers(0, 90_000), st.integers(1, 50)), max_size=60),
    st.sets(st.integers(1, 50)),
)
def test_postings_hold_what_was_put(
    one: list[tuple[int, int]], other: list[tuple[int, int]], gone: set[int]
) -> None:
    """For each fingerprint its documents in order, each once; what was dropped is held no more."""
    database = sqlite3.connect(":memory:")
    database.execute(TABLE)
    postings = Postings(database)
    postings.add(one)
    postings.add(other)
    every = {*one, *other}
    wanted = {key: sorted({number for held, number in every if held == key}) for key, _ in every}
    found = postings.holders([*wanted, 5, 6])
    assert {key: list(numbers) for key, numbers in found.items() if key in wanted} == wanted
    postings.drop(gone)
    left = {key: [number for number in numbers if number not in gone] for key, numbers in wanted.items()}
    found = postings.holders(wanted)
    assert {key: list(numbers) for key, numbers in found.items()} == {k: n for k, n in left.items() if n}
    database.close()


def test_what_comes_goes_and_changes_is_followed(archive: Shelf, ministry: list[Document]) -> None:
    """Opening catches up: new documents are found, withdrawn ones are not, changed ones by their new text."""
    assert ids(archive, ministry[0].text) == [ministry[0].id]
    fresh = document(prose(random.Random(8), 400), key="mfa:t5")
    archive.put(fresh)
    assert ids(archive, fresh.text) == [fresh.id]
    archive.library.hide([ministry[0].provenance.record_id or ""])
    assert ids(archive, ministry[0].text) == []
    with sqlite3.connect(path_of(archive)) as database:
        assert database.execute("select count(*) from docs where id = ?", [ministry[0].id]).fetchone() == (0,)


def test_the_carrier_of_a_shared_text_may_go(archive: Shelf) -> None:
    """A text is indexed once; when the document that carries it goes, others of that text are still found."""
    text = prose(random.Random(9), 400)
    one, other = document(text, key="mfa:t1"), document(text, key="mfa:t2")
    archive.put(one)
    assert ids(archive, text) == [one.id]
    archive.put(other)
    assert ids(archive, text) == sorted([one.id, other.id])
    archive.library.hide([one.provenance.record_id or ""])
    assert ids(archive, text) == [other.id]


@pytest.mark.parametrize("damage", ["gone", "noise", "cut", "form", "not-a-database", "blob"])
def test_a_lost_or_damaged_index_comes_back(archive: Shelf, ministry: list[Document], damage: str) -> None:
    """All of it is derived: whatever happens to the file, the next opening or a reindex mends it."""
    assert ids(archive, ministry[1].text) == [ministry[1].id]
    path = path_of(archive)
    if damage == "gone":
        path.unlink()
    elif damage == "noise":
        data = bytearray(path.read_bytes())
        data[4096:] = random.Random(1).randbytes(len(data) - 4096)
        path.write_bytes(data)
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:5000])
    elif damage == "not-a-database":
        path.write_bytes(b"x" * 5000)
    else:
        with sqlite3.connect(path) as database:
            database.execute(
                "update form set name = 'other'" if damage == "form" else "update buckets set data = x'00'"
            )
        database.close()
    if damage == "blob":  # such damage only shows when it is read: it is told, with the cure
        with pytest.raises(StorageError, match="reindex"):
            ids(archive, ministry[1].text)
        Finder.renew(archive.archive, archive.library)
    assert ids(archive, ministry[1].text) == [ministry[1].id]


def test_where_nothing_can_be_written_it_is_kept_in_memory(
    archive: Shelf, ministry: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An archive that cannot be written still has its finder, also with an index that is behind."""
    real = sqlite3.connect

    def refusing(database: str, *arguments: Any, **options: Any) -> sqlite3.Connection:
        if "mode=rwc" in database:
            raise sqlite3.OperationalError("attempt to write a readonly database")
        return real(database, *arguments, **options)

    monkeypatch.setattr(sqlite3, "connect", refusing)
    assert ids(archive, ministry[1].text) == [ministry[1].id]
    assert not path_of(archive).exists()
    monkeypatch.setattr(sqlite3, "connect", real)
    assert ids(archive, ministry[1].text) == [ministry[1].id]
    fresh = document(prose(random.Random(8), 400), key="mfa:t5")
    monkeypatch.setattr(sqlite3, "connect", refusing)
    with Finder.open(archive.archive, archive.library) as finder:
        assert finder.shared
    monkeypatch.setattr(sqlite3, "connect", real)
    archive.put(fresh)
    monkeypatch.setattr(sqlite3, "connect", refusing)
    assert ids(archive, fresh.text) == [fresh.id]
    with Finder.open(archive.archive, archive.library) as finder:
        assert not finder.shared  # what others read in the file is behind


def test_another_writer_is_waited_for_and_then_told(archive: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that lasts is exit 5 with the advice to try again, not a traceback."""
    Finder.open(archive.archive, archive.library).close()
    archive.put(document(prose(random.Random(8), 400), key="mfa:t5"))
    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **options: real(*args, **{**options, "timeout": 0}))
    other = real(path_of(archive), isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(StorageError, match="try again"):
        Finder.open(archive.archive, archive.library)
    other.execute("rollback")
    other.close()


def test_two_fill_it_at_once(archive: Shelf, ministry: list[Document]) -> None:
    """A second process that fills the index meanwhile puts nothing in twice."""
    with Finder.open(archive.archive, archive.library):
        path_of(archive)
    with sqlite3.connect(path_of(archive), isolation_level=None) as database:
        database.execute("delete from docs")

    def meanwhile(done: int, total: int) -> None:
        if done < total:
            raise AssertionError

    Finder.open(archive.archive, archive.library, meanwhile).close()
    with sqlite3.connect(path_of(archive)) as database:
        rows = [id_ for (id_,) in database.execute("select id from docs")]
    assert sorted(rows) == sorted(found.id for found in ministry)


def test_a_document_that_cannot_be_read_is_passed_over(archive: Shelf, ministry: list[Document]) -> None:
    """Its file is gone or damaged: the others are found; it is taken in once it is whole again."""
    root = Path(archive.archive.path) / "documents"
    (file,) = root.rglob(f"{ministry[1].id}.json")
    kept = file.read_bytes()
    file.write_bytes(b"{")
    assert ids(archive, ministry[1].text) == []
    assert ids(archive, ministry[2].text) == [ministry[2].id]
    file.write_bytes(kept)
    assert ids(archive, ministry[1].text) == [ministry[1].id]


def test_an_empty_archive_has_no_originals(tmp_path: Path) -> None:
    """Nothing archived, nothing found."""
    with shelf(tmp_path / "b") as empty:
        assert ids(empty, "外交部发言人表示" * 20) == []


def test_the_index_is_small(archive: Shelf, ministry: list[Document]) -> None:
    """What is kept of a document grows with its length: some 0.4 bytes a character, and no text."""
    Finder.open(archive.archive, archive.library).close()
    with sqlite3.connect(path_of(archive)) as database:
        (octets,) = database.execute("select sum(length(data)) from buckets").fetchone()
    characters = sum(len(found.text) + len(found.title or "") for found in ministry)
    assert octets < 0.5 * characters
    data = path_of(archive).read_bytes()
    assert ministry[0].text[:8].encode() not in data
    assert (ministry[0].title or "").encode() not in data


@settings(max_examples=8, deadline=None)
@given(st.data())
def test_a_stretch_of_the_guaranteed_length_is_always_found(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """From 48 folded characters on, whatever stands around: the original is among the candidates."""
    seeds = data.draw(st.lists(st.integers(0, 999), min_size=1, max_size=5, unique=True))
    texts = [prose(random.Random(seed), 60 + seed) for seed in seeds]
    which = data.draw(st.sampled_from(texts))
    plain = folded(which)
    start = data.draw(st.integers(0, len(plain) - 48))
    around = data.draw(st.text("子丑寅卯", max_size=40))
    folder = tmp_path_factory.mktemp("guarantee")
    with shelf(folder / "a") as made:
        made.put_many(document(text, key=f"mfa:t{number}") for number, text in enumerate(texts))
        captured = document(around + plain[start : start + 48] + around, site="wechat")
        with Finder.open(made.archive, made.library) as finder:
            found = [candidate.id for candidate in finder.find(captured)]
    shutil.rmtree(folder)
    assert document(which, key=f"mfa:t{texts.index(which)}").id in found

"""What SQLite's errors mean to a person: wait, make room, or make the file again."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from harvester import sqlite as ours
from harvester.errors import LockedError, StorageError

WORDS = ours.Words("the list", damaged="make it again", unusable="make room")


def test_each_fault_has_its_cure(tmp_path: Path) -> None:
    """Damage, also a missing table, is to be mended; a held file waited for; else the place is at fault."""
    path = tmp_path / "l.sqlite"
    for error, kind, cure in (
        (sqlite3.DatabaseError("malformed"), StorageError, "is damaged (malformed); make it again"),
        (sqlite3.OperationalError("no such table: x"), StorageError, "make it again"),
        (sqlite3.OperationalError("database is locked"), LockedError, "held by another command"),
        (
            sqlite3.OperationalError("disk I/O error"),
            StorageError,
            "cannot be used: disk I/O error; make room",
        ),
    ):
        with pytest.raises(kind) as caught, ours.worded(path, WORDS):
            raise error
        assert cure in str(caught.value)
        assert str(path) in str(caught.value)


def test_a_transaction_is_whole_or_nothing(tmp_path: Path) -> None:
    """What fails inside leaves nothing behind; the connection can be used on."""
    with contextlib.closing(ours.connect(tmp_path / "l.sqlite")) as database:
        database.execute("create table t (x not null)")
        with pytest.raises(sqlite3.IntegrityError), ours.transaction(database):
            database.executemany("insert into t values (?)", [(1,), (None,)])
        with ours.transaction(database):
            database.execute("insert into t values (2)")
        assert database.execute("select x from t").fetchall() == [(2,)]


def test_a_file_goes_with_its_log(tmp_path: Path) -> None:
    """Set aside under a name of its own, or removed; what is not there is passed over."""
    path = tmp_path / "l.sqlite"
    for suffix in ("", "-wal"):
        (tmp_path / f"l.sqlite{suffix}").write_bytes(b"x")
    ours.set_aside(path)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["l.sqlite.damaged", "l.sqlite.damaged-wal"]
    path.write_bytes(b"y")
    ours.remove(path)
    ours.remove(path)
    assert not path.exists()

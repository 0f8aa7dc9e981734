"""What is asked of the library's table for every visit costs the same however many rows there are."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from harvester.library.rows import Rows, any_of

QUESTIONS: tuple[tuple[str, dict[str, Sequence[str]]], ...] = (
    ("pages", {"requested_url": ["a", "b"], "url": ["a", "b"], "identity_key": []}),
    ("pages", {"requested_url": ["a"], "url": ["a"], "identity_key": ["k", "l"]}),
    ("pages", {"id": ["a", "b"]}),
    ("failures", {"requested_url": ["a", "b"]}),
)


@pytest.mark.parametrize(("table", "columns"), QUESTIONS)
def test_no_question_of_a_visit_scans(tmp_path: Path, table: str, columns: dict[str, Sequence[str]]) -> None:
    """SQLite seeks for each of them, also where nothing is known of one of the names."""
    path = tmp_path / "library.sqlite"
    Rows(path, write=True).close()
    where, values = any_of(**columns)
    query = f"explain query plan select * from {table} where {where} order by fetch_date, record_id limit -1"
    with contextlib.closing(sqlite3.connect(path)) as database:
        steps = [row[3] for row in database.execute(query, values)]
    assert any(step.startswith("SEARCH") for step in steps)
    assert not [step for step in steps if step.startswith("SCAN")]


def test_of_nothing_nothing_is_found(tmp_path: Path) -> None:
    """No value at all is a condition that nothing meets, not one that all rows do."""
    rows = Rows(tmp_path / "library.sqlite", write=True)
    assert rows.pages(*any_of(url=[], id=[])) == []
    rows.close()


def test_what_others_write_is_noticed_and_nothing_else(tmp_path: Path) -> None:
    """A runner looks for others' captures only after others wrote; its own do not count."""
    own, other = (Rows(tmp_path / "library.sqlite", write=True) for _ in range(2))
    before = own.others_version()
    own.set_read("of ours", 1)
    assert own.others_version() == before
    other.set_read("of others", 1)
    assert own.others_version() != before
    own.close()
    other.close()

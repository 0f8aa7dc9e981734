"""The queue and the journal: what is kept, and what may be lost."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.watch import journal
from harvester.watch.queue import Item, Queue, queue_path
from harvester.watch.wanted import item_of

DUE = (None, 5.0, 10.0, 20.0)


def item(number: int, host: str = "a.example", due_s: float | None = 10.0) -> Item:
    made = item_of(f"https://{host}/{number}", "page", "w", "watch w", 0.0)
    return msgspec.structs.replace(made, due_s=due_s)


def test_what_is_due_first_of_each_host(tmp_path: Path) -> None:
    """Each host has its own next item; what is leased, or never due again, is passed over."""
    with Queue(tmp_path / "q.sqlite3") as queue:
        for one in (
            item(1, due_s=20.0),
            item(2, due_s=10.0),
            item(3, "b.example", 5.0),
            item(4, "c.example", None),
        ):
            queue.put(one)
        assert queue.due_hosts() == {"a.example": 10.0, "b.example": 5.0}
        assert queue.firsts(9.0) == [("b.example", 5.0, item(3, "b.example").url)]
        assert {url for _, _, url in queue.firsts(30.0)} == {item(2).url, item(3, "b.example").url}
        queue.lease(item(2), 900.0)
        assert ("a.example", 20.0, item(1).url) in queue.firsts(30.0)
        assert queue.due_hosts()["a.example"] == 20.0
        assert [one.url for one in queue.leased()] == [item(2).url]
        queue.drop([item(3, "b.example").url])
        assert queue.get(item(3, "b.example").url) is None
        assert len(queue.items("w")) == 3


@given(
    steps=st.lists(st.tuples(st.integers(0, 5), st.sampled_from("abc"), st.sampled_from(DUE)), max_size=30)
)
def test_what_is_due_first_is_as_the_file_has_it(steps: list[tuple[int, str, float | None]]) -> None:
    """After any changes, also by another process, it is what one would find who looks at all items."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "q.sqlite3"
        with Queue(path) as queue, Queue(path) as other:
            for number, (which, host, due_s) in enumerate(steps):
                writer = other if number % 4 == 3 else queue
                one = item(which, f"{host}.example", due_s)
                if number % 7 == 6:
                    writer.drop([one.url])
                elif number % 5 == 4 and writer.get(one.url):
                    writer.lease(one, 900.0)
                else:
                    writer.put(one)
                free = [x for x in queue.items() if x.due_s is not None and x.lease_s is None]
                hosts = {x.host: min(y.due_s or 0.0 for y in free if y.host == x.host) for x in free}
                assert queue.due_hosts() == hosts
                assert {(name, at) for name, at, _ in queue.firsts(15.0)} == {
                    (name, at) for name, at in hosts.items() if at <= 15.0
                }


def test_an_item_comes_back_as_it_was_put(tmp_path: Path) -> None:
    """All fields survive the file, also between openings."""
    made = msgspec.structs.replace(
        item(1), found=True, failures=3, event="gone", message="m", last_s=1.5, lease_s=2.5
    )
    with Queue(tmp_path / "q.sqlite3") as queue:
        queue.put(made)
    with Queue(tmp_path / "q.sqlite3") as queue:
        assert queue.get(made.url) == made


@pytest.mark.parametrize("damage", ["garbage", "version"])
def test_a_damaged_queue_is_set_aside(tmp_path: Path, damage: str) -> None:
    """It holds nothing that cannot be made again, so it is begun afresh, and kept beside."""
    path = tmp_path / "q.sqlite3"
    if damage == "garbage":
        path.write_bytes(b"no database at all" * 100)
    else:
        with sqlite3.connect(path) as database:
            database.execute("pragma user_version = 99")
        database.close()
    with Queue(path) as queue:
        assert queue.began_afresh
        queue.put(item(1))
    assert list(tmp_path.glob("*.damaged"))


def test_each_archive_has_its_queue(tmp_path: Path) -> None:
    """The name comes from the archive's place, however it is written."""
    one, other = (queue_path(tmp_path, tmp_path / name) for name in ("a", "b"))
    assert one != other
    assert queue_path(tmp_path, tmp_path / "b" / ".." / "a") == one


def test_a_line_that_a_crash_cut_costs_only_itself(tmp_path: Path) -> None:
    """What was appended before and after a torn line is read; tags are as the last word says."""
    lines = [journal.Note(at="t", about="u", tag="a"), journal.Note(at="t", about="u", tag="b", text="文")]
    journal.append(tmp_path, journal.NOTES, lines)
    path = tmp_path / journal.FOLDER / journal.NOTES
    with path.open("ab") as file:
        file.write(b'{"at":"t","about":"u","ta')
    journal.append(tmp_path, journal.NOTES, [journal.Note(at="t", about="u", untag="a")])
    found = list(journal.read(tmp_path, journal.NOTES, journal.Note))
    assert found == [*lines, journal.Note(at="t", about="u", untag="a")]
    assert journal.tags_of(found) == ("b",)
    assert list(journal.read(tmp_path / "none", journal.NOTES, journal.Note)) == []

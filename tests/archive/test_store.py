"""The archive directory and its index: opening, refusing, finding, rebuilding, derived files."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from archive import Archive, Location
from archive.errors import LockedError, NewerFormatError, NotAnArchiveError, StorageError, UsageError


def _tree(root: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path.relative_to(root)): (path.read_bytes() if path.is_file() else b"", path.stat().st_mtime_ns)
        for path in [root, *root.rglob("*")]
    }


def test_a_newer_format_is_refused_and_untouched(open_archive, response) -> None:
    """An archive of a later format version is refused for reading and writing; no byte or time changes."""
    with open_archive() as archive:
        archive.append([response()])
        root = archive.path
    marker = root / "harvester-archive.json"
    marker.write_text(json.dumps({"format": "harvester-archive", "version": 2, "created": "x"}))
    (root / "warc" / "X-1.warc.gz.open").write_bytes(b"of the future")
    before = _tree(root)
    for options in ({"write": True}, {"write": False}, {"create": True, "write": True}):
        with pytest.raises(NewerFormatError, match=r"format 2.*knows 1.*update"):
            Archive.open(root, software="t/1", **options)
    assert _tree(root) == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"format": "x", "version": 1}',
        b'{"format": "harvester-archive", "version": true}',
        b"[" * 50_000,
    ],
)
def test_a_damaged_marker_is_not_an_archive(tmp_path, content) -> None:
    """Whatever the marker holds, the answer is one clear line."""
    (tmp_path / "harvester-archive.json").write_bytes(content)
    with pytest.raises(NotAnArchiveError, match="damaged or not ours"):
        Archive.open(tmp_path, create=True, write=True, software="t/1")


def test_other_directories_are_refused_with_the_cure(tmp_path) -> None:
    """Absent, strange, and a file: NotAnArchiveError, and nothing is made."""
    (tmp_path / "strange").mkdir()
    (tmp_path / "strange" / "letter.txt").write_text("x")
    (tmp_path / "file").write_text("x")
    for name, create, says in (
        ("absent", False, "no archive at"),
        ("strange", False, "name another"),
        ("strange", True, "not empty"),
        ("file", False, "not a directory"),
    ):
        with pytest.raises(StorageError, match=says):
            Archive.open(tmp_path / name, create=create, write=True, software="t/1")
    assert not (tmp_path / "absent").exists()
    assert [path.name for path in (tmp_path / "strange").iterdir()] == ["letter.txt"]


def test_find_entries_and_links(open_archive, response, metadata) -> None:
    """Look-ups by id, URI, type and concurrent-to; the index knows status and media type."""
    first, second = response(url="https://e.example/1"), response(url="https://e.example/2")
    note = metadata(first)
    with open_archive() as archive:
        archive.append([first, note])
        archive.append([second])
        (found,) = archive.find("https://e.example/1", type="response")
        assert (found.status, found.mime, found.record_id) == (200, "text/html", first.record_id)
        assert [entry.type for entry in archive.find("https://e.example/1")] == ["response", "metadata"]
        assert [entry.record_id for entry in archive.concurrent_with(first.record_id)] == [note.record_id]
        assert [entry.type for entry in archive.entries()].count("warcinfo") == 1
        assert archive.get("<urn:uuid:0>") is None
        assert archive.find("https://e.example/3") == []


def test_entries_page_through_many_rows_by_time(open_archive, response) -> None:
    """Paging loses and repeats nothing, also when all rows have one date."""
    with open_archive() as archive:
        ids = []
        for _ in range(3):
            group = [response() for _ in range(400)]
            archive.append(group)
            ids.extend(record.record_id for record in group)
        assert [entry.record_id for entry in archive.entries(type="response")] == ids
        assert len(list(archive.entries())) == 1201


@pytest.mark.parametrize("damage", ["delete", "garbage", "middle", "version", "empty"])
def test_a_lost_or_damaged_index_is_rebuilt_with_the_same_answers(
    open_archive, response, metadata, damage
) -> None:
    """The index is derived: deleted, overwritten, or of another version, it comes back the same."""
    with open_archive() as archive:
        records = [response(url=f"https://e.example/{number}") for number in range(50)]
        archive.append([item for record in records for item in (record, metadata(record))])
        before = list(archive.entries())
        path = archive.path / "index" / "records.sqlite"
    if damage == "delete":
        path.unlink()
    elif damage == "garbage":
        path.write_bytes(b"garbage" * 1000)
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "version":
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA user_version = 99")
        connection.close()
    else:
        data = bytearray(path.read_bytes())
        data[4096:] = b"\xff" * (len(data) - 4096)
        path.write_bytes(data)
    with (
        pytest.raises(StorageError, match="harvester reindex"),
        open_archive(write=False, create=False) as reader,
    ):
        list(reader.entries())
    with open_archive() as archive:
        assert list(archive.entries()) == before
        assert archive.reindex() == len(before)
        assert list(archive.entries()) == before
        assert archive.concurrent_with(records[3].record_id)


def test_an_index_is_not_replaced_under_another_process(open_archive, response) -> None:
    """A damaged index is rebuilt only when no other writer has it open: LockedError until then."""
    writer = open_archive()
    writer.append([response()])
    path = writer.path / "index" / "records.sqlite"
    path.unlink()
    with pytest.raises(LockedError, match="no other process"):
        open_archive()
    writer.close()
    with open_archive() as archive:
        assert len(list(archive.entries(type="response"))) == 1


def test_a_locked_index_is_one_clear_line(open_archive, response, monkeypatch) -> None:
    """SQLite's busy answer becomes LockedError, and the group is taken back."""
    monkeypatch.setattr("archive.index_form.BUSY_TIMEOUT_S", 0.01)
    record = response()
    with open_archive() as archive:
        other = sqlite3.connect(archive.path / "index" / "records.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LockedError, match="another process"):
            archive.append([record])
        other.execute("ROLLBACK")
        other.close()
        archive.append([record])
        assert archive.get(record.record_id) is not None


def test_write_derived_puts_files_in_place(open_archive) -> None:
    """Derived files are whole, replaceable, and leave no temporary file."""
    with open_archive() as archive:
        archive.write_derived("documents/2026/文.json", b"1")
        archive.write_derived("documents/2026/文.json", b"2")
        folder = archive.path / "documents" / "2026"
        assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [("文.json", b"2")]


NOT_ITS_OWN = [
    *("", "x", "/etc/x", "../x", "documents/../../x", "documents//x", "documents/./x", "documents/.hidden"),
    *("warc/x", "WARC/x", "index/x", "Index/x", "link/x", "into/x", "in/x"),
    *(
        "documents/a\nb",
        "documents/a\\b",
        "documents/a\0b",
        "documents/" + "x" * 300,
        "documents/" + "文" * 100,
    ),
]


@pytest.mark.parametrize("relative", NOT_ITS_OWN)
def test_write_derived_refuses_places_that_are_not_its_own(open_archive, tmp_path, relative) -> None:
    """No derived file leaves the archive, enters the evidence or the index, or hides."""
    with open_archive() as archive:
        (archive.path / "link").symlink_to(tmp_path)
        (archive.path / "into").symlink_to(archive.path / "warc")
        (archive.path / "in").symlink_to(archive.path)
        with pytest.raises(UsageError):
            archive.write_derived(relative, b"x")
        assert list((archive.path / "warc").iterdir()) == []


@pytest.mark.parametrize("file", ["../harvester-archive.json", "a/b", "", "..", "a\0b"])
def test_a_location_cannot_lead_out_of_the_archive(open_archive, file) -> None:
    """A location names a file in `warc/` and nothing else."""
    with open_archive() as archive, pytest.raises(UsageError):
        archive.read(Location(file, 0, 10))


def test_reading_needs_no_write_and_writing_needs_leave(open_archive, response) -> None:
    """A reader changes nothing and may not write; a closed archive says so."""
    with open_archive() as archive:
        archive.append([response()])
        root = archive.path
    reader = Archive.open(root, software="t/1")
    for act in (
        lambda: reader.append([response()]),
        lambda: reader.write_derived("a/b", b""),
        reader.reindex,
    ):
        with pytest.raises(UsageError, match="not open for writing"):
            act()
    reader.close()
    reader.close()
    with pytest.raises(UsageError, match="closed"):
        reader.find("x")


def test_a_missing_warc_is_one_clear_line(open_archive, response, warc_folder) -> None:
    """The index knows a record whose file is gone: the message names file and folder."""
    record = response()
    with open_archive() as archive:
        archive.append([record])
    next(warc_folder.glob("*.warc.gz")).unlink()
    with (
        open_archive(write=False, create=False) as archive,
        pytest.raises(StorageError, match="missing from"),
    ):
        archive.get(record.record_id)


def test_a_read_only_archive_can_be_read_and_refuses_writing(open_archive, response, tmp_path) -> None:
    """Without leave to write: reading works, opening for writing is one clear line (unprivileged child)."""
    record = response()
    with open_archive() as archive:
        archive.append([record])
        root = archive.path
    script = textwrap.dedent(
        """
        import os, sqlite3, sys
        import archive.store, archive.serialise, encodings.idna
        from archive import Archive
        from archive.errors import StorageError
        if os.geteuid() == 0:  # root may write anywhere
            os.setuid(65534)
        print(Archive.open(sys.argv[1], software="t/1").get(sys.argv[2]) is not None)
        try:
            Archive.open(sys.argv[1], write=True, software="t/1")
        except StorageError as error:
            print(error)
        try:
            Archive.open(sys.argv[1] + "/new", create=True, write=True, software="t/1")
        except StorageError as error:
            print(error)
        """
    )
    folders = [path for path in [root, *root.rglob("*")] if path.is_dir()]
    parents = [path for path in tmp_path.parents if path.stat().st_uid == os.geteuid() and path != Path("/")]
    modes = {path: path.stat().st_mode for path in [*parents, tmp_path]}
    try:
        for path, mode in modes.items():
            path.chmod(stat.S_IMODE(mode) | 0o055)
        for path in folders:
            path.chmod(0o555)
        run = [sys.executable, "-c", script, str(root), record.record_id]
        done = subprocess.run(run, capture_output=True, text=True, check=False, timeout=60)
    finally:
        for path in folders:
            path.chmod(0o755)
        for path, mode in modes.items():
            path.chmod(stat.S_IMODE(mode))
    lines = done.stdout.splitlines()
    assert lines[0] == "True", done.stderr
    assert "permission" in lines[1]
    assert "permission" in lines[2]
    assert len(lines) == 3


def test_importing_the_archive_is_light() -> None:
    """Start-up speed: warcio and SQLite are imported when they are used."""
    script = (
        "import sys, archive, archive.errors; print([m for m in ('warcio', 'sqlite3') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_path_with_odd_characters_works(tmp_path, response) -> None:
    """The directory's name is the user's business: blanks, `?`, `#`, `%`, Chinese are fine."""
    root = tmp_path / "a b?c#d%20 档案"
    record = response()
    with Archive.open(root, create=True, write=True, software="t/1") as archive:
        archive.append([record])
    assert Archive.open(root).get(record.record_id) is not None


def test_threads_may_share_an_archive(open_archive, response) -> None:
    """Appending and looking up from several threads at once: every record is there, whole."""
    with open_archive() as archive:
        groups = [[response(b"%d" % number * 500), response()] for number in range(24)]
        with ThreadPoolExecutor(4) as pool:
            places = list(pool.map(archive.append, groups))
            found = list(pool.map(lambda group: archive.get(group[0].record_id), groups))
        assert [stored.location for stored in found] == [place[0] for place in places]
        assert [stored.block for stored in found] == [group[0].block.read() for group in groups]


def test_the_index_sees_through_interim_responses(open_archive, response) -> None:
    """Status and media type are those of the final response, not of a 1xx before it (RFC 9110 §15.2)."""
    head = (
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 404 No\r\nContent-Type: Text/Plain;x\r\n\r\n"
    )
    with open_archive() as archive:
        archive.append([response(head=head, body=b"gone")])
        (entry,) = archive.entries(type="response")
    assert (entry.status, entry.mime) == (404, "text/plain")

"""An archive directory: sidecars, what a crash left, the index against the WARC files."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator

import pytest

from archive import Archive
from archive.check import Check, Report
from archive.errors import NewerFormatError, StorageError, UsageError
from archive.index import RecordIndex
from archive.record import IndexEntry


def test_a_fresh_archive_is_clean(ours, checked) -> None:
    """Nothing is found in what the writer just wrote."""
    report = checked(ours)
    assert (report.files, report.records, report.counts.total()) == (1, 3, 0)


def test_a_file_in_writing_is_left_alone(ours, response, clock, checked) -> None:
    """I062: another process's open file is neither damage nor left by a crash."""
    with Archive.open(ours, write=True, now=clock) as archive:
        archive.append([response(b"new")])
        assert set(checked(ours).counts) == {"I062"}
    assert not checked(ours).counts


def test_what_a_crash_left_is_told(ours, warc, checked) -> None:
    """W062, W063, I064: open file, torn tail, temporary file."""
    warc.rename(warc.with_name(warc.name + ".open"))
    warc.with_name(warc.name + ".sha256").unlink()
    warc.with_name("x.warc.gz.torn-9").write_bytes(b"t")
    warc.with_name(".tmp-1").write_bytes(b"t")
    assert set(checked(ours).counts) == {"W062", "W063", "I064"}


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("DELETE FROM records WHERE type = 'response'", "E064"),
        ("UPDATE records SET status = 404 WHERE type = 'response'", "E065"),
        ("UPDATE records SET offset = offset + 1 WHERE type = 'response'", "E063"),
        ("INSERT INTO files VALUES ('gone.warc.gz', 9)", "E062"),
        ("PRAGMA user_version = 99", "E066"),
    ],
)
def test_the_index_is_compared(ours, checked, statement, code) -> None:
    """Every row against its record, every record against its row."""
    with sqlite3.connect(ours / "index/records.sqlite") as database:
        database.execute(statement)
    database.close()
    report = checked(ours)
    assert code in report.counts
    assert report.damaged


def test_a_broken_or_missing_index_is_one_finding(ours, checked) -> None:
    """E066: the WARC files are checked all the same."""
    path = ours / "index/records.sqlite"
    for change in (lambda: path.write_bytes(b"no database" * 999), path.unlink):
        for beside in ours.glob("index/*-wal"):
            beside.unlink()
        change()
        report = checked(ours)
        assert set(report.counts) == {"E066"}
        assert report.records == 3


def test_an_index_that_fails_on_the_way_is_told_as_that(ours, checked, monkeypatch) -> None:
    """E066, and no false word about the WARC file, when the index breaks off among a file's rows."""

    def broken(self: RecordIndex, file: str) -> Iterator[IndexEntry]:
        yield from whole(self, file)
        raise StorageError("a page of the index is damaged")

    whole = RecordIndex.of_file
    monkeypatch.setattr(RecordIndex, "of_file", broken)
    report = checked(ours)
    assert set(report.counts) == {"E066"}
    assert report.records == 3


def test_sidecars_are_held_to_their_form(ours, warc, checked) -> None:
    """E061 and W060: a sidecar that is none, and none."""
    sidecar = warc.with_name(warc.name + ".sha256")
    sidecar.write_text("what is this")
    assert set(checked(ours).counts) == {"E061"}
    sidecar.unlink()
    assert set(checked(ours).counts) == {"W060"}


def test_a_lost_file_is_told(ours, warc, checked) -> None:
    """E062: the index and the sidecar remember a file that is gone."""
    warc.unlink()
    assert set(checked(ours).counts) == {"E062"}


def test_a_newer_format_is_refused(ours) -> None:
    """An archive of a later version is not judged by this one's rules."""
    marker = ours / "harvester-archive.json"
    marker.write_text(json.dumps(json.loads(marker.read_text()) | {"version": 99}))
    with pytest.raises(NewerFormatError), Check(Report()) as check:
        check.path(ours)


def test_folders_are_searched(ours, warc, tmp_path, checked) -> None:
    """A folder stands for the archives and files below it; an empty one is a mistake of the caller's."""
    (tmp_path / "more").mkdir()
    (tmp_path / "more/copy.warc.gz").write_bytes(warc.read_bytes())
    (tmp_path / "more/notes.txt").write_text("not looked at")
    report = checked(tmp_path)
    assert report.files == 2
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no archive"):
        checked(tmp_path / "empty")


def test_a_pipe_is_refused_rather_than_waited_for(tmp_path, checked) -> None:
    """Opening a FIFO would wait for a writer that never comes."""
    os.mkfifo(tmp_path / "pipe.warc")
    with pytest.raises(UsageError, match="pipe"):
        checked(tmp_path / "pipe.warc")
    with pytest.raises(UsageError, match="no archive"):
        checked(tmp_path)


def test_references_are_resolved_across_files(tmp_path, checked) -> None:
    """W052: a record's warcinfo may be in another of the files that are checked together."""
    from fixtures.conformance.parts import INFO_ID, info, response

    one, other = tmp_path / "one.warc", tmp_path / "other.warc"
    one.write_bytes(info())
    other.write_bytes(response(("WARC-Warcinfo-ID", INFO_ID)))
    assert set(checked(other).counts) == {"W052"}
    assert not checked(other, one).counts


def test_findings_are_counted_but_not_hoarded(tmp_path, checked) -> None:
    """A file with thousands of faults gives a hundred findings of a kind and the count of all."""
    from fixtures.conformance.parts import response

    path = tmp_path / "many.warc"
    path.write_bytes(b"".join(response(record_id=f"<urn:x:{number}>", uri="no uri") for number in range(500)))
    report = checked(path)
    assert report.counts["E017"] == 500
    assert len(report.findings) == 100
    assert report.omitted == 400

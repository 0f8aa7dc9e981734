"""Rebuild: what is done stays done, what changed is done again, and nothing is left over or lost."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from archive import Archive, read_warc
from harvester.engines import InProcess, no_beat
from harvester.errors import LockedError, UsageError
from harvester.rebuild import Options, Shard, rebuild
from harvester.rebuild.inputs import units_of
from harvester.rebuild.outputs import Folder
from harvester.rebuild.unit import PLACES
from harvester.withdrawal import Withdrawal, tombstone
from tests.rebuild.conftest import START, URL, contents, page, response

Make = Callable[..., list[Path]]


def done_units(out: Path) -> dict[str, int]:
    """The completion records, by key, with what changes when one is written again."""
    return {path.stem: path.stat().st_ino for path in (out / "units").glob("*.json")}


def changed(before: dict[str, int], out: Path) -> set[str]:
    return {key for key, inode in done_units(out).items() if before.get(key) != inode}


def test_nothing_is_done_twice_and_what_changed_is(make: Make, tmp_path: Path) -> None:
    """Again, or a file touched: nothing. Other bytes in a file, a document gone, an option: that again."""
    files = make([response(1), response(2)], [response(3)], [response(4)])
    out = tmp_path / "out"
    first, second, third = units_of(files)
    rebuild(files, out)
    whole = contents(out)
    before = done_units(out)
    rebuild(files[::-1], out)
    os.utime(files[0])
    rebuild(files, out)
    assert changed(before, out) == set()
    [listed] = re.findall(r"documents/\S+[.]md", (out / "units" / f"{second.id}.files").read_text())
    (out / listed).unlink()
    rebuild(files, out)
    assert changed(before, out) == {second.id}
    assert contents(out) == whole
    before = done_units(out)
    shutil.copy(files[1], third.path)
    rebuild(files, out)
    assert changed(before, out) == {third.id}
    assert len(list(out.rglob("*.md"))) == 3, "what the file had before is gone with it"
    before = done_units(out)
    rebuild(files, out, Options(since="2026-01-01T00:00:00Z"))
    assert changed(before, out) == {first.id, second.id, third.id}
    assert not list(out.rglob("*.md"))
    rebuild(files, out, Options(format="jsonl"))
    rebuild(files, tmp_path / "expected", Options(format="jsonl"))
    assert contents(out) == contents(tmp_path / "expected"), "nothing of another form is left"


def test_results_of_other_inputs_are_not_mixed_nor_lost(make: Make, tmp_path: Path) -> None:
    """An output that holds more than the inputs is refused; `prune` makes it hold just theirs."""
    files = make([response(1)], [response(2)])
    out = tmp_path / "out"
    rebuild(files, out)
    with pytest.raises(UsageError, match=files[1].name):
        rebuild(files[:1], out)
    rebuild(files[:1], out, prune=True)
    rebuild(files[:1], tmp_path / "expected")
    assert contents(out) == contents(tmp_path / "expected")


def test_a_tombstone_that_comes_later_hides(make: Make, tmp_path: Path) -> None:
    """A file with a tombstone beside files that are done: the capture's file is done again, without it."""
    files = make([response(1), response(2)], [response(3)])
    out = tmp_path / "out"
    rebuild(files, out)
    before = done_units(out)
    target = next(record for record in read_warc(files[0]) if record.target_uri == URL % 1)
    hidden = Withdrawal(action="withdrawn", document="x", record=target.record_id, reason="r", when="w")
    more = make([tombstone(hidden, START, "test")], folder="later")
    report = rebuild([*files, *more], out)
    assert report.outcomes == {"ok": 2, "withdrawn": 1}
    assert changed(before, out) == {units_of(files)[0].id, units_of(more)[0].id}
    assert not [path for path in out.rglob("*.md") if b"Fixture0000001" in path.read_bytes()]
    rebuild([*files, *more], tmp_path / "expected")
    assert contents(out) == contents(tmp_path / "expected")


def test_one_record_in_two_files(make: Make, tmp_path: Path) -> None:
    """A copy of a file under another name: both rows stay, the document is there once, nothing is amiss."""
    [path] = make([response(1)])
    copy = shutil.copy(path, tmp_path / "copy.warc.gz")
    report = rebuild([path, copy], tmp_path / "out")
    assert (report.outcomes, report.conflicts, report.exit) == ({"ok": 2}, (), 0)
    assert len(list((tmp_path / "out").rglob("*.md"))) == 1
    rows = [json.loads(line) for line in (tmp_path / "out" / "captures.jsonl").read_text().splitlines()]
    assert {row["file"] for row in rows} == {path.name, "copy.warc.gz"}
    assert rows[0]["id"] == rows[1]["id"]


def test_one_document_with_different_bytes(make: Make, tmp_path: Path) -> None:
    """One record id with two pages: a finding, and the file is the same whichever was written last."""
    one, other = response(1), response(1, body=page(2))
    twin = type(other)(other.type, one.record_id, one.date, other.block, other.content_type, one.target_uri)
    files = [*make([one], folder="a"), *make([twin], folder="b")]
    outs = []
    for number, order in enumerate((files, files[::-1])):
        for given in (order, [*order, *order]):
            report = rebuild(given, tmp_path / f"{number}-{len(given)}")
            assert len(report.conflicts) == 1
            assert report.exit == 1
            outs.append(contents(tmp_path / f"{number}-{len(given)}"))
    assert all(out == outs[0] for out in outs)


def test_shards_together_are_the_whole(world: Path, tmp_path: Path) -> None:
    """Shares done one by one, then put together: every file as of one run. Each unit is in one share."""
    rebuild([world], tmp_path / "expected")
    out = tmp_path / "out"
    for number in (3, 1, 2):
        rebuild([world], out, shard=Shard(number, 3))
    before = done_units(out)
    assert rebuild([world], out).whole
    assert changed(before, out) == set()
    assert contents(out) == contents(tmp_path / "expected")


class Meanwhile(InProcess):
    """An engine that has something else done before each round is over; tells what was done how often."""

    def __init__(self, call: Callable[[], object]) -> None:
        self._call = call
        self.done: Counter[str] = Counter()

    def run(self, units: Sequence[Any], work: Any, tell: Any) -> Iterator[Any]:
        for unit in units:
            self.done[unit.part] += 1
            yield work(unit, no_beat)
        self._call()


def test_a_share_reads_no_file_that_another_read_meanwhile(make: Make, tmp_path: Path) -> None:
    """Shares that run at one time walk through no file twice, but what both have in hand."""
    files = make(*([response(10 * one + two) for two in range(2)] for one in range(8)))
    rebuild(files, tmp_path / "expected")
    out = tmp_path / "out"
    second, third = Meanwhile(lambda: None), Meanwhile(lambda: None)
    ran = iter([lambda: rebuild(files, out, shard=Shard(2, 3), engine=second)])
    first = Meanwhile(lambda: [call() for call in itertools.islice(ran, 1)])
    rebuild(files, out, shard=Shard(1, 3), engine=first)
    rebuild(files, out, shard=Shard(3, 3), engine=third)
    assert first.done[""] + second.done[""] + third.done[""] == len(files)
    assert (first.done[PLACES], second.done[PLACES], third.done[PLACES]) == (0, third.done[""], 0)
    assert rebuild(files, out).whole
    assert contents(out) == contents(tmp_path / "expected")


@pytest.mark.parametrize("text", ["", "1", "0/3", "4/3", "a/3", "1/0", "-1/3", "1/3/5", "²/3"])
def test_what_is_no_share(text: str) -> None:
    """A share is I/N with 1 <= I <= N."""
    with pytest.raises(UsageError, match="I/N"):
        Shard.parse(text)


def test_a_row_that_vanishes_is_noticed(make: Make, tmp_path: Path) -> None:
    """Rows are counted once more as they are merged: if one is not there, the report says so, exit 1."""
    files = make([response(1), response(2)])
    out = tmp_path / "out"
    rebuild(files, out)
    [part] = (out / "units").glob("*.captures.jsonl")
    part.write_bytes(part.read_bytes().splitlines(keepends=True)[0])
    report = rebuild(files, out)
    assert (report.whole, report.exit) == (False, 1)


def test_a_file_that_is_being_written(make: Make, tmp_path: Path) -> None:
    """The `.open` file of a running archive is read as far as it is whole, and told of; that is no damage."""
    make([response(1)])
    root = tmp_path / "in-archive"
    with Archive.open(root, write=True) as archive:
        archive.append([response(2)])
        report = rebuild([root], tmp_path / "out")
    assert (report.documents, report.exit) == (2, 0)
    assert "a process is writing it" in report.growing[0]
    report = rebuild([root], tmp_path / "out")
    assert (report.documents, report.growing) == (2, ())


def test_an_output_that_is_no_place_for_it(make: Make, tmp_path: Path) -> None:
    """An archive, a folder inside of one, a file, an output in use: refused before anything is done."""
    files = make([response(1)])
    root = tmp_path / "in-archive"
    before = contents(root)
    for output in (root, root / "warc", files[0]):
        with pytest.raises(UsageError):
            rebuild(files, output)
    assert contents(root) == before
    before = len(units_of([tmp_path]))
    rebuild([tmp_path], tmp_path / "out")
    shutil.copy(files[0], tmp_path / "out" / "documents" / "x.warc.gz")
    assert len(units_of([tmp_path], output=tmp_path / "out")) == before, "its own output is no input"
    with Folder(tmp_path / "out").holding("1/2"), pytest.raises(LockedError, match="another rebuild"):
        rebuild(files, tmp_path / "out")


@pytest.mark.parametrize("url", ["s3://bucket/out", "gs://b", "https://example.org/x", "file:///out"])
def test_a_path_that_was_a_url(make: Make, tmp_path: Path, monkeypatch: Any, url: str) -> None:
    """A URL that became a `Path` must not become a folder called `s3:` that looks like an upload."""
    files = make([response(1)])
    monkeypatch.chdir(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(UsageError, match="was a URL"):
        rebuild(files, Path(url))
    assert contents(tmp_path) == before


def test_inputs_of_every_form(make: Make, tmp_path: Path, monkeypatch: Any) -> None:
    """Archives, folders of archives, patterns and files: each web archive once, in one order."""
    files = make([response(1)], [response(2)])
    (tmp_path / "in-archive" / "compact").mkdir()
    shutil.copy(files[0], tmp_path / "in-archive" / "compact" / "unproven.warc.gz")
    units = units_of([tmp_path / "in-archive"])
    assert [unit.path for unit in units] == [str(path) for path in files], "copies that do not count are left"
    assert units_of([tmp_path]) == units
    assert units_of([tmp_path, *files]) == units
    monkeypatch.chdir(tmp_path)
    named = units_of(["in-archive/warc/*.gz"])
    assert [(unit.id, unit.name) for unit in named] == [(unit.id, unit.name) for unit in units]
    for bad in ("nowhere", "*.nothing", "in-archive/compact/../../elsewhere"):
        with pytest.raises(UsageError):
            units_of([bad])
    # Two files of one name are two units, told apart by their bytes.
    for folder, file in zip("ab", files, strict=True):
        Path(folder).mkdir()
        shutil.copy(file, Path(folder) / "same.warc.gz")
    one, other = units_of(["b", "a"])
    assert one.id != other.id
    assert {unit.id for unit in units_of(["a", "b"])} == {one.id, other.id}


def test_since_and_site(make: Make, tmp_path: Path) -> None:
    """What is left out is counted, has no row, and gives no document."""
    files = make(
        [response(n) for n in range(4)] + [response(9, url="https://www.mfa.gov.cn/x", body=b"<p>x")]
    )
    report = rebuild(files, tmp_path / "a", Options(since="2025-03-30T23:32:00Z"))
    assert (report.responses, report.left_out, report.documents, report.whole) == (5, 2, 2, True)
    report = rebuild(files, tmp_path / "b", Options(site="wechat"))
    assert (report.left_out, report.documents) == (1, 4)
    report = rebuild(files, tmp_path / "c", Options(site="mfa"))
    assert (report.left_out, report.documents) == (4, 0)
    assert report.whole

"""`harvester merge`: archives joined, each part on purpose, as if one machine had captured it all."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive import Archive
from archive.digests import sha256_of_file
from archive.disk import SYSTEM_DISK
from archive.growing import write_sidecar
from archive.layout import is_own_name
from archive.raw import raw_records
from tests.merging.conftest import contents, evidence, page

Make = Callable[..., Path]


def octets(root: Path) -> dict[str, bytes]:
    """Return the octets of all records, by id."""
    paths = [root / "warc" / name for name in evidence(root)]
    return {raw.record.record_id: raw.octets for path in paths for raw in raw_records(path)}


def ids(harvester: Any, root: Path) -> list[str]:
    return sorted(row["id"] for row in harvester("list", "--archive", root, "--json").json)


def test_all_is_there_once_and_a_second_merge_does_nothing(
    harvester: Any, made: Make, tmp_path: Path
) -> None:
    """Files octet for octet, what both have once, documents, index; sources as they were; then no-op."""
    one, two, target = made("one", 1, 2), made("two", 3), tmp_path / "t"
    (shared,) = [path for path in (one / "warc").iterdir() if path.name.endswith(".gz")][:1]
    shutil.copy2(shared, two / "warc")  # one file in both
    harvester("reindex", "--archive", two)
    before = contents(one), contents(two)
    answer = harvester("merge", one, two, "--archive", target, "--json")
    assert answer.code == 0, answer.err
    assert [len(source["copied"]) for source in answer.json["sources"]] == [2, 1]
    assert [source["held"] for source in answer.json["sources"]] == [0, 1]
    assert answer.json["pages"] == 3
    assert (contents(one), contents(two)) == before
    assert evidence(target) == {**evidence(one), **evidence(two)}
    assert ids(harvester, target) == sorted({*ids(harvester, one), *ids(harvester, two)})
    checked = harvester("check", target, "--json")
    assert (checked.code, checked.codes) == (0, set()), checked.out
    kept = {name: what for name, what in contents(target).items() if not name.endswith(("-shm", "-wal"))}
    again = harvester("merge", one, two, "--archive", target, "--json")
    assert again.code == 0
    assert [source["copied"] for source in again.json["sources"]] == [[], []]
    after = contents(target)
    changed = {name for name, what in kept.items() if after[name][1] != what[1]}
    assert changed <= {"library/library.sqlite", "index/records.sqlite"}
    lines = [json.loads(line) for line in (target / "journal" / "merged.jsonl").read_text().splitlines()]
    assert sorted(line["name"] for line in lines if line["source"] == str(one)) == sorted(evidence(one))


def test_a_name_that_is_taken(harvester: Any, made: Make, tmp_path: Path) -> None:
    """Another file of the same name gets a number, the mapping is kept, and its tombstones still count."""
    one, two = made("one", 1), made("two", 2)
    (theirs,) = evidence(one)
    assert harvester("withdraw", ids(harvester, two)[0], "--reason", "asked", "--archive", two).code == 0
    own = max(evidence(two))  # the file with the tombstone
    for end in ("", ".sha256"):
        (two / "warc" / f"{own}{end}").rename(two / "warc" / f"{theirs}{end}")
    write_sidecar(SYSTEM_DISK, two / "warc" / theirs, sha256_of_file(two / "warc" / theirs))
    answer = harvester("merge", one, two, "--archive", "t", "--json")
    assert answer.code == 0, answer.err
    ((there, here),) = answer.json["sources"][1]["renamed"]
    assert there == theirs
    assert here == theirs.replace(".warc.gz", "_002.warc.gz")
    assert is_own_name(here)
    assert ids(harvester, tmp_path / "t") == ids(harvester, one)
    lines = [json.loads(line) for line in (tmp_path / "t/journal/merged.jsonl").read_text().splitlines()]
    assert {(line["file"], line["name"]) for line in lines} >= {(theirs, theirs), (theirs, here)}
    assert harvester("check", "t").code == 0
    again = harvester("merge", one, two, "--archive", "t", "--json").json
    assert all(not source["copied"] for source in again["sources"])


def test_what_was_repacked_is_known_again(harvester: Any, made: Make, tmp_path: Path) -> None:
    """Compact files come as they are and stay readable; a source repacked later brings only what is new."""
    one, target = made("one", 1, 2), tmp_path / "t"
    harvester("merge", one, "--archive", target)
    assert harvester("compact", "--delete-originals", "--archive", one).code == 0
    repacked = harvester("merge", one, "--archive", target, "--json").json["sources"][0]
    assert (repacked["copied"], repacked["held"]) == ([], 1)
    made("one", 3)
    harvester("expand", "--archive", one)
    harvester("compact", "--delete-originals", "--archive", one)
    answer = harvester("merge", one, "--archive", target, "--json").json
    assert (answer["pages"], len(answer["sources"][0]["parts"])) == (1, 1)
    fresh = tmp_path / "fresh"
    assert harvester("merge", one, "--archive", fresh, "--json").json["pages"] == 3
    assert any(name.endswith(".zst") for name in evidence(fresh))
    for root in (target, fresh):
        assert ids(harvester, root) == ids(harvester, one)
        assert harvester("show", ids(harvester, root)[0], "--format", "txt", "--archive", root).code == 0
        assert harvester("check", root).code == 0
        assert octets(root) == octets(one)
        assert (
            harvester("reindex", "--archive", root, "--json").json["pages"] == 3
        )  # no record is there twice
    assert harvester("compact", "--delete-originals", "--archive", target).code == 0
    assert not harvester("merge", one, "--archive", target, "--json").json["sources"][0]["copied"]


def test_what_was_purged_does_not_come_back(harvester: Any, made: Make, tmp_path: Path) -> None:
    """A purge here holds against a source that still has it; a purge there hides it here and is told."""
    one, target = made("one", 1, 2), tmp_path / "t"
    harvester("merge", one, "--archive", target)
    gone = ids(harvester, one)[0]
    assert harvester("withdraw", gone, "--reason", "court", "--purge", "--archive", target).code == 0
    answer = harvester("merge", one, "--archive", target, "--json")
    assert gone not in ids(harvester, target)
    with Archive.open(target) as held:
        responses = [entry for entry in held.entries(type="resource") if entry.target_uri]
    assert answer.code == 0, answer.err  # all else of that file is here: nothing is missing
    assert not answer.json["sources"][0]["copied"]
    harvester("expand", "--archive", one)
    other = tmp_path / "other"
    assert harvester("merge", one, "--archive", other).code == 0
    answer = harvester("merge", target, "--archive", other, "--json")
    assert gone not in ids(harvester, other)
    assert len(answer.json["purged_elsewhere"]) >= 1
    assert harvester("withdraw", gone, "--reason", "court", "--purge", "--archive", other).code == 0
    assert not harvester("merge", target, "--archive", other, "--json").json["purged_elsewhere"]
    assert responses


def test_a_file_that_would_bring_back_what_was_purged(harvester: Any, made: Make, tmp_path: Path) -> None:
    """With other records that are not here yet, it comes without, octet for octet, and never again."""
    one, target = made("one", 1, 2), tmp_path / "t"
    harvester("merge", one, "--archive", target)
    gone = ids(harvester, one)[0]
    harvester("withdraw", gone, "--reason", "court", "--purge", "--archive", target)
    made("one", 3)
    harvester("compact", "--delete-originals", "--archive", one)  # one file with all three
    (there,) = evidence(one)
    answer = harvester("merge", one, "--archive", target, "--json")
    assert answer.code == 0, answer.err
    assert answer.json["sources"][0]["parts"] == [there]
    assert ids(harvester, target) == [one for one in ids(harvester, one) if one != gone]
    came = {key: value for key, value in octets(target).items() if key in octets(one)}
    assert came.items() <= octets(one).items()
    assert len(octets(one)) - len(came) >= 1  # what was purged, and what was written beside it
    assert not [name for name in evidence(target) if name.endswith(".zst")]
    assert harvester("check", target).code == 0
    again = harvester("merge", one, "--archive", target, "--json").json["sources"][0]
    assert (again["copied"], again["held"]) == ([], 1)


def test_notes_tags_and_originals_kept_apart(harvester: Any, made: Make, tmp_path: Path) -> None:
    """Journals are joined by time; what is kept apart stays private; a stranger is told and left."""
    one, two, target = made("one", 1), made("two", 1), tmp_path / "t"
    about = ids(harvester, one)[0]
    url = harvester("show", about, "--archive", one).json["url"]
    harvester("note", url, "--tag", "x", "--tag", "y", "--archive", one)
    harvester("note", url, "later", "--untag", "x", "--archive", two)
    secret = tmp_path / "secret.html"
    secret.write_bytes(page(2).replace(b"<body", b"<script>pass_ticket = 'a1b2c3d4e5f6';</script><body", 1))
    harvester("import", secret, "--archive", two)
    assert list((two / "quarantine").iterdir())
    (two / "stranger.txt").write_text("x")
    assert harvester("merge", two, "--archive", target).code == 0
    answer = harvester("merge", two, one, "--archive", target, "--json")
    assert answer.json["sources"][0]["left"] == ["stranger.txt"]
    said = harvester("note", url, "--archive", target, "--json").json
    assert (said["tags"], [one["text"] for one in said["notes"]]) == (["y"], ["later"])
    (apart,) = (target / "quarantine").iterdir()
    assert stat.S_IMODE(apart.stat().st_mode) == 0o600
    assert harvester("check", target).code == 0


def test_a_damaged_file_costs_no_other(harvester: Any, made: Make, tmp_path: Path) -> None:
    """What is damaged there is told with its place and left; the rest comes; restored, it comes too."""
    one = made("one", 1, 2)
    bad = one / "warc" / min(evidence(one))
    whole = bad.read_bytes()
    bad.write_bytes(whole[:-40] + b"\0" * 40)
    answer = harvester("merge", one, "--archive", "t")
    assert answer.code == 1
    assert bad.name in answer.err
    assert bad.name not in evidence(tmp_path / "t")
    assert len(ids(harvester, tmp_path / "t")) == 1
    assert not list((tmp_path / "t" / "warc").glob(".tmp*"))
    (one / "warc" / f"{bad.name}.sha256").unlink()
    assert harvester("merge", one, "--archive", "t").code == 1  # also where no sidecar tells
    bad.write_bytes(whole)
    assert harvester("merge", one, "--archive", "t").code == 0
    assert ids(harvester, tmp_path / "t") == ids(harvester, one)


@pytest.mark.parametrize(
    ("sources", "code", "words"),
    [
        (["one", "t"], 2, "merged into"),
        (["nothing"], 5, "no archive"),
        (["s3://bucket/a"], 2, "is a URL"),
        ([], 2, "Missing argument"),
    ],
)
def test_what_cannot_be_merged(
    harvester: Any, made: Make, tmp_path: Path, sources: list[str], code: int, words: str
) -> None:
    """The target itself, no archive, a URL, nothing: a line, the right exit code, and no archive made."""
    made("one", 1)
    answer = harvester("merge", *sources, "--archive", "t")
    assert answer.code == code
    assert words in answer.err
    assert not (tmp_path / "t").exists()


WRITER = """
import sys
from archive import Archive, Block, Record, new_record_id
from datetime import UTC, datetime
with Archive.open(sys.argv[1], write=True, software="t/1") as archive:
    block = Block.of(b"x")
    archive.append([Record("resource", new_record_id(), datetime.now(UTC), block, "text/plain", "urn:x:1")])
    print("open", flush=True)
    sys.stdin.read()
"""


def test_a_source_in_use(harvester: Any, made: Make, tmp_path: Path) -> None:
    """What another process is writing is left and told, and comes when it is closed; the writer goes on."""
    one = made("one", 1)
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(one)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout
        writer.stdout.readline()
        answer = harvester("merge", one, "--archive", "t", "--json")
        assert answer.code == 0
        assert len(answer.json["sources"][0]["open"]) == 1
        assert harvester("check", "t").code == 0
        writer.communicate()
    assert writer.returncode == 0
    with Archive.open(one, write=True, software="t/1") as archive, archive.rewriting():
        assert harvester("merge", one, "--archive", "t").code == 5  # its files are being replaced
        assert harvester("merge", "t", "--archive", one).code == 5  # so are the target's
    came = harvester("merge", one, "--archive", "t", "--json").json["sources"][0]
    assert (len(came["copied"]), came["open"]) == (1, [])

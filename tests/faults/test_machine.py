"""A stateful model: whatever is done to an archive in whatever order, what was acknowledged is there."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from archive import Archive, Record, new_record_id
from archive.compact import compact, expand
from archive.errors import StorageError
from archive.revisit import as_revisit
from benchmarks.faults.disks import FaultyDisk, LossyDisk
from benchmarks.faults.scenario import checked, foreign_file, metadata, opened, readable, response

QUICK = "/dev/shm" if Path("/dev/shm").is_dir() else None


class ArchiveMachine(RuleBasedStateMachine):
    """An archive and what it promised: blocks by record id. `pages` are the responses appended."""

    pages = Bundle("pages")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=QUICK))
        self.root = self.folder / "archive"
        self.promised: dict[str, bytes] = {}
        self.taken: set[int] = set()
        self.moves = 0
        self.disk = LossyDisk(self.root)
        self.archive: Archive | None = None

    @initialize()
    def begin(self) -> None:
        self._open()

    def _open(self) -> Archive:
        if self.archive is None:
            self.disk = LossyDisk(self.root)
            self.archive = opened(self.root, self.disk)
        return self.archive

    def _append(self, records: list[Record]) -> None:
        self._open().append(records)
        self.promised.update((record.record_id, record.block.read()) for record in records)

    @rule(target=pages, size=st.integers(0, 9000), seed=st.integers(0, 9))
    def append(self, size: int, seed: int) -> Record:
        page = response(Random(seed).randbytes(size), f"https://example.org/{seed}")
        self._append([metadata(page), page])
        return page

    @rule(page=pages)
    def duplicate(self, page: Record) -> None:
        """The same payload once more: a revisit where one can be made, else the response again."""
        archive = self._open()
        again = Record(page.type, new_record_id(), page.date, page.block, page.content_type, page.target_uri)
        original = archive.get(page.record_id)
        assert original is not None
        self._append([as_revisit(again, original) or again])
        if (stored := archive.get(again.record_id)) and stored.type == "revisit":
            assert archive.resolved(stored).block == page.block.read()

    @rule(at=st.integers(1, 12), short=st.booleans())
    def append_on_a_failing_disk(self, at: int, short: bool) -> None:
        self._close()
        page = response(b"refused" * 300)
        try:
            with opened(self.root, FaultyDisk(at, short=short)) as archive:
                archive.append([page])
                self.promised[page.record_id] = page.block.read()
        except StorageError:
            pass

    @rule(number=st.integers(0, 3))
    def take_in(self, number: int) -> None:
        path = foreign_file(self.folder / f"foreign-{number}.warc.gz", seed=number)
        with self._open().taking_in() as intake, path.open("rb") as file:
            staged = intake.stage(file, str(path))
            assert staged.held is None or number in self.taken
            if staged.held is None:
                intake.judge(staged)
                assert (staged.repeats is not None) == (number in self.taken)
                if staged.repeats is None:
                    intake.settle(staged)
        self.taken.add(number)
        stored = readable(self.root).items()
        self.promised.update((name, block) for name, block in stored if f"-8000-{number:06d}" in name)

    @rule()
    def close(self) -> None:
        self._close()

    def _close(self) -> None:
        if self.archive is not None:
            self.archive.close()
            self.archive = None

    @rule()
    def killed(self) -> None:
        """The process ends at once: nothing is closed, everything written stays."""
        if self.archive is not None:
            self._abandon(self.archive)

    def _abandon(self, archive: Archive) -> None:
        if archive._writer is not None:
            archive._writer.abandon()
        archive.close()
        self.archive = None

    @rule(seed=st.integers(0, 99), torn=st.booleans(), index=st.booleans())
    def power_cut(self, seed: int, torn: bool, index: bool) -> None:
        """What was not made durable is gone, wholly or in part; perhaps the index too."""
        if self.archive is None:
            return
        self.moves += 1
        left = self.folder / f"archive-{self.moves}"
        self.disk.left(left, torn=Random(seed) if torn else None, index=index)
        self._abandon(self.archive)
        shutil.rmtree(self.root)
        self.root = left

    @rule()
    def lose_the_index(self) -> None:
        self._close()
        for path in (self.root / "index").iterdir():
            path.unlink()

    @rule(tail=st.binary(max_size=40))
    def torn_tail(self, tail: bytes) -> None:
        """A crash inside a write: the open file ends with part of a member."""
        if self.archive is None:
            return
        self._abandon(self.archive)
        for path in (self.root / "warc").glob("*.open"):
            with path.open("ab") as file:
                file.write(b"\x1f\x8b\x08" + tail)

    @rule(delete=st.booleans())
    def compact(self, delete: bool) -> None:
        """Closed files become `.warc.zst`; with `delete` they take the originals' place."""
        compact(self._open(), delete_originals=delete)

    @rule()
    def expand(self) -> None:
        expand(self._open())

    @rule()
    def reindex(self) -> None:
        archive = self._open()
        before = [entry for entry in archive.entries() if entry.record_id in self.promised]
        archive.reindex()
        after = [entry for entry in archive.entries() if entry.record_id in self.promised]
        assert {entry.record_id for entry in after} == {entry.record_id for entry in before}

    @rule()
    def check(self) -> None:
        """A closed archive that was opened since its last crash is clean; nothing is ever false."""
        self._open()
        self._close()
        report = checked(self.root)
        assert not report.damaged, report.findings

    @invariant()
    def all_that_was_acknowledged_is_there(self) -> None:
        found = readable(self.root) if self.root.exists() else {}
        assert {record_id: found.get(record_id) for record_id in self.promised} == self.promised
        if self.archive is not None:
            for record_id, block in self.promised.items():
                stored = self.archive.get(record_id)
                assert stored is not None
                assert stored.block == block

    def teardown(self) -> None:
        self._close()
        shutil.rmtree(self.folder)


SETTINGS = settings(deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)


def test_any_sequence_of_events() -> None:
    """Append, duplicate, take in, compact, expand, fail, crash, reindex, check, in any order."""
    run_state_machine_as_test(
        ArchiveMachine, settings=settings(SETTINGS, max_examples=60, stateful_step_count=25)
    )


@pytest.mark.slow
def test_any_sequence_of_events_for_long() -> None:
    """The same, many more and longer ones."""
    run_state_machine_as_test(
        ArchiveMachine, settings=settings(SETTINGS, max_examples=1500, stateful_step_count=50)
    )

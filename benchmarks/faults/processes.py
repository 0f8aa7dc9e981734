"""Processes that are killed at random moments, that meet a limit, or that work on one archive together."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from archive import Archive
from archive.errors import LockedError, StorageError
from benchmarks.faults.child import keep, out_of, promises_of, start
from benchmarks.faults.row import Row
from benchmarks.faults.scenario import Promises, foreign_file, judge

_ROUNDS_AN_ARCHIVE = 15


def _foreign(folder: Path, files: int = 12) -> Path:
    made = folder / "foreign"
    made.mkdir(exist_ok=True)
    for number in range(files):
        foreign_file(made / f"foreign-{number}.warc.gz", records=20, seed=number)
    return made


def kills(folder: Path, *, rounds: int) -> Row:
    """SIGKILL at a random moment of appending, rolling, taking in, deriving, reindexing or closing."""
    foreign = _foreign(folder)
    row = Row("kill -9 at random moments")
    promises = Promises()
    for number in range(rounds):
        random = Random(number)
        root = folder / f"k{number // _ROUNDS_AN_ARCHIVE}"
        if number % _ROUNDS_AN_ARCHIVE == 0:
            shutil.rmtree(folder / f"k{number // _ROUNDS_AN_ARCHIVE - 1}", ignore_errors=True)
            promises = Promises()
        child = start("write", root, foreign, f"s{number}")
        lines = [out_of(child).readline() for _ in range(random.randrange(25))]
        for _ in range(random.randrange(400_000)):  # a short random while, not asleep
            pass
        child.send_signal(signal.SIGKILL)
        lines += out_of(child).readlines()
        out_of(child).close()
        child.wait()
        for word, rest in promises_of(lines):
            keep(promises, word, rest)
        row.add(f"kill {number}", promises, judge(root, promises))
    row.note = "appending, rolling, taking in, deriving, reindexing, closing"
    return row


def file_size_limits(folder: Path, *, limits: range) -> Row:
    """RLIMIT_FSIZE, as `ulimit -f`: a real error of the system, also under SQLite."""
    foreign = _foreign(folder)
    row = Row("file size limit (RLIMIT_FSIZE)", note=f"{limits.start} to {limits.stop} bytes")
    for size in limits:
        root = folder / f"f{size}"
        child = start("once", root, foreign, "s", size)
        promises = Promises()
        for word, rest in promises_of(out_of(child).readlines()):
            keep(promises, word, rest)
        out_of(child).close()
        if child.wait():
            promises.errors.append(RuntimeError(f"exit {child.returncode}"))
        row.add(f"limit of {size} bytes", promises, judge(root, promises))
        shutil.rmtree(root, ignore_errors=True)
    return row


def together(folder: Path, *, lines: int) -> Row:
    """Two writers, one that rebuilds the index all the time, and a reader, on one archive.

    What a writer is told is safe is there for the reader at once.
    """
    foreign = _foreign(folder)
    root = folder / "a"
    promises = Promises()
    row = Row("two writers, a reindex and a reader at once")
    Archive.open(root, create=True, software="faults/1").close()
    with _running(start("write", root, foreign, "one"), start("write", root, foreign, "two")) as writers:
        with _running(start("reindex", root)):
            for _ in range(lines):
                for writer in writers:
                    for word, rest in promises_of([out_of(writer).readline()]):
                        keep(promises, word, rest)
                _read(root, promises)
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
            for word, rest in promises_of(out_of(writer).readlines()):
                keep(promises, word, rest)
    row.add("together", promises, judge(root, promises))
    row.points = 2 * lines
    row.note = f"{len(promises.records)} records, {len(promises.taken)} files taken in"
    return row


def _read(root: Path, promises: Promises) -> None:
    """Find the newest record; a reader that the system refuses must be told so in words."""
    newest = list(promises.records)[-2:]
    try:
        with Archive.open(root) as archive:
            for record_id in newest:
                found = archive.get(record_id)
                if found is None or found.block != promises.records[record_id]:
                    promises.errors.append(RuntimeError(f"the reader does not find {record_id}"))
    except (LockedError, StorageError) as error:
        promises.errors.append(error)


@contextmanager
def _running(*children: subprocess.Popen[str]) -> Iterator[tuple[subprocess.Popen[str], ...]]:
    try:
        yield children
    finally:
        for child in children:
            child.kill()
            child.wait()
            out_of(child).close()

"""Errors of the disk at the n-th change, for every n; and a disk that forgets what was not made durable."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

from benchmarks.faults.disks import FaultyDisk, LossyDisk
from benchmarks.faults.row import Row
from benchmarks.faults.scenario import Promises, foreign_file, group, judge, opened, play

MODES: dict[str, Callable[[int | None], FaultyDisk]] = {
    "ENOSPC once": lambda at: FaultyDisk(at, errno.ENOSPC),
    "EIO once": lambda at: FaultyDisk(at, errno.EIO),
    "ENOSPC for good": lambda at: FaultyDisk(at, errno.ENOSPC, for_good=True),
    "EROFS for good": lambda at: FaultyDisk(at, errno.EROFS, for_good=True),
    "short writes, then ENOSPC": lambda at: FaultyDisk(at, errno.ENOSPC, short=True),
}


def errors_at_every_change(folder: Path, mode: str, *, step: int = 1, start: int = 1) -> Row:
    """Play the scenario once for every n (or every `step`-th), with the n-th change failing."""
    foreign = foreign_file(folder / "foreign.warc.gz")
    disk = MODES[mode](None)
    play(folder / "count", disk, foreign)
    row = Row(f"{mode}, at the n-th change", note=_by_name(disk.names))
    for at in range(start, disk.count + 1, step):
        root = folder / f"at-{at}"
        promises = play(root, MODES[mode](at), foreign)
        row.add(f"{mode} at change {at}", promises, judge(root, promises))
        shutil.rmtree(root, ignore_errors=True)
    return row


def _by_name(names: list[str]) -> str:
    counts = {name: names.count(name) for name in dict.fromkeys(names)}
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))


def errors_in_recovery(folder: Path, *, step: int = 1) -> Row:
    """A recovery, with a torn tail and a lost index, that fails at every change and is then done again."""
    base = folder / "base"
    promises = _torn(base, foreign_file(folder / "foreign.warc.gz"))
    shutil.copytree(base, folder / "count")
    disk = FaultyDisk()
    opened(folder / "count", disk).close()
    row = Row("EIO in recovery", note=_by_name(disk.names))
    for at in range(1, disk.count + 1, step):
        root = folder / f"r-{at}"
        shutil.copytree(base, root)
        now = promises.copy()
        with now.trying():
            opened(root, FaultyDisk(at, errno.EIO)).close()
        row.add(f"recovery, change {at}", now, judge(root, now))
        shutil.rmtree(root)
    return row


def _torn(root: Path, foreign: Path) -> Promises:
    """Leave an archive as a crash does: a file open with a torn tail, one without its sidecar, no index."""
    promises = play(root, FaultyDisk(), foreign)
    archive = opened(root)
    promises.append(archive, group(Random(3)))
    (path,) = (root / "warc").glob("*.open")
    data = path.read_bytes()
    archive.close()
    closed = path.with_name(path.name.removesuffix(".open"))
    closed.with_name(closed.name + ".sha256").unlink()
    closed.rename(path)
    path.write_bytes(data + b"\x1f\x8b\x08torn")
    next((root / "warc").glob("*.sha256")).unlink()
    for file in (root / "index").iterdir():
        file.unlink()
    return promises


def lost_writes(folder: Path, *, variants: int = 2, step: int = 1) -> Row:
    """A power cut before every change: what was not made durable is gone, wholly or in part.

    Each cut is looked at with only what was made durable, and with some of the rest; with the index, which
    is then ahead, and without.
    """
    row = Row("power cut: unsynced writes lost")
    foreign = foreign_file(folder / "foreign.warc.gz")
    root = folder / "a"
    promises = Promises()

    def cut(disk: LossyDisk) -> None:
        if disk.count % step:
            return
        now = promises.copy()
        for variant in range(variants):
            left = folder / f"cut-{disk.count}-{variant}"
            torn = Random(disk.count * 99 + variant) if variant else None
            disk.left(left, torn=torn, index=variant % 2 == 0)
            row.add(f"cut before change {disk.count}, variant {variant}", now, judge(left, now))
            shutil.rmtree(left, ignore_errors=True)

    play(root, LossyDisk(root, cut), foreign, promises)
    row.note = f"{variants} variants of each cut"
    return row

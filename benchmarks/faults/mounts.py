"""A file system that is really full, or really read-only: a tmpfs in a mount namespace of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from archive import Archive
from archive.disk import SYSTEM_DISK
from archive.errors import HarvesterError
from benchmarks.faults.row import Row
from benchmarks.faults.scenario import checked, foreign_file, judge, play

_ROOMY = "64m"


def in_namespace(what: str, folder: Path, *arguments: object) -> Row:
    """Run a function below in a mount namespace; a row that says why it was skipped if none is had."""
    kinds = {"full": "a full file system (tmpfs)", "read_only": "a read-only file system"}
    program = shutil.which("unshare")
    if program is None:
        return Row(kinds[what], skipped="there is no `unshare` (util-linux) here")
    for flags in ("-m", "-Urm"):
        tried = subprocess.run([program, flags, "mount", "-t", "tmpfs", "tmpfs", folder], check=False)
        if tried.returncode == 0:
            command = [program, flags, sys.executable, "-m", "benchmarks.faults.mounts", what, folder]
            done = subprocess.run(
                [*command, *map(str, arguments)],
                check=True,
                capture_output=True,
                text=True,
                cwd=Path(__file__).parents[2],
            )
            return Row(**json.loads(done.stdout.splitlines()[-1]))
    return Row(kinds[what], skipped="mounting is not allowed here: neither as root nor in a user namespace")


def full(folder: Path, first_kib: int, last_kib: int, step_kib: int) -> Row:
    """Play the scenario on file systems of every size that is too small; then make room."""
    row = Row("a full file system (tmpfs)", note=f"{first_kib} to {last_kib} KiB in steps of {step_kib}")
    with tempfile.TemporaryDirectory() as elsewhere:
        foreign = foreign_file(Path(elsewhere) / "foreign.warc.gz")
        for size in range(first_kib, last_kib, step_kib):
            _mount("-t", "tmpfs", "-o", f"size={size}k", "tmpfs", folder)
            root = folder / "a"
            promises = play(root, SYSTEM_DISK, foreign)
            _mount("-o", f"remount,size={_ROOMY}", folder)
            row.add(f"{size} KiB", promises, judge(root, promises))
            subprocess.run(["umount", folder], check=True)
    return row


def read_only(folder: Path) -> Row:
    """An archive on a file system that became read-only: it is read and checked, and nothing is written."""
    row = Row("a read-only file system", note="opened, read, checked; written to in vain; then again")
    _mount("-t", "tmpfs", "tmpfs", folder)
    root = folder / "a"
    with tempfile.TemporaryDirectory() as elsewhere:
        foreign = foreign_file(Path(elsewhere) / "foreign.warc.gz")
        promises = play(root, SYSTEM_DISK, foreign)
        _mount("-o", "remount,ro", folder)
        refused = play(root, SYSTEM_DISK, foreign)
        promises.errors += refused.errors
        if refused.records or len(refused.errors) < 2:
            promises.errors.append(RuntimeError("something was acknowledged on a read-only file system"))
        try:
            with Archive.open(root) as archive:
                for record_id, block in promises.records.items():
                    found = archive.get(record_id)
                    if found is None or found.block != block:
                        promises.errors.append(RuntimeError(f"cannot read {record_id}"))
        except HarvesterError as error:
            promises.errors.append(RuntimeError(f"cannot be read: {error}"))
        if checked(root).damaged:
            promises.errors.append(RuntimeError(f"check finds {checked(root).counts}"))
        _mount("-o", "remount,rw", folder)
    row.add("read-only", promises, judge(root, promises))
    return row


def _mount(*arguments: Any) -> None:
    subprocess.run(["mount", *map(str, arguments)], check=True)


if __name__ == "__main__":
    functions = {"full": full, "read_only": read_only}
    result = functions[sys.argv[1]](Path(sys.argv[2]), *map(int, sys.argv[3:]))
    print(json.dumps(asdict(result)))

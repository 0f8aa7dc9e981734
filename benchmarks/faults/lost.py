"""Whole files gone: index, library, both, documents, sidecars. All is made again from the WARC files."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from archive.check import Check, Report
from benchmarks.faults import swaps
from benchmarks.faults.row import Row
from benchmarks.faults.scenario import Promises, Verdict, readable
from harvester.checking import check_documents

CASES = {
    "the index": ["index/records.sqlite"],
    "the library": ["library/library.sqlite"],
    "index and library": ["index/records.sqlite", "library/library.sqlite"],
    "the folders of both": ["index", "library"],
    "the documents": ["documents"],
    "all that is derived": ["index", "library", "documents"],
    "a sidecar": ["warc/*.sha256"],
    "the locks": ["harvester-archive.lock", "harvester-archive.sessions"],
}


def lost_files(folder: Path) -> Row:
    """Lose each, see that `check` says so, run `harvester reindex`, and compare with what was."""
    whole = folder / "whole"
    swaps.make(whole, folder)
    row = Row("index, library, documents, sidecars lost", note=", ".join(CASES))
    documents = _documents(whole)
    promises = Promises(records=readable(whole))
    for name, patterns in CASES.items():
        root = folder / "a"
        shutil.copytree(whole, root)
        for path in (path for pattern in patterns for path in root.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        verdict = Verdict()
        if not _checked(root).counts and name != "the locks":
            verdict.false_whole.append("check finds nothing")
        done = subprocess.run(
            [sys.executable, "-m", "harvester", "reindex", "--archive", str(root)],
            check=False, capture_output=True, text=True, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        if done.returncode:
            verdict.stuck.append(f"reindex: exit {done.returncode}: {done.stderr}")
        if _checked(root).damaged:
            verdict.stuck.append(f"damaged afterwards: {_checked(root).findings}")
        if _documents(root) != documents or readable(root) != promises.records:
            verdict.lost.append("documents or records are not what they were")
        row.add(f"{name} lost", promises, verdict)
        shutil.rmtree(root)
    return row


def _documents(root: Path) -> dict[str, bytes]:
    folder = root / "documents"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _checked(root: Path) -> Report:
    report = Report()
    with Check(report, on_archive=lambda directory, _: check_documents(directory, report)) as check:
        check.path(root)
    return report

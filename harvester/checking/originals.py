"""The originals that imports kept apart: each is named by the digest it must have."""

from __future__ import annotations

from pathlib import Path

from archive.check import Report
from archive.digests import sha256_of_file
from archive.disk import TEMPORARY_PREFIX, explain
from harvester.imports.quarantine import FOLDER


def check_originals(directory: Path, report: Report) -> None:
    """Compare every original with the SHA-256 that is its name."""
    folder = directory / FOLDER
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith(TEMPORARY_PREFIX):
            continue
        tell = report.teller(str(path))
        try:
            actual = sha256_of_file(path)
        except OSError as error:
            tell("E099", explain(error))
            continue
        if actual != path.name:
            tell("E077", f"its digest is {actual}")

"""What several commands share: which archive, which configuration."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from harvester import config
from harvester.config import Loaded
from harvester.errors import UsageError

ARCHIVE_VARIABLE: Final = "HARVESTER_ARCHIVE"
DEFAULT_ARCHIVE: Final = "archive-data"

ArchiveOption = Annotated[
    Path | None,
    typer.Option(
        "--archive",
        metavar="DIR",
        readable=False,  # not a matter of usage: see docs/exit-codes.md
        help="Archive directory. Else $HARVESTER_ARCHIVE, else the nearest harvester.toml's, "
        "else ./archive-data at a terminal.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on stdout; messages go to stderr.")]


PayloadDigestOption = Annotated[
    str | None,
    typer.Option(
        "--payload-digest",
        metavar="FORM",
        help="Form of payload digests: sha256 (the default), or sha1-base32 as older indexes join by.",
    ),
]


class Format(StrEnum):
    """How to print a document."""

    JSON = "json"
    MD = "md"
    TXT = "txt"


def configuration(path: Path | None = None) -> Loaded:
    """Return the named configuration, or the nearest one upwards, or the defaults."""
    return config.load(path or config.find(Path.cwd()))


def archive_directory(option: Path | None, loaded: Loaded) -> Path:
    """Return the archive directory; raises `UsageError` where nothing names one and nobody looks on."""
    named = option or os.environ.get(ARCHIVE_VARIABLE) or loaded.archive_path()
    if named:
        return Path(named).expanduser()
    if all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr)):
        return Path(DEFAULT_ARCHIVE)
    raise UsageError(
        f"no archive directory: give --archive DIR, set {ARCHIVE_VARIABLE}, or put "
        f'archive = "DIR" into {config.FILE_NAME}'
    )

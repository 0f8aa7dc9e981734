"""What several commands share: which archive, which configuration."""

from __future__ import annotations

import os
import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from harvester import config
from harvester.config import Loaded
from harvester.errors import UsageError

if TYPE_CHECKING:
    from archive.storage.places import Place

ARCHIVE_VARIABLE: Final = "HARVESTER_ARCHIVE"
DEFAULT_ARCHIVE: Final = "archive-data"
_MAYBE_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
"""A `Path` makes one slash of two; one letter before the colon may be a drive."""

ConfigArgument = Annotated[
    Path | None, typer.Argument(metavar="CONFIG", readable=False, help="Else the nearest harvester.toml.")
]
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
PlaceOption = Annotated[
    str | None,
    typer.Option(
        "--archive",
        metavar="DIR|URL",
        help="Archive directory, or an archive at a URL, which is read whole. Else $HARVESTER_ARCHIVE, "
        "else the nearest harvester.toml's, else ./archive-data at a terminal.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on stdout; messages go to stderr.")]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--workers", metavar="N", min=1, help="Processes. A rebuild takes as many as cores, all else one."
    ),
]
EngineOption = Annotated[
    str, typer.Option("--engine", metavar="NAME", help="local: this machine. ray: a Ray cluster.")
]
AddressOption = Annotated[
    str | None,
    typer.Option("--address", metavar="ADDRESS", help="The Ray cluster's; else $RAY_ADDRESS, else one here."),
]
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


def archive_directory(option: Path | None, loaded: Loaded, *, mirrors: bool = False) -> Path:
    """Return the archive directory.

    Raises `UsageError` where nothing names one and nobody looks on, and for a URL, with the cure: what
    captures (`mirrors`) can send there what is closed.
    """
    named = option or os.environ.get(ARCHIVE_VARIABLE) or loaded.archive_path()
    if named and _MAYBE_URL.match(str(named)):
        shown = re.sub(r":/+", "://", str(named), count=1)
        if mirrors:
            raise UsageError(
                f"{shown} is a URL, and captures are written on a disk: name a folder, and the URL with "
                f"--mirror {shown}, where closed files are sent"
            )
        raise UsageError(
            f"{shown} is a URL, and this works with an archive on a disk: bring it home with "
            f"`harvester sync {shown} DIR`"
        )
    return _named_directory(named)


def archive_place(option: str | None, loaded: Loaded) -> Place:
    """Return the archive directory, or where an archive at a URL is. Raises as `archive_directory`."""
    from archive.storage import is_url, place

    named = option or os.environ.get(ARCHIVE_VARIABLE)
    if named and is_url(named):
        return place(named)
    return archive_directory(Path(named) if named else None, loaded)


def _named_directory(named: Path | str | None) -> Path:
    if named:
        return Path(named).expanduser()
    if all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr)):
        return Path(DEFAULT_ARCHIVE)
    raise UsageError(
        f"no archive directory: give --archive DIR, set {ARCHIVE_VARIABLE}, or put "
        f'archive = "DIR" into {config.FILE_NAME}'
    )

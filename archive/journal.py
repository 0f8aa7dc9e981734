"""The note of a rewrite under way: which closed WARC files go, and which come in their place.

It is written durably before anything in `warc/` changes and removed when all is done, so that whoever
meets it knows of every file whether it counts.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from archive.disk import Disk, explain, write_file
from archive.errors import StorageError

if TYPE_CHECKING:
    from archive.storage.places import Place

JOURNAL: Final = "harvester-archive.rewrite"
_FORMAT: Final = "harvester-rewrite"
_MAX_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as it was proven: `name` is the closed name in `warc/`, `records` how many it holds."""

    name: str
    bytes: int
    sha256: str
    records: int


@dataclass(frozen=True, slots=True)
class Journal:
    """One rewrite: the files `old` are replaced by `new`, which are staged in the folder `staging`."""

    old: tuple[FileState, ...]
    new: tuple[FileState, ...]
    staging: str


def journal_path(root: Path) -> Path:
    """Return where an archive's journal lies while there is one."""
    return root / JOURNAL


def read_journal(root: Place) -> Journal | None:
    """Return the rewrite that was begun and not finished, None if there is none. Raises StorageError."""
    path = root / JOURNAL
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"cannot read {path}: {explain(error)}") from error
    try:
        return _journal(json.loads(data))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise StorageError(
            f"{path} is damaged or of a later version ({error}): restore it from a copy; if there is none, "
            "move it away and run `harvester check`: records may then be listed twice, none is lost"
        ) from error


def _journal(value: Any) -> Journal:  # JSON
    if value["format"] != _FORMAT or value["version"] != 1:
        raise ValueError("of another form")
    return Journal(
        tuple(state_from(item) for item in value["old"]),
        tuple(state_from(item) for item in value["new"]),
        plain_name(value["staging"]),
    )


def write_journal(root: Path, journal: Journal, disk: Disk) -> None:
    """Make the intention durable. Raises OSError."""
    value = {"format": _FORMAT, "version": 1, **asdict(journal)}
    write_file(disk, journal_path(root), json.dumps(value, indent=1).encode() + b"\n")


def superseded(root: Place, present: set[str]) -> frozenset[str]:
    """Return the names of `present` (all in `warc/`) that do not count while a rewrite is unfinished.

    No old file goes before every new one is in place: as long as all are there, they are the archive.
    """
    journal = read_journal(root)
    if journal is None:
        return frozenset()
    old = {state.name for state in journal.old}
    return frozenset(state.name for state in journal.new) if old <= present else frozenset(old)


def state_from(value: Any) -> FileState:  # JSON
    """Read a FileState from JSON. Raises ValueError, KeyError, TypeError."""
    numbers = (value["bytes"], value["records"])
    if any(type(number) is not int or number < 0 for number in numbers):
        raise ValueError("a count that is none")
    return FileState(plain_name(value["name"]), numbers[0], str(value["sha256"]), numbers[1])


def plain_name(name: Any) -> str:  # JSON
    """Return a name that leads nowhere else. Raises ValueError."""
    if not isinstance(name, str) or not name or name != PurePosixPath(name).name or name.startswith("."):
        raise ValueError("a name that is no plain one")
    return name

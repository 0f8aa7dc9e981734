"""The names inside an archive directory, its marker and its format version (docs/archive-layout.md)."""

from __future__ import annotations

import contextlib
import json
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from archive.disk import TEMPORARY_PREFIX, Disk, explain, storage_errors, write_file
from archive.errors import NewerFormatError, NotAnArchiveError, StorageError, UsageError
from archive.fields import format_date
from archive.journal import superseded
from archive.storage.places import absence

if TYPE_CHECKING:
    from archive.storage.places import Place

FORMAT = "harvester-archive"
VERSION = 1
MARKER = "harvester-archive.json"
LOCK = "harvester-archive.lock"
SESSIONS = "harvester-archive.sessions"
REWRITING = "harvester-archive.rewriting"
WARC_FOLDER = "warc"
INDEX_FOLDER = "index"
COMPACT_FOLDER = "compact"
JOURNAL_FOLDER = "journal"
OPEN_SUFFIX = ".open"
TORN_SUFFIX = ".torn"
SIDECAR_SUFFIX = ".sha256"
LISTING_SUFFIX = ".cdxj"
WARC_SUFFIXES = (".warc.gz", ".warc.zst", ".warc")

_OWN_NAME = re.compile(r".+-[0-9]{17}-[0-9]{5,}-[0-9a-f]{8}(?:_[0-9]{3})?\.warc\.(?:gz|zst)")
_MAX_MARKER_BYTES = 64 * 1024
_RESERVED = frozenset({WARC_FOLDER, INDEX_FOLDER, COMPACT_FOLDER})
_MAX_NAME_BYTES = 255


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things are in one archive directory."""

    root: Path

    @property
    def marker(self) -> Path:
        return self.root / MARKER

    @property
    def lock(self) -> Path:
        return self.root / LOCK

    @property
    def sessions(self) -> Path:
        return self.root / SESSIONS

    @property
    def rewriting(self) -> Path:
        return self.root / REWRITING

    @property
    def compact(self) -> Path:
        return self.root / COMPACT_FOLDER

    @property
    def warc(self) -> Path:
        return self.root / WARC_FOLDER

    @property
    def index(self) -> Path:
        return self.root / INDEX_FOLDER / "records.sqlite"

    def listing(self, name: str) -> Path:
        """Return where the CDXJ of a closed WARC file stands (`archive.listings`)."""
        return self.index.with_name(name + LISTING_SUFFIX)

    def closed_warcs(self) -> list[Path]:
        """Return the closed WARC files by name, which is by time for those we wrote.

        While a rewrite is unfinished, the files that count: the old ones or the new ones.
        """
        found = {path.name: path for path in self._names() if path.name.endswith(WARC_SUFFIXES)}
        gone = superseded(self.root, set(found))
        return [path for name, path in sorted(found.items()) if name not in gone]

    def vouched(self) -> frozenset[str]:
        """Return the names of the closed WARC files that have a sidecar."""
        found = {path.name for path in self._names()}
        closed = (path.name for path in self.closed_warcs())
        return frozenset(name for name in closed if name + SIDECAR_SUFFIX in found)

    def open_warcs(self) -> list[Path]:
        """Return the WARC files being written, or left so by a crash."""
        suffixes = tuple(suffix + OPEN_SUFFIX for suffix in WARC_SUFFIXES)
        return sorted(path for path in self._names() if path.name.endswith(suffixes))

    def _names(self) -> list[Path]:
        with storage_errors("cannot list", self.warc):
            return [path for path in self.warc.iterdir() if not path.name.startswith(".")]

    def candidates(self, file: str) -> tuple[Path, ...]:
        """Return the paths a stored file name may have, in the order to try them.

        The closed name comes again last: the file may be closed between the first two looks. Raises
        UsageError for a name that is no plain file name.
        """
        if not file or "/" in file or file in {".", ".."} or "\0" in file:
            raise UsageError(f"{file[:100]!r} is not the name of a WARC file in this archive")
        closed = self.warc / file
        return closed, closed.with_name(file + OPEN_SUFFIX), closed


def warc_name(prefix: str, moment: datetime, serial: int, token: str) -> str:
    """Return `PREFIX-TIMESTAMP17-SERIAL-TOKEN.warc.gz` (WARC/1.1 Annex C.1, with milliseconds)."""
    utc = moment.astimezone(UTC)
    stamp = f"{utc:%Y%m%d%H%M%S}{utc.microsecond // 1000:03d}"
    return f"{prefix}-{stamp}-{serial:05d}-{token}.warc.gz"


def is_own_name(file: str) -> bool:
    """Tell whether a closed WARC file has a name that `warc_name` gives; one taken in never has.

    Repacking keeps that: a file in compact form holds our own records or others', never both.
    """
    return _OWN_NAME.fullmatch(file) is not None


def stem(name: str) -> str:
    """Return a WARC file's name without the suffix that tells its form."""
    return next((name.removesuffix(suffix) for suffix in WARC_SUFFIXES if name.endswith(suffix)), name)


def new_token() -> str:
    """Return the random part of a file name: 8 characters, so that two writers never meet."""
    return os.urandom(4).hex()


def check_marker(layout: Layout) -> None:
    """Return if the directory is an archive of a version we know; nothing is changed.

    Raises NotAnArchiveError or NewerFormatError, with the cure in the message.
    """
    check_marker_at(layout.root)


def check_marker_at(root: Place) -> None:
    """`check_marker`, of a directory or of a folder at a URL."""
    marker = root / MARKER
    try:
        with marker.open("rb") as file:
            data = file.read(_MAX_MARKER_BYTES + 1)
    except FileNotFoundError:
        raise NotAnArchiveError(_no_marker(root)) from None
    except NotADirectoryError:
        raise NotAnArchiveError(f"{root} is not a directory; name the archive's directory") from None
    except OSError as error:
        raise StorageError(f"cannot read {marker}: {explain(error)}") from error
    version = _marker_version(data)
    if version is None:
        raise NotAnArchiveError(
            f"{marker} is damaged or not ours; restore it from a copy, or name another directory"
        )
    if version > VERSION:
        raise NewerFormatError(
            f"{root} has archive format {version}; this program knows {VERSION}: update it. "
            "Nothing was changed"
        )


def made_at(data: bytes) -> str | None:
    """Return when an archive was made, which tells archives apart, by its marker; None for what is none."""
    made = _marker(data).get("created")
    return made if isinstance(made, str) else None


def _marker_version(data: bytes) -> int | None:
    version = _marker(data).get("version")
    return version if type(version) is int and version >= 1 else None


def _marker(data: bytes) -> dict[str, object]:
    """Read a marker; empty for what is none of ours."""
    try:
        marker = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    if len(data) > _MAX_MARKER_BYTES or not isinstance(marker, dict) or marker.get("format") != FORMAT:
        return {}
    return marker


def _no_marker(root: Place) -> str:
    if not isinstance(root, Path):
        with contextlib.suppress(OSError):  # who may read there need not be allowed to list
            if not root.bucket.exists():
                return f"there is no archive at {root}: {absence(root)}"
        return f"there is no archive at {root} (no {MARKER}): `harvester sync` makes mirrors of archives"
    if not root.exists():
        return f"there is no archive at {root}; check the path, or create one there by fetching into it"
    return f"{root} is not an archive (no {MARKER} in it); name another directory"


def warcs_at(root: Place) -> list[Place]:
    """Return the WARC files that count of an archive directory or of an archive at a URL, closed ones first.

    Raises NotAnArchiveError, NewerFormatError, StorageError.
    """
    check_marker_at(root)
    if isinstance(root, Path):
        layout = Layout(root)
        return [*layout.closed_warcs(), *layout.open_warcs()]
    with storage_errors("cannot list", root / WARC_FOLDER):
        found = {path.name: path for path in (root / WARC_FOLDER).iterdir()}
    closed = {name for name in found if name.endswith(WARC_SUFFIXES)}
    still_open = {name for name in found if name.removesuffix(OPEN_SUFFIX).endswith(WARC_SUFFIXES)} - closed
    return [
        found[name] for names in (closed - superseded(root, closed), still_open) for name in sorted(names)
    ]


def create(layout: Layout, now: datetime, disk: Disk) -> None:
    """Make an archive of an absent or empty directory; do nothing if it is an archive already.

    Raises NotAnArchiveError for a directory with other things in it, StorageError if it cannot be made.
    The marker comes first, so that a crash in between leaves an archive that the next opening completes.
    """
    root = layout.root
    if layout.marker.exists():
        return
    with storage_errors("cannot create the archive directory", root):
        disk.mkdir(root)
    with storage_errors("cannot list", root):
        strangers = [path.name for path in root.iterdir() if not path.name.startswith(TEMPORARY_PREFIX)]
    if strangers and not layout.marker.exists():  # it may have been made by another process meanwhile
        raise NotAnArchiveError(
            f"{root} is not empty and not an archive (no {MARKER} in it); name a new or empty directory"
        )
    text = json.dumps({"created": format_date(now), "format": FORMAT, "version": VERSION}, indent=2)
    with storage_errors("cannot create the archive's marker", layout.marker):
        write_file(disk, layout.marker, text.encode() + b"\n")
        disk.fsync_dir(root.parent)


def make_folders(layout: Layout, disk: Disk) -> None:
    """Make the folders an archive always has."""
    for folder in (layout.warc, layout.index.parent):
        if not folder.is_dir():
            with storage_errors("cannot create", folder):
                disk.mkdir(folder)
                disk.fsync_dir(layout.root)


def make_parents(layout: Layout, folder: Path, disk: Disk) -> None:
    """Make the folders of a derived file, each durable in its parent. Raises OSError."""
    missing = []
    while not folder.is_dir() and folder != layout.root.resolve():
        missing.append(folder)
        folder = folder.parent
    for path in reversed(missing):
        disk.mkdir(path)
        disk.fsync_dir(path.parent)


def derived_path(layout: Layout, relative: str) -> Path:
    """Return where a derived file goes; raises UsageError for a path that is not its to take.

    Allowed: a relative path with `/`, at least one folder deep, without `..`, empty parts, control
    characters or leading dots, not in `warc/` or `index/`, and not through a symbolic link that leads
    out of the archive.
    """
    parts = relative.split("/")
    bad = (
        len(parts) < 2  # noqa: PLR2004  # a folder and a name
        or any(not part or part.startswith(".") or len(part.encode()) > _MAX_NAME_BYTES for part in parts)
        or any(not char.isprintable() or char == "\\" for char in relative)
        or parts[0].lower() in _RESERVED
    )
    if not bad:
        root = layout.root.resolve()
        target = root.joinpath(*parts)
        real = target.parent.resolve()
        if real.is_relative_to(root) and real != root and real.relative_to(root).parts[0] not in _RESERVED:
            return target
    raise UsageError(f"{relative[:200]!r} is not a place for a derived file in the archive {layout.root}")

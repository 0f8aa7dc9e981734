"""What lies in an inbox: which files are to be taken, which are left alone, and whether they are at rest."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from archive.layout import MARKER, OPEN_SUFFIX, SIDECAR_SUFFIX, WARC_SUFFIXES
from harvester.clock import Clock
from harvester.config import FILE_NAME
from harvester.errors import UsageError
from harvester.imports.files import companions

TAKEN: Final = "taken"
REFUSED: Final = "refused"
MAX_FILES: Final = 10_000
"""Files of one look: what is beyond them waits for the next."""
_MAX_DEPTH: Final = 8
_UNFINISHED: Final = (".crdownload", ".part", ".partial", ".download", ".opdownload", ".tmp", OPEN_SUFFIX)
"""How browsers and tools call a file that is not whole yet."""
_LOCK_PREFIX: Final = "~$"
"""How an office program calls what says that it has a file open."""


class Dropped(msgspec.Struct, frozen=True, kw_only=True):
    """A file to be taken, and what belongs to it: a saved page's folder, a web archive's sidecar.

    `size` and `changed_ns` tell whether it is still the same file.
    """

    path: Path
    size: int
    changed_ns: int
    beside: tuple[Path, ...] = ()


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """What is left where it lies, and why."""

    path: Path
    why: str


def look(root: Path, aside: Sequence[Path] = ()) -> tuple[list[Dropped], list[Left]]:
    """Return what is to be taken from a folder and those below it, by name, and what is left alone.

    Hidden names, what has been put aside (`aside`), and archives of ours are passed over in silence. Links
    are never followed. Raises `UsageError` for what is no folder, or cannot be read.
    """
    if not root.is_dir():
        raise UsageError(f"there is no folder {root}; make it, or name another as the inbox")
    if os.path.lexists(root / MARKER):
        raise UsageError(f"{root} is an archive, not an inbox; name another folder")
    dropped: list[Dropped] = []
    left: list[Left] = []
    for one in _walk(root, tuple(path.resolve() for path in aside), _MAX_DEPTH):
        if isinstance(one, Left):
            left.append(one)
        elif len(dropped) < MAX_FILES:
            dropped.append(one)
    return dropped, left


def at_rest(dropped: Sequence[Dropped], clock: Clock, settle_s: float) -> tuple[list[Dropped], list[Left]]:
    """Return the files that are written, and those that may be in writing.

    Files that changed within the last `settle_s` seconds are looked at again so much later.
    """
    now_s = clock.now().timestamp()
    young = [one for one in dropped if now_s - one.changed_ns / 1e9 < settle_s]
    if not young:
        return list(dropped), []
    clock.sleep(settle_s)
    moving = {one.path for one in young if not same(one)}
    still = [one for one in dropped if one.path not in moving]
    return still, [
        Left(path=path, why="still being written: it is taken at the next look") for path in moving
    ]


def same(one: Dropped) -> bool:
    """Tell whether a file is as it was when it was looked at."""
    try:
        found = one.path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and (found.st_size, _changed_ns(found)) == (one.size, one.changed_ns)


def _walk(folder: Path, aside: Sequence[Path], depth: int) -> Iterator[Dropped | Left]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        if depth == _MAX_DEPTH:
            raise UsageError(f"cannot read {folder}: {error.strerror}; mend that, or name another") from error
        yield Left(path=folder, why=f"cannot be read: {error.strerror}")
        return
    names = {entry.name for entry in entries}
    if MARKER in names:
        return
    beside = _beside(names)
    for entry in entries:
        path = Path(entry.path)
        if entry.name.startswith(".") or entry.name in beside:
            continue
        if entry.is_symlink():
            yield Left(path=path, why="a symbolic link: links are not followed; drop the file itself")
        elif entry.is_dir(follow_symlinks=False):
            if path.resolve() in aside:
                continue
            if depth > 1:
                yield from _walk(path, aside, depth - 1)
            else:
                yield Left(path=path, why="too deep: folders are looked into for eight levels")
        else:
            belongs = tuple(folder / name for name, owner in beside.items() if owner == entry.name)
            yield _file(path, names, belongs)


def _file(path: Path, names: set[str], belongs: tuple[Path, ...]) -> Dropped | Left:
    try:
        found = path.lstat()
    except OSError as error:
        return Left(path=path, why=f"cannot be read: {error.strerror}")
    if not stat.S_ISREG(found.st_mode):
        return Left(path=path, why="no ordinary file")
    if path.name == FILE_NAME:
        return Left(path=path, why="a configuration of this program, not something to take in")
    partial = any(f"{path.name}{suffix}" in names for suffix in _UNFINISHED)
    if partial or path.name.lower().endswith(_UNFINISHED) or path.name.startswith(_LOCK_PREFIX):
        return Left(path=path, why="still being written, as its name says")
    if not found.st_size:
        return Left(path=path, why="empty: perhaps still being written")
    return Dropped(path=path, size=found.st_size, changed_ns=_changed_ns(found), beside=belongs)


def _beside(names: set[str]) -> dict[str, str]:
    """Return what belongs to another file of the same folder, by name, with that file's name."""
    owners = companions(names, names)
    sidecars = {name: name.removesuffix(SIDECAR_SUFFIX) for name in names if name.endswith(SIDECAR_SUFFIX)}
    return owners | {
        name: owner
        for name, owner in sidecars.items()
        if owner in names and owner.endswith((*WARC_SUFFIXES, ".wacz"))
    }


def _changed_ns(found: os.stat_result) -> int:
    """Return when a file last changed: copying may set back its time of writing, but not the other."""
    return max(found.st_mtime_ns, found.st_ctime_ns)

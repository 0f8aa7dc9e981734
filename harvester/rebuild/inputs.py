"""From what people name (archives, files, folders, patterns, URLs) to units, in one order whatever theirs."""

from __future__ import annotations

import glob
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from archive.disk import TEMPORARY_PREFIX, explain
from archive.foreign import SUFFIXES
from archive.layout import MARKER, OPEN_SUFFIX, warcs_at
from archive.storage.ahead import ahead
from archive.storage.places import absence, is_url, place, real, sha256_of, walk
from harvester.errors import StorageError, UsageError
from harvester.rebuild.brought.bringing import Bringing
from harvester.rebuild.unit import Unit, unit_id

if TYPE_CHECKING:
    from archive.storage.places import Place

_SUFFIXES: Final = (*SUFFIXES, *(suffix + OPEN_SUFFIX for suffix in SUFFIXES))
_MAGIC: Final = frozenset("*?[")
_A = TypeVar("_A")
_B = TypeVar("_B")


def units_of(
    inputs: Sequence[Place | str], bringing: Bringing | None = None, output: Place | None = None
) -> list[Unit]:
    """Return a unit for every file that the inputs stand for, sorted by name; none comes twice.

    A file in a folder or an archive is known by its name; one that is named outright may have any, and be
    a table or a selection, as `bringing` says. What lies in the `output` is no input. Raises `UsageError` for
    what is not there, or cannot be read so, `StorageError` for an archive of a newer format, `OSError` for
    folders that cannot be looked into.
    """
    files = _side_by_side(_sized, named_files(inputs, output))
    units = (_brought(unit, bringing or Bringing()) for unit in _units(files))
    return sorted(units, key=lambda unit: (unit.name, unit.id))


def named_files(inputs: Sequence[Place | str], output: Place | None = None) -> list[tuple[Place, bool]]:
    """Return the files that inputs stand for, each once, and of each whether it is an archive's of ours.

    What lies in the `output` is left out. Raises as `units_of`.
    """
    found: dict[str, tuple[Place, bool]] = {}
    own = real(output).rstrip("/") + "/" if output else None
    for files in _side_by_side(lambda given: list(_files(given)), inputs):
        for path, in_archive in files:
            name = real(path)
            if own is None or not name.startswith(own):
                known = found.setdefault(name, (path, in_archive))
                found[name] = (known[0], known[1] or in_archive)
    if not found:
        raise UsageError(f"no WARC, ARC or WACZ file in {', '.join(map(str, inputs))}")
    return list(found.values())


def _brought(unit: Unit, bringing: Bringing) -> Unit:
    """Return a unit as what it is by its content, where its name does not tell that it is a web archive."""
    if unit.in_archive or unit.name.lower().endswith(SUFFIXES):
        return unit
    kind, settings = bringing.of(place(unit.path))
    return msgspec.structs.replace(unit, kind=kind, settings=settings)


def _side_by_side(call: Callable[[_A], _B], items: Sequence[_A]) -> Iterator[_B]:
    """Yield what a call gives for each item, in order; several are under way where a store has to answer.

    On this machine's disk one after the other is as fast.
    """
    return ahead(call, items) if any(map(_is_far, items)) else map(call, items)


def _is_far(item: object) -> bool:
    named = item[0] if isinstance(item, tuple) else item
    return not isinstance(named, Path) and is_url(str(named))


def _sized(file: tuple[Place, bool]) -> tuple[Place, bool]:
    """Return a file with its size, where no listing has told it."""
    path, in_archive = file
    if isinstance(path, Path) or path.listed is not None:
        return file
    return replace(path, listed=path.stat().st_size), in_archive


def _files(given: Place | str) -> Iterator[tuple[Place, bool]]:
    path = place(given)
    path, kind = _looked_up(path)
    if kind == "directory":
        yield from _inside(path)
    elif kind is not None:
        yield path, False
    elif _MAGIC & set(str(given)):
        matches = _matches(path)
        if not matches:
            why = "" if isinstance(path, Path) or path.bucket.exists() else f": {absence(path)}"
            raise UsageError(f"nothing fits the pattern {given}{why}")
        for inside, kind in matches:
            # A pattern such as `**` finds all sorts of files; one that ends as `*.jsonl` names its own.
            if kind == "directory":
                yield from _inside(inside)
            elif inside.name.lower().endswith(_SUFFIXES) or not _MAGIC & set(path.suffix or "*"):
                yield inside, False
    else:
        raise UsageError(f"{absence(path)}: name an archive, a folder, a pattern, or web archives")


def _looked_up(path: Place) -> tuple[Place, str | None]:
    """Return a place and what it is: a directory, something else, or None for nothing."""
    if isinstance(path, Path):
        return path, "directory" if path.is_dir() else "file" if path.exists() else None
    return path.looked_up() or (path, None)


def _matches(pattern: Place) -> Sequence[tuple[Place, str | None]]:
    if not isinstance(pattern, Path):
        return pattern.glob()
    found = sorted(glob.glob(str(pattern), recursive=True))  # noqa: PTH207 - absolute ones too
    return [_looked_up(Path(match)) for match in found]


def _inside(folder: Place) -> Iterator[tuple[Place, bool]]:
    """Yield the web archives of a folder; of an archive of ours, also one further down, those that count."""
    for found, folders, names in walk(folder):
        if MARKER in names:
            # An archive of a newer format is refused, not misread.
            yield from ((path, True) for path in warcs_at(found))
            folders.clear()
            continue
        folders.sort()
        for name in names:
            if name.lower().endswith(_SUFFIXES) and not name.startswith(TEMPORARY_PREFIX):
                yield found / name, False


def _units(files: Iterable[tuple[Place, bool]]) -> Iterator[Unit]:
    by_name: dict[str, list[tuple[Place, bool]]] = defaultdict(list)
    for path, in_archive in files:
        by_name[path.name.removesuffix(OPEN_SUFFIX)].append((path, in_archive))
    for name, same in by_name.items():
        if len(same) == 1:
            yield _unit(name, *same[0], "")
            continue
        told: dict[str, int] = defaultdict(int)
        for path, in_archive in sorted(same, key=lambda one: str(one[0])):
            digest = file_sha256(path)
            told[digest] += 1  # equal copies under one name: which is which makes no difference
            yield _unit(name, path, in_archive, f"{digest}-{told[digest]}")


def _unit(name: str, path: Place, in_archive: bool, more: str) -> Unit:  # noqa: FBT001 - a value
    shown = str(path).encode("utf-8", "backslashreplace").decode()
    if shown != str(path):  # its name stands in tables and reports, which are UTF-8
        raise UsageError(f"{shown} is no name in UTF-8: rename the file or its folder")
    # A listing that found it at a store has told its size: not one more request for each of many files.
    listed = None if isinstance(path, Path) else path.listed
    size = path.stat().st_size if listed is None else listed
    return Unit(id=unit_id(name, more), name=name, path=str(path), size=size, in_archive=in_archive)


def file_sha256(path: Place, size: int | None = None) -> str:
    """Return the SHA-256 of a file, or of its first `size` bytes. Raises `StorageError`."""
    try:
        if size is None or not isinstance(path, Path):  # what is at a store does not grow
            return sha256_of(path)
        digest, left = hashlib.sha256(), size
        with path.open("rb") as file:
            while left and (data := file.read(min(left, 1 << 20))):
                digest.update(data)
                left -= len(data)
    except OSError as error:
        raise StorageError(f"cannot read {path}: {explain(error)}") from error
    return digest.hexdigest()

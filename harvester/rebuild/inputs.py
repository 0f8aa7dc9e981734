"""From what people name (archives, files, folders, patterns) to units, in one order whatever theirs was."""

from __future__ import annotations

import glob
import hashlib
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from archive.disk import explain
from archive.foreign import SUFFIXES
from archive.layout import MARKER, OPEN_SUFFIX, Layout, check_marker
from harvester.errors import StorageError, UsageError
from harvester.rebuild.brought.bringing import Bringing
from harvester.rebuild.unit import Unit, unit_id

_SUFFIXES: Final = (*SUFFIXES, *(suffix + OPEN_SUFFIX for suffix in SUFFIXES))
_MAGIC: Final = frozenset("*?[")


def units_of(
    inputs: Sequence[Path | str], bringing: Bringing | None = None, output: Path | None = None
) -> list[Unit]:
    """Return a unit for every file that the inputs stand for, sorted by name; none comes twice.

    A file in a folder or an archive is known by its name; one that is named outright may have any, and be
    a table or a selection, as `bringing` says. What lies in the `output` is no input. Raises `UsageError` for
    what is not there, or cannot be read so, `StorageError` for an archive of a newer format, `OSError` for
    folders that cannot be looked into.
    """
    units = (_brought(unit, bringing or Bringing()) for unit in _units(named_files(inputs, output)))
    return sorted(units, key=lambda unit: (unit.name, unit.id))


def named_files(inputs: Sequence[Path | str], output: Path | None = None) -> list[tuple[Path, bool]]:
    """Return the files that inputs stand for, each once, and of each whether it is an archive's of ours.

    What lies in the `output` is left out. Raises as `units_of`.
    """
    found: dict[str, tuple[Path, bool]] = {}
    own = os.path.join(os.path.realpath(output), "") if output else None  # noqa: PTH118 - a prefix of text
    for given in inputs:
        for path, in_archive in _files(str(given)):
            real = os.path.realpath(path)
            if own is None or not real.startswith(own):
                known = found.setdefault(real, (path, in_archive))
                found[real] = (known[0], known[1] or in_archive)
    if not found:
        raise UsageError(f"no WARC, ARC or WACZ file in {', '.join(map(str, inputs))}")
    return list(found.values())


def _brought(unit: Unit, bringing: Bringing) -> Unit:
    """Return a unit as what it is by its content, where its name does not tell that it is a web archive."""
    if unit.in_archive or unit.name.lower().endswith(SUFFIXES):
        return unit
    kind, settings = bringing.of(Path(unit.path))
    return msgspec.structs.replace(unit, kind=kind, settings=settings)


def _files(given: str) -> Iterator[tuple[Path, bool]]:
    path = Path(given)
    if path.is_dir():
        yield from _inside(path)
    elif path.exists():
        yield path, False
    elif _MAGIC & set(given):
        matches = sorted(glob.glob(given, recursive=True))  # noqa: PTH207 - absolute ones too
        if not matches:
            raise UsageError(f"nothing fits the pattern {given}")
        for match in matches:
            # A pattern such as `**` finds all sorts of files; one that ends as `*.jsonl` names its own.
            inside = Path(match)
            if inside.is_dir():
                yield from _inside(inside)
            elif inside.name.lower().endswith(_SUFFIXES) or not _MAGIC & set(path.suffix or "*"):
                yield inside, False
    else:
        raise UsageError(f"{given} does not exist: name an archive, a folder, a pattern, or web archives")


def _inside(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Yield the web archives of a folder; of an archive of ours, also one further down, those that count."""
    for place, folders, names in os.walk(folder, onerror=_raised):
        if MARKER in names:
            layout = Layout(Path(place))
            check_marker(layout)  # an archive of a newer format is refused, not misread
            yield from ((path, True) for path in (*layout.closed_warcs(), *layout.open_warcs()))
            folders.clear()
            continue
        folders.sort()
        for name in names:
            if name.lower().endswith(_SUFFIXES):
                yield Path(place, name), False


def _raised(error: OSError) -> None:
    raise error


def _units(files: Iterable[tuple[Path, bool]]) -> Iterator[Unit]:
    by_name: dict[str, list[tuple[Path, bool]]] = defaultdict(list)
    for path, in_archive in files:
        by_name[path.name.removesuffix(OPEN_SUFFIX)].append((path, in_archive))
    for name, same in by_name.items():
        if len(same) == 1:
            yield _unit(name, *same[0], "")
            continue
        told: dict[str, int] = defaultdict(int)
        for path, in_archive in sorted(same):
            digest = file_sha256(path)
            told[digest] += 1  # equal copies under one name: which is which makes no difference
            yield _unit(name, path, in_archive, f"{digest}-{told[digest]}")


def _unit(name: str, path: Path, in_archive: bool, more: str) -> Unit:  # noqa: FBT001 - a value
    shown = str(path).encode("utf-8", "backslashreplace").decode()
    if shown != str(path):  # its name stands in tables and reports, which are UTF-8
        raise UsageError(f"{shown} is no name in UTF-8: rename the file or its folder")
    return Unit(
        id=unit_id(name, more), name=name, path=str(path), size=path.stat().st_size, in_archive=in_archive
    )


def file_sha256(path: Path, size: int | None = None) -> str:
    """Return the SHA-256 of a file, or of its first `size` bytes. Raises `StorageError`."""
    digest = hashlib.sha256()
    left = size if size is not None else -1
    try:
        with path.open("rb") as file:
            while data := file.read(1 << 20 if left < 0 else min(left, 1 << 20)):
                digest.update(data)
                left -= len(data) if left > 0 else 0
                if left == 0:
                    break
    except OSError as error:
        raise StorageError(f"cannot read {path}: {explain(error)}") from error
    return digest.hexdigest()

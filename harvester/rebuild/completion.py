"""The completion record of a unit: written last, so what it names is there; read before all is done again."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from archive.disk import SYSTEM_DISK, explain, storage_errors, write_file
from harvester.errors import StorageError
from harvester.rebuild.brought.kinds import CDXJ
from harvester.rebuild.inputs import file_sha256
from harvester.rebuild.reading import where
from harvester.rebuild.sinks import UNITS, Written, manifest_entry
from harvester.rebuild.unit import WEB, Done, Options, Unit
from harvester.sites import all_sites
from harvester.toolchain import software

FORM: Final = 1
"""Version of these records; of another one the unit is done again."""


STALE_SUFFIX: Final = ".stale"


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """What the output depends on beside the input: versions and options."""

    software: dict[str, str]
    rules: dict[str, str]
    options: Options


class InputFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The input that a unit was made of: file name, size, and SHA-256 of those bytes; how it was read."""

    name: str
    bytes: int
    sha256: str
    kind: str = WEB
    settings: tuple[tuple[str, str], ...] = ()


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """That a unit is done. `manifest_sha256` is of `units/KEY.files`, which lists every file of the unit.

    `context` is a digest of all inputs where the unit's part depends on them, else empty.
    """

    form: int
    input: InputFacts
    recipe: Recipe
    context: str
    done: Done
    files: int
    manifest_sha256: str


def recipe_for(options: Options) -> Recipe:
    """Return the recipe of this program with these options."""
    rules = {site.name: site.rules_version for site in all_sites()}
    return Recipe(software=software(), rules=rules, options=options)


def manifest_part(key: str) -> str:
    """Return where a unit's list of files stands, below the output."""
    return f"{UNITS}/{key}.files"


def stale_part(key: str) -> str:
    """Return where the lists of what a unit gave before are kept, until what is left of it is removed."""
    return f"{UNITS}/{key}{STALE_SUFFIX}"


def set_aside(output: Path, key: str) -> None:
    """Begin a unit anew: it is not done any more, and what it gave before is to be removed or replaced."""
    manifest = output / manifest_part(key)
    with storage_errors("cannot write", output / stale_part(key)):
        completion_path(output, key).unlink(missing_ok=True)
        if manifest.exists():
            with (output / stale_part(key)).open("ab") as file:
                file.write(manifest.read_bytes())
            manifest.unlink()


def completion_path(output: Path, key: str) -> Path:
    """Return where a unit's completion record stands."""
    return output / UNITS / f"{key}.json"


def complete(output: Path, unit: Unit, completion: Completion, mtime_ns: int) -> None:
    """Make a unit's files durable, then its completion record. Raises `StorageError`.

    The record bears the time of the input's last change, as a copy would: the next run tells by it and the
    size, as rsync does, that the input is the same without reading it.
    """
    path = completion_path(output, unit.key)
    data = msgspec.json.format(msgspec.json.encode(completion, order="sorted"), indent=2) + b"\n"
    try:
        sync_file_system(output)
        write_file(SYSTEM_DISK, path, data)
        os.utime(path, ns=(mtime_ns, mtime_ns))
    except OSError as error:
        raise StorageError(f"cannot write {path}: {explain(error)}") from error


def sync_file_system(folder: Path) -> None:
    """Return once everything that was written to the folder's file system is durable. Raises OSError.

    One call for the many files of a unit: syncfs(2) where there is one, else sync(2).
    """
    import ctypes  # noqa: PLC0415 - once a unit

    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        library = ctypes.CDLL(None, use_errno=True)
        syncfs = getattr(library, "syncfs", None)
        if syncfs is None:
            os.sync()
        elif syncfs(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(folder))
    finally:
        os.close(descriptor)


def completion_of(output: Path, key: str) -> Completion | None:
    """Return a unit's completion record, None where there is none that can be used."""
    try:
        data = completion_path(output, key).read_bytes()
        found = msgspec.json.decode(data, type=Completion)
    except (OSError, msgspec.MsgspecError, ValueError):
        return None
    return found if found.form == FORM else None


def is_fresh(output: Path, unit: Unit, found: Completion, recipe: Recipe, context: str = "") -> bool:
    """Tell whether what a unit gave before is what it would give now: same input, recipe, and all there."""
    return (
        found.recipe == recipe
        and found.context == context
        and same_input(output, unit, found)
        and _all_there(output, unit, found)
    )


def same_input(output: Path, unit: Unit, found: Completion) -> bool:
    facts = found.input
    if (facts.bytes, facts.kind, facts.settings) != (unit.size, unit.kind, unit.settings):
        return False
    if unit.kind == CDXJ:  # nobody keeps the digests of the files that it selects from
        return False
    with contextlib.suppress(OSError):
        if completion_path(output, unit.key).stat().st_mtime_ns == where(unit).stat().st_mtime_ns:
            return True
    return file_sha256(where(unit), unit.size) == found.input.sha256


def _all_there(output: Path, unit: Unit, found: Completion) -> bool:
    path = output / manifest_part(unit.key)
    try:
        if hashlib.sha256(path.read_bytes()).hexdigest() != found.manifest_sha256:
            return False
        return all((output / entry.path).exists() for entry in entries(path))
    except (OSError, ValueError):
        return False


def entries(manifest: Path) -> Iterator[Written]:
    """Yield what a unit's list of files names. Raises OSError."""
    with manifest.open("rb") as file:
        for line in file:
            yield manifest_entry(line)

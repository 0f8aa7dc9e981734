"""The completion record of a unit: written last, so what it names is there; read before all is done again."""

from __future__ import annotations

import contextlib
import hashlib
import io
import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from harvester.parts import Written
from harvester.rebuild.brought.kinds import CDXJ
from harvester.rebuild.inputs import file_sha256
from harvester.rebuild.outputs.base import UNITS, Output
from harvester.rebuild.places import places_part
from harvester.rebuild.reading import where
from harvester.rebuild.sinks import manifest_entry
from harvester.rebuild.unit import PLACES, WEB, Done, Options, Unit
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


_COMPLETIONS: Final = msgspec.json.Decoder(Completion)
"""Made here and not at the first record: msgspec 0.22 ends the process where several threads are the first to
decode a type, as those that ask a store would be.
"""


def recipe_for(options: Options) -> Recipe:
    """Return the recipe of this program with these options."""
    rules = {site.name: site.rules_version for site in all_sites()}
    return Recipe(software=software(), rules=rules, options=options)


def manifest_part(key: str) -> str:
    """Return where a unit's list of files stands, below the output."""
    return f"{UNITS}/{key}.files"


def set_aside(output: Output, key: str) -> None:
    """Begin a unit anew: it is not done any more, and what it gave before is to be removed or replaced."""
    output.remove([completion_part(key)])
    if output.read(manifest_part(key)) is not None:
        output.move(manifest_part(key), f"{UNITS}/{key}.{os.urandom(8).hex()}{STALE_SUFFIX}")


def completion_part(key: str) -> str:
    """Return where a unit's completion record stands, below the output."""
    return f"{UNITS}/{key}.json"


def complete(output: Output, place: Path, key: str, completion: Completion, mtime_ns: int) -> None:
    """Make a unit's files durable, which stand in a workplace, then its completion record.

    The time of the input's last change is kept with the record: the next run tells by it and the size, as
    rsync does, that the input is the same without reading it. Raises `StorageError`.
    """
    manifest = manifest_part(key)
    # The list first: of a unit that is cut short it is known what it may have left.
    output.deliver(
        place, itertools.chain([manifest], (entry.path for entry in _entries_at(place / manifest)))
    )
    output.write(completion_part(key), _bytes_of(completion), seen=mtime_ns)


def _bytes_of(completion: Completion) -> bytes:
    return msgspec.json.format(msgspec.json.encode(completion, order="sorted"), indent=2) + b"\n"


def completion_of(output: Output, key: str) -> Completion | None:
    """Return a unit's completion record, None where there is none that can be used. Raises `StorageError`."""
    data = output.read(completion_part(key))
    if data is None:
        return None
    try:
        found = _COMPLETIONS.decode(data)
    except (msgspec.MsgspecError, ValueError):
        return None
    return found if found.form == FORM else None


class Freshness:
    """Tells whether what units gave before is what they would give now, as of one moment."""

    def __init__(self, output: Output, recipe: Recipe) -> None:
        self._output = output
        self._recipe = recipe
        self._all_there = output.presence()

    def of(self, unit: Unit, context: str = "") -> Completion | None:
        """Return a unit's record if it holds: same input, recipe and context, and all its files there."""
        found = completion_of(self._output, unit.key)
        if found is None or found.recipe != self._recipe or found.context != context:
            return None
        return found if self._same_input(unit, found) and self._whole(unit.key, found) else None

    def of_places(self, unit: Unit) -> Completion | None:
        """The same of any part of a unit that tells where its records lie, whatever the recipe."""
        for one in (unit, msgspec.structs.replace(unit, part=PLACES)):
            found = completion_of(self._output, one.key)
            if found is not None and self._all_there([places_part(unit.id)]) and self._same_input(one, found):
                return found
        return None

    def _same_input(self, unit: Unit, found: Completion) -> bool:
        facts = found.input
        if (facts.bytes, facts.kind, facts.settings) != (unit.size, unit.kind, unit.settings):
            return False
        if unit.kind == CDXJ:  # nobody keeps the digests of the files that it selects from
            return False
        with contextlib.suppress(OSError):
            if (
                self._output.seen(completion_part(unit.key), _bytes_of(found))
                == where(unit).stat().st_mtime_ns
            ):
                return True
        return file_sha256(where(unit), unit.size) == found.input.sha256

    def _whole(self, key: str, found: Completion) -> bool:
        data = self._output.read(manifest_part(key))
        if data is None or hashlib.sha256(data).hexdigest() != found.manifest_sha256:
            return False
        try:
            return self._all_there(entry.path for entry in entries(io.BytesIO(data)))
        except ValueError:
            return False


def entries(manifest: BinaryIO) -> Iterator[Written]:
    """Yield what a unit's list of files names. Raises OSError."""
    for line in manifest:
        yield manifest_entry(line)


def _entries_at(path: Path) -> Iterator[Written]:
    with path.open("rb") as file:
        yield from entries(file)

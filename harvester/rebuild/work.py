"""What is done to one unit: its records looked at, its files written, its completion record last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from harvester.engines.engine import Beat, no_beat
from harvester.errors import DefectError
from harvester.parts import PartFile, Written
from harvester.rebuild.brought.kinds import CDXJ, JSONL, PARQUET
from harvester.rebuild.brought.looks import SelectionLook, TableLook
from harvester.rebuild.completion import (
    FORM,
    Completion,
    Freshness,
    InputFacts,
    Recipe,
    complete,
    manifest_part,
    set_aside,
)
from harvester.rebuild.inputs import file_sha256
from harvester.rebuild.look import Look, PlacesLook, RevisitsLook, Terms, Told, WebLook
from harvester.rebuild.outputs.base import Output
from harvester.rebuild.places import revisits_part
from harvester.rebuild.reading import where
from harvester.rebuild.sinks import Sink, sinks_for
from harvester.rebuild.unit import MAX_LISTED, PLACES, REVISITS, WEB, Done, Looked, Unit


@dataclass(frozen=True, slots=True)
class UnitWork:
    """The `Work` of a rebuild (harvester.engines.engine): picklable, and the same wherever it runs.

    `hidden` are the captures taken down, `catalogue` names the database of all inputs' records for the second
    parts, `context` is a digest of what those depend on beside their own input.
    """

    output: Output
    recipe: Recipe
    hidden: frozenset[str] = frozenset()
    catalogue: str | None = None
    context: str = ""

    def reachable(self) -> None:
        """Raise `StorageError` on a machine that does not see the output."""
        self.output.reachable()

    def __call__(self, unit: Unit, beat: Beat = no_beat) -> Done:
        if unit.part == PLACES:
            known = Freshness(self.output, self.recipe).of_places(unit)
            if known is not None:  # by another share, since it was asked
                return msgspec.structs.replace(known.done, part=PLACES, looked_at=0, outcomes={})
        mtime_ns = _mtime_ns(unit)
        if unit.part != PLACES:  # which two shares may write at a time, and alike
            set_aside(self.output, unit.key)
        with self.output.workplace() as place, self._catalogue_of(unit) as catalogue:
            if unit.part == REVISITS:
                self.output.bring(revisits_part(unit.id), place)
            terms = Terms(place, self.recipe.options, self.hidden, catalogue)
            done, manifest = self._made(unit, terms, beat)
            if manifest is not None:
                complete(self.output, place, unit.key, self._completion(unit, done, manifest), mtime_ns)
            return done

    def _catalogue_of(self, unit: Unit) -> AbstractContextManager[Path | None]:
        if unit.part != REVISITS or self.catalogue is None:
            return nullcontext()
        return self.output.shared(self.catalogue)

    def _made(self, unit: Unit, terms: Terms, beat: Beat) -> tuple[Done, _Manifest | None]:
        """Make a unit's files in a workplace; without a list of them if the input could not be read."""
        sinks = [] if unit.part == PLACES else sinks_for(terms.options, terms.place, unit.key)
        look = _look(unit, terms, beat)
        tally = _Tally(sinks)
        try:
            for looked in look:
                tally.put(looked)
            told = look.told()
            done = tally.done(unit, told)
            if any(problem.kind == "unreadable" for problem in done.problems):
                _abort(sinks, look)
                return done, None  # without a completion record: the next run tries again
            manifest = _Manifest(terms.place, unit.key)
            manifest.take(told.parts)
            for sink in sinks:
                manifest.take(sink.close())
        except BaseException:
            _abort(sinks, look)
            raise
        manifest.close()
        return done, manifest

    def _completion(self, unit: Unit, done: Done, manifest: _Manifest) -> Completion:
        return Completion(
            form=FORM,
            input=InputFacts(
                name=unit.name,
                bytes=unit.size,
                sha256=file_sha256(where(unit), unit.size),
                kind=unit.kind,
                settings=unit.settings if unit.kind != CDXJ else (),  # its only one is a place
            ),
            recipe=self.recipe,
            context=self.context,
            done=done,
            files=manifest.files,
            manifest_sha256=manifest.sha256,
        )


_LOOKS: Final[dict[tuple[str, str], Callable[[Unit, Terms, Beat], Look]]] = {
    (WEB, ""): WebLook,
    (WEB, REVISITS): RevisitsLook,
    (WEB, PLACES): PlacesLook,
    (PARQUET, ""): TableLook,
    (JSONL, ""): TableLook,
    (CDXJ, ""): SelectionLook,
}
"""Who looks at a unit, by its kind and part."""


def _look(unit: Unit, terms: Terms, beat: Beat) -> Look:
    try:
        return _LOOKS[unit.kind, unit.part](unit, terms, beat)
    except KeyError as error:
        raise DefectError(f"nobody reads units of kind {unit.kind!r}, part {unit.part!r}") from error


class _Tally:
    """Passes on what came of each record, and counts it where it is written."""

    def __init__(self, sinks: Sequence[Sink]) -> None:
        self._sinks = sinks
        self._outcomes: Counter[str] = Counter()
        self._left_out = 0
        self._why: dict[str, dict[str, _Same]] = {"failed": {}, "unresolved": {}}

    def put(self, looked: Looked) -> None:
        row = looked.row
        if row is None:
            self._left_out += 1
            return
        for sink in self._sinks:
            sink.put(row, looked.found, looked.record)
        self._outcomes[row.outcome] += 1
        why = self._why.get(row.outcome)
        if why is not None:
            detail = row.detail or row.record_id or ""
            same = why.get(detail)
            if same is not None:
                same.count += 1
            elif len(why) < MAX_LISTED:
                where = f"{row.file}, row {row.row}: " if row.row is not None else ""
                why[detail] = _Same(where + detail)

    def done(self, unit: Unit, told: Told) -> Done:
        return Done(
            key=unit.key,
            part=unit.part,
            looked_at=told.looked_at,
            records=told.records,
            deferred=told.deferred,
            problems=told.problems,
            tombstones=told.tombstones,
            hidden=told.hidden,
            outcomes=dict(sorted(self._outcomes.items())),
            left_out=self._left_out,
            failed=tuple(same.words for same in self._why["failed"].values()),
            unresolved=tuple(same.words for same in self._why["unresolved"].values()),
        )


@dataclass(slots=True)
class _Same:
    """Rows with one reason: a file that is not there is told of once, not for every line that names it."""

    first: str
    count: int = 1

    @property
    def words(self) -> str:
        return self.first if self.count == 1 else f"{self.first} (and {self.count - 1} more like it)"


def _abort(sinks: Sequence[Sink], look: Look) -> None:
    for sink in sinks:
        sink.abort()
    look.abort()


def _mtime_ns(unit: Unit) -> int:
    try:
        return where(unit).stat().st_mtime_ns
    except OSError:  # the look tells of it
        return 0


class _Manifest:
    """The list of a unit's files while it is written."""

    def __init__(self, place: Path, key: str) -> None:
        self.files = 0
        self.sha256 = ""
        self._part = PartFile(place, manifest_part(key))

    def take(self, written: Iterable[Written]) -> None:
        for one in written:
            self._part.write(f"{one.sha256}  {one.path}\n".encode())
            self.files += 1

    def close(self) -> None:
        self.sha256 = self._part.close().sha256

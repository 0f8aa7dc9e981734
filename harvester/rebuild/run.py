"""A rebuild from inputs to report: what is to be done, done by an engine, and put together.

The first round reads every unit that is not done yet, and notes where records lie. Only then is it known what
all inputs hold. So in the second, units with captures that a tombstone elsewhere hides are done again; and
revisits, put by in the first, are resolved and read, as the second part of their units.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from archive.disk import SYSTEM_DISK, TEMPORARY_PREFIX, storage_errors, write_file
from archive.originals import Catalogue
from harvester.engines.engine import Engine, InProcess
from harvester.rebuild.brought.bringing import Bringing
from harvester.rebuild.completion import completion_of, is_fresh, recipe_for, same_input, set_aside
from harvester.rebuild.inputs import units_of
from harvester.rebuild.merge import Ownership, merge_captures, remove_left_over
from harvester.rebuild.places import fill, places_part
from harvester.rebuild.plan import check_output, locked, refuse_strangers, remove_shares, remove_temporaries
from harvester.rebuild.progress import Progress, Quiet
from harvester.rebuild.reading import where
from harvester.rebuild.report import REPORT, Report, report_bytes, report_of
from harvester.rebuild.shards import Shard
from harvester.rebuild.sinks import UNITS
from harvester.rebuild.takedowns import counted, hidden_in_indexes
from harvester.rebuild.unit import PLACES, REVISITS, WEB, Done, Options, Tombstone, Unit
from harvester.rebuild.work import UnitWork
from harvester.tables.arrow import require_pyarrow


def rebuild(  # noqa: PLR0913 - options of one call, by name
    inputs: Sequence[Path | str],
    output: Path,
    options: Options | None = None,
    *,
    engine: Engine | None = None,
    shard: Shard | None = None,
    prune: bool = False,
    progress: Progress | None = None,
    bringing: Bringing | None = None,
) -> Report:
    """Make the documents and tables of web archives in `output`, and return what was met.

    What is there already of the same inputs, versions and options is not made again. With a `shard`, only
    its units are done, and nothing is put together: a run without one does that. `prune` removes the results
    of inputs that are not named any more; `bringing` says how tables and selections are to be read. Raises
    `UsageError` for inputs that are not there, or an output that is not to be written into, `StorageError`
    where the output does not take it.
    """
    options = options or Options()
    if options.format == "parquet":
        require_pyarrow()  # now rather than in a worker
    units = units_of(inputs, bringing, output)
    check_output(output)
    with locked(output, shared=shard is not None):
        if shard is None:
            remove_temporaries(output)
        refuse_strangers(output, units, prune=prune)
        work = UnitWork(output, recipe_for(options))
        report = _Run(units, work, engine or InProcess(), shard, progress or Quiet()).whole()
        if shard is None:
            remove_temporaries(output)  # of workers that died
        return report


class _Run:
    """One run. `_dones` are of all units that are done, by key: by earlier runs, if they hold, or by this."""

    def __init__(
        self, units: Sequence[Unit], work: UnitWork, engine: Engine, shard: Shard | None, progress: Progress
    ) -> None:
        self._all = units
        self._units = [unit for unit in units if shard is None or shard.has(unit)]
        self._work = work
        self._output = work.output
        self._engine = engine
        self._shard = shard
        self._progress = progress
        self._dones: dict[str, Done] = {}
        self._inputs: dict[str, str] = {}  # digests of the files, by the units' ids
        self._catalogue = work.output / UNITS / f"{TEMPORARY_PREFIX}{os.urandom(8).hex()}.sqlite"

    def whole(self) -> Report:
        """Do what is missing, put all together, and report."""
        try:
            self._first_round()
            dones = [self._dones[unit.key] for unit in self._units]
            if any(done.deferred or done.hidden for done in dones) or self._tombstones():
                self._second_round()
            return self._together()
        finally:
            self._catalogue.unlink(missing_ok=True)

    def _first_round(self) -> None:
        missing = [unit for unit in self._units if not self._holds(unit)]
        own = {unit.id for unit in self._units}
        elsewhere = [unit for unit in self._all if unit.kind == WEB and unit.id not in own]
        unknown = [unit for unit in elsewhere if not self._places_hold(unit)]
        hidden = hidden_in_indexes(self._all) | counted(self._tombstones(), self._all, None)
        self._work = dataclasses.replace(self._work, hidden=hidden)
        self._do("reading", missing)
        self._do("finding records", [replace(unit, part=PLACES) for unit in unknown])

    def _holds(self, unit: Unit, context: str = "") -> bool:
        """Tell whether an earlier run did a unit as this one would, and take that then."""
        found = completion_of(self._output, unit.key)
        if found is None or not is_fresh(self._output, unit, found, self._work.recipe, context):
            return False
        if any(problem.kind == "growing" for problem in found.done.problems):
            return False  # it may be closed since, and judged as a whole
        self._dones[unit.key] = found.done
        self._inputs[unit.id] = found.input.sha256
        return True

    def _places_hold(self, unit: Unit) -> bool:
        """The same for a unit of another share, of which only the places and tombstones are wanted."""
        part = replace(unit, part=PLACES)
        for one in (unit, part):
            found = completion_of(self._output, one.key)
            there = (self._output / places_part(unit.id)).exists()
            if found is not None and there and same_input(self._output, one, found):
                self._dones[part.key] = found.done
                self._inputs[unit.id] = found.input.sha256
                return True
        return False

    def _do(self, what: str, units: Sequence[Unit]) -> None:
        if not units:
            return
        self._progress.begin(what, len(units), sum(unit.size for unit in units))
        for done in self._engine.run(units, self._work, self._progress.at):
            self._dones[done.key] = done
            completed = completion_of(self._output, done.key)
            if completed is not None:
                self._inputs[done.key.partition("-")[0]] = completed.input.sha256
            self._progress.behind(done)

    def _tombstones(self) -> list[Tombstone]:
        return [stone for done in self._dones.values() for stone in done.tombstones]

    def _second_round(self) -> None:
        """Do again what hides too little or too much by what is known now, and then the revisits."""
        with Catalogue(self._catalogue) as catalogue:
            for unit in self._all:
                if unit.kind == WEB and unit.id in self._inputs:
                    fill(catalogue, self._output, unit)
            catalogue.commit()
            hidden = counted(self._tombstones(), self._all, catalogue)
            again = [unit for unit in self._units if self._hides_otherwise(unit, hidden, catalogue)]
        context = self._context(hidden)
        self._work = dataclasses.replace(self._work, hidden=hidden)
        self._do("taking down", again)
        self._work = dataclasses.replace(self._work, catalogue=self._catalogue, context=context)
        parts = [replace(unit, part=REVISITS) for unit in self._units if self._dones[unit.key].deferred]
        self._do("revisits", [unit for unit in parts if not self._holds(unit, context)])

    def _hides_otherwise(self, unit: Unit, hidden: frozenset[str], catalogue: Catalogue) -> bool:
        done = self._dones[unit.key]
        if done.looked_at == 0:
            return False
        here = {one for one in hidden if where(unit) in catalogue.paths_of(one)}
        return here != set(done.hidden)

    def _context(self, hidden: frozenset[str]) -> str:
        """Return a digest of what a revisit's reading depends on beside its own file: all inputs."""
        words = [f"{unit_id} {sha256}" for unit_id, sha256 in sorted(self._inputs.items())]
        return hashlib.sha256("\n".join([*words, *sorted(hidden)]).encode()).hexdigest()

    def _together(self) -> Report:
        own = {unit.key for unit in self._units} | {replace(unit, part=REVISITS).key for unit in self._units}
        dones = {key: done for key, done in sorted(self._dones.items()) if key in own}
        whole = [key for key in dones if completion_of(self._output, key) is not None]
        conflicts: tuple[str, ...] = ()
        rows: int | None = None
        if self._shard is None:
            for key in own - set(whole):
                set_aside(self._output, key)
            remove_shares(self._output)
            with Ownership() as ownership:
                ownership.take(self._output, whole)
                self._settle(ownership)
                conflicts = tuple(self._disputed(ownership))
                remove_left_over(self._output, ownership)
            if self._work.recipe.options.format == "json":
                rows = merge_captures(self._output, whole)
        report = report_of(
            dones.values(),
            files=len(self._units),
            input_bytes=sum(unit.size for unit in self._units),
            rows=rows,
            conflicts=conflicts,
        )
        name = self._shard.report if self._shard else REPORT
        with storage_errors("cannot write", self._output / name):
            write_file(SYSTEM_DISK, self._output / name, report_bytes(report))
        return report

    def _settle(self, ownership: Ownership) -> None:
        """Where two units gave one file different bytes, let those of the first stand, whoever came last."""
        units = {unit.key: unit for unit in self._units}
        for key in ownership.wrong(self._output):
            unit = units.get(key) or replace(units[key.partition("-")[0]], part=REVISITS)
            self._work = dataclasses.replace(self._work, context=self._work.context if unit.part else "")
            self._do("settling", [unit])

    def _disputed(self, ownership: Ownership) -> Iterator[str]:
        names = {unit.id: unit.name for unit in self._units}
        for path, key, other in ownership.conflicts():
            first, second = names[key.partition("-")[0]], names[other.partition("-")[0]]
            yield f"{path}: {second} gives other bytes than {first}, whose stand"

"""A rebuild from inputs to report: what is to be done, done by an engine, and put together.

The first round reads every unit that is not done yet, and notes where records lie. Only then is it known what
all inputs hold. So in the second, units with captures that a tombstone elsewhere hides are done again; and
revisits, put by in the first, are resolved and read, as the second part of their units.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from archive.disk import TEMPORARY_PREFIX, storage_errors
from archive.originals import Catalogue
from harvester.engines.engine import Engine, InProcess, held
from harvester.rebuild.brought.bringing import Bringing
from harvester.rebuild.completion import (
    Completion,
    Freshness,
    completion_of,
    completion_part,
    manifest_part,
    recipe_for,
    set_aside,
)
from harvester.rebuild.inputs import units_of
from harvester.rebuild.merge import CAPTURES, Ownership, merge_captures, remove_left_over
from harvester.rebuild.outputs import Hold, output_at
from harvester.rebuild.outputs.base import UNITS
from harvester.rebuild.places import fill, places_part
from harvester.rebuild.plan import refuse_strangers, remove_shares
from harvester.rebuild.progress import Progress, Quiet
from harvester.rebuild.reading import where
from harvester.rebuild.report import REPORT, Report, report_bytes, report_of
from harvester.rebuild.shards import Shard
from harvester.rebuild.status import Status, engine_name
from harvester.rebuild.takedowns import counted, hidden_in_indexes
from harvester.rebuild.unit import PLACES, REVISITS, WEB, Done, Options, Tombstone, Unit
from harvester.rebuild.work import UnitWork
from harvester.tables.arrow import require_pyarrow

_TURNS: Final = 8
"""How often a share asks which files of the others are done by now."""


def rebuild(  # noqa: PLR0913 - options of one call, by name
    inputs: Sequence[Path | str],
    output: Path | str,
    options: Options | None = None,
    *,
    engine: Engine | None = None,
    shard: Shard | None = None,
    prune: bool = False,
    progress: Progress | None = None,
    bringing: Bringing | None = None,
) -> Report:
    """Make the documents and tables of web archives in `output`, a folder or a URL; return what was met.

    What is there already of the same inputs, versions and options is not made again. With a `shard`, only
    its units are done, and nothing is put together: a run without one does that. `prune` removes the results
    of inputs that are not named any more; `bringing` says how tables and selections are to be read. Raises
    `UsageError` for inputs that are not there, or an output that is not to be written into, `StorageError`
    where the output does not take it.
    """
    options = options or Options()
    if options.format == "parquet":
        require_pyarrow()  # now rather than in a worker
    target = output_at(output)
    units = units_of(inputs, bringing, target.root)
    target.check()
    engine = engine or InProcess()
    with target.holding(str(shard) if shard else None) as hold:
        if shard is None:
            target.tidy()
        refuse_strangers(target, units, prune=prune)
        work = UnitWork(target, recipe_for(options))
        with Status(target, engine_name(engine), shard, progress or Quiet()) as status, held(engine):
            report = _Run(units, work, engine, shard, status, hold).whole()
        if shard is None:
            target.tidy()  # after workers that died
        return report


class _Run:
    """One run. `_dones` are of all units that are done, by key: by earlier runs, if they hold, or by this."""

    def __init__(
        self,
        units: Sequence[Unit],
        work: UnitWork,
        engine: Engine,
        shard: Shard | None,
        status: Status,
        hold: Hold,
    ) -> None:
        self._all = units
        self._units = [unit for unit in units if shard is None or shard.has(unit)]
        self._work = work
        self._output = work.output
        self._engine = engine
        self._shard = shard
        self._status = status
        self._hold = hold
        self._dones: dict[str, Done] = {}
        self._inputs: dict[str, str] = {}  # digests of the files, by the units' ids
        self._catalogue = f"{UNITS}/{TEMPORARY_PREFIX}{os.urandom(8).hex()}.sqlite"

    def whole(self) -> Report:
        """Do what is missing, put all together, and report."""
        self._first_round()
        dones = [self._dones[unit.key] for unit in self._units]
        if any(done.deferred or done.hidden for done in dones) or self._tombstones():
            try:
                self._second_round()
            finally:
                self._output.unshare(self._catalogue)
        self._hold.check()
        self._status.doing("putting together")
        return self._together()

    def _first_round(self) -> None:
        fresh = Freshness(self._output, self._work.recipe)
        self._status.doing("looking for what is done")
        missing = [unit for unit, held in self._asked(fresh.of, self._units) if not held]
        own = {unit.id for unit in self._units}
        elsewhere = [unit for unit in self._all if unit.kind == WEB and unit.id not in own]
        unknown = self._unknown(elsewhere)
        hidden = hidden_in_indexes(self._all) | counted(self._tombstones(), self._all, None)
        self._work = dataclasses.replace(self._work, hidden=hidden)
        self._status.units(len(self._units), len(self._units) - len(missing))
        self._do("reading", missing)
        for units in self._turns(unknown):
            asked = self._unknown(units)
            self._do("finding records", [replace(unit, part=PLACES) for unit in asked])

    def _turns(self, units: Sequence[Unit]) -> list[list[Unit]]:
        """Return other shares' files in turns, in an order that is this share's own.

        They are walked through after the own are read, and only if nobody did them by then: so of shares that
        run at one time hardly two walk through one file, and none through those that another has read.
        """
        turns: dict[str, list[Unit]] = {}
        for unit in units:
            turn = int(unit.id, 16) // self._shard.count % _TURNS if self._shard else 0
            turns.setdefault(hashlib.sha256(f"{self._shard} {turn}".encode()).hexdigest(), []).append(unit)
        return [turns[key] for key in sorted(turns)]

    def _unknown(self, units: Sequence[Unit]) -> list[Unit]:
        """Return those of other shares' files that nobody walked through; take what is known of the rest."""
        fresh = Freshness(self._output, self._work.recipe)
        return [unit for unit, held in self._asked(fresh.of_places, units, PLACES) if not held]

    def _asked(
        self, ask: Callable[[Unit], Completion | None], units: Sequence[Unit], part: str | None = None
    ) -> Iterator[tuple[Unit, bool]]:
        """Yield of each unit whether an earlier run did it as this one would, and take that then."""
        for found, unit in zip(self._output.each(ask, units), units, strict=True):
            # What was growing may be closed since, and is judged as a whole.
            growing = found is not None and any(problem.kind == "growing" for problem in found.done.problems)
            if found is None or (growing and part is None):
                yield unit, False
                continue
            self._dones[unit.key if part is None else replace(unit, part=part).key] = found.done
            self._inputs[unit.id] = found.input.sha256
            yield unit, True

    def _do(self, what: str, units: Sequence[Unit]) -> None:
        if not units:
            return
        self._status.begin(what, len(units), sum(unit.size for unit in units))
        for done in self._engine.run(units, self._work, self._status.at):
            self._hold.check()
            self._dones[done.key] = done
            completed = completion_of(self._output, done.key)
            if completed is not None:
                self._inputs[done.key.partition("-")[0]] = completed.input.sha256
            self._status.behind(done)

    def _tombstones(self) -> list[Tombstone]:
        return [stone for done in self._dones.values() for stone in done.tombstones]

    def _second_round(self) -> None:
        """Do again what hides too little or too much by what is known now, and then the revisits."""
        with self._output.sharing(self._catalogue) as path, Catalogue(path) as catalogue:
            known = [unit for unit in self._all if unit.kind == WEB and unit.id in self._inputs]
            lists = self._output.files(places_part(unit.id) for unit in known)
            for places, unit in zip(lists, known, strict=True):
                with storage_errors("cannot read the places of", where(unit)):
                    fill(catalogue, unit, places)
            catalogue.commit()
            hidden = counted(self._tombstones(), self._all, catalogue)
            again = [unit for unit in self._units if self._hides_otherwise(unit, hidden, catalogue)]
        context = self._context(hidden)
        self._work = dataclasses.replace(self._work, hidden=hidden)
        self._do("taking down", again)
        self._work = dataclasses.replace(self._work, catalogue=self._catalogue, context=context)
        parts = [replace(unit, part=REVISITS) for unit in self._units if self._dones[unit.key].deferred]
        fresh = Freshness(self._output, self._work.recipe)
        asked = self._asked(lambda unit: fresh.of(unit, context), parts)
        self._do("revisits", [unit for unit, held in asked if not held])

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
        there = {f"{UNITS}/{name}" for name in self._output.listed(UNITS)}
        whole = [key for key in dones if completion_part(key) in there]
        conflicts: tuple[str, ...] = ()
        rows: int | None = None
        if self._shard is None:
            for key in own - set(whole):
                if {completion_part(key), manifest_part(key)} & there:
                    set_aside(self._output, key)
            remove_shares(self._output)
            with Ownership() as ownership:
                ownership.take(self._output, whole)
                self._settle(ownership)
                conflicts = tuple(self._disputed(ownership))
                remove_left_over(self._output, ownership)
            if self._work.recipe.options.format == "json":
                rows = merge_captures(self._output, whole)
            else:
                self._output.remove([CAPTURES])  # of a run in that form
        report = report_of(
            dones.values(),
            files=len(self._units),
            input_bytes=sum(unit.size for unit in self._units),
            rows=rows,
            conflicts=conflicts,
        )
        self._output.write(self._shard.report if self._shard else REPORT, report_bytes(report))
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

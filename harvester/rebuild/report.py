"""What a rebuild met, added up: inputs against the sum of outcomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

import msgspec

from harvester.exits import Exit
from harvester.rebuild.unit import MAX_LISTED, REVISITS, Done, Problem

REPORT: Final = "report.json"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a rebuild met; the same for the same inputs, however it was run.

    `responses` are the records that were looked at (responses, revisits, resources), counted where records
    are read; `outcomes` are counted where rows are written, `left_out` by --since and --site. `whole` says
    that nothing vanished in between. `documents` counts rows of articles, `document_files` those of
    different ids. `records` counts all records by type. Lists hold at most a thousand entries; tables and
    `units/` have all.
    """

    files: int
    input_bytes: int
    records: dict[str, int]
    responses: int
    outcomes: dict[str, int]
    left_out: int
    documents: int
    whole: bool
    damaged: tuple[str, ...]
    unreadable: tuple[str, ...]
    lost: tuple[str, ...]
    conflicts: tuple[str, ...]
    growing: tuple[str, ...]
    unresolved: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()

    @property
    def exit(self) -> Exit:
        """The code of the run: 5 for inputs that could not be read, 1 for anything else amiss."""
        if self.unreadable:
            return Exit.STORAGE
        amiss = (self.damaged, self.lost, self.conflicts, not self.whole)
        bad = self.outcomes.get("failed", 0) + self.outcomes.get("unresolved", 0)
        return Exit.NEGATIVE if any(amiss) or bad else Exit.DONE


def report_of(
    dones: Iterable[Done],
    *,
    files: int,
    input_bytes: int,
    rows: int | None,
    conflicts: tuple[str, ...],
) -> Report:
    """Add up what all units gave. `rows` is how many rows there are in the merged table, None without one."""
    records: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    problems: list[Problem] = []
    failed: list[str] = []
    unresolved: list[str] = []
    looked_at = left_out = deferred = taken_up = 0
    for done in dones:
        records.update(done.records)
        outcomes.update(done.outcomes)
        problems += done.problems
        left_out += done.left_out
        deferred += done.deferred
        failed += done.failed
        unresolved += done.unresolved
        if done.part == REVISITS:  # counted in the first part already
            taken_up += done.looked_at
        else:
            looked_at += done.looked_at
    written = sum(outcomes.values())
    whole = looked_at == written + left_out and taken_up == deferred and rows in {None, written}
    kinds = ("damaged", "unreadable", "lost", "growing")
    listed = {kind: tuple(_words(one) for one in problems if one.kind == kind)[:MAX_LISTED] for kind in kinds}
    return Report(
        files=files,
        input_bytes=input_bytes,
        records=dict(sorted(records.items())),
        responses=looked_at,
        outcomes=dict(sorted(outcomes.items())),
        left_out=left_out,
        documents=outcomes["ok"],
        whole=whole,
        conflicts=conflicts[:MAX_LISTED],
        failed=tuple(failed[:MAX_LISTED]),
        unresolved=tuple(unresolved[:MAX_LISTED]),
        **listed,
    )


def _words(problem: Problem) -> str:
    return problem.detail if problem.file in problem.detail else f"{problem.file}: {problem.detail}"


def report_bytes(report: Report) -> bytes:
    """Return the report as the file `report.json` has it."""
    return msgspec.json.format(msgspec.json.encode(report, order="sorted"), indent=2) + b"\n"

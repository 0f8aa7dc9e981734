"""One line of the table: a kind of fault, how often it was tried, and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.faults.scenario import Promises, Verdict

_SHOWN = 5


@dataclass
class Row:
    """Counts over all points of one kind of fault. `failures` are the first things that went wrong."""

    kind: str
    points: int = 0
    promised: int = 0
    lost: int = 0
    false_whole: int = 0
    unclear: int = 0
    stuck: int = 0
    note: str = ""
    skipped: str | None = None
    failures: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Tell whether nothing went wrong, and something was tried."""
        wrong = self.lost + self.false_whole + self.unclear + self.stuck
        return not wrong and (self.points > 0 or self.skipped is not None)

    def add(self, point: object, promises: Promises, verdict: Verdict) -> None:
        """Count one point."""
        self.points += 1
        self.promised += len(promises.records) + len(promises.derived) + len(promises.taken)
        self.lost += len(verdict.lost)
        self.false_whole += len(verdict.false_whole)
        self.unclear += len(verdict.unclear)
        self.stuck += len(verdict.stuck)
        wrong = [*verdict.lost, *verdict.false_whole, *verdict.unclear, *verdict.stuck]
        self.failures += [f"{point}: {what}" for what in wrong][: _SHOWN - len(self.failures)]

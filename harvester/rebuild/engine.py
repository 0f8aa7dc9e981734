"""The seam between what is done to a unit and who does it: this process, a pool here, or a cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from harvester.rebuild.unit import Done, Unit


class Beat(Protocol):
    """Told by the work where it is: bytes of the file that are behind it, and the number of the record that
    it is about to read (0: between records).
    """

    def __call__(self, position: int, record: int) -> None: ...


class Work(Protocol):
    """What is done to a unit: a picklable callable, the same wherever it runs.

    It leaves the unit's files and its completion record. Raises `StorageError` where the output does not
    take them, which ends the run; what is wrong with the input is in the `Done`.
    """

    def __call__(self, unit: Unit, beat: Beat) -> Done: ...


class Tell(Protocol):
    """Told by an engine how far a unit is: bytes that are behind it."""

    def __call__(self, unit: Unit, position: int) -> None: ...


class Engine(Protocol):
    """Does the work on all units, in any order, each to its end once; gives a `Done` for each of them.

    A unit whose worker died for good has a problem of kind `lost`.
    """

    def run(self, units: Sequence[Unit], work: Work, tell: Tell) -> Iterator[Done]: ...


def no_beat(position: int, record: int) -> None:
    """Tell nobody."""


class InProcess:
    """One unit after the other, in this process."""

    def run(self, units: Sequence[Unit], work: Work, tell: Tell) -> Iterator[Done]:
        for unit in units:
            yield work(unit, _telling(unit, tell))


def _telling(unit: Unit, tell: Tell) -> Beat:
    def beat(position: int, record: int) -> None:  # noqa: ARG001 - the form of a Beat
        tell(unit, position)

    return beat

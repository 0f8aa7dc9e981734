"""The seam between what is done to a unit and who does it: this process, a pool here, or a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final, Protocol, Self, TypeVar

D_co = TypeVar("D_co", covariant=True)
D = TypeVar("D")
J_contra = TypeVar("J_contra", contravariant=True)


class Job(Protocol[D_co]):
    """A unit as engines know it: a picklable value. `size` is what its work takes time by, mostly bytes."""

    @property
    def key(self) -> str: ...
    @property
    def size(self) -> int: ...

    def lost(self, why: str) -> D_co:
        """Return what is known of it when its workers died for good."""

    def without(self, record: int) -> Self | None:
        """Return it without a record at which two workers died; None where that cannot be."""


J = TypeVar("J", bound=Job[Any])


class Beat(Protocol):
    """Told by the work where it is: bytes of the file that are behind it, and the number of the record that
    it is about to read (0: between records).
    """

    def __call__(self, position: int, record: int) -> None: ...


class Work(Protocol[J_contra, D_co]):
    """What is done to a unit: a picklable callable, the same wherever it runs.

    Raises `StorageError` for what ends the run; what is wrong with the unit is in what it returns. One with
    a method `reachable` has it called on each machine of a cluster: it raises `StorageError` where that
    machine does not see what the work needs.
    """

    def __call__(self, unit: J_contra, beat: Beat, /) -> D_co: ...


class Tell(Protocol[J_contra]):
    """Told by an engine how far a unit is: bytes that are behind it."""

    def __call__(self, unit: J_contra, position: int, /) -> None: ...


class Engine(Protocol):
    """Does the work on all units, in any order, each to its end once; gives what came of each of them.

    Of a unit whose worker died for good it gives what `lost` returns.
    """

    def run(self, units: Sequence[J], work: Work[J, D], tell: Tell[J]) -> Iterator[D]: ...


def held(engine: Engine | None) -> AbstractContextManager[None]:
    """Return what keeps an engine ready between the rounds of one job; nothing where beginning costs nothing,
    or where there is no engine.

    An engine that needs it has a method `held` that gives a context manager.
    """
    keeping: Callable[[], AbstractContextManager[None]] | None = getattr(engine, "held", None)
    return keeping() if keeping is not None else nullcontext()


def no_beat(position: int, record: int) -> None:
    """Tell nobody."""


class InProcess:
    """One unit after the other, in this process."""

    name: Final = "local"

    def run(self, units: Sequence[J], work: Work[J, D], tell: Tell[J]) -> Iterator[D]:
        for unit in units:
            yield work(unit, _telling(unit, tell))


def _telling(unit: J, tell: Tell[J]) -> Beat:
    def beat(position: int, record: int) -> None:  # noqa: ARG001 - the form of a Beat
        tell(unit, position)

    return beat

"""What a rebuild asks of its output: few, plain operations on names, so that a store can do them too.

Names are relative to the output, with `/`. A store has neither append nor rename: a unit's files are made in
a workplace of this machine and delivered whole; its completion record is written when they are proven.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeVar

if TYPE_CHECKING:
    from archive.storage.places import Place

UNITS = "units"
"""The folder of what a rebuild knows of its units, inside the output."""

_A = TypeVar("_A")
_B = TypeVar("_B")


class Hold(Protocol):
    """An output that is held by this run."""

    def check(self) -> None:
        """Raise `LockedError` if another run holds it by now."""
        ...


class Output(Protocol):
    """A place for results; picklable. Every method raises `StorageError`, in words, for what fails there."""

    @property
    def root(self) -> Place:
        """The place itself."""
        ...

    def check(self) -> None:
        """Refuse a place that is none for results. Raises `UsageError`."""
        ...

    def holding(self, share: str | None) -> AbstractContextManager[Hold]:
        """Hold the output for a run: alone, or together with other shares. Raises `LockedError`."""
        ...

    def reachable(self) -> None:
        """Refuse (`StorageError`) where this machine does not see the output that the driver means."""
        ...

    def tidy(self) -> None:
        """Remove what runs that were killed left unfinished. Only while it is held alone."""
        ...

    def read(self, name: str) -> bytes | None:
        """Return a small file, None where there is none."""
        ...

    def write(self, name: str, data: bytes, seen: int | None = None) -> None:
        """Put a small file in place, whole and durable.

        `seen` is remembered beside it: the time of last change, in ns, of the input that it speaks of.
        """
        ...

    def seen(self, name: str, data: bytes) -> int | None:
        """Return what was remembered beside a file that has these bytes, None where nothing is known."""
        ...

    def tell(self, name: str, data: bytes) -> None:
        """Put a small file in place for whoever looks on; it need not survive."""
        ...

    def move(self, name: str, new: str) -> None:
        """Give a small file another name."""
        ...

    def remove(self, names: Iterable[str]) -> int:
        """Remove files; return how many there were, as far as that can be told."""
        ...

    def listed(self, folder: str) -> list[str]:
        """Return the names of the files right in a folder, `""` for the output itself; empty without one."""
        ...

    def presence(self) -> Callable[[Iterable[str]], bool]:
        """Return what tells whether files are all there, as of now or later."""
        ...

    def workplace(self) -> AbstractContextManager[Path]:
        """Give a folder of this machine, below which files are made under their names in the output."""
        ...

    def bring(self, name: str, place: Path) -> None:
        """See to it that a file of the output stands in a workplace."""
        ...

    def deliver(self, place: Path, names: Iterable[str]) -> None:
        """Make files durable that stand in a workplace: the first of them before all others."""
        ...

    def shared(self, name: str) -> AbstractContextManager[Path]:
        """Give a file of the output that many units read, to be read in place."""
        ...

    def sharing(self, name: str) -> AbstractContextManager[Path]:
        """Give the path at which to make a file for `shared`, which then finds it."""
        ...

    def unshare(self, name: str) -> None:
        """Remove such a file, and this machine's copy of it."""
        ...

    def files(self, names: Iterable[str]) -> Iterator[BinaryIO]:
        """Yield files opened for reading, in order; each is closed when the next one is asked for."""
        ...

    def each(self, call: Callable[[_A], _B], items: Iterable[_A]) -> Iterator[_B]:
        """Yield what a call gives for each item, in order; at a distance many are under way at a time."""
        ...

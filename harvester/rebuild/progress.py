"""How a run goes, for whoever wants to show it."""

from __future__ import annotations

from typing import Protocol

from harvester.rebuild.unit import Done, Unit


class Progress(Protocol):
    """Told how a run goes. A round `begin`s with its units and bytes; `at` says how many bytes of a unit are
    behind it, and `behind` that it is done.
    """

    def begin(self, what: str, units: int, total_bytes: int) -> None: ...

    def at(self, unit: Unit, position: int) -> None: ...

    def behind(self, done: Done) -> None: ...


class Quiet:
    """Shows nothing."""

    def begin(self, what: str, units: int, total_bytes: int) -> None:
        pass

    def at(self, unit: Unit, position: int) -> None:
        pass

    def behind(self, done: Done) -> None:
        pass

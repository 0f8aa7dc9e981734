"""A share of the units, for job arrays without an engine: by a unit's identity, not its place in a list."""

from __future__ import annotations

from typing import Self

import msgspec

from harvester.errors import UsageError
from harvester.rebuild.unit import Unit


class Shard(msgspec.Struct, frozen=True):
    """Share `number` (from 1) of `count`."""

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `I/N`. Raises `UsageError`."""
        number, slash, count = text.partition("/")
        if not (slash and number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
            raise UsageError(f"{text!r} is no share: say I/N, such as 3/8 for the third of eight")
        return cls(int(number), int(count))

    @property
    def report(self) -> str:
        """Name of the share's own report."""
        return f"report-{self.number}-of-{self.count}.json"

    def has(self, unit: Unit) -> bool:
        """Tell whether a unit is of this share. Its id is a hash already."""
        return int(unit.id, 16) % self.count == self.number - 1

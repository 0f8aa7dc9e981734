"""A share of the units, for job arrays without an engine: by a unit's identity, not its place in a list."""

from __future__ import annotations

from harvester import shards
from harvester.rebuild.unit import Unit


class Shard(shards.Shard, frozen=True):
    """Share `number` (from 1) of `count`, of units."""

    @property
    def report(self) -> str:
        """Name of the share's own report."""
        return f"report-{self.number}-of-{self.count}.json"

    @property
    def progress(self) -> str:
        """Name of the file that says how far the share is."""
        return f"progress-{self.number}-of-{self.count}.json"

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def has(self, unit: Unit) -> bool:
        """Tell whether a unit is of this share. Its id is a hash already."""
        return self.has_digest(unit.id)

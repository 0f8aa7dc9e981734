"""The demonstration: a loopback origin, and the ordinary commands run against it."""

from harvester.demo.story import run

__all__ = ["run"]

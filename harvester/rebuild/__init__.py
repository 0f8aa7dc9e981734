"""Documents made again from WARC files alone; no index, no library, no network."""

from harvester.rebuild.local import Report, rebuild

__all__ = ["Report", "rebuild"]

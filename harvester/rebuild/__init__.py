"""Documents and tables made again from web archives alone: no library, no network.

`rebuild` is the whole; `Unit`, `Done`, `Engine` and `Sink` are its seams.
"""

from harvester.engines.engine import Engine, InProcess
from harvester.rebuild.brought.bringing import Bringing
from harvester.rebuild.report import Report
from harvester.rebuild.run import rebuild
from harvester.rebuild.shards import Shard
from harvester.rebuild.sinks import Sink
from harvester.rebuild.unit import Done, Options, Unit

__all__ = ["Bringing", "Done", "Engine", "InProcess", "Options", "Report", "Shard", "Sink", "Unit", "rebuild"]

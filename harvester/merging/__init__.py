"""Archives joined into one: WARC files copied and checked, what people wrote kept, the derived made from it.

Sources are only read. Each part of an archive is treated on purpose (docs/archive-layout.md, "Joining").
"""

from harvester.merging.merging import merge
from harvester.merging.report import FromSource, Merged

__all__ = ["FromSource", "Merged", "merge"]

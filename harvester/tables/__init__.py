"""The two tables of a rebuild, `documents` and `captures`: their columns, and the files that hold them."""

from harvester.tables.rows import CaptureRow, DocumentRow, to_line

__all__ = ["CaptureRow", "DocumentRow", "to_line"]

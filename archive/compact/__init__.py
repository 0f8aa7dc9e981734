"""Closed WARC files in compact form (`.warc.zst` with dictionaries of their own), and the way back.

The form is the IIPC proposal "Zstandard Compression for WARC Files 1.0": one frame a record, the file's
dictionary in a skippable frame at its start. Copies are made in the archive's folder `compact/`, proven
record by record, and only then may take the originals' place (docs/compact.md).
"""

from __future__ import annotations

from archive.compact.compacting import Compacted, Result, compact
from archive.compact.expanding import expand

__all__ = ["Compacted", "Result", "compact", "expand"]

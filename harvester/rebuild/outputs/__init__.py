"""Where the results of a rebuild go: a folder of this machine, or a URL. One seam for driver and workers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from archive.storage import is_url, place
from harvester.rebuild.outputs.base import Hold, Output
from harvester.rebuild.outputs.folder import Folder

if TYPE_CHECKING:
    from archive.storage import RemotePath

__all__ = ["Folder", "Hold", "Output", "output_at"]


def output_at(named: Path | RemotePath | str) -> Output:
    """Return the output that a user named. Raises `UsageError` for a URL that is none."""
    found = place(named) if not isinstance(named, str) or is_url(named) else Path(named)
    if isinstance(found, Path):
        return Folder(found)
    from harvester.rebuild.outputs.store import Store  # noqa: PLC0415 - only for URLs

    return Store(found)

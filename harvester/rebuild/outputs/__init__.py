"""Where the results of a rebuild go: a folder of this machine, or a URL. One seam for driver and workers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from archive.disk import storage_errors
from archive.layout import MARKER
from archive.storage import is_url, place
from archive.storage.places import children
from harvester.rebuild.outputs.base import UNITS, Hold, Output
from harvester.rebuild.outputs.folder import Folder

if TYPE_CHECKING:
    from archive.storage import RemotePath

__all__ = ["Folder", "Hold", "Output", "others_in", "output_at"]


def output_at(named: Path | RemotePath | str) -> Output:
    """Return the output that a user named. Raises `UsageError` for a URL that is none."""
    found = place(named) if not isinstance(named, str) or is_url(named) else Path(named)
    if isinstance(found, Path):
        return Folder(found)
    from harvester.rebuild.outputs.store import Store  # noqa: PLC0415 - only for URLs

    return Store(found)


def others_in(named: str) -> list[str]:
    """Return the names of what lies in a place that is no output yet: results would stand beside it.

    Raises `UsageError` as `output_at`, `StorageError` where it cannot be looked into.
    """
    root = output_at(named).root
    if isinstance(root, Path) and not root.is_dir():
        return []
    with storage_errors("cannot look into", root):
        names = [path.name for path in children(root)]
    known = UNITS in names or MARKER in names  # the latter is refused
    return [] if known else [name for name in names if not name.startswith(".")]

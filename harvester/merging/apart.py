"""Originals that are kept apart (`quarantine/`), brought along: private here as they were there."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final, NamedTuple

from harvester.errors import HarvesterError
from harvester.imports.quarantine import FOLDER, keep_apart
from harvester.inputs import read_file

_NAME: Final = re.compile(r"[0-9a-f]{64}")
_MAX_BYTES: Final = 1 << 30


class Apart(NamedTuple):
    """How many came, and what did not, with why."""

    new: int
    failed: tuple[tuple[str, str], ...]


def bring_along(source: Path, target: Path) -> Apart:
    """Copy the originals that the target has not, each held against its name. Raises `StorageError`."""
    new, failed = 0, []
    for path in sorted((source / FOLDER).glob("*")):
        if not _NAME.fullmatch(path.name) or (target / FOLDER / path.name).exists():
            continue
        try:
            data = read_file(path, _MAX_BYTES, "an original that is kept apart")
        except HarvesterError as error:
            failed.append((f"{FOLDER}/{path.name}", str(error)))
            continue
        if hashlib.sha256(data).hexdigest() != path.name:
            failed.append((f"{FOLDER}/{path.name}", "it is not the one its name says: restore it"))
            continue
        keep_apart(target, path.name, data)
        new += 1
    return Apart(new, tuple(failed))

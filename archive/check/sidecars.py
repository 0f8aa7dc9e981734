"""The digest beside a file (`NAME.sha256`) against the file's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from archive.check.findings import Tell
from archive.disk import explain
from archive.layout import SIDECAR_SUFFIX
from archive.storage.places import is_remote, sha256_of

if TYPE_CHECKING:
    from archive.storage.places import Place

_SIDECAR = re.compile(rb"([0-9a-f]{64})  ([^\r\n/]{1,255})\n")
_MAX_SIDECAR_BYTES: Final = 1024


def check_sidecar(path: Place, tell: Tell, *, required: bool) -> None:
    """Compare a file with the digest beside it; with `required`, tell that there is none."""
    sidecar = path.parent / (path.name + SIDECAR_SUFFIX)
    try:
        with sidecar.open("rb") as file:
            said = file.read(_MAX_SIDECAR_BYTES)
    except FileNotFoundError:
        if required:
            tell("W060", f"there is no {sidecar.name}")
        return
    except PermissionError as error:
        if required or not is_remote(path):  # a store that may not be listed says so of what is not there
            tell("E099", f"{sidecar.name}: {explain(error)}")
        return
    except OSError as error:
        tell("E099", f"{sidecar.name}: {explain(error)}")
        return
    found = _SIDECAR.fullmatch(said)
    if found is None or found.group(2) != path.name.encode():
        tell("E061", f"{sidecar.name} holds {said[:100]!r}")
        return
    try:
        actual = sha256_of(path)
    except OSError as error:
        tell("E099", explain(error))
        return
    stated = found.group(1).decode()
    if actual != stated:
        tell("E060", f"sha256 {stated} is listed, {actual} is there")

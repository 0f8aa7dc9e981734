"""What a mirror vouches for: one line a file that was read back from the store and found equal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from archive.errors import IntegrityError

if TYPE_CHECKING:
    from archive.storage.remote import RemotePath

MANIFEST: Final = "harvester-mirror.jsonl"
_MAX_MANIFEST_BYTES: Final = 4 << 30


@dataclass(frozen=True, slots=True)
class Stored:
    """A file at the store, by its path relative to the archive's root: bytes, and SHA-256 in hexadecimal.

    `gone`: the archive has it no more (purged, compacted, made again under another name).
    """

    path: str
    size: int
    sha256: str
    gone: bool = False


def read_manifest(target: RemotePath) -> dict[str, Stored]:
    """Return what the mirror vouches for; empty where there is no mirror yet.

    Raises `IntegrityError` for a manifest that is none, `OSError` for a store that cannot be read.
    """
    listed = target / MANIFEST
    found: dict[str, Stored] = {}
    if not listed.exists():
        return found
    with listed.open() as file:
        for number, line in enumerate(file, 1):
            stored = _read(line)
            if stored is None:
                raise IntegrityError(
                    f"{listed}: line {number} is none of a mirror's; delete that file and sync again: "
                    "every file is then compared anew",
                    path=str(listed),
                )
            found[stored.path] = stored
    return found


def manifest_bytes(entries: Mapping[str, Stored] | Iterable[Stored]) -> bytes:
    """Return the manifest's one form: lines sorted by path."""
    values = entries.values() if isinstance(entries, Mapping) else entries
    lines = (_line(one) for one in sorted(values, key=lambda one: one.path))
    return "".join(line + "\n" for line in lines).encode()


def _line(one: Stored) -> str:
    value = {"path": one.path, "sha256": one.sha256, "size": one.size}
    return json.dumps(value | ({"gone": True} if one.gone else {}), ensure_ascii=False, sort_keys=True)


def _read(line: bytes) -> Stored | None:
    try:
        value = json.loads(line)
        path, size, digest, gone = value["path"], value["size"], value["sha256"], value.get("gone", False)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if not (isinstance(path, str) and type(size) is int and isinstance(digest, str) and type(gone) is bool):
        return None
    return Stored(path, size, digest, gone)

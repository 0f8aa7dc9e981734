"""A WACZ package for checking (WACZ 1.1.1): its list of files, their digests, and the WARCs inside."""

from __future__ import annotations

import hashlib
import json
import zipfile
from typing import Any, Final

from archive.check.findings import Tell
from archive.errors import WarcError
from archive.foreign.packages import ARCHIVE_SUFFIXES, Package

DATAPACKAGE: Final = "datapackage.json"
DATAPACKAGE_DIGEST: Final = "datapackage-digest.json"
_MAX_JSON_BYTES: Final = 4 * 1024 * 1024  # parsed, it may take thirty times as much
_UNLISTED_BY_RULE: Final = frozenset({DATAPACKAGE, DATAPACKAGE_DIGEST})


def check_package(package: Package, tell: Tell) -> None:
    """Tell what is wrong with the package as a package; the WARCs inside are for the walk to judge."""
    for name in package.odd:
        tell("W092", f"{name[:200]!r}")
    for name in package.archives():
        if package.members[name].compress_type != zipfile.ZIP_STORED:
            tell("W091", name)
    if not package.archives():
        tell("W094", "no name in it ends as those of web archives do")
    listing = _json(package, DATAPACKAGE, tell)
    if isinstance(listing, dict) and isinstance(listing.get("resources"), list):
        _check_resources(package, listing["resources"], tell)
    elif listing is not None:
        tell("E091", f"{DATAPACKAGE} has no list of resources")
    _check_digest(package, tell)


def _json(package: Package, name: str, tell: Tell) -> Any:
    if name not in package.members:
        tell("E091", f"there is no {name}")
        return None
    try:
        return json.loads(package.read(name, _MAX_JSON_BYTES))
    except (ValueError, RecursionError, WarcError) as error:
        tell("E091", f"{name} cannot be read: {error}")
        return None


def _check_resources(package: Package, resources: list[Any], tell: Tell) -> None:
    listed: set[str] = set()
    for entry in resources:
        path = entry.get("path") if isinstance(entry, dict) else None
        if not isinstance(path, str):
            tell("E091", "a resource without a path")
        elif path not in package.members:
            tell("E093", f"{path[:200]!r}")
        elif path not in listed:
            listed.add(path)
            _check_resource(package, path, entry, tell)
    for name in package.members:
        if name not in listed and name not in _UNLISTED_BY_RULE:
            tell("W093", name)


def _check_resource(package: Package, path: str, entry: dict[str, Any], tell: Tell) -> None:
    size = package.members[path].file_size
    if entry.get("bytes") != size:
        tell("E092", f"{path}: listed with {entry.get('bytes')!r} bytes, has {size}")
    stated = entry.get("hash")
    if not isinstance(stated, str):
        tell("E092", f"{path}: listed without a digest")
        return
    actual = _digest(package, path, stated, tell)
    if actual is not None and stated.lower() != actual:
        tell("E092", f"{path}: listed with {stated[:100]}, has {actual}")


def _digest(package: Package, name: str, stated: str, tell: Tell) -> str | None:
    algorithm = stated.partition(":")[0].lower()
    if algorithm not in {"sha256", "md5"}:  # those that the specification names
        tell("W030", f"{name}: {stated[:80]}")
        return None
    running = hashlib.new(algorithm, usedforsecurity=False)
    try:
        with package.open(name) as file:
            while data := file.read(1 << 20):
                running.update(data)
    except WarcError as error:
        if not name.lower().endswith(ARCHIVE_SUFFIXES):  # the walk of its records tells it of a WARC
            tell("E095", str(error))
        return None
    return f"{algorithm}:{running.hexdigest()}"


def _check_digest(package: Package, tell: Tell) -> None:
    if DATAPACKAGE_DIGEST not in package.members:
        tell("W090", "whether the list of files is the one that was written cannot be told")
        return
    stated = _json(package, DATAPACKAGE_DIGEST, tell)
    value = stated.get("hash") if isinstance(stated, dict) else None
    if not isinstance(value, str):
        tell("E094", f"{DATAPACKAGE_DIGEST} holds no digest")
    elif DATAPACKAGE in package.members:
        actual = _digest(package, DATAPACKAGE, value, tell)
        if actual is not None and value.lower() != actual:
            tell("E094", f"{value[:100]} is listed, {actual} is there")

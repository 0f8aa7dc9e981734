"""The answer as files: JSON lines, and a table for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from archive.disk import SYSTEM_DISK, storage_errors
from archive.newfile import NewFile
from harvester.dedup.values import Deduplicated, Relation

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of a cell that spreadsheets run as a formula (CSV injection)."""


def write_jsonl(found: Deduplicated, path: Path) -> None:
    """Write a line for each cluster, then one for each relation; `type` tells which. Whole or not at all."""
    _write(path, _lines(found))


def write_csv(found: Deduplicated, path: Path) -> None:
    """Write the relations, each with the cluster of its documents where they have one in common."""
    _write(path, _rows(found))


def _lines(found: Deduplicated) -> Iterator[bytes]:
    for kind, values in (("cluster", found.clusters), ("relation", found.relations)):
        for value in values:
            yield msgspec.json.encode({"type": kind, **msgspec.to_builtins(value)}, order="sorted") + b"\n"


def _rows(found: Deduplicated) -> Iterator[bytes]:
    of = {id_: (cluster.id, cluster.canonical) for cluster in found.clusters for id_ in cluster.members}
    names = Relation.__struct_fields__
    yield _row([*names, "cluster", "canonical"])
    for relation in found.relations:
        mine, other = of.get(relation.a), of.get(relation.b)
        cluster = mine if mine and mine == other else ("", "")
        yield _row([*(getattr(relation, name) for name in names), *cluster])


def _row(values: Iterable[object]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(map(_cell, values))
    return out.getvalue().encode("utf-8", "backslashreplace")


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _write(path: Path, parts: Iterable[bytes]) -> None:
    file = NewFile(path, SYSTEM_DISK, force=True)
    try:
        for part in parts:
            file.write(part)
        with storage_errors("cannot write", path):
            file.commit()
    except BaseException:
        file.discard()
        raise

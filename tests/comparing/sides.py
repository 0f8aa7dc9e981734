"""Sides of a comparison for tests: golden documents written as a rebuild writes them, in each format."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.quality import golden
from fixtures.golden import cases
from harvester.document import Document, PageState
from harvester.rebuild.sinks import TreeSink
from harvester.tables.rows import CaptureRow
from harvester.tables.sinks import TableSink

Found = Document | PageState
FORMS = ("json", "jsonl", "parquet")


@cache
def found() -> tuple[Found, ...]:
    """Return documents and page states of every site, each of a record of its own."""
    return tuple(golden.read(case) for case in sorted(cases(), key=lambda case: case.slug)[::3])


def articles() -> list[Document]:
    return [one for one in found() if isinstance(one, Document)]


def states() -> list[PageState]:
    return [one for one in found() if isinstance(one, PageState)]


def changed(document: Document, **fields: Any) -> Document:
    """Return a document as an older version would have made it."""
    rules = {document.site: f"{document.site}-old"}
    provenance = msgspec.structs.replace(document.provenance, rules=rules, **fields.pop("provenance", {}))
    return msgspec.structs.replace(document, provenance=provenance, **fields)


def row(one: Found) -> CaptureRow:
    return CaptureRow(
        record_id=one.provenance.record_id,
        file="x.warc.gz",
        type="response",
        outcome=one.state,
        id=one.id,
        site=one.site,
    )


def written(folder: Path, form: str, items: Iterable[Found]) -> Path:
    """Write an output of one format, the rows of its records with it."""
    (folder / "units").mkdir(parents=True)
    make: Callable[..., Any] = TreeSink if form == "json" else TableSink
    sink = make(folder, "a") if form == "json" else make(folder, "a", form)
    for one in items:
        sink.put(row(one), one, None)
    list(sink.close())
    part = folder / "units" / "a.captures.jsonl"
    if part.exists():
        part.rename(folder / "captures.jsonl")
    return folder

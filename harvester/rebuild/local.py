"""The first engine: one process, one WARC file after the other, in the order of their names.

A response's note precedes it in our files (harvester.capture.records), so one pass is enough; files
of other tools have no notes, and what is a page there is told by its media type. Revisits come last, when
it is known where in all the files the records lie that they refer to.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from archive import StoredRecord
from archive.layout import MARKER, OPEN_SUFFIX, WARC_SUFFIXES, Layout, check_marker
from archive.originals import Catalogue
from archive.recovery import Walk
from harvester.document import Document, PageState, to_bytes
from harvester.errors import IntegrityError, UnresolvedRevisitError, UsageError
from harvester.inputs import below
from harvester.library import document_path
from harvester.markdown import markdown_bytes
from harvester.pipeline import derive
from harvester.roles import is_import, is_page
from harvester.times import utc_text
from harvester.withdrawal import Withdrawals, withdrawal_of

_WARC_SUFFIXES: Final = (*WARC_SUFFIXES, *(suffix + OPEN_SUFFIX for suffix in WARC_SUFFIXES))
_MAX_NOTES: Final = 1000


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a rebuild met: every response and imported page has one outcome, every damaged file a line.

    `responses` counts revisits too; one whose referred record is in none of the files has the outcome
    `unresolved` and a line in `unresolved`.
    """

    responses: int
    documents: int
    outcomes: dict[str, int]
    damaged: tuple[str, ...]
    unresolved: tuple[str, ...] = ()


def rebuild(
    inputs: Sequence[Path],
    write: Callable[[str, bytes], None],
    progress: Callable[[str], None] = lambda _: None,
) -> Report:
    """Read WARC files and write what `fetch` would have written.

    `write(relative, data)` receives each document's JSON and Markdown under the same relative names
    as in an archive, and `captures.jsonl`: one line a response with its outcome. Damaged files are in
    the report; what is whole, also behind the damage, is used. Raises `UsageError` for inputs that are
    not there, `OSError` for folders that cannot be looked into.
    """
    outcomes: Counter[str] = Counter()
    damaged: list[str] = []
    lines: list[dict[str, str | None]] = []
    with Catalogue() as catalogue:
        taken_down = _withdrawn(inputs)
        for response, metadata in _captures(inputs, catalogue, damaged, progress):
            if taken_down.hides(response.record_id):
                continue
            line = _one(response, metadata, catalogue, write)
            outcomes[line["outcome"] or ""] += 1
            lines.append(line)
    lines.sort(key=lambda line: (line["fetch_date"] or "", line["record_id"] or ""))
    write("captures.jsonl", "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode())
    return Report(
        responses=len(lines),
        documents=outcomes["ok"],
        outcomes=dict(outcomes),
        damaged=tuple(damaged),
        unresolved=tuple(line["detail"] or "" for line in lines if line["outcome"] == "unresolved"),
    )


def _withdrawn(inputs: Sequence[Path]) -> Withdrawals:
    """Read all inputs for tombstones first: they stand behind what they hide."""
    return Withdrawals(
        (found, record.date)
        for path in warc_files(inputs)
        for record in Walk(path, salvage=True).whole_records()
        if (found := withdrawal_of(record)) is not None
    )


def _captures(
    inputs: Sequence[Path], catalogue: Catalogue, damaged: list[str], progress: Callable[[str], None]
) -> Iterator[tuple[StoredRecord, StoredRecord | None]]:
    """Yield what `page_responses` finds in all inputs, revisits last, and note where the records lie."""
    revisits: list[tuple[StoredRecord, StoredRecord | None]] = []
    for path in warc_files(inputs):
        progress(path.name)
        walk = Walk(path, salvage=True)
        for record, metadata in page_responses(catalogue.noting(path, walk.whole_records())):
            if record.type == "revisit":
                revisits.append((record, metadata))  # two heads' worth of memory
            else:
                yield record, metadata
        if walk.problem is not None:
            damaged.append(str(walk.problem))
    yield from revisits


def warc_files(inputs: Iterable[Path]) -> list[Path]:
    """Return the WARC files that archives, folders and file names stand for, sorted by name."""
    found: dict[Path, None] = {}
    for given in inputs:
        if given.is_dir():
            found.update(dict.fromkeys(sorted(_inside(given))))
        elif given.is_file():
            found[given] = None
        else:
            raise UsageError(f"{given} does not exist: name an archive, a folder or WARC files")
    if not found:
        raise UsageError(f"no WARC file in {', '.join(map(str, inputs))}")
    return sorted(found, key=lambda path: (path.name, str(path)))


def _inside(given: Path) -> list[Path]:
    if not (given / MARKER).exists():
        return [path for path in below(given) if path.name.endswith(_WARC_SUFFIXES)]
    layout = Layout(given)
    check_marker(layout)  # an archive of a newer format is refused, not misread
    return [*layout.closed_warcs(), *layout.open_warcs()]


def page_responses(
    records: Iterable[StoredRecord],
) -> Iterator[tuple[StoredRecord, StoredRecord | None]]:
    """Yield each response, revisit and imported page with the note beside it, None where there is none."""
    notes: dict[str, StoredRecord] = {}
    for record in records:
        if record.type == "metadata":
            notes.update(dict.fromkeys(record.get_all("WARC-Concurrent-To"), record))
            while len(notes) > _MAX_NOTES:
                # A note stands right before its response; the oldest ones are of attempts that had none.
                del notes[next(iter(notes))]
        elif record.type in {"response", "revisit"}:
            yield record, notes.pop(record.record_id, None)
        elif record.type == "resource" and is_import(notes.get(record.record_id)):
            yield record, notes.pop(record.record_id)


def _one(
    record: StoredRecord,
    metadata: StoredRecord | None,
    catalogue: Catalogue,
    write: Callable[[str, bytes], None],
) -> dict[str, str | None]:
    line: dict[str, str | None] = {
        "record_id": record.record_id,
        "url": record.target_uri,
        "fetch_date": utc_text(record.date),
        "id": None,
        "detail": None,
    }
    try:
        response = catalogue.resolved(record)
        if not is_page(response, metadata):
            return {"outcome": "asset", **line}
        found = derive(response, metadata)
    except UnresolvedRevisitError as error:
        return {"outcome": "unresolved", **line, "detail": str(error)}
    except (IntegrityError, RecursionError) as error:
        return {"outcome": "failed", **line, "detail": str(error)}
    if isinstance(found, Document):
        where = document_path(found)
        write(f"{where}.json", to_bytes(found))
        write(f"{where}.md", markdown_bytes(found))
    return {"outcome": found.state, **line, "id": found.id, "detail": _detail(found)}


def _detail(found: Document | PageState) -> str | None:
    return found.notice if isinstance(found, PageState) else None

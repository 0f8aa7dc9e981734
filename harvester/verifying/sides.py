"""The sides of a comparison as users name them: a file or a capture, with where it came from."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import Any

import msgspec

from archive import Archive
from harvester import pipeline
from harvester.capture.note import CaptureNote, note_from_bytes
from harvester.document import Document, PageState, to_bytes
from harvester.errors import IntegrityError, UsageError
from harvester.inputs import read_file, read_stdin
from harvester.library import Library, PageRow
from harvester.library.store import note_of
from harvester.verify import Side, side_from_bytes, side_from_document, side_from_state
from harvester.verify.sides import MAX_FILE_BYTES
from harvester.verify_report import Place
from harvester.withdrawal import Withdrawal, visible


def is_file_name(name: str) -> bool:
    """Tell whether a name means a file. Raises `UsageError` for a path at which there is none."""
    path = Path(name)
    if "://" not in name and path.exists():
        return True
    if "://" not in name and ("/" in name or path.suffix):
        raise UsageError(f"there is no file {name}")
    return False


def side_of_file(path: Path) -> Side:
    """Load a side from a file; `origin` gets its name and the SHA-256 of its bytes.

    Raises as `harvester.verify.load_side`.
    """
    return _side_of_bytes(read_file(path, MAX_FILE_BYTES, "one article"), path.name)


def side_of_stdin() -> Side:
    """Load a side from standard input, as from a file without a suffix: its content tells its kind.

    Raises `UsageError` where it is closed, brings too much, or is no text.
    """
    return _side_of_bytes(read_stdin(MAX_FILE_BYTES, "one article"), "standard input")


def _side_of_bytes(data: bytes, name: str) -> Side:
    side = side_from_bytes(data, name, extract=pipeline.extract)
    told = {"file": name, "file_sha256": hashlib.sha256(data).hexdigest()}
    return dataclasses.replace(side, origin={**side.origin, **told})


def side_of_row(
    archive: Archive, library: Library, row: PageRow, made: Document | PageState | None = None
) -> Side:
    """Return a capture as a side; `origin` says over which connection it came, as its note has it.

    `made` is what this process has just read of records: if that is this capture, it needs no proof. Raises
    `IntegrityError` for a stored document that is not what its record gives.
    """
    origin = _connection(archive, row.record_id)
    if isinstance(made, Document) and made.id == row.id and made.provenance.record_id == row.record_id:
        return side_from_document(made, row.id, origin)
    if row.page_state is None:
        return side_from_document(_proven(archive, library.document(row)), row.id, origin)
    return side_from_state(msgspec.json.decode(row.page_state, type=PageState), row.id, origin)


def _proven(archive: Archive, stored: Document) -> Document:
    """Return a stored document if its record gives it: evidence is the record, and files can be edited.

    One that other versions made cannot be made again here; its text must then have the digest it names.
    """
    text_sha256 = hashlib.sha256(stored.text.encode("utf-8", "surrogatepass")).hexdigest()
    record_id = stored.provenance.record_id
    record = archive.get(record_id) if record_id else None
    whole = text_sha256 == stored.text_sha256
    if whole and record is not None:
        found = pipeline.derive(archive.resolved(record), note_of(archive, record.record_id))
        made_alike = all(
            getattr(found.provenance, name) == getattr(stored.provenance, name)
            for name in ("software", "rules", "options")
        )
        whole = not made_alike or (isinstance(found, Document) and to_bytes(found) == to_bytes(stored))
    if not whole:
        raise IntegrityError(
            f"the stored document {stored.id} is not what its WARC record gives: it was changed after it was "
            "made; `harvester rebuild --check` tells of all such, `harvester reindex` makes them again"
        )
    return stored


def side_of_record(archive: Archive, record_id: str) -> Side | None:
    """Return a capture as a side, read from its records alone; None where there is no such record.

    Raises `IntegrityError` for a damaged record, `StorageError`.
    """
    record = archive.get(record_id)
    if record is None:
        return None
    found = pipeline.derive(archive.resolved(record), note_of(archive, record_id))
    origin = _connection(archive, record_id)
    if isinstance(found, PageState):
        return side_from_state(found, found.id, origin)
    return side_from_document(found, found.id, origin)


def named_row(archive: Archive, library: Library, name: str) -> PageRow:
    """Return the capture of an id, a URL, or URL@TIME. Raises `UsageError` for none, or one withdrawn."""
    row = visible(archive, library, name)
    if isinstance(row, Withdrawal):
        raise UsageError(f"{row.document} was {row.action} on {row.when}: {row.reason}")
    return row


def place_of(archive: Archive, side: Side) -> Place | None:
    """Return where a side's record stands today, None for a side that is no capture of the archive."""
    found = side.document or side.page_state
    record_id = found.provenance.record_id if found else None
    entry = archive.entry(record_id) if record_id else None
    if entry is None:
        return None
    location = entry.location
    return Place(file=location.file, offset=location.offset, length=location.length)


def _connection(archive: Archive, record_id: str) -> dict[str, Any]:
    metadata = note_of(archive, record_id)
    note: CaptureNote | None = note_from_bytes(metadata.block) if metadata else None
    if note is None:
        return {}
    told: dict[str, Any] = {"peer": note.peer} if note.peer else {}
    if note.imported:
        told |= {"file": note.imported.file, "file_sha256": note.imported.sha256}
    if note.tls:
        told["tls"] = f"{note.tls.version} {note.tls.cipher}"
        told["certificates_sha256"] = list(note.tls.certificates_sha256)
    return told

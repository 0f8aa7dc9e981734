"""CDXJ, the text index of replay tools, line for line as cdxj-indexer 1.5 writes it.

`SURT SP YYYYMMDDhhmmss SP JSON`, sorted by bytes (as `LC_ALL=C sort`), numbers as strings. Listed are
`response`, `revisit`, `resource` and `metadata` records, but no `application/warc-fields`. It differs in
four cases, where cdxj-indexer's line would serve nobody: a record without a URL has no line; after an
interim HTTP head (1xx) the final one counts; no octet of a URL can break a line; a record of an ARC file
without HTTP states its media type.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Final, Protocol

from archive.disk import explain
from archive.entries import LISTED, cdx_digest, entry_of
from archive.errors import StorageError
from archive.foreign import read_any
from archive.record import Block, IndexEntry, StoredRecord
from archive.runs import SortedLines
from archive.surt import surt

_FIELDS_TYPE: Final = "application/warc-fields"
_END_MARKS: Final = {".warc": 4, ".arc": 1}


def cdxj_line(record: StoredRecord, file: str) -> bytes | None:
    """Return the line of a record that lies in `file`, without a line feed; None if it is not listed."""
    location = replace(record.location, file=file)
    return entry_line(entry_of(record.fields, Block.of(record.block), location), lambda: record)


def entry_line(entry: IndexEntry, record: Callable[[], StoredRecord]) -> bytes | None:
    """Return the line of a record that the index knows, as `cdxj_line`.

    `record` reads it; this is asked for only where the record states no payload digest.
    """
    if entry.type not in LISTED or entry.target_uri is None:
        return None
    if entry.type in {"resource", "metadata"} and entry.content_type == _FIELDS_TYPE:
        return None
    url = entry.target_uri.replace(" ", "%20")  # as warcio reads it
    facts = {
        "url": url,
        "mime": entry.cdx_mime,
        "status": None if entry.status is None else str(entry.status),
        "digest": entry.payload_digest or cdx_digest(record()),
        "length": str(_length(entry)),
        "offset": str(entry.location.offset),
        "filename": entry.location.file,
    }
    stated = json.dumps({name: value for name, value in facts.items() if value is not None})
    return f"{entry.surt or surt(url)} {timestamp14(entry.date)} {stated}".encode("ascii")


def _length(entry: IndexEntry) -> int:
    """Return a record's length as warcio counts it: in a plain file without the line ends after its block."""
    name = entry.location.file.lower()
    return entry.location.length - next((n for end, n in _END_MARKS.items() if name.endswith(end)), 0)


def timestamp14(moment: datetime) -> str:
    """Return `YYYYMMDDhhmmss` in UTC, what is below a second cut off."""
    utc = moment.astimezone(UTC)
    return f"{utc.year:04d}{utc:%m%d%H%M%S}"


class Output(Protocol):
    """Takes bytes whole, as files do."""

    def write(self, data: bytes, /) -> object: ...


def write_cdxj(paths: Iterable[Path], out: Output) -> int:
    """Write the sorted CDXJ of web archives of any form, in bounded memory; return the number of lines.

    Each line's `filename` is the file's own name; of a file in a package, its name there. Raises WarcError
    at the first damage and StorageError, before anything is written.
    """
    with SortedLines() as lines:
        for path in paths:
            for record in read_any(path):
                line = cdxj_line(record, base_name(record.location.file))
                if line is not None:
                    lines.add(line + b"\n")
        return write_lines(lines, out)


def base_name(file: str) -> str:
    """Return the file name of a location, which may be `PACKAGE!MEMBER`."""
    return PurePosixPath(file.rpartition("!")[2]).name


def write_lines(lines: Iterable[bytes], out: Output) -> int:
    """Write sorted lines; return their number. Raises StorageError."""
    count = 0
    try:
        for count, line in enumerate(lines, 1):  # noqa: B007  # counts
            out.write(line)
    except BrokenPipeError:  # nobody reads on
        raise
    except OSError as error:
        raise StorageError(f"cannot write the CDXJ: {explain(error)}") from error
    return count

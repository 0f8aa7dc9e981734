"""The answers of a bulk verification as CSV for a spreadsheet and as lines of JSON for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final

import msgspec

from harvester.verifying.bulk import Repost
from harvester.verifying.values import Verification

COLUMNS: Final = Repost.__struct_fields__
_MOST: Final = 1000
"""Characters of a cell; the lines of JSON hold everything."""
_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def csv_bytes(reposts: Iterable[Repost]) -> bytes:
    """Return a table with a heading: UTF-8 with a byte-order mark, lines ended by CR LF (RFC 4180).

    A cell of text that a spreadsheet would take for a formula has an apostrophe before it.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for repost in reposts:
        writer.writerow([_cell(getattr(repost, name)) for name in COLUMNS])
    return out.getvalue().encode("utf-8-sig", "replace")


def jsonl_line(verification: Verification) -> bytes:
    """Return one verification as one line, keys in order."""
    return msgspec.json.encode(verification, order="sorted") + b"\n"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return _cell(" ".join(value))
    if not isinstance(value, str):
        return str(value)
    text = " ".join(value[:_MOST].split())
    return f"'{text}" if text.startswith(_FORMULA) else text

"""Links in spreadsheets (.xlsx): cells, the addresses hidden behind them, and HYPERLINK formulas."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, Final

from harvester.errors import UsageError
from harvester.links.named import Gathering
from harvester.links.tables import Cell, Row, read_rows

_MAX_BYTES: Final = 256 << 20
_MAX_SHEET_BYTES: Final = 96 << 20
_MAX_CELLS: Final = 1_500_000
"""Some 300 MB of memory at half as many: openpyxl keeps an object a cell where links are wanted."""
_MAX_COLUMNS: Final = 256
_SPARSE: Final = 4
_MIN_CELLS: Final = 50_000
"""A sheet is looked at as far as its rectangle has four times the cells that are there, and so many more."""
_CHUNK: Final = 1 << 20
_DOCTYPES: Final = tuple("<!DOCTYPE".encode(codec) for codec in ("ascii", "utf-16-le", "utf-16-be"))
_CELL: Final = b"<c "
_FORMULA: Final = re.compile(
    r'=\s{0,9}HYPERLINK\(\s{0,9}"([^"]{1,8192})"\s{0,9}(?:[,;]\s{0,9}"([^"]{0,8192})")?', re.IGNORECASE
)


def read(data: bytes, name: str, into: Gathering) -> None:
    """Gather the links of all sheets.

    Raises `UsageError` for a file that cannot be read, one that would unpack to too much, and where openpyxl
    is not installed.
    """
    try:
        import openpyxl  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError("spreadsheets need openpyxl: pip install 'wechat-harvester[sheets]'") from error
    cells = _counted(data, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions that it does not know
        try:
            book: Any = openpyxl.load_workbook(io.BytesIO(data), keep_links=False)
        except Exception as error:  # a fault of the library on a damaged file is the file's
            words = " ".join(str(error).split()) or type(error).__name__
            raise UsageError(f"{name} cannot be read as a spreadsheet: {words[:200]}") from error
    for sheet in book.worksheets:
        into.place = f"sheet {sheet.title!r}" if len(book.worksheets) > 1 else ""
        read_rows(_rows(sheet, cells, into), into)
    into.place = ""


def _counted(data: bytes, name: str) -> int:
    """Return how many cells a file holds.

    Raises `UsageError` for one that unpacks to too much, or whose XML declares entities.
    """
    cells = size = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            parts = book.infolist()
            if sum(part.file_size for part in parts) > _MAX_BYTES:
                raise UsageError(f"{name} unpacks to more than {_MAX_BYTES >> 20} MiB: not read")
            for part in parts:
                if not part.filename.lower().endswith((".xml", ".rels")):
                    continue
                size += part.file_size
                cells += _cells(book, part, name)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise UsageError(f"{name} is a damaged spreadsheet: {error}") from error
    if size > _MAX_SHEET_BYTES or cells > _MAX_CELLS:
        raise UsageError(f"{name} has too many cells ({cells}): save the columns with the links as CSV")
    return cells


def _cells(book: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> int:
    """Return how many cells a part holds. Raises `UsageError` for one with a document type (ISO 29500-2)."""
    found = 0
    with book.open(part) as stream:
        start = stream.read(_CHUNK)
        if any(mark in start for mark in _DOCTYPES):
            raise UsageError(f"{name} is no sound spreadsheet: its part {part.filename} declares entities")
        while start:
            found += start.count(_CELL)
            start = stream.read(_CHUNK)
    return found


def _rows(sheet: Any, cells: int, into: Gathering) -> Iterator[Row]:
    """Yield a sheet's rows, of a book with so many cells.

    One cell far out makes a large rectangle, mostly empty; what is beyond the caps is told.
    """
    columns = min(sheet.max_column, _MAX_COLUMNS)
    rows = min(sheet.max_row, (_SPARSE * cells + _MIN_CELLS) // columns)
    for number, row in enumerate(sheet.iter_rows(max_row=rows, max_col=columns), 1):
        yield number, [_cell(cell) for cell in row]
    if sheet.max_column > columns:
        into.skip("", f"columns beyond the {columns}th are left out")
    if sheet.max_row > rows:
        into.skip("", f"rows beyond the {rows}th are left out")


def _cell(cell: Any) -> Cell:
    value = cell.value
    target = getattr(cell.hyperlink, "target", None)
    if isinstance(value, str) and (formula := _FORMULA.match(value)):
        return Cell(formula[2] or formula[1], formula[1])
    if not target:
        return Cell(_text(value))
    location = getattr(cell.hyperlink, "location", None)  # where Excel keeps what stands behind a `#`
    return Cell(_text(value), f"{target}#{location}" if location and "#" not in target else str(target))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)

"""Links in tables (CSV, TSV, rows of a spreadsheet): the column of the link is told by name or content."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final, NamedTuple

from harvester.errors import UsageError
from harvester.links.columns import NAMES, Role, normal, rank, time_text
from harvester.links.named import Gathering
from harvester.links.texts import as_whole, spot
from harvester.sites import all_sites, site_for_url

_DELIMITERS: Final = ",\t;|"
_LOOKED_AT: Final = 200
_HEADER_ROWS: Final = 10
_SAMPLE_CHARS: Final = 1 << 18
_MAX_CELL_CHARS: Final = 64 << 20
_MAX_COLUMNS: Final = 2000
_OF_ADDRESSES: Final = frozenset(":/.")


class Cell(NamedTuple):
    """What a cell shows, and the address that it leads to where a spreadsheet hides one behind it."""

    text: str
    link: str | None = None


Row = tuple[int, Sequence[Cell]]
"""A row's number as a spreadsheet shows it, from 1, and its cells."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column has which role; `header` is the number of the row that says so, 0 for none."""

    of: dict[Role, int]
    header: int = 0
    also: tuple[str, ...] = ()


def delimiter_of(text: str, *, called: bool) -> str | None:
    """Return what separates the cells of a text that is a table; None for one that is none.

    It is one if its header names a link's column, or if it is called so (then it may have a single column).
    """
    lines = list(islice(io.StringIO(text[:_SAMPLE_CHARS], newline=""), _LOOKED_AT))
    if lines and lines[0].lower().startswith("sep=") and len(lines[0].strip()) == len("sep=;"):
        return lines[0][4]
    best: tuple[int, int, str] = (0, 0, "")
    for delimiter in _DELIMITERS:
        rows = [row for row in _rows(lines, delimiter) if row]
        known = any(_named(row).get("link") is not None for row in rows[:_HEADER_ROWS] if len(row) > 1)
        width, alike = Counter(map(len, rows)).most_common(1)[0] if rows else (1, 0)
        best = max(best, (int(known), alike if width > 1 else 0, delimiter))
    named, alike, delimiter = best
    if named or (called and alike):
        return delimiter
    return "," if called else None


def read_csv(text: str, delimiter: str, name: str, into: Gathering) -> None:
    """Gather the links of a table in text. Raises `UsageError` for one that cannot be read."""
    rows = _rows(io.StringIO(text, newline=""), delimiter)
    try:
        read_rows(((n, [Cell(cell) for cell in row]) for n, row in enumerate(rows, 1)), into)
    except csv.Error as error:
        raise UsageError(f"{name} cannot be read as a table: {error}") from error


def read_rows(rows: Iterable[Row], into: Gathering) -> None:
    """Gather the links of a table's rows."""
    rows = iter(rows)
    first = list(islice(rows, _LOOKED_AT))
    columns = _columns(first)
    for words in columns.also:
        into.skip("", words)
    for number, cells in chain(first, rows):
        if number > columns.header:
            _read_row(number, cells, columns, into)


def _read_row(number: int, cells: Sequence[Cell], columns: Columns, into: Gathering) -> None:
    at = columns.of.get("link")
    cell = _cell(cells, at)
    if cell is None or not (cell.link or cell.text.strip()):
        cell = next((cell for cell in cells if cell.link), None)
    where = f"row {number}"
    if cell is None:
        if at is not None and any(one.text.strip() for one in cells):
            into.skip(where, "there is no web address in it")
        return
    if not cell.link and normal(cell.text) in NAMES["link"]:
        return  # the header again: files that were put one after the other
    title = _text(cells, columns.of.get("title")) or (cell.text if cell.link else None)
    account = _text(cells, columns.of.get("account"))
    published = time_text(_text(cells, columns.of.get("published")))
    addresses = _addresses(cell)
    if not addresses:
        into.skip(where, "there is no web address in it")
    for address in addresses:
        into.add(address, where, title=title, account=account, published=published)


def _addresses(cell: Cell) -> list[str]:
    """Return the addresses of a link's cell; its text where it looks as if it should be one, to be told."""
    if cell.link:
        return [cell.link]
    whole = as_whole(cell.text)
    found = [whole] if whole else [spotted.url for spotted in spot(cell.text)]
    return found or [cell.text] * bool(set(cell.text) & _OF_ADDRESSES)


def _columns(rows: Sequence[Row]) -> Columns:
    """Return the columns by their names, the link's, failing that, by what is in them."""
    header = 0
    of: dict[Role, int] = {}
    for number, cells in rows[:_HEADER_ROWS]:
        named = _named([cell.text for cell in cells])
        if "link" in named or len(named) > len(of):
            header, of = number, named
        if "link" in named:
            break
    counted = _counted([row for row in rows if row[0] > header])
    if "link" not in of or of["link"] not in counted:
        best = max(counted, key=lambda column: (*counted[column], -column), default=None)
        if best is not None:
            of = {**of, "link": best}
    titles = next((cells for number, cells in rows if number == header), ())
    return Columns(of, header, tuple(_others(counted, of, titles)))


def _others(
    counted: dict[int, tuple[int, int]], of: dict[Role, int], header: Sequence[Cell]
) -> Iterator[str]:
    """Say which further columns hold addresses, unless they are those behind the titles."""
    for column in counted:
        if column not in of.values():
            called = (_text(header, column) or "").strip()[:40]
            name = f"column {column + 1}" + (f" ({called})" if called else "")
            yield f"{name}: its web addresses are left out, they are not the link of their row"


def _named(header: Sequence[str]) -> dict[Role, int]:
    """Return which column a header's names give each role: the best name wins, then the first."""
    names = [normal(name) for name in header[:_MAX_COLUMNS]]
    found: dict[Role, int] = {}
    for role in NAMES:
        ranks = [
            (place, column) for column, name in enumerate(names) if (place := rank(role, name)) is not None
        ]
        if ranks:
            found[role] = min(ranks)[1]
    return found


def _counted(rows: Sequence[Row]) -> dict[int, tuple[int, int]]:
    """Return by column how many publishers' addresses it holds, and how many addresses at all."""
    fallback = all_sites()[-1]
    found: dict[int, tuple[int, int]] = {}
    for _, cells in rows:
        for column, cell in enumerate(cells[:_MAX_COLUMNS]):
            text = cell.link or cell.text
            url = text if text.strip().lower().startswith("http") and as_whole(text) else None
            if url:
                known, all_ = found.get(column, (0, 0))
                found[column] = (known + (site_for_url(url.strip()) is not fallback), all_ + 1)
    return found


def _rows(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(_MAX_CELL_CHARS)  # exporters put whole articles into cells; the file has its own cap
    return csv.reader(lines, delimiter=delimiter)


def _cell(cells: Sequence[Cell], column: int | None) -> Cell | None:
    return cells[column] if column is not None and column < len(cells) else None


def _text(cells: Sequence[Cell], column: int | None) -> str | None:
    cell = _cell(cells, column)
    return cell.text if cell else None

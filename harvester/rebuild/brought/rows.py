"""Rows of tables that people bring, Parquet or JSON lines: HTML in one column, its URL in another.

Every row is read or has a reason why not; what is wrong with the file itself is raised after the rows
before it. What is read is as `harvester.extract` reads it: it proves nothing about where the bytes came
from, and has no date of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from harvester.document import Document, PageState
from harvester.errors import UsageError
from harvester.pipeline import extract
from harvester.rebuild.brought import jsonl, parquet
from harvester.rebuild.brought.headers import Headers, headers_of
from harvester.rebuild.brought.kinds import PARQUET
from harvester.tables.rows import CaptureRow

if TYPE_CHECKING:
    from archive.storage.places import Place

HTML_NAMES: Final = (
    "html",
    "raw_html",
    "html_content",
    "page_html",
    "content",
    "raw_content",
    "body",
    "page",
)
URL_NAMES: Final = ("url", "page_url", "final_url", "uri", "target_uri", "warc_target_uri", "link")
HEADER_NAMES: Final = ("http_headers", "response_headers", "headers")
"""Names that columns are known by, the most telling first; case and `-` or `_` do not matter."""


class Columns(msgspec.Struct, frozen=True):
    """Names of the columns of one table; `url` and `headers` are None where there is none."""

    html: str
    url: str | None = None
    headers: str | None = None


class Row(msgspec.Struct, frozen=True):
    """One row, from 0. `problem` says why it cannot be read; then there is no HTML.

    `position` is how many bytes of the file are about behind it.
    """

    number: int
    html: bytes | str | None
    url: str | None
    headers: Headers
    problem: str | None = None
    position: int = 0


def columns_of(
    path: Place, kind: str, html: str | None = None, url: str | None = None, headers: str | None = None
) -> Columns:
    """Return the columns of a table: those that are named, and the others guessed.

    Raises `UsageError` for a named column that is not there and where no column can be the HTML's,
    `IntegrityError` for a file that is damaged at once, `StorageError`.
    """
    there = parquet.names(path) if kind == PARQUET else jsonl.names(path)
    for role, name in (("HTML", html), ("URL", url), ("headers", headers)):
        if name is not None and name not in there:
            raise UsageError(f"{path} has no column {name!r} for the {role}: it has {_said(there)}")
    found = html or _guess(there, HTML_NAMES)
    if found is None:
        raise UsageError(f"no column of {path} is known to be HTML; it has {_said(there)}: say --html-column")
    return Columns(found, url or _guess(there, URL_NAMES), headers or _guess(there, HEADER_NAMES))


def _said(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name[:60]) for name in names[:20])
    return f"{shown}{', …' if len(names) > 20 else ''}" if names else "none"  # noqa: PLR2004 - enough to see


def _guess(there: Sequence[str], known: Sequence[str]) -> str | None:
    by_form: dict[str, str] = {}
    for name in there:
        by_form.setdefault(name.lower().replace("-", "_"), name)
    return next((by_form[name] for name in known if name in by_form), None)


def rows_of(path: Place, kind: str, columns: Columns) -> Iterator[Row]:
    """Yield the rows of a table in their order, in bounded memory.

    Raises `IntegrityError` at the first damage of the file, after the rows before it, and `StorageError`.
    """
    wanted = [name for name in (columns.html, columns.url, columns.headers) if name]
    found = parquet.rows(path, wanted) if kind == PARQUET else jsonl.rows(path)
    for number, (position, item) in enumerate(found):
        yield msgspec.structs.replace(_row(number, item, columns), position=position)


def _row(number: int, item: dict[str, object] | str, columns: Columns) -> Row:
    if isinstance(item, str):
        return Row(number, None, None, (), item)
    html = item.get(columns.html)
    url = item.get(columns.url) if columns.url else None
    shown = url if isinstance(url, str) else None
    if not isinstance(html, str | bytes):
        what = "is null" if html is None else f"holds {type(html).__name__}, not text"
        return Row(number, None, shown, (), f"the column {columns.html} {what}")
    if url is not None and shown is None:
        return Row(number, None, None, (), f"the column {columns.url} holds {type(url).__name__}, not text")
    try:
        headers = headers_of(item.get(columns.headers)) if columns.headers else ()
    except ValueError as error:
        return Row(number, None, shown, (), f"the headers in {columns.headers} cannot be read: {error}")
    return Row(number, html, shown or None, headers)


def look(row: Row, file: str) -> tuple[CaptureRow, Document | PageState | None]:
    """Return what a row of `file` is, and what was read of it."""
    found = None if row.html is None else extract(row.html, row.url, row.headers)
    return (
        CaptureRow(
            file=file,
            row=row.number,
            type="row",
            url=row.url,
            outcome=found.state if found else "failed",
            detail=found.notice if isinstance(found, PageState) else row.problem,
            rule=found.rule if isinstance(found, PageState) else None,
            id=found.id if found else None,
            site=found.site if found else None,
            kind=found.kind if isinstance(found, Document) else None,
        ),
        found,
    )

"""Which captures an export takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import msgspec

from harvester.errors import UsageError
from harvester.library import Library, PageRow

_NO_PAGES: Final = frozenset({"redirect"})
"""States that are steps on the way to a page; their records go with the page they lead to."""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What to export; what is not given does not narrow.

    `names` are ids, beginnings of ids, or URLs, and take captures of any state. `since` is a time in UTC;
    `query` a part of title, source, URL or text, in any case. `states` adds pages that are no articles.
    """

    names: tuple[str, ...] = ()
    since: datetime | None = None
    query: str | None = None
    states: bool = False


def moment(text: str) -> datetime:
    """Read `--since`: a date (midnight UTC) or an RFC 3339 time. Raises `UsageError`."""
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(
            f"{text[:60]!r} is not a time: give a date (2026-05-08) or a time (2026-05-08T12:00:00Z)"
        ) from error
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def choose(library: Library, choice: Choice) -> list[PageRow]:
    """Return the captures that fit, by time. Raises `UsageError` for a name that fits none or several."""
    rows = [library.find(name) for name in choice.names] if choice.names else library.pages()
    fits = _filters(library, choice)
    chosen = {row.id: row for row in rows if all(fit(row) for fit in fits)}
    return sorted(chosen.values(), key=lambda row: (row.fetch_date, row.id))


def _filters(library: Library, choice: Choice) -> list[Callable[[PageRow], bool]]:
    fits: list[Callable[[PageRow], bool]] = []
    since, query = choice.since, choice.query
    if not choice.names:
        fits.append(lambda row: row.state == "ok" or (choice.states and row.state not in _NO_PAGES))
    if since is not None:
        fits.append(lambda row: datetime.fromisoformat(row.fetch_date) >= since)
    if query is not None:
        wanted = query.casefold()
        fits.append(lambda row: _says(library, row, wanted))
    return fits


def _says(library: Library, row: PageRow, wanted: str) -> bool:
    words = (row.title, row.source, row.url, row.requested_url, row.notice)
    if any(wanted in word.casefold() for word in words if word):
        return True
    return row.state == "ok" and wanted in library.document(row).text.casefold()

"""The tables of `harvester status`: hosts, watches, accounts; made to be read at 80 columns."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from archive.words import counted

if TYPE_CHECKING:
    from rich.table import Table

_LAST_MONTHS: Final = 11
_COUNTS: Final = frozenset({"items", "found", "due", "today", "failing", "articles"})


def tables(value: dict[str, Any]) -> list[Table]:
    """Return those that have rows, of the value that `harvester status --json` gives."""
    now = datetime.fromisoformat(value["at"])
    made = [_hosts(value["hosts"], now), _watches(value["watches"], now), _accounts(value["accounts"], now)]
    return [one for one in made if one.row_count]


def breaker_words(host: str, breaker: dict[str, str]) -> str:
    """Return which host is left alone, why and until when."""
    from harvester.times import for_people

    return f"{host}: {breaker['reason']}, left alone until {for_people(breaker['until'])}"


def _hosts(hosts: list[dict[str, Any]], now: datetime) -> Table:
    made = _narrow("host", "items", "due", "next due", "last good", "today", "breaker")
    for one in hosts:
        times = (when(one["next_due"], now), when(one["last_success"], now))
        is_open = one["breaker"] is not None
        cells = (one["host"], one["items"], one["due"], *times, one["pages_today"])
        _add(made, *cells, "open" if is_open else "closed", warn=is_open)
    return made


def _watches(watches: list[dict[str, Any]], now: datetime) -> Table:
    made = _narrow("watch", "items", "found", "due", "last looked", "last found", "failing")
    for one in watches:
        failing = len(one["failing"])
        times = (when(one["last_looked"], now), when(one["last_found"], now))
        _add(made, one["watch"], one["items"], one["found"], one["due"], *times, failing, warn=failing > 0)
    return made


def _accounts(accounts: list[dict[str, Any]], now: datetime) -> Table:
    """Return the table of accounts, those without a route first."""
    made = _narrow("account", "articles", "last new", "by")
    made.columns[-1].no_wrap = False
    for one in accounts:
        ways = [line for route in one["routes"] for line in _route_lines(route, now)]
        lines = ways if one["has_route"] else ["NO ROUTE: nothing looks for more", *ways]
        cells = (one["account"], one["articles"], when(one["last_yield"], now), "\n".join(lines))
        _add(made, *cells, warn=not one["has_route"])
    return made


def _route_lines(route: dict[str, Any], now: datetime) -> list[str]:
    count = counted(route["articles"], "article")
    last = when(route["last_yield"], now)
    words = f"{count}, last {last}" if last else "nothing new yet"
    return [f"{route['kind']}: {words}", *([route["source"]] if route["source"] else [])]


def _narrow(*columns: str) -> Table:
    """Return a table whose first column alone gives way at a narrow terminal: numbers, times stay whole."""
    from harvester.cli.output import table

    made = table(None, *columns)
    made.collapse_padding = True
    made.show_edge = False
    for column in made.columns[1:]:
        column.no_wrap = True
        column.justify = "right" if column.header in _COUNTS else "left"
    return made


def _add(made: Table, *cells: object, warn: bool) -> None:
    from harvester.cli.output import cell

    made.add_row(*map(cell, cells), style="yellow" if warn else None)


def when(text: str | None, now: datetime) -> str | None:
    """Return a moment within the last or next eleven months without its year; else its day."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    near = abs((moment - now).days) < 30 * _LAST_MONTHS
    return f"{moment:%m-%d %H:%M}" if near else f"{moment:%Y-%m-%d}"

"""The tables of `harvester status`, as a terminal of 80 columns shows them."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

from rich.console import Console

from harvester.cli.standing import tables, when

NOW = "2026-11-26T21:24:00Z"
LONG = "gb.china-embassy.gov.cn"
VALUE: dict[str, Any] = {
    "at": NOW,
    "hosts": [
        {
            "host": LONG,
            "items": 12345,
            "due": 678,
            "next_due": "2026-11-26T22:00:00Z",
            "last_success": NOW,
            "failing": 0,
            "pages_today": 4999,
            "breaker": {"reason": "verification", "until": "2026-11-27T01:00:00Z"},
        }
    ],
    "watches": [
        {
            "watch": f"https://{LONG}/web/a-long-path/that-is-the-name/of-its-watch/",
            "items": 12345,
            "found": 1234,
            "due": 678,
            "last_looked": NOW,
            "last_found": "2025-11-01T08:00:00Z",
            "failing": [],
        }
    ],
    "accounts": [],
}


def test_names_and_times_stay_whole_at_80_columns() -> None:
    """A host is copied from the table, and a time is read at a glance: neither is broken."""
    console = Console(file=io.StringIO(), width=80)
    for made in tables(VALUE):
        console.print(made)
    shown = console.file.getvalue() if isinstance(console.file, io.StringIO) else ""
    for word in (LONG, "11-26 22:00", "11-26 21:24", "2025-11-01", "open", "12345", "failing"):
        assert word in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_a_time_of_another_year_has_its_year() -> None:
    """Of a moment near now the year is left out; of one that is far the hour."""
    now = datetime(2026, 1, 5, tzinfo=UTC)
    assert when("2025-12-30T08:05:00Z", now) == "12-30 08:05"
    assert when("2024-12-30T08:05:00Z", now) == "2024-12-30"
    assert when(None, now) is None

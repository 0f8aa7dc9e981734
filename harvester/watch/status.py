"""How a watch stands: hosts and their breakers, what is due, what each watch brought, errors, sizes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from harvester.capture.names import unmapped
from harvester.capture.pace import OpenBreaker
from harvester.library import Library, VerificationRow
from harvester.times import utc_text
from harvester.urls import for_request
from harvester.watch.config import ADDED
from harvester.watch.events import DIFFERING
from harvester.watch.queue import Item, Queue, Tally

RECENT: Final = timedelta(days=7)
_GOOD: Final = frozenset({"ok", "listing", "redirect"})


def hosts(
    queue: Queue, breakers: dict[str, OpenBreaker], pages_today: Callable[[str], int], now: datetime
) -> list[dict[str, Any]]:
    """Return, for each host: items, how many are due, the next moment, breaker, last answer, pages today."""
    next_s = queue.due_hosts()
    tallies = queue.tallies("host", now.timestamp())
    left_alone = {unmapped(name): one for name, one in reversed(breakers.items())}
    found = []
    for host in sorted({*tallies, *left_alone}):
        tally, breaker = tallies.get(host, Tally()), left_alone.get(host)
        found.append(
            {
                "host": host,
                "items": tally.items,
                "due": tally.due,
                "next_due": _text(next_s.get(host)),
                "last_success": _text(tally.answered_s),
                "failing": tally.failing,
                "pages_today": pages_today(host),
                "breaker": {"reason": breaker.reason, "until": _text(breaker.until_s)} if breaker else None,
            }
        )
    return found


def watches(queue: Queue, names: Iterable[str], now: datetime) -> list[dict[str, Any]]:
    """Return, for each watch: items, found, due, when what it names itself (pages, sources) last
    answered, when a source last named a URL.

    That of what people add is left out while it has nothing.
    """
    tallies = queue.tallies("watch", now.timestamp())
    failing: dict[str, list[dict[str, Any]]] = {}
    for item in queue.failing():
        told = {"url": item.url, "failures": item.failures, "message": item.message}
        failing.setdefault(item.watch, []).append(told)
    return [
        {
            "watch": name,
            "items": tally.items,
            "found": tally.found,
            "due": tally.due,
            "last_looked": _text(tally.looked_s),
            "last_found": _text(tally.found_s),
            "failing": failing.get(name, []),
        }
        for name, tally in ({name: Tally() for name in names} | tallies).items()
        if tally.items or name != ADDED
    ]


def errors(library: Library, now: datetime, sources: Iterable[Item] = ()) -> dict[str, int]:
    """Return how often what went wrong in the last seven days, by kind.

    A page that one of the `sources` is looked at for its links is no article, and need be of no kind that is
    known.
    """
    good = {for_request(item.url) for item in sources if not item.failures}
    pages, failures = library.since(now - RECENT)
    kinds = Counter(row.reason for row in failures)
    for row in pages:
        if row.state == "unknown" and row.requested_url in good:
            continue
        if row.state not in _GOOD and row.method == "live":
            kinds[f"http {row.status}" if row.state == "http_error" and row.status else row.state] += 1
    return dict(kinds.most_common())


def reposts(library: Library) -> dict[str, Any]:
    """Return how many articles were held against an original, and those that differ from it.

    What counts is an article's last comparison that could tell, be it with a later version of the original.
    """
    rows = [row for row in library.comparisons.all() if row.verdict != "cannot-verify"]
    captures = {row.record_id: row for row in library.recorded(row.captured_record for row in rows)}
    last: dict[str, VerificationRow] = {}
    for row in rows:
        capture = captures.get(row.captured_record)
        if capture is not None:
            last[capture.identity_key or capture.id] = row
    return {
        "compared": len(last),
        "differing": [
            {"id": row.captured, "original": row.original, "verdict": row.verdict, "material": row.material}
            for row in last.values()
            if row.verdict in DIFFERING
        ],
    }


def sizes(directory: Path) -> dict[str, int]:
    """Return the bytes of an archive's folders; what vanishes meanwhile counts nothing."""
    found: Counter[str] = Counter()
    for folder in ("warc", "index", "documents", "library", "journal"):
        for path in (directory / folder).rglob("*"):
            try:
                found[folder] += path.stat().st_size if path.is_file() else 0
            except OSError:
                continue
    return dict(found)


def _text(seconds: float | None) -> str | None:
    return None if seconds is None else utc_text(datetime.fromtimestamp(round(seconds), UTC))

"""Visits of one article, in order of time, from the library's rows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from harvester.core import Core
from harvester.library import FailureRow, PageRow


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What one visit found. `state` is a page state, or `failed` where no response came.

    `at` is when the answer that counts was asked for (UTC); `attempts` how many there were (redirects are
    none); `reason` why a visit failed; `status` the HTTP status of what is no article; `target` where a page
    says that it has moved. `core` and `rules` are of an article (harvester.core).
    """

    at: datetime
    url: str
    state: str
    method: str = "live"
    attempts: int = 1
    id: str | None = None
    record_id: str | None = None
    identity: str | None = None
    core: Core | None = None
    rules: str | None = None
    modified_at: str | None = None
    notice: str | None = None
    reason: str | None = None
    status: int | None = None
    rule: str | None = None
    target: str | None = None


def visits_of(pages: Iterable[PageRow], failures: Iterable[FailureRow]) -> list[Seen]:
    """Return the visits that these rows are of, in order of time.

    Redirects, and attempts that were tried again, belong to the visit that they were made in; the last of
    them is what the visit found.
    """
    groups: dict[tuple[str, str], list[PageRow | FailureRow]] = {}
    rows: list[PageRow | FailureRow] = [*pages, *failures]
    for row in sorted(rows, key=lambda row: (_when(row), row.record_id)):
        key = (row.requested_url or "", row.visit) if row.visit else ("", row.record_id)
        groups.setdefault(key, []).append(row)
    visits = [_visit(group) for group in groups.values()]
    return sorted(visits, key=lambda visit: visit.at)


def _visit(rows: Sequence[PageRow | FailureRow]) -> Seen:
    attempts = sum(not (isinstance(row, PageRow) and row.state == "redirect") for row in rows)
    last = rows[-1]
    at = _when(last)
    if isinstance(last, FailureRow):
        return Seen(
            at=at,
            url=last.requested_url,
            state="failed",
            attempts=max(1, attempts),
            record_id=last.record_id,
            reason=last.reason,
        )
    return Seen(
        at=at,
        url=last.requested_url or last.url or "",
        state=last.state,
        method=last.method,
        attempts=max(1, attempts),
        id=last.id,
        record_id=last.record_id,
        identity=last.identity_key,
        core=Core.from_text(last.core) if last.core else None,
        rules=last.core_rules,
        modified_at=last.modified_at,
        notice=last.notice,
        status=last.status,
        rule=last.rule,
        target=_target(last),
    )


def _when(row: PageRow | FailureRow) -> datetime:
    return datetime.fromisoformat(row.fetch_date)


def _target(row: PageRow) -> str | None:
    if row.state not in {"migrated", "redirect"} or row.page_state is None:
        return None
    details = msgspec.json.decode(row.page_state, type=_Details).details
    return details.get("target_url") or details.get("location")


class _Details(msgspec.Struct):
    details: dict[str, str] = {}

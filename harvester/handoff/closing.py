"""Which open items are answered: by the identity of pages that came in, whoever got them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from datetime import datetime
from typing import Final

from harvester.document import Document
from harvester.errors import GiveUpError, UsageError
from harvester.handoff.lines import Line, What
from harvester.library import Library, PageRow
from harvester.times import utc_text
from harvester.watch.names import names_of

NO_ANSWER: Final = frozenset(
    {"verification", "rate_limited", "unknown", "partial", "system_error", "http_error", "redirect"}
)
"""States of a page that say nothing of the article that was asked for."""


def answered(
    items: Iterable[Line],
    rows: Iterable[PageRow],
    library: Library,
    now: datetime,
    brought: Container[str] = (),
) -> Iterator[Line]:
    """Yield a closing line for each open item that one of these captures answers.

    A page answers an item that it is the article of: it names its identity itself, so the item's link may be
    of another form. `brought` are the captures (ids) that a person has just brought, perhaps in a web archive
    of this program, where they count as live.
    """
    by_name: dict[str, PageRow] = {}
    for row in rows:  # in order of time: the last of a name counts
        if row.state not in NO_ANSWER:
            by_name.update(dict.fromkeys(_names(row, library), row))
    for item in items:
        answer = next((by_name[name] for name in _asked_names(item) if name in by_name), None)
        if answer is not None and (answer.id in brought or _is_since(answer, item)):
            saved = answer.method != "live" or answer.id in brought
            yield _closing(item, answer, "saved" if saved else "fetched", now)


def _closing(item: Line, row: PageRow, what: What, now: datetime) -> Line:
    return Line(
        at=utc_text(now),
        what=what,
        url=item.url,
        title=row.title,
        account=row.source,
        id=row.id,
        method=row.method,
        state=row.state,
    )


def _is_since(row: PageRow, item: Line) -> bool:
    return datetime.fromisoformat(row.fetch_date) >= datetime.fromisoformat(item.at)


def _asked_names(item: Line) -> tuple[str, ...]:
    return (*names_of(item.url), *item.identities)


def _names(row: PageRow, library: Library) -> Iterator[str]:
    """Yield all that names a capture's article: what it says itself, and where it was had from."""
    urls = [row.url, row.requested_url]
    document = _document(row, library)
    if document is not None:
        urls += [document.identity.short_url, document.identity.long_url]
    for url in filter(None, urls):
        try:
            yield from names_of(url)
        except UsageError:  # a page of unknown address stands under a urn
            continue
    if row.identity_key:
        yield row.identity_key


def _document(row: PageRow, library: Library) -> Document | None:
    try:
        return library.document(row) if row.state == "ok" else None
    except GiveUpError:
        return None

"""From a reading and its record to the document: ids, times, capture and provenance added."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from harvester.document import (
    SCHEMA,
    STATE_SCHEMA,
    Capture,
    Clocks,
    Document,
    FieldSource,
    PageState,
    Provenance,
)
from harvester.reading import Article, NotArticle, Page
from harvester.times import local_text
from harvester.toolchain import software

_KEPT: Final = [
    "author",
    "account",
    "original_source",
    "original_account",
    "source_url",
    "section",
    "subtitle",
    "language",
    "text",
    "note",
    "markdown",
    "images",
    "attachments",
    "declared",
    "edits",
    "albums",
    "frame",
    "questions",
    "hidden",
    "preview",
    "identity",
]
"""Fields that pass from a reading into the document as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a page's bytes came from: a WARC record and the note beside it, or just bytes.

    Times are RFC 3339 text; `server_date` is the response's own `Date`; `body_sha256` is of the page's body,
    where it is known already.
    """

    method: str
    record_id: str | None = None
    payload_record_id: str | None = None
    metadata_id: str | None = None
    block_digest: str | None = None
    payload_digest: str | None = None
    fetch_date: str | None = None
    server_date: str | None = None
    truncated: str | None = None
    vantage: dict[str, str] | None = None
    discovered_via: str | None = None
    rehearsal: dict[str, Any] | None = None
    warnings: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    body_sha256: str | None = None


def build(reading: Article | NotArticle, page: Page, origin: Origin, rules: str) -> Document | PageState:
    """Return the document of an article, or the state of a page that is not one."""
    if isinstance(reading, Article):
        return _document(reading, page, origin, rules)
    return _page_state(reading, page, origin, rules)


def _document(reading: Article, page: Page, origin: Origin, rules: str) -> Document:
    body_sha256 = origin.body_sha256 or hashlib.sha256(page.body).hexdigest()
    return Document(
        title=reading.title,
        url=reading.canonical_url or page.url,
        source=reading.source,
        date=_local(reading.published_at, "day"),
        fetch_date=origin.fetch_date,
        schema=SCHEMA,
        id=page_id(reading.site, reading.identity.key, origin.fetch_date, origin.record_id or body_sha256),
        site=reading.site,
        kind=reading.kind,
        state="ok",
        published_at=_local(reading.published_at, reading.published_precision),
        modified_at=_local(reading.modified_at, "second"),
        event_date=reading.event_date,
        text_sha256=hashlib.sha256(reading.text.encode()).hexdigest(),
        capture=_capture(origin),
        provenance=_provenance(reading, page, origin, rules, body_sha256),
        **{name: getattr(reading, name) for name in _KEPT},
    )


def _local(when: datetime | None, precision: str | None) -> str | None:
    return local_text(when, precision) if when else None


def _page_state(reading: NotArticle, page: Page, origin: Origin, rules: str) -> PageState:
    body_sha256 = origin.body_sha256 or hashlib.sha256(page.body).hexdigest()
    url = reading.canonical_url or page.url
    key = reading.identity.key if reading.identity else f"url:{url}"
    return PageState(
        state=reading.state,
        notice=reading.notice,
        evidence=reading.evidence,
        schema=STATE_SCHEMA,
        id=page_id(reading.site, key, origin.fetch_date, origin.record_id or body_sha256),
        site=reading.site,
        url=url,
        fetch_date=origin.fetch_date,
        rule=reading.rule,
        details=dict(reading.details),
        identity=reading.identity,
        links=reading.links,
        next_url=reading.next_url,
        capture=_capture(origin),
        provenance=_provenance(reading, page, origin, rules, body_sha256),
    )


def page_id(site: str, identity_key: str, fetch_date: str | None, origin_key: str) -> str:
    """Name a capture by what it is of, when, and from which record; never by its title.

    `fetch_date` is the record's, `origin_key` its WARC-Record-ID, or the body's sha256 where there is none.
    """
    what = hashlib.sha256(identity_key.encode()).hexdigest()[:12]
    when = re.sub(r"[^0-9]", "", fetch_date or "")[:14]
    which = hashlib.sha256(origin_key.encode()).hexdigest()[:8]
    return "-".join(part for part in (site, what, when, which) if part)


def _capture(origin: Origin) -> Capture:
    return Capture(
        method=origin.method,
        vantage=origin.vantage,
        discovered_via=origin.discovered_via,
        rehearsal=origin.rehearsal,
    )


def _provenance(
    reading: Article | NotArticle, page: Page, origin: Origin, rules: str, body_sha256: str
) -> Provenance:
    article = reading if isinstance(reading, Article) else None
    found = article.found if article else {}
    return Provenance(
        record_id=origin.record_id,
        payload_record_id=origin.payload_record_id,
        metadata_id=origin.metadata_id,
        block_digest=origin.block_digest,
        payload_digest=origin.payload_digest,
        body_sha256=body_sha256,
        clocks=Clocks(
            harvester=origin.fetch_date,
            server=origin.server_date,
            page=_local(article.page_time if article else None, "second"),
        ),
        truncated=origin.truncated,
        redirected_from=page.redirected_from,
        software=software(),
        rules={reading.site: rules},
        options=dict(origin.options),
        fields={
            name: FieldSource(source=where.source, reason=where.reason, others=where.others)
            for name, where in found.items()
        },
        removed=article.removed if article else (),
        warnings=(*origin.warnings, *(article.warnings if article else ())),
    )

"""One URL through the whole chain: visit, WARC, document, images. The shell around the pure parts.

The order is the promise: the WARC is durable and indexed, then the documents, then the library's row;
only then is an outcome returned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import msgspec

from archive import Archive, StoredRecord
from archive.http1 import parse_response
from harvester.capture import Client, Exchange, FailedAttempt, Visit
from harvester.capture.note import CaptureNote, Tls
from harvester.capture.records import (
    certificate_record,
    certificate_uri,
    exchange_records,
    failure_records,
)
from harvester.capture.sniff import media_type_of
from harvester.document import Document, Image, PageState
from harvester.errors import BlockedError, RefusedError
from harvester.exits import Exit, of_state
from harvester.intake import Wanted, asset_url
from harvester.library import Library
from harvester.pipeline import derive
from harvester.sites import site_for_url
from harvester.sites.base import Site
from harvester.times import utc_text
from harvester.toolchain import software_name

_BLOCKING: Final = {"verification", "rate_limited"}
_OK: Final = range(200, 300)
_MAX_IMAGES: Final = 300


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """What is recorded of every capture of a run: place, purpose, departures from plain fetching."""

    vantage: dict[str, str] | None = None
    rehearsal: dict[str, Any] | None = None
    discovered_via: str | None = None


class Images(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a page's images: fetched now, held already, failed (URL and why)."""

    fetched: int = 0
    held: int = 0
    failed: tuple[tuple[str, str], ...] = ()


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one URL. `state` is a page state, or `failed`, `refused`, `blocked`."""

    url: str
    state: str
    code: int
    id: str | None = None
    title: str | None = None
    message: str | None = None
    notice: str | None = None
    images: Images | None = None
    warnings: tuple[str, ...] = ()


class Fetcher:
    """Fetches into one archive. Storage faults are raised; everything else is an outcome."""

    def __init__(
        self,
        archive: Archive,
        library: Library,
        client: Client,
        circumstances: Circumstances,
        *,
        images: bool = True,
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._archive = archive
        self._library = library
        self._client = client
        self._circumstances = circumstances
        self.images = images
        self._progress = progress

    def fetch(self, wanted: Wanted) -> Outcome:
        """Capture one URL and return what became of it."""
        self._progress(f"page {wanted.url}")
        visit = self._client.get(wanted.url)
        found, response = self._keep_page(visit, wanted.warnings)
        warnings = (*wanted.warnings, *visit.warnings)
        if found is None or visit.blocked or visit.error is not None:
            return _without_page(wanted.url, found, visit, warnings)
        if found.state in _BLOCKING and response:
            self._client.trip(response.target_uri or wanted.url, found.state)
        images = self._fetch_images(found, response) if self.images else None
        return _outcome(wanted.url, found, images, warnings)

    def _keep_page(
        self, visit: Visit, warnings: Sequence[str]
    ) -> tuple[Document | PageState | None, StoredRecord | None]:
        found, response = None, None
        for attempt in _in_order(visit):
            if isinstance(attempt, FailedAttempt):
                self._archive.append(failure_records(attempt, self._failure_note(attempt, "page", None)))
                continue
            chain = attempt.redirected_from
            note = self._note(
                attempt, role="page", via=chain[-1] if chain else None, chain=chain, warnings=warnings
            )
            response, metadata = self._append(attempt, note)
            found = derive(response, metadata)
            self._library.add_page(found, response, chain[0] if chain else attempt.url)
        return found, response

    def _append(self, exchange: Exchange, note: CaptureNote) -> tuple[StoredRecord, StoredRecord]:
        records = [*self._new_certificates(exchange), *exchange_records(exchange, note)]
        locations = self._archive.append(records)
        metadata, _, response = (self._archive.read(location) for location in locations[-3:])
        return response, metadata

    def _new_certificates(self, exchange: Exchange) -> Iterator[Any]:
        for der in exchange.tls.chain if exchange.tls else ():
            if not self._archive.find(certificate_uri(der)):
                yield certificate_record(der, exchange.started)

    def _fetch_images(self, found: Document | PageState, response: StoredRecord | None) -> Images | None:
        if not isinstance(found, Document) or response is None:
            return None
        fetched, held, failed = 0, 0, []
        page_url = response.target_uri or ""
        for url in _image_urls(found.images):
            if self._library.asset(asset_url(url)):
                held += 1
                continue
            why = self._fetch_image(url, page_url)
            fetched += why is None
            if why is not None:
                failed.append((url, why))
        return Images(fetched=fetched, held=held, failed=tuple(failed))

    def _fetch_image(self, url: str, page_url: str) -> str | None:
        """Capture one image; return None, or why it does not serve."""
        site = site_for_url(page_url)
        self._progress(f"image {url}")
        visit = self._client.get(url, referer=site.asset_referer(url, page_url), role="asset")
        state: str | None = "failed"
        for attempt in _in_order(visit):
            if isinstance(attempt, FailedAttempt):
                note = self._failure_note(attempt, "asset", page_url)
                self._archive.append(failure_records(attempt, note))
            else:
                state = self._keep_image(attempt, site, page_url)
        return str(visit.error) if visit.error else state

    def _keep_image(self, exchange: Exchange, site: Site, page_url: str) -> str | None:
        failure = _image_failure(exchange, site)
        chain = exchange.redirected_from
        note = self._note(exchange, role="asset", via=page_url, chain=chain, failure=failure)
        response, _ = self._append(exchange, note)
        self._library.add_asset(response, note)
        return failure

    def _note(self, exchange: Exchange, **more: Any) -> CaptureNote:
        return CaptureNote(
            software=software_name(),
            end=exchange.end,
            started=utc_text(exchange.started),
            ended=utc_text(exchange.ended),
            fetch_time_ms=round((exchange.ended - exchange.started).total_seconds() * 1000),
            surplus_bytes=exchange.surplus_bytes,
            peer=f"{exchange.peer_ip} {exchange.peer_port}" if exchange.peer_ip else None,
            tls=_tls_note(exchange),
            **msgspec.structs.asdict(self._circumstances),
            **more,
        )

    def _failure_note(self, attempt: FailedAttempt, role: str, via: str | None) -> CaptureNote:
        return CaptureNote(
            software=software_name(),
            role=role,
            end="failed",
            started=utc_text(attempt.started),
            ended=utc_text(attempt.ended),
            via=via,
            failure=attempt.reason,
            message=attempt.message,
            **msgspec.structs.asdict(self._circumstances),
        )


def _without_page(
    url: str, found: Document | PageState | None, visit: Visit, warnings: tuple[str, ...]
) -> Outcome:
    """Return the outcome of a visit that ended without a page, though something may have been recorded."""
    error = visit.error
    if visit.blocked or isinstance(error, BlockedError):
        state, code = "blocked", Exit.BLOCKED
    elif isinstance(error, RefusedError):
        # Nothing was asked: the call is to be corrected. A redirect into what is refused is an answer.
        asked = visit.exchanges or visit.failures
        state, code = "refused", Exit.NEGATIVE if asked else Exit.USAGE
    else:
        state, code = "failed", Exit.NEGATIVE
    return Outcome(
        url=url,
        state=state,
        code=code,
        id=found.id if found else None,
        message=_without_page_words(visit),
        warnings=warnings,
    )


def _without_page_words(visit: Visit) -> str:
    if visit.error is None:
        return f"the publisher answered with {visit.blocked}"
    if isinstance(visit.error, RefusedError) and visit.exchanges:
        return f"the page redirects to what is not fetched: {visit.error}"
    return str(visit.error)


def _in_order(visit: Visit) -> list[Exchange | FailedAttempt]:
    attempts: list[Exchange | FailedAttempt] = [*visit.exchanges, *visit.failures]
    return sorted(attempts, key=lambda attempt: attempt.started)


def _tls_note(exchange: Exchange) -> Tls | None:
    if exchange.tls is None:
        return None
    digests = tuple(certificate_uri(der).rpartition(":")[2] for der in exchange.tls.chain)
    return Tls(version=exchange.tls.version, cipher=exchange.tls.cipher, certificates_sha256=digests)


def _image_urls(images: Sequence[Image]) -> list[str]:
    urls = (image.url for image in images if image.url.startswith(("http://", "https://")))
    return list(dict.fromkeys(urls))[:_MAX_IMAGES]


def _image_failure(exchange: Exchange, site: Site) -> str | None:
    """Say why an image response does not serve, or None."""
    if exchange.end != "complete":
        return f"cut ({exchange.end})"
    if exchange.status not in _OK:
        return f"http-{exchange.status}"
    message = parse_response(exchange.response.read())
    if not message.payload:
        return "empty"
    if site.is_placeholder_asset(exchange.url, message.payload):
        return "placeholder"
    kind = media_type_of(exchange.response)
    return "not-an-image" if kind in {"text/html", "application/pdf", "application/zip"} else None


def _outcome(
    url: str, found: Document | PageState, images: Images | None, warnings: tuple[str, ...]
) -> Outcome:
    message: str | None = None
    if isinstance(found, Document):
        code, title, notice = of_state("ok"), found.title, None
        warnings = (*warnings, *found.provenance.warnings)
    else:
        code, title, notice = of_state(found.state), None, found.notice
        message = None if notice else next(iter(found.evidence), None)
    return Outcome(
        url=url,
        state=found.state,
        code=code,
        id=found.id,
        title=title,
        message=message,
        notice=notice,
        images=images,
        warnings=tuple(dict.fromkeys(warnings)),
    )

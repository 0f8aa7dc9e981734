"""The one straight way from a record to a document or a page state.

`fetch`, `import`, `rebuild`, `reindex` and `extract` all come through here, so that the same bytes give the
same document whoever asks. Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Final

import msgspec

from archive import Block, StoredRecord
from archive.codings import decode_body
from archive.digests import http_head
from archive.http1 import Head, Message, parse_response
from harvester.assemble import Origin, build
from harvester.capture.note import CaptureNote, Imported, bent_http, note_from_bytes
from harvester.document import Document, FieldSource, PageState
from harvester.errors import CodingError, HostileInputError, HttpMessageError, TooSlowError, UsageError
from harvester.extraction.html_or_not import why_not_html
from harvester.intake import secret_params
from harvester.reading import Article, NotArticle, Page
from harvester.roles import MARKDOWN_TYPE, page_url
from harvester.sites import FALLBACK, all_sites, doubted, site_for_page
from harvester.sites.base import Site
from harvester.times import http_date_text, utc_text
from harvester.urls import redirect_target, strip_secrets

_REDIRECTS: Final = range(300, 400)
_WHOLE: Final = frozenset({200, 203})
"""Statuses that carry a whole page (RFC 9110 §15.3)."""
_PART: Final = 206
_TOO_MANY: Final = 429
_GUARD: Final = "guard"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_CUT: Final = {
    "disconnect": "the connection broke off",
    "length": "the page is larger than the cap on a body: reading was stopped",
    "time": "the page took longer than the time allowed: reading was stopped",
}
"""WARC-Truncated (WARC 1.1 §5.13) in words."""


class ReadOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a reading may cost. The document names these options, since they can change it."""

    max_decoded_bytes: int = 64 << 20
    max_coding_ratio: float = 200.0


DEFAULT_OPTIONS: Final = ReadOptions()


def derive(
    response: StoredRecord, metadata: StoredRecord | None, options: ReadOptions = DEFAULT_OPTIONS
) -> Document | PageState:
    """Return what a response record or an imported page is: an article's document, or another page's state.

    A revisit is given resolved (`Archive.resolved`). `metadata` is the note that our capture or import wrote
    beside it; a foreign archive has none.
    """
    note = note_from_bytes(metadata.block) if metadata else None
    if response.type == "resource":
        return _derive_import(response, metadata, note, options)
    page, origin, fault = _open_record(response, metadata, note, options)
    if fault:
        site = _site_of(page)
        return build(fault(site.name), page, origin, site.rules_version)
    return _built(page, origin)


def extract(
    html: bytes | bytearray | memoryview | str,
    url: str | None = None,
    headers: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
) -> Document | PageState:
    """Read HTML that you bring yourself: a pure function of its arguments and the rules.

    `html` is a page's decoded body; `url` its final URL, if known (it helps to tell the publisher and
    the identity); `headers` the response's, for the charset. The document's `capture.method` is
    `file`: it proves nothing about where the bytes came from. Raises `TypeError` for other types.
    """
    if isinstance(html, str):
        body = html.encode("utf-8", "surrogatepass")
    elif isinstance(html, bytes | bytearray | memoryview):
        body = bytes(html)
    else:
        raise TypeError(f"html must be bytes or str, not {type(html).__name__}")
    if url is not None and not isinstance(url, str):
        raise TypeError(f"url must be str or None, not {type(url).__name__}")
    url = url and _sayable(url)
    return _built(Page(body=body, url=url, headers=_headers(headers)), Origin(method="file"))


def _sayable(text: str) -> str:
    """Return text that can be written: U+FFFD for the halves of characters that Python lets stand in it."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _headers(given: Mapping[str, str] | Sequence[tuple[str, str]] | None) -> tuple[tuple[str, str], ...]:
    pairs = given.items() if isinstance(given, Mapping) else given or ()
    try:
        fields = tuple((name, value) for name, value in pairs)
    except (TypeError, ValueError) as error:
        raise TypeError("headers must be a mapping, or pairs of name and value") from error
    if not all(isinstance(text, str) for pair in fields for text in pair):
        raise TypeError("headers must be pairs of str")
    return tuple((_sayable(name), _sayable(value)) for name, value in fields)


def _derive_import(
    record: StoredRecord, metadata: StoredRecord | None, note: CaptureNote | None, options: ReadOptions
) -> Document | PageState:
    """Read an imported page: the record's block is the page's body, or the Markdown that was made of it."""
    imported = note.imported if note else None
    page = _import_page(record, imported)
    origin = _origin(record, metadata, note, None, options)
    if (record.content_type or "").startswith(MARKDOWN_TYPE):
        from harvester.imports import markdown  # noqa: PLC0415 - its parser is only needed here

        site = _site_of(page)
        found = build(markdown.read(site, page), page, origin, markdown.rules_version())
    else:
        found = _built(page, origin)
    return _with_claims(found, imported) if imported else found


def _import_page(record: StoredRecord, imported: Imported | None) -> Page:
    return Page(
        body=record.block,
        url=page_url(record),
        status=imported.status if imported else None,
        headers=(("Content-Type", record.content_type or "text/html"),),
    )


def page_of(
    response: StoredRecord, metadata: StoredRecord | None, options: ReadOptions = DEFAULT_OPTIONS
) -> Page:
    """Return a record's page as `derive` gives it to a reader; its body is empty if it cannot be decoded."""
    note = note_from_bytes(metadata.block) if metadata else None
    if response.type == "resource":
        return _import_page(response, note.imported if note else None)
    return _open_record(response, metadata, note, options)[0]


def may_be_of(site: str, response: StoredRecord, metadata: StoredRecord | None) -> bool:
    """Tell without reading it whether what `derive` makes of a record can be of this site.

    A page is read by the site that its address or bytes tell, and if it proves not to be that one's, by the
    fallback.
    """
    return site in {FALLBACK, _site_of(page_of(response, metadata)).name}


def _with_claims(found: Document | PageState, imported: Imported) -> Document | PageState:
    """Put the fetch date that the file claims in the place of the record's, which is that of the import."""
    claims = {"fetch_date": imported.fetched_source, "capture.url": imported.url_source}
    sources = {
        name: FieldSource(source=source, reason=None if source else "the file does not say")
        for name, source in claims.items()
    }
    fields = {**found.provenance.fields, **sources}
    provenance = msgspec.structs.replace(found.provenance, fields=fields)
    return msgspec.structs.replace(found, fetch_date=imported.fetched, provenance=provenance)


class _Fault:
    """A page that no reader is shown, and why."""

    def __init__(self, state: str, rule: str, *evidence: str, **details: str) -> None:
        self._reading = (state, rule, evidence, details)

    def __call__(self, site: str) -> NotArticle:
        state, rule, evidence, details = self._reading
        return NotArticle(site=site, state=state, rule=rule, evidence=evidence, details=details)


def _open_record(
    response: StoredRecord, metadata: StoredRecord | None, note: CaptureNote | None, options: ReadOptions
) -> tuple[Page, Origin, _Fault | None]:
    truncated = response.get("WARC-Truncated")
    chain = note.chain if note else ()
    fault: _Fault | None = None
    body = b""
    head: Head | None = None
    message: Message | None = None
    try:
        message = parse_response(response.block)
        head = message.head
        fault = _message_fault(message, truncated, response.target_uri)
        body = decode_body(
            message.payload,
            message.head.get("Content-Encoding"),
            max_bytes=options.max_decoded_bytes,
            max_ratio=options.max_coding_ratio,
        )
    except HttpMessageError as error:
        fault = _Fault("partial", "http.head", str(error))
    except CodingError as error:
        fault = fault or _Fault("partial", "http.coding", str(error))
    page = Page(
        body=body,
        url=response.target_uri,
        status=head.status if head else None,
        headers=head.fields if head else (),
        redirected_from=chain,
        complete=fault is None,
    )
    own = http_head(Block.of(response.revisit.record.block)) if response.revisit else head
    origin = _origin(response, metadata, note, own.get("Date") if own else None, options)
    if message is not None and body is message.payload:
        origin = replace(origin, body_sha256=_proven_sha256(response, message))
    return page, origin, fault


def _proven_sha256(response: StoredRecord, message: Message) -> str | None:
    """Return the payload's SHA-256 where the reader has compared it with the record's own statement.

    A third digest of a page of megabytes is a tenth of the time that reading it takes.
    """
    form, _, value = (response.payload_digest or "").partition(":")
    whole = message.framing == "length" and message.complete and not message.surplus
    proven = whole and response.revisit is None and response.get("WARC-Segment-Number") is None
    return value if proven and form == "sha256" and _SHA256.fullmatch(value) else None


def _message_fault(message: Message, truncated: str | None, uri: str | None) -> _Fault | None:
    if truncated or not message.complete:
        form = f"WARC-Truncated: {truncated}" if truncated else "the message ends before its declared end"
        return _Fault("partial", "http.truncated", _cut_words(message, truncated), form)
    if message.head.status == HTTPStatus.NOT_MODIFIED:
        why = "HTTP status 304, and no stored record that it could confirm"
        return _Fault("http_error", "http.304", why)
    if message.head.status in _REDIRECTS:
        return _redirect_fault(message.head.get("Location"), uri)
    return None


def _cut_words(message: Message, truncated: str | None) -> str:
    """Say for a person how a body was cut; bytes are those of the body as sent, without chunks' frames."""
    why = _CUT.get(truncated or "disconnect", "the server's answer cannot be followed to its end")
    declared = message.head.get("Content-Length") or ""
    of = f" of {declared}" if declared.isdecimal() and message.framing == "length" else ""
    return f"{why} after {len(message.payload)}{of} bytes"


def _redirect_fault(location: str | None, uri: str | None) -> _Fault:
    if not location:
        return _Fault("redirect", "http.redirect", "a redirect that names no Location")
    try:
        target, _ = strip_secrets(redirect_target(uri or "", location), secret_params())
    except UsageError as error:
        return _Fault("redirect", "http.redirect", f"a redirect to what is no web address: {error}")
    wanted = next((url for url in (site.challenge(target) for site in all_sites()) if url is not None), None)
    if wanted is None:
        return _Fault("redirect", "http.redirect", f"Location: {target}", location=target)
    details = {"target_url": wanted} if wanted else {}
    return _Fault(
        "verification", "http.redirect-to-challenge", "Location leads to a verification page", **details
    )


def _origin(
    response: StoredRecord,
    metadata: StoredRecord | None,
    note: CaptureNote | None,
    date: str | None,
    options: ReadOptions,
) -> Origin:
    return Origin(
        method=note.method if note else "warc",
        record_id=response.record_id,
        payload_record_id=response.revisit.record_id if response.revisit else None,
        metadata_id=metadata.record_id if metadata and note else None,
        block_digest=_as_it_lies(response).block_digest,
        payload_digest=response.payload_digest,
        fetch_date=utc_text(response.date),
        server_date=http_date_text(date),
        truncated=response.get("WARC-Truncated"),
        vantage=note.vantage if note else None,
        discovered_via=note.discovered_via if note else None,
        rehearsal=note.rehearsal if note else None,
        warnings=(*note.warnings, *bent_http(note)) if note else (),
        options=msgspec.to_builtins(options),
    )


def _as_it_lies(response: StoredRecord) -> StoredRecord:
    """Return the record that is in the WARC: of a resolved revisit the revisit itself."""
    return response.revisit.record if response.revisit else response


def _site_of(page: Page) -> Site:
    try:
        return site_for_page(page)
    except Exception:  # noqa: BLE001 - as below; who cannot be recognised is read as anybody's page
        return all_sites()[-1]


def _built(page: Page, origin: Origin) -> Document | PageState:
    """Read a page by its publisher's rules; by those for any page if it proves not to be that publisher's."""
    site = _site_of(page)
    reading = _read(site, page)
    other = doubted(page, site, reading)
    if other is not None:
        site, reading = other, _read(other, page)
    return build(reading, page, origin, site.rules_version)


def _of_html(reading: Article | NotArticle, page: Page) -> Article | NotArticle:
    """Return a reading as it is, or "unknown" where what was read is no HTML page."""
    if isinstance(reading, NotArticle) and reading.state != "unknown":
        return reading
    if not page.body or page.body.isspace():
        return NotArticle(site=reading.site, state="unknown", rule="empty", evidence=("the page is empty",))
    proven = reading.site != FALLBACK if isinstance(reading, Article) else reading.rule == _GUARD
    why = why_not_html(page.body, page.header("Content-Type"), proven=proven)
    if why is None:
        return reading
    return NotArticle(site=reading.site, state="unknown", rule="not-html", evidence=(why,))


def _read(site: Site, page: Page) -> Article | NotArticle:
    try:
        reading = site.read(page)
    except TooSlowError as error:  # no finding about the page: the rule's name lets whoever reads on tell
        return NotArticle(site=site.name, state="unknown", rule="guard.time", evidence=(str(error),))
    except HostileInputError as error:
        reading = NotArticle(site=site.name, state="unknown", rule=_GUARD, evidence=(str(error),))
    except Exception as error:  # noqa: BLE001 - one page that a reader trips over must not stop a run
        evidence = f"a fault of the reader: {type(error).__name__}: {error}; please report this page"
        return NotArticle(site=site.name, state="unknown", rule="defect", evidence=(evidence,))
    reading = _of_html(reading, page)
    if page.status is None or page.status in _WHOLE:
        return reading
    if page.status == _TOO_MANY:
        evidence = "HTTP status 429 (RFC 6585 §4)"
        return NotArticle(site=site.name, state="rate_limited", rule="http.429", evidence=(evidence,))
    if isinstance(reading, Article) or reading.state == "unknown":
        state = "partial" if page.status == _PART else "http_error"
        evidence = f"HTTP status {page.status}"
        return NotArticle(site=site.name, state=state, rule="http.status", evidence=(evidence,))
    return reading

"""The reading view: an article as one static page, made from its document and labelled as ours.

Replayed originals depend on their publisher's scripts; this page depends on nothing but its images. It
stands under a web address of a name that can never exist (`.invalid`, RFC 2606), since replay tools
neither list nor link pages of other schemes. A Content-Security-Policy is left out on purpose: those
tools put scripts of their own into what they replay, under other addresses.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Final

from archive import Block, Record
from harvester.document import Document
from harvester.export.body import body_html, image_key, picture
from harvester.export.records import about, derived_id
from harvester.markup import Markup, element, is_web

BASE: Final = "https://reading.harvester.invalid/"


def reading_url(document_id: str) -> str:
    """Return the address of a document's reading view."""
    return f"{BASE}{document_id}.html"


def reading_records(
    document: Document, page_url: str | None, images: Mapping[str, str], when: datetime, software: str
) -> tuple[Record, Record]:
    """Return the reading view as a `resource` record, and the `metadata` record that says what it is."""
    data = reading_html(document, page_url, images, software)
    url = reading_url(document.id)
    resource = Record(
        type="resource",
        record_id=derived_id(f"reading {document.id} {software}"),
        date=when,
        block=Block.of(data),
        content_type="text/html; charset=utf-8",
        target_uri=url,
    )
    facts = {
        "software": software,
        "description": "a reading view made from the document; not what the publisher sent",
        "harvester-reading-of": document.provenance.record_id or "unknown",
        "harvester-document": document.id,
        "harvester-text-sha256": document.text_sha256,
    }
    return resource, about(resource.record_id, url, when, facts)


def reading_html(document: Document, page_url: str | None, images: Mapping[str, str], software: str) -> bytes:
    """Return the page, UTF-8. `images` as for `body_html`."""
    body, seen = body_html(document.markdown, images)
    further = [
        element("p", picture(image.url, image.alt, images))
        for image in document.images
        if image.role == "body" and image_key(image.url) not in seen
    ]
    title = document.title or "（无题 · untitled）"
    by = " · ".join(filter(None, (document.source, document.author, document.published_at or document.date)))
    note = element("blockquote", document.note) if document.note else None
    main = element("main", element("h1", title), element("p", by, cls="by"), note, body, *further)
    head = (
        Markup('<meta charset="utf-8">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Markup('<meta name="robots" content="noindex">'),
        element("title", f"阅读视图 · {title}"),
        element("style", Markup(_style())),
    )
    page = element(
        "html",
        element("head", *head),
        element("body", _label(document, page_url, software), main),
        lang=document.language or "zh",
    )
    return f"<!DOCTYPE html>\n{page}\n".encode()


@cache
def _style() -> str:
    return resources.files("harvester.export").joinpath("reading.css").read_text(encoding="utf-8")


def _label(document: Document, page_url: str | None, software: str) -> Markup:
    """Return the header that says what this page is, and from what it was made."""
    link = element("a", page_url, href=page_url) if page_url and is_web(page_url) else "未知 · unknown"
    provenance = document.provenance
    facts: list[tuple[str, str | None]] = [
        ("原网页 · original", link),
        ("存档时间 · captured", provenance.clocks.harvester or document.fetch_date),
        ("WARC record", provenance.record_id),
        ("text SHA-256", document.text_sha256),
        ("made by", software),
        ("captured by", _method(document)),
    ]
    rows = [part for name, value in facts if value for part in (element("dt", name), element("dd", value))]
    return element(
        "header",
        element("p", element("strong", "Harvester 阅读视图，不是发布者的原网页。")),
        element(
            "p", "This is Harvester's reading view, derived from the record below; not the publisher's page."
        ),
        element("dl", *rows),
        cls="label",
    )


def _method(document: Document) -> str | None:
    if document.capture.rehearsal is not None:
        return "演练，不是证据 · a rehearsal, not evidence"
    return None if document.capture.method == "live" else document.capture.method

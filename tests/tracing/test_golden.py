"""Every field of every golden document is found again in its record, and read again from there alone."""

from __future__ import annotations

import hashlib
from functools import cache

import msgspec
import pytest
from selectolax.lexbor import LexborHTMLParser

from archive import StoredRecord
from benchmarks.quality import golden
from fixtures.golden import Case, cases
from harvester.document import Document
from harvester.extraction.charset import decode_html
from harvester.pipeline import derive, page_of
from harvester.places import KINDS, Place
from harvester.tracing import Trace, trace

CASES = {case.slug: case for case in cases()}
NOT_LOCATED = {
    ("generic", "trafilatura"): "the extractor of pages of no known publisher does not tell its elements",
}
"""Sources that documents name and whose place cannot be found again, and why."""
WHOLE = {
    ("generic", "text"),
    ("generic", "markdown"),
    ("wechat", "declared.ip_region"),
    ("wechat", "images"),
    ("wechat", "original_account.author"),
    ("wechat", "preview"),
}
"""Fields that in some golden case are read again from the whole page, no closer place being told."""


@pytest.fixture(params=sorted(CASES))
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@cache
def _records(slug: str) -> tuple[StoredRecord, StoredRecord]:
    return golden.records(CASES[slug])


@cache
def _traced(slug: str) -> Trace:
    response, note = _records(slug)
    return trace(derive(response, note), response, note)


def traced(case: Case) -> Trace:
    return _traced(case.slug)


def test_every_field_gives_the_stored_value_again(case: Case) -> None:
    """Nothing differs, and the digest of the body is the document's."""
    found = traced(case)
    assert found.differing == ()
    assert found.body.equal is True
    assert found.versions == {}
    assert {place.kind for one in found.fields for place in one.places} <= set(KINDS)


def test_every_source_that_a_document_names_is_located(case: Case) -> None:
    """No named source is answered with the whole page, but for those listed here with their reason."""
    found = traced(case)
    if found.state != "ok":
        return
    whole = {one.field for one in found.fields if one.whole is not None}
    assert {(found.site, name) for name in whole} <= WHOLE
    named = {(found.site, one.source) for one in found.fields if one.whole is not None and one.source}
    assert named <= set(NOT_LOCATED)


def test_a_span_holds_the_bytes_that_its_digest_is_of(case: Case) -> None:
    """Offsets are into the decoded body: cut there, the bytes have the digest and begin as they are shown."""
    response, note = _records(case.slug)
    body = page_of(response, note).body
    encoding = decode_html(body, dict(case.headers).get("Content-Type")).encoding
    for one in traced(case).fields:
        for place in one.places:
            if place.start is None:
                continue
            data = body[place.start : place.end]
            assert hashlib.sha256(data).hexdigest() == place.sha256, one.field
            assert data.decode(encoding, "replace").startswith(place.shown or ""), one.field


def test_a_path_selects_one_element_with_its_digest(case: Case) -> None:
    """In a tree parsed apart, the selector finds exactly one element, whose markup has the digest."""
    response, note = _records(case.slug)
    root = LexborHTMLParser(decode_html(page_of(response, note).body).data).root
    assert root is not None
    for one in traced(case).fields:
        for place in one.places:
            if place.path is not None and place.path != "html":
                nodes = root.css(place.path)
                assert len(nodes) == 1, (one.field, place.path)
                assert hashlib.sha256((nodes[0].html or "").encode()).hexdigest() == place.sha256


def test_a_changed_document_is_told() -> None:
    """A field that was altered in the stored document is not what its place gives: it differs, alone."""
    response, note = golden.records(_any())
    whole = derive(response, note)
    assert isinstance(whole, Document)
    forged = msgspec.structs.replace(whole, title="另一个标题")
    assert trace(forged, response, note).differing == ("title",)
    words = msgspec.structs.replace(whole, text=whole.text + "。", text_sha256="0" * 64)
    assert {"text", "text_sha256"} <= set(trace(words, response, note).differing)


def test_another_version_is_told_as_that() -> None:
    """What made the document and what reads it now stand beside each other where they differ."""
    response, note = golden.records(_any())
    whole = derive(response, note)
    older = msgspec.structs.replace(whole.provenance, rules={whole.site: "older"})
    found = trace(msgspec.structs.replace(whole, provenance=older), response, note)
    assert found.versions == {f"rules.{whole.site}": ("older", whole.provenance.rules[whole.site])}


def test_a_source_that_no_rule_knows_is_answered_from_the_whole_page() -> None:
    """A document of another program names other carriers: the reason is told, and the value compared."""
    response, note = golden.records(_any())
    whole = derive(response, note)
    told = msgspec.structs.replace(whole.provenance.fields["title"], source="var no_such")
    fields = {**whole.provenance.fields, "title": told}
    provenance = msgspec.structs.replace(whole.provenance, fields=fields)
    found = trace(msgspec.structs.replace(whole, provenance=provenance), response, note)
    title = next(one for one in found.fields if one.field == "title")
    assert title.equal
    assert title.whole
    assert title.places == (Place(kind="page"),)


def _any() -> Case:
    return next(
        case
        for slug, case in sorted(CASES.items())
        if slug.startswith("wechat/") and case.facts["state"] == "ok"
    )

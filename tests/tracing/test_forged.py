"""A stored document is input: whatever it claims, a trace ends with an answer."""

from __future__ import annotations

from functools import cache

import msgspec
import pytest

from archive import StoredRecord
from benchmarks.quality import golden
from fixtures.golden import cases
from harvester.document import Document, FieldSource
from harvester.errors import GiveUpError
from harvester.pipeline import derive
from harvester.tracing import trace

SOURCES = (
    "",
    "*",
    "::",
    "a[",
    ">>>",
    "meta[",
    "meta[]",
    "title:name",
    "#jiucuo_url:url",
    "url",
    "url:nothing",
    "url:name",
    "json-ld:",
    "json-ld:author",
    "text",
    "text[9:1]",
    "layout:none",
    "before the body",
    "heading",
    "html[lang]",
    "body",
    "dom:***",
    "dom:a@href",
    "cgiDataNew.",
    "cgiDataNew.content_noencode",
    "cgiDataNew.title.a.b",
    "cgiData.title",
    "var ",
    "d.x",
    "link:mid",
    "front-matter.title",
    "\0",
    "灯" * 5000,
)


@cache
def one_of(site: str) -> tuple[StoredRecord, StoredRecord, Document]:
    for case in sorted(cases(), key=lambda case: case.slug):
        if case.site == site and case.facts["state"] == "ok":
            records = golden.records(case)
            found = derive(*records)
            assert isinstance(found, Document)
            return *records, found
    pytest.fail(site)


def forged(document: Document, source: str) -> Document:
    names = [*document.provenance.fields, "url", "identity", "images", "kind", "event_date", "no_such.field"]
    fields = {name: FieldSource(source=source) for name in names}
    return msgspec.structs.replace(
        document, provenance=msgspec.structs.replace(document.provenance, fields=fields)
    )


@pytest.mark.parametrize("source", SOURCES, ids=range(len(SOURCES)))
@pytest.mark.parametrize("site", ["wechat", "mfa", "generic"])
def test_any_claim_of_a_source_is_answered(site: str, source: str) -> None:
    """No claim raises, and none makes a field count as equal that is not what the page gives."""
    response, note, document = one_of(site)
    found = trace(forged(document, source), response, note)
    for one in found.fields:
        if one.equal and one.places and one.whole is None:
            assert one.recomputed == one.stored


@pytest.mark.parametrize("site", ["wechat", "mfa", "generic"])
def test_a_document_of_another_page_differs(site: str) -> None:
    """Held against another page's record, hardly a field agrees, and nothing is raised."""
    response, note, _ = one_of(site)
    for other in {"wechat", "mfa", "generic"} - {site}:
        stranger = one_of(other)[2]
        found = trace(stranger, response, note)
        assert {"title", "text", "id"} <= set(found.differing)
        assert found.body.equal is False


@pytest.mark.parametrize(
    "options", [{"max_decoded_bytes": "much"}, {"max_decoded_bytes": 1 << 50}, {"max_coding_ratio": -1}]
)
def test_options_that_no_reading_has_are_refused(options: dict[str, object]) -> None:
    """A document cannot make a trace decode a bomb."""
    response, note, document = one_of("wechat")
    provenance = msgspec.structs.replace(document.provenance, options=options)
    with pytest.raises(GiveUpError, match="options"):
        trace(msgspec.structs.replace(document, provenance=provenance), response, note)

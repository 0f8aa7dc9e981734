"""Where both texts come from: a table of facts, the captured side beside the original."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from harvester.document import Document
from harvester.markup import Markup, element, is_web
from harvester.verify import Side, SideFacts
from harvester.verify_report.given import Given, Place
from harvester.verify_report.visible import inert
from harvester.verify_report.words import Words

_CODES: Final = frozenset(
    [
        "id",
        "record",
        "payload_record",
        "place",
        "block_digest",
        "payload_digest",
        "body_sha256",
        "text_sha256",
        "certificates",
        "file_sha256",
        "peer",
        "rehearsal",
    ]
)
_LINKS: Final = frozenset({"url", "declared_url"})


def rehearsals_html(given: Given) -> Markup | None:
    """Return the warning that a side is a rehearsal, None where neither is."""
    words = given.words
    sides = ((words("page.captured"), given.captured), (words("page.original"), given.original))
    named = [
        element("p", element("b", label), words("page.rehearsal_words"))
        for label, side in sides
        if side.rehearsal is not None
    ]
    if not named:
        return None
    return element("section", element("h2", words("page.rehearsal")), *named, cls="alarm", role="alert")


def warnings_html(given: Given) -> Markup | None:
    """Return what the comparison warns of, None for nothing."""
    said = [given.words.said(warning) for warning in given.result.warnings]
    of_pages = [
        (warning, None) for side in (given.captured, given.original) for warning in _page_warnings(side)
    ]
    if not (said or of_pages):
        return None
    lines = [
        element("li", inert(text), lang=language) for text, language in dict.fromkeys((*said, *of_pages))
    ]
    return element(
        "section", element("h2", given.words("page.warnings")), element("ul", *lines), cls="warnings"
    )


def facts_html(given: Given) -> Markup:
    """Return the table of facts; a row that says nothing of either side is left out."""
    words = given.words
    sides = (
        dict(_facts(given.captured, given.result.sides.captured, given.places[0], words)),
        dict(_facts(given.original, given.result.sides.original, given.places[1], words)),
    )
    keys = dict.fromkeys(key for side in sides for key in side)
    order = {key: place for place, key in enumerate(_ORDER)}
    rows = [
        element(
            "tr",
            element("th", words(f"facts.{key}"), scope="row", role="rowheader"),
            *(
                _cell(key, side.get(key, "" if side else "–"), words, label)
                for side, label in zip(sides, _labels(words), strict=True)
            ),
            role="row",
        )
        for key in sorted(keys, key=lambda key: order[key])
        if any(side.get(key) for side in sides)
    ]
    head = element(
        "tr",
        *(
            element("th", label, scope="col", role="columnheader")
            for label in (words("facts.fact"), *_labels(words))
        ),
        role="row",
    )
    table = element(
        "table",
        element("thead", head, role="rowgroup"),
        element("tbody", *rows, role="rowgroup"),
        role="table",
    )
    return element("section", element("h2", words("facts.heading")), table, id="facts", cls="facts")


_ORDER: Final = [
    "title",
    "url",
    "source",
    "account",
    "author",
    "published",
    "modified",
    "declared",
    "declared_url",
    "state",
    "fetched",
    "server_clock",
    "method",
    "rehearsal",
    "id",
    "record",
    "payload_record",
    "place",
    "block_digest",
    "payload_digest",
    "body_sha256",
    "file",
    "file_sha256",
    "text_sha256",
    "characters",
    "peer",
    "tls",
    "certificates",
    "rules",
    "software",
]


def _labels(words: Words) -> tuple[str, str]:
    return words("page.captured"), words("page.original")


def _cell(key: str, value: str | None, words: Words, label: str) -> Markup:
    if not value:
        return element(
            "td", element("span", words("facts.unknown"), cls="quiet"), data_label=label, role="cell"
        )
    shown: Markup = inert(value)
    if key in _LINKS and is_web(value):
        shown = element("a", shown, href=value, rel="noopener noreferrer")
    elif key in _CODES:
        shown = element("code", shown)
    return element("td", shown, data_label=label, role="cell")


def _facts(
    side: Side, told: SideFacts, place: Place | None, words: Words
) -> Iterator[tuple[str, str | None]]:
    found = side.document or side.page_state
    if side.is_absent:
        return  # there is nothing that could have come from anywhere
    yield "title", side.title
    yield "text_sha256", f"sha256:{told.text_sha256}"
    yield "characters", str(told.characters)
    yield "record", told.record_id
    yield "payload_digest", told.payload_digest
    yield "rehearsal", _flat(side.rehearsal) if side.rehearsal else None
    yield from _of_origin(side.origin)
    if place is not None:
        where = words("facts.bytes_at", offset=place.offset, length=place.length)
        yield "place", f"{place.file}, {where}"
    if found is None:
        yield "method", words("method.text")
        return
    provenance = found.provenance
    yield "url", found.url
    rehearsed = found.capture.method == "live" and side.rehearsal is not None
    yield "method", words.named("method", "rehearsal" if rehearsed else found.capture.method)
    yield "id", found.id if provenance.record_id else None
    yield "fetched", provenance.clocks.harvester or found.fetch_date
    yield "server_clock", provenance.clocks.server
    yield "payload_record", provenance.payload_record_id
    yield "block_digest", provenance.block_digest
    yield "body_sha256", f"sha256:{provenance.body_sha256}"
    yield "rules", _pairs(provenance.rules)
    yield "software", _pairs(provenance.software)
    yield "state", None if found.state == "ok" else found.state
    if isinstance(found, Document):
        yield from _of_document(found)


def _of_document(found: Document) -> Iterator[tuple[str, str | None]]:
    original = found.original_account
    yield "source", found.source
    yield (
        "account",
        " · ".join(filter(None, (found.account.id, found.account.alias))) if found.account else None,
    )
    yield "author", found.author
    yield "published", found.published_at or found.date
    yield "modified", found.modified_at or (found.edits.modified_at if found.edits else None)
    yield "declared", found.original_source or (original.name if original else None)
    yield "declared_url", found.source_url or (original.url if original else None)


_OF_ORIGIN: Final = {
    "file": "file",
    "file_sha256": "file_sha256",
    "url": "url",
    "source": "source",
    "date": "published",
    "published_at": "published",
    "fetch_date": "fetched",
    "id": "id",
    "record_id": "record",
    "peer": "peer",
    "tls": "tls",
}
"""Facts by the names that `harvester.verifying.sides` or a file's front matter gives them."""


def _of_origin(origin: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """Yield what the caller knew of a side's origin."""
    for key, name in _OF_ORIGIN.items():
        if isinstance(origin.get(key), str) and origin[key]:
            yield name, origin[key]
    certificates = origin.get("certificates_sha256")
    if isinstance(certificates, list | tuple):
        yield "certificates", " ".join(map(str, certificates))


def _page_warnings(side: Side) -> tuple[str, ...]:
    found = side.document or side.page_state
    return found.provenance.warnings if found else ()


def _pairs(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(values.items()))


def _flat(values: Mapping[str, Any]) -> str:
    return _pairs(
        {
            key: " ".join(map(str, one)) if isinstance(one, list | tuple) else one
            for key, one in values.items()
        }
    )

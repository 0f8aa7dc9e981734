"""The trace as a pure function of a document and the record it was made of."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from archive import StoredRecord
from harvester.document import Document, PageState
from harvester.errors import GiveUpError, HostileInputError
from harvester.pipeline import DEFAULT_OPTIONS, ReadOptions, derive, page_of
from harvester.places import Located, Place, Tracer
from harvester.reading import Page
from harvester.roles import MARKDOWN_TYPE
from harvester.sites import all_sites
from harvester.tracing.assembled import assembled
from harvester.tracing.digests import body_digest, digests_of
from harvester.tracing.paragraphs import lines_of
from harvester.tracing.result import SCHEMA, FieldTrace, RecordTrace, Trace

_WITH_TEXT: Final = frozenset(["markdown", "images", "hidden", "questions"])
"""Members that come with the text: they are looked for where it stands."""
_ELSEWHERE: Final = {
    "page_time": ("provenance", "clocks", "page"),
    "server_time": ("provenance", "clocks", "server"),
}
"""Times that stand in a document's provenance: of the page, and of the response's `Date`."""
_MAX_OPTION: Final = 16
_NO_SOURCE: Final = "it is told by several places of the page together"
_NOTHING: Final = "the page has nothing of the kind"


def trace(
    found: Document | PageState,
    response: StoredRecord,
    metadata: StoredRecord | None,
    payload: StoredRecord | None = None,
) -> Trace:
    """Return where every field of `found` stands in the record it was made of, and what is read there now.

    `response` is given as `derive` takes it: a revisit resolved; `payload` is then the record that it refers
    to. Nothing but these records and the document is looked at. Raises `GiveUpError` for a document that
    names options with which nothing is read.
    """
    options = _options(found)
    page = page_of(response, metadata, options)
    again = derive(response, metadata, options)
    tracer = _tracer(found, response, metadata, options)
    return Trace(
        schema=SCHEMA,
        id=found.id,
        site=found.site,
        state=found.state,
        url=found.url,
        records=_records(found, response, metadata, payload),
        body=body_digest(page.body, found.provenance),
        body_bytes=len(page.body),
        versions=_versions(found, again),
        fields=tuple(
            _with_lines(one, page) for one in _Fields(found, again, response, metadata, tracer).all()
        ),
    )


def _with_lines(field: FieldTrace, page: Page) -> FieldTrace:
    """Return the text's trace with the elements of its lines; other fields' as they are."""
    if field.field != "text" or field.whole is not None or len(field.places) != 1:
        return field
    return msgspec.structs.replace(field, lines=lines_of(field.recomputed or "", field.places[0], page))


def _options(found: Document | PageState) -> ReadOptions:
    """Return the options that a document names, if a reading could have had them."""
    try:
        options = msgspec.convert(found.provenance.options, ReadOptions)
    except msgspec.ValidationError as error:
        raise GiveUpError(f"the options that {found.id} names cannot be read: {error}") from error
    largest = DEFAULT_OPTIONS.max_decoded_bytes * _MAX_OPTION
    if not (0 < options.max_decoded_bytes <= largest and options.max_coding_ratio > 0):
        raise GiveUpError(f"the options that {found.id} names are none that a page was read with")
    return options


def _tracer(
    found: Document | PageState, response: StoredRecord, metadata: StoredRecord | None, options: ReadOptions
) -> Tracer | None:
    """Return what finds places in a page: its publisher's, or Markdown's; None for what is no article."""
    site = next((one for one in all_sites() if one.name == found.site), None)
    if site is None or isinstance(found, PageState):
        return None
    page = page_of(response, metadata, options)
    if (response.content_type or "").startswith(MARKDOWN_TYPE):
        from harvester.imports.markdown_places import MarkdownPlaces  # noqa: PLC0415 - as in the pipeline

        return MarkdownPlaces(page, found)
    try:
        return site.tracer(page, found)
    except HostileInputError:
        return None


def _versions(found: Document | PageState, again: Document | PageState) -> dict[str, tuple[Any, Any]]:
    """Return what made the document (first) and what reads it now (second), where these differ."""
    was, now = found.provenance, again.provenance
    pairs = {
        f"{what}.{name}": (one.get(name), other.get(name))
        for what, one, other in (("software", was.software, now.software), ("rules", was.rules, now.rules))
        for name in sorted({*one, *other})
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _records(
    found: Document | PageState,
    response: StoredRecord,
    metadata: StoredRecord | None,
    payload: StoredRecord | None,
) -> tuple[RecordTrace, ...]:
    own = response.revisit.record if response.revisit else response
    out = [_record(own.type, own, found)]
    if payload is not None:
        out.append(_record("payload", payload, None))
    if metadata is not None:
        out.append(_record("metadata", metadata, None))
    return tuple(out)


def _record(role: str, record: StoredRecord, found: Document | PageState | None) -> RecordTrace:
    where = record.location
    return RecordTrace(
        role=role,
        record_id=record.record_id,
        type=record.type,
        date=record.get("WARC-Date") or "",
        target_uri=record.target_uri,
        file=where.file,
        offset=where.offset,
        length=where.length,
        digests=digests_of(record, found.provenance if found else None),
    )


class _Fields:
    """The fields of one document, each looked for in turn."""

    def __init__(
        self,
        found: Document | PageState,
        again: Document | PageState,
        response: StoredRecord,
        metadata: StoredRecord | None,
        tracer: Tracer | None,
    ) -> None:
        self._found = found
        self._stored: dict[str, Any] = msgspec.to_builtins(found)
        self._again: dict[str, Any] = msgspec.to_builtins(again)
        self._assembled = assembled(found, response, metadata)
        self._tracer = tracer
        self._sources = found.provenance.fields

    def all(self) -> list[FieldTrace]:
        """Return every member of the document but its provenance, and what that names besides."""
        given = {*self._sources, *self._assembled}
        names = [*_names(self._stored), *(name for name in _ELSEWHERE if name in given)]
        return [self._one(name) for name in names]

    def _one(self, name: str) -> FieldTrace:
        stored = _member(self._stored, name)
        told = self._sources.get(name)
        source = told.source if told else None
        found = self._located(name, source)
        if isinstance(found, Located):
            value = msgspec.to_builtins(found.value)
            return FieldTrace(
                field=name,
                source=source,
                places=found.places,
                stored=stored,
                recomputed=value,
                equal=value == stored,
            )
        again = _member(self._again, name)
        is_nothing = stored in (None, False, [], {}, ())
        return FieldTrace(
            field=name,
            source=source,
            places=() if is_nothing else (Place(kind="page"),),
            stored=stored,
            recomputed=again,
            equal=again == stored,
            whole=None if is_nothing else found,
            reason=(told.reason if told else None) or (_NOTHING if is_nothing else None),
        )

    def _located(self, name: str, source: str | None) -> Located | str:
        """Return a field's exact places, or why only the whole page can be named."""
        if name in self._assembled and source is None:
            return self._assembled[name]
        parent, dot, member = name.partition(".")
        if source is None and dot and parent in self._sources:
            return self._of_parent(parent, member)
        if self._tracer is None or _member(self._stored, name) is None:
            return _NO_SOURCE
        text = self._sources.get("text")
        if source is None and name in _WITH_TEXT and text is not None:
            source = text.source
        located = self._tracer.locate(name, source or "")
        return located if isinstance(located, Located) else located.reason

    def _of_parent(self, parent: str, member: str) -> Located | str:
        source = self._sources[parent].source
        if source is None or self._tracer is None:
            return _NO_SOURCE
        located = self._tracer.locate(parent, source)
        if not isinstance(located, Located):
            return located.reason
        value = msgspec.to_builtins(located.value)
        return Located(located.places, value.get(member)) if isinstance(value, dict) else _NO_SOURCE


def _names(document: dict[str, Any]) -> list[str]:
    """Return the names of a document's members, those of structures inside as `account.name`."""
    out: list[str] = []
    for name, value in document.items():
        if name == "provenance":
            continue
        is_structure = isinstance(value, dict) and name != "details"
        out += [f"{name}.{inner}" for inner in value] if is_structure else [name]
    return out


def _member(document: dict[str, Any], name: str) -> Any:
    value: Any = document
    for part in _ELSEWHERE.get(name) or name.split(".", 1):
        value = value.get(part) if isinstance(value, dict) else None
    return value

"""One row of each table, and its line of JSON. docs/tables.md is made from these definitions.

Columns are flat where people filter and sort; what is nested is one JSON text a column, so that every
reader of Parquet and JSONL takes it. Times stay RFC 3339 text, as precise as the page gave them. Unknown
is null. A `DocumentRow` holds the whole document: `to_document` gives it back.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Self

import msgspec
from msgspec import Meta

from archive import StoredRecord
from harvester.document import Document, Image, PageState
from harvester.times import utc_text

OUTCOMES: Final = {
    "asset": "the record is a picture, a script or another part of a page: nothing to read",
    "failed": "the record could not be read; `detail` says why",
    "unresolved": "a revisit whose referred record is in none of the inputs",
    "withdrawn": "the archive holds a tombstone for it: hidden, so not read",
}
"""Outcomes beside the states of a page (`harvester.document.STATES`)."""

_NESTED: Final = (
    "account",
    "original_account",
    "declared",
    "edits",
    "frame",
    "questions",
    "hidden",
    "identity",
    "capture",
    "provenance",
)
"""Fields of a document that a row keeps as JSON text."""


def _column(words: str) -> Meta:
    return Meta(description=words)


class CaptureRow(msgspec.Struct, frozen=True, kw_only=True):
    """Every record that was looked at has one row, whatever came of it: a page's record, a revisit, an asset.

    A row of a table that somebody brought (Parquet, JSONL) has `type` `row`, and `row` in place of `offset`.
    So has a line of a CDXJ that led to no record, with `type` `unread`.
    """

    record_id: Annotated[str | None, _column("WARC-Record-ID; null for a brought row")] = None
    file: Annotated[str, _column("name of the input file, without folders; `PACKAGE!MEMBER` in a WACZ")]
    offset: Annotated[int | None, _column("where the stored record begins in the file, bytes")] = None
    length: Annotated[int | None, _column("length of the stored record, bytes")] = None
    row: Annotated[int | None, _column("number of the row or line in a brought table, from 0")] = None
    type: Annotated[
        str, _column("`response`, `revisit`, `resource`; `row`; `unread`: a line of a CDXJ led nowhere")
    ]
    url: Annotated[str | None, _column("the record's target URI")] = None
    fetch_date: Annotated[str | None, _column("WARC-Date, RFC 3339, UTC")] = None
    outcome: Annotated[str, _column("the page's state (`ok`: an article), or an outcome listed below")]
    detail: Annotated[str | None, _column("the page's own notice, or why it failed")] = None
    rule: Annotated[str | None, _column("the rule that told a page that is no article")] = None
    id: Annotated[str | None, _column("id of the document or page state")] = None
    site: Annotated[str | None, _column("publisher's rules that read the page")] = None
    kind: Annotated[str | None, _column("kind of article")] = None
    block_digest: Annotated[str | None, _column("WARC-Block-Digest as stated")] = None
    payload_digest: Annotated[str | None, _column("WARC-Payload-Digest as stated")] = None
    payload_record_id: Annotated[
        str | None, _column("of a revisit: the record whose payload was read; else null")
    ] = None

    @classmethod
    def of(
        cls,
        record: StoredRecord,
        outcome: str | None = None,
        *,
        detail: str | None = None,
        found: Document | PageState | None = None,
    ) -> Self:
        """Return the row of a record as it lies in its file (a revisit unresolved).

        `outcome` may be left out where a page was read: it is then the page's state, and the detail of a
        page that is no article its notice.
        """
        notice = found.notice if isinstance(found, PageState) else None
        return cls(
            record_id=record.record_id,
            file=record.location.file,
            offset=record.location.offset,
            length=record.location.length,
            type=record.type,
            url=record.target_uri,
            fetch_date=utc_text(record.date),
            outcome=outcome or (found.state if found else "failed"),
            detail=detail if detail is not None else notice,
            rule=found.rule if isinstance(found, PageState) else None,
            id=found.id if found else None,
            site=found.site if found else None,
            kind=found.kind if isinstance(found, Document) else None,
            block_digest=record.block_digest,
            payload_digest=record.payload_digest,
            payload_record_id=found.provenance.payload_record_id if found else None,
        )


class DocumentRow(msgspec.Struct, frozen=True, kw_only=True):
    """One article; the columns carry the names of the document's fields (docs/document.schema.json)."""

    title: Annotated[str | None, _column("headline")]
    url: Annotated[str | None, _column("canonical URL")]
    source: Annotated[str | None, _column("publishing account or site")]
    date: Annotated[str | None, _column("publication date, YYYY-MM-DD, Asia/Shanghai")]
    fetch_date: Annotated[str | None, _column("when it was captured, RFC 3339, UTC")]
    id: Annotated[str, _column("id of the capture's document")]
    identity_key: Annotated[str, _column("equal for every URL and capture of one article")]
    site: Annotated[str, _column("publisher's rules: `wechat`, `mfa`, `generic`")]
    kind: Annotated[str, _column("kind of article")]
    state: Annotated[str, _column("`ok`")]
    published_at: Annotated[str | None, _column("RFC 3339 with zone, as precise as the page")]
    modified_at: Annotated[str | None, _column("last edit that the platform states")]
    event_date: Annotated[str | None, _column("YYYY-MM-DD, where told apart from the posting")]
    author: Annotated[str | None, _column("author as the page names them")]
    original_source: Annotated[str | None, _column("attribution in the text")]
    source_url: Annotated[str | None, _column("link to the original (阅读原文)")]
    section: Annotated[str | None, _column("section of the site")]
    subtitle: Annotated[str | None, _column("second headline")]
    language: Annotated[str | None, _column("BCP 47 tag of the text")]
    text: Annotated[str, _column("what a reader reads; paragraphs parted by one blank line")]
    text_sha256: Annotated[str, _column("SHA-256 of `text` in UTF-8, hexadecimal")]
    characters: Annotated[int, _column("code points in `text`")]
    markdown: Annotated[str, _column("the text with headings, links, tables, pictures")]
    note: Annotated[str | None, _column("words of the page about the article, outside of its text")]
    preview: Annotated[bool, _column("readers saw only a part")]
    images: Annotated[tuple[Image, ...], _column("pictures in reading order; `position` counts code points")]
    attachments: Annotated[tuple[str, ...], _column("URLs of attached files")]
    albums: Annotated[tuple[str, ...], _column("albums that the article is in")]
    method: Annotated[str, _column("how it was come by: `live`, `warc`, `file`, an import's name")]
    rehearsal: Annotated[bool, _column("captured with mapped hosts: no evidence")]
    record_id: Annotated[str | None, _column("WARC-Record-ID that the document was read from")]
    payload_record_id: Annotated[str | None, _column("record with the payload, where that is a revisit")]
    harvester_version: Annotated[str | None, _column("version of the program that read it")]
    rules_version: Annotated[str | None, _column("version of the publisher's rules")]
    account: Annotated[str | None, _column("JSON: publishing account (name, id, alias)")]
    original_account: Annotated[str | None, _column("JSON: of a repost, whose article it is")]
    declared: Annotated[str | None, _column("JSON: what platform or author declare")]
    edits: Annotated[str | None, _column("JSON: the platform's record of edits")]
    frame: Annotated[str, _column("JSON: editorial lines in the text")]
    questions: Annotated[str, _column("JSON: questions and answers of a press conference")]
    hidden: Annotated[str, _column("JSON: words that a reader does not see")]
    identity: Annotated[str, _column("JSON: all ids that name the article")]
    capture: Annotated[str, _column("JSON: how the page was come by")]
    provenance: Annotated[str, _column("JSON: records, digests, clocks, versions, source of each field")]
    schema: Annotated[str, _column("name and version of the document's form")]

    @classmethod
    def from_document(cls, document: Document) -> Self:
        """Return the row of a document. Nothing of it is lost."""
        provenance = document.provenance
        own: dict[str, Any] = {
            "identity_key": document.identity.key,
            "characters": len(document.text),
            "method": document.capture.method,
            "rehearsal": document.capture.rehearsal is not None,
            "record_id": provenance.record_id,
            "payload_record_id": provenance.payload_record_id,
            "harvester_version": provenance.software.get("harvester"),
            "rules_version": provenance.rules.get(document.site),
        }
        for name in cls.__struct_fields__:
            if name not in own:
                value = getattr(document, name)
                own[name] = _text_of(value) if name in _NESTED else value
        return cls(**own)

    def to_document(self) -> Document:
        """Return the document again. Raises `msgspec.ValidationError` where a JSON column was altered."""
        fields: dict[str, Any] = {}
        for name in Document.__struct_fields__:
            value = getattr(self, name)
            fields[name] = msgspec.json.decode(value) if name in _NESTED and value is not None else value
        return msgspec.convert(fields, Document, from_attributes=True)


def _text_of(value: object) -> str | None:
    """Return a nested value as JSON with sorted keys."""
    return None if value is None else msgspec.json.encode(value, order="sorted").decode()


Row = CaptureRow | DocumentRow


def to_line(row: Row) -> bytes:
    """Return a row as one line of JSON: columns in the order of the table, UTF-8, a line feed.

    Equal rows give equal bytes on any machine.
    """
    return msgspec.json.encode(row) + b"\n"


def columns(table: type[Row]) -> list[tuple[str, str, bool, str]]:
    """Return the columns of a table: name, type in words, whether it may be null, what it means."""
    found = []
    for name, schema in msgspec.json.schema(table)["$defs"][table.__name__]["properties"].items():
        kinds = [part.get("type", "") for part in schema.get("anyOf", [schema])]
        if "array" in kinds:
            items = schema["items"]
            kind = f"list of {items['type'] if 'type' in items else items['$ref'].rpartition('/')[2]}"
        else:
            kind = next(kind for kind in kinds if kind != "null")
        found.append((name, kind, "null" in kinds, schema["description"]))
    return found

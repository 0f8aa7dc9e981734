"""The values of a trace. `msgspec.to_builtins` gives its one JSON form."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from harvester.places import Place

SCHEMA: Final = "https://harvester.invalid/schema/trace/1"
"""Name and version of the form of a trace."""


class _Value(msgspec.Struct, frozen=True, kw_only=True):
    pass


class DigestTrace(_Value, frozen=True, kw_only=True):
    """A digest as something states it, and as it is computed now. `equal` is None where it cannot be told."""

    of: str  # "block" | "payload" | "body"
    stated_by: str  # "record" | "document"
    stated: str
    computed: str | None
    equal: bool | None


class RecordTrace(_Value, frozen=True, kw_only=True):
    """A record that a document rests on, and where it lies today; offset and length are bytes of the file."""

    role: str  # "response" | "revisit" | "resource" | "payload" | "metadata"
    record_id: str
    type: str
    date: str
    target_uri: str | None
    file: str
    offset: int
    length: int
    digests: tuple[DigestTrace, ...] = ()


class LineTrace(_Value, frozen=True, kw_only=True):
    """A line of a text, as offsets into it, and the path of the element that holds exactly its words."""

    start: int
    end: int
    path: str | None


class FieldTrace(_Value, frozen=True, kw_only=True):
    """One field: where it stands, what the document has, what is read there now.

    `places` are exact, unless `whole` says why only the whole page can be named: then the field was read
    again from that. `reason` says why there is no value and so no place. `lines` are those of the text.
    """

    field: str
    source: str | None
    places: tuple[Place, ...]
    stored: Any
    recomputed: Any
    equal: bool
    whole: str | None = None
    reason: str | None = None
    lines: tuple[LineTrace, ...] = ()


class Trace(_Value, frozen=True, kw_only=True):
    """The trace of one document or page state.

    `versions` are software and rules as the document names them, and ours where they differ.
    """

    schema: str
    id: str
    site: str
    state: str
    url: str | None
    records: tuple[RecordTrace, ...]
    body: DigestTrace
    body_bytes: int
    versions: dict[str, tuple[Any, Any]]
    fields: tuple[FieldTrace, ...]

    @property
    def differing(self) -> tuple[str, ...]:
        """Names of fields that are not what is read again, and of digests that are not what is stated."""
        digests = (*(one for record in self.records for one in record.digests), self.body)
        wrong = [f"{one.of} digest" for one in digests if one.equal is False]
        return (*wrong, *(one.field for one in self.fields if not one.equal))

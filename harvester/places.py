"""Places of a page's values, as `harvester trace` shows them and a publisher's `Tracer` finds them.

A place is found again from the record's bytes each time it is asked for: none is stored in a document.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Protocol

import msgspec

SHOWN_CHARS: Final = 240
"""How much of what stands at a place is shown."""

KINDS: Final = {
    "literal": "a data literal in a script: span in the decoded body, digest of its bytes",
    "bytes": "bytes of the decoded body: their span and digest",
    "element": "an element of the tree (or its attribute): selector path, digest of its serialised form",
    "url": "the URL that the page was had from: the record's WARC-Target-URI",
    "record": "a field of the WARC record",
    "header": "a header of the HTTP response",
    "note": "a field of the note beside the record (its metadata record)",
    "computed": "computed from other fields of the document",
    "page": "the whole decoded body, read again by the publisher's rules",
    "program": "stated by the program, not by the page",
}
"""What each kind of place is."""


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a value stands.

    `name` is the carrier, header, attribute or field. `start` and `end` are byte offsets (half open) into the
    decoded body, content-codings removed. `path` is a CSS path that selects one element of the tree which
    Lexbor builds of the page; with it `sha256` is that of the element's serialised form, else of the span's
    bytes. `shown` is the beginning of what stands there; `of` are the fields a value is computed from.
    """

    kind: str
    name: str | None = None
    start: int | None = None
    end: int | None = None
    path: str | None = None
    sha256: str | None = None
    shown: str | None = None
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Located:
    """A field's places, and its value as read from them and nothing else."""

    places: tuple[Place, ...]
    value: Any


@dataclass(frozen=True, slots=True)
class Unlocated:
    """Why no place closer than the whole page can be told."""

    reason: str


class Tracer(Protocol):
    """Finds the places of one document's values in its page, and reads the values from them again."""

    def locate(self, field: str, source: str) -> Located | Unlocated:
        """Return where the value of a field stands, given what the document says of its source.

        `field` is the name in `provenance.fields`, or that of another member of the document; `source` is
        then that of the text for what comes with it (`markdown`, `images`), else empty.
        Raises nothing but `HostileInputError`.
        """
        ...


def computed(*fields: str) -> tuple[Place, ...]:
    """Return the place of what is computed from other fields."""
    return (Place(kind="computed", of=fields),)


def at_url(part: str, url: str) -> tuple[Place, ...]:
    """Return the place of what the page's URL says."""
    return (Place(kind="url", name=part, shown=url[:SHOWN_CHARS]),)

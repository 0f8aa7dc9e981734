"""What is known of a captured text when its original is sought."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from harvester.document import Document
from harvester.errors import UsageError
from harvester.finder import rules
from harvester.finder.index import day_of
from harvester.intake import known_url
from harvester.likeness import folded
from harvester.verify import Side, side_from_document

MAX_CHARACTERS: Final = 1_000_000
"""Of a longer text only so much is compared when an original is sought."""
_URL: Final = re.compile(r"(?:https?://|www\.)[A-Za-z0-9._~:/?#\[\]@!$&'*+,;=%-]{4,2000}")
_NEVER_LAST: Final = ".,;:!?'*]"
_MAX_HEADLINE: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """A captured text and what it says of its origin.

    `text` and `title` are folded; `links` are (URL, rule id), each URL once; `named` is the source line's
    words if they name the ministry; `id` and `key` are its own, so that it is not found as its own original.
    """

    text: str
    title: str
    day: int | None
    named: str | None
    links: tuple[tuple[str, str], ...]
    id: str | None
    key: str | None


def sought(captured: Document | Side) -> Sought:
    """Return what is known of a captured text: a document's fields, or a file's front matter."""
    side = side_from_document(captured, captured.id) if isinstance(captured, Document) else captured
    document = side.document
    facts = {key: value for key, value in side.origin.items() if isinstance(value, str)}
    if document is not None:
        own = {name: getattr(document, name) for name in ("date", "source_url", "original_source", "source")}
        facts |= {name: value for name, value in own.items() if value}
    title = side.title or next(iter(side.text.strip().splitlines()), "")
    return Sought(
        text=folded(_body(side))[:MAX_CHARACTERS],
        title=folded(title if side.title or len(title) <= _MAX_HEADLINE else ""),
        day=day_of(facts.get("date")),
        named=names_ministry(facts.get("original_source"), facts.get("source")),
        links=tuple(_links(facts.get("source_url"), side)),
        id=document.id if document else None,
        key=document.identity.key if document else None,
    )


def _body(side: Side) -> str:
    """Return the text without the lines that its reader called frame."""
    at, kept = 0, []
    for start, end, _ in sorted(side.frame):
        kept.append(side.text[at : max(at, start)])
        at = max(at, end)
    return "\n".join([*kept, side.text[at:]])


def names_ministry(*lines: str | None) -> str | None:
    """Return the first source line that names the Ministry or a mission, None if none does."""
    words = rules.ministry_words()
    return next((line for line in lines if line and any(word in line.lower() for word in words)), None)


def _links(source_url: str | None, side: Side) -> Iterator[tuple[str, str]]:
    """Yield the declared source first, then what the text names, in order of place."""
    seen: set[str] = set()
    named = islice(_urls_in(side), rules.limit("links"))
    for url, rule in [(source_url, "link.source-url"), *((url, "link.in-text") for url in named)]:
        if url and (known := _known(url)) and known not in seen:
            seen.add(known)
            yield known, rule


def _urls_in(side: Side) -> Iterable[str]:
    # A link's target is in the Markdown only; addresses that are written out stand in both.
    texts = (side.text, side.document.markdown) if side.document else (side.text,)
    return (found[0].rstrip(_NEVER_LAST) for text in texts for found in _URL.finditer(text))


def _known(url: str) -> str | None:
    try:
        return known_url(url)
    except UsageError:
        return None

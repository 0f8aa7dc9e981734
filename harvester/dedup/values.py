"""What deduplication answers: relations between documents with their evidence, and clusters of them."""

from __future__ import annotations

from typing import Final

import msgspec

SCHEMA: Final = "https://harvester.invalid/schema/dedup/1"
"""Name and version of the form; an identifier, not an address."""

KINDS: Final = {
    "same-article": "one article under two addresses or captured twice: the same text",
    "edited": "one article, another text: `b` is the later version",
    "same-text": "different articles of the same text (folded to letters, digits, ideographs)",
    "near-text": "different articles of nearly the same text",
    "repost": "`a` is a repost of `b`, by what its publisher states or by its text",
    "links-to": "`a` gives `b` as its source (阅读原文), but their texts share little",
}


class _Value(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Relation(_Value, frozen=True, kw_only=True):
    """Two documents by id, how they are related, and on what evidence.

    `by` names the evidence: `identity-key`, `url`, `text-sha256`, `folded-text`, `shingles`, `characters`,
    `original-account`, `source-url`, `finder`. `value` is the key, digest or URL that both have, or null.
    `jaccard` and `containment` (the larger share of either side) are counted, never estimated; null where
    texts were not compared.
    """

    kind: str
    a: str
    b: str
    by: str
    value: str | None = None
    jaccard: float | None = None
    containment: float | None = None


class Cluster(_Value, frozen=True, kw_only=True):
    """Documents joined by `same-article`, `edited`, `same-text` and `near-text`, directly or by others.

    `id` is made of the canonical document's id. `why` is the first rule by which that one was preferred:
    `publisher`, `not-a-repost`, `published-first`, `captured-first`, `id`.
    """

    id: str
    canonical: str
    why: str
    members: tuple[str, ...]


class Deduplicated(_Value, frozen=True, kw_only=True):
    """The whole answer. `documents` counts distinct ids; those in no cluster are not listed.

    `skipped` names what could not be read, with the reason.
    """

    schema: str = SCHEMA
    documents: int
    clusters: tuple[Cluster, ...]
    relations: tuple[Relation, ...]
    skipped: tuple[str, ...]
    versions: dict[str, str]

"""What makes an article the same again: its core, as a digest of the whole and of each part.

Pages change in nonces, clocks and counters with every request; their core is what the publisher and the
author say. Two captures are unchanged if the digests of their cores are equal, provided that both were read
by the same rules (`rules_of`): an extractor upgrade is never an edit.
"""

from __future__ import annotations

import hashlib
import json
from typing import Final
from urllib.parse import urlsplit

import msgspec

from harvester.document import Document

VERSION: Final = "1"
"""Of the definition below. Cores of different versions are never compared."""
_PART_DIGITS: Final = 16


class Core(msgspec.Struct, frozen=True, kw_only=True):
    """A core's digest (SHA-256, hex) and those of its parts (the first 16 digits), by name."""

    digest: str
    parts: dict[str, str]
    version: str = VERSION

    def to_text(self) -> str:
        """Return the core in the form that the library keeps."""
        parts = ",".join(f"{name}={digest}" for name, digest in self.parts.items())
        return f"{self.version}:{self.digest}:{parts}"

    @classmethod
    def from_text(cls, text: str) -> Core:
        """Read a core back. Raises `ValueError` for what is none."""
        version, digest, parts = text.split(":", 2)
        pairs = (part.partition("=") for part in parts.split(","))
        return cls(version=version, digest=digest, parts={name: value for name, _, value in pairs})


def core_of(document: Document) -> Core:
    """Return the core of an article.

    Its parts: `title` (and subtitle), `text` (and the sharer's note), `images` and `attachments` (which ones,
    in order, not under which host, size or parameters), `account` (name, id, byline), `published_at`,
    `modified_at` (the platform's own record of edits), `source` (attribution, link to the original), `labels`
    (what the platform declares: original, claimed source, made by AI), `kind`.
    """
    account, declared, edits = document.account, document.declared, document.edits
    parts: dict[str, object] = {
        "title": (document.title, document.subtitle),
        "text": (document.text, document.note),
        "images": [_resource(image.url) for image in document.images if image.role == "body"],
        "attachments": [_resource(url) for url in document.attachments],
        "account": (document.source, account and account.id, document.author),
        "published_at": document.published_at,
        "modified_at": (document.modified_at, edits and edits.modified_at, edits and edits.title_modified),
        "source": (document.original_source, document.source_url),
        "labels": (declared.copyright, declared.claim, declared.ai_label) if declared else None,
        "kind": (document.kind, document.preview),
    }
    packed = {
        name: json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
        for name, value in parts.items()
    }
    whole = hashlib.sha256(b"\n".join(name.encode() + b" " + data for name, data in packed.items()))
    return Core(
        digest=whole.hexdigest(),
        parts={name: hashlib.sha256(data).hexdigest()[:_PART_DIGITS] for name, data in packed.items()},
    )


def rules_of(document: Document) -> str:
    """Return the versions by which a document was read, as one text: equal texts, equal reading."""
    versions = {**document.provenance.software, **document.provenance.rules, "core": VERSION}
    return " ".join(f"{name}={version}" for name, version in sorted(versions.items()))


def changed(before: Core, after: Core) -> tuple[str, ...]:
    """Return the names of the parts that differ, empty for equal cores."""
    if before.digest == after.digest:
        return ()
    names = dict.fromkeys((*before.parts, *after.parts))
    return tuple(name for name in names if before.parts.get(name) != after.parts.get(name))


def _packed(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _resource(url: str) -> str:
    """Name a picture or file by its path, without the size that image servers end it with (`/640`)."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return url
    head, _, last = path.rpartition("/")
    return head if head and last.isdecimal() else path

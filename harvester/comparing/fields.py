"""A document as fields that are compared: members of structures by dotted names, lists as one value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
import xxhash

_LEFT_OUT: Final = frozenset({"schema", "text_sha256"})
"""The form's name, and what follows from the text."""
_PROGRAM: Final = frozenset({"software", "rules", "options"})
"""Members of `provenance` that name the program: that they differ is the reason to compare."""
_OPENED: Final = frozenset(
    {
        "account",
        "original_account",
        "declared",
        "edits",
        "identity",
        "capture",
        "provenance",
        "clocks",
        "fields",
    }
)
EVIDENCE: Final = frozenset(
    {"provenance.body_sha256", "provenance.block_digest", "provenance.payload_digest", "provenance.record_id"}
)
"""Fields that tell which bytes were read: where one differs, the page does, not the rules."""
SOURCES: Final = "provenance.fields."
"""What the names of the places of fields begin with."""

Facts = dict[str, bytes | None]
"""Digest of each field's value by name, None for a null."""


def values(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a document that are compared, by name."""
    return dict(_leaves(document, ""))


def _leaves(value: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, inner in value.items():
        if (not prefix and name in _LEFT_OUT) or (prefix == "provenance." and name in _PROGRAM):
            continue
        if name in _OPENED and isinstance(inner, dict) and (not prefix or prefix == "provenance."):
            yield from _leaves(inner, f"{prefix}{name}.")
        elif name in _OPENED and inner is None and not prefix:
            continue  # its members are absent, as null as it
        else:
            yield f"{prefix}{name}", inner


def facts(fields: Mapping[str, Any]) -> Facts:
    """Return digests of the values (XXH3, 128 bits), to tell which differ without keeping them."""
    return {name: None if value is None else _digest(value) for name, value in fields.items()}


def _digest(value: Any) -> bytes:
    return xxhash.xxh3_128_digest(msgspec.json.encode(value, order="sorted"))


def differing(old: Facts, new: Facts) -> Iterator[tuple[str, str]]:
    """Yield the fields that differ, and how: `filled` (was null), `emptied`, `rewritten`."""
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        if before != after:
            yield name, "filled" if before is None else "emptied" if after is None else "rewritten"


def versions_of(document: Mapping[str, Any]) -> str:
    """Return what made a document, in words: its program and rules."""
    provenance = document.get("provenance") or {}
    rules, software = (provenance.get(name) or {} for name in ("rules", "software"))
    programs = ", ".join(f"{name} {version}" for name, version in sorted(software.items()))
    return "; ".join(part for part in (", ".join(sorted(rules.values())), programs) if part) or "unknown"


def key_of(document: Mapping[str, Any]) -> str:
    """Return what names the capture of a document on both sides: its record, else its id."""
    record_id = (document.get("provenance") or {}).get("record_id")
    return str(record_id or document.get("id"))
